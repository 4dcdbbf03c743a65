"""Metrics of the service: queue lengths and ages, outcomes of letters and mails.

Reads only, by indexes, whatever the size of the tables. Figures and words of our own, never anybody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LetterStatus, MessageStatus
from workflow.database.models import Alert, Duty, Letter, Message
from workflow.schedule import heartbeat

NEWEST: Final = 1000
"""of so many letters the outcomes are counted: all of them would mean to leaf through every letter's bytes"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Ages are of the oldest thing that waits, in seconds; 0 where nothing does."""

    letters: Mapping[str, int]
    """by status"""
    outcomes: Mapping[str, int]
    """of the newest letters"""
    letter_age: float
    messages: Mapping[str, int]
    """by status"""
    message_age: float
    duties_late: int
    duty_age: float
    alerts: int
    worker_age: float | None
    """since a worker's last sign of life; None if none ever gave one"""


def of(session: Session, now: datetime) -> Figures:
    """Eight queries."""
    late, since = session.execute(
        sa.select(sa.func.count(), sa.func.min(Duty.due_at)).where(Duty.done_at.is_(None), Duty.due_at <= now)
    ).one()
    return Figures(
        letters=_counted(session, Letter.status),
        outcomes=_outcomes(session),
        letter_age=_age(
            session.scalar(sa.select(sa.func.min(Letter.received_at)).where(Letter.status == LetterStatus.NEW)), now
        ),
        messages=_counted(session, Message.status),
        message_age=_age(
            session.scalar(sa.select(sa.func.min(Message.created_at)).where(Message.status == MessageStatus.QUEUED)),
            now,
        ),
        duties_late=late,
        duty_age=_age(since, now),
        alerts=session.scalar(sa.select(sa.func.count()).where(Alert.standing()).select_from(Alert)) or 0,
        worker_age=None if (beat := heartbeat.last(session)) is None else _age(beat, now),
    )


def _age(since: datetime | None, now: datetime) -> float:
    return max((now - since).total_seconds(), 0.0) if since is not None else 0.0


def _counted(session: Session, status: sa.orm.InstrumentedAttribute[str]) -> dict[str, int]:
    rows = session.execute(sa.select(status, sa.func.count()).group_by(status).order_by(status))
    return {row[0]: row[1] for row in rows}


def _outcomes(session: Session) -> dict[str, int]:
    newest = sa.select(Letter.outcome).order_by(Letter.id.desc()).limit(NEWEST).subquery()
    rows = session.execute(
        sa.select(newest.c.outcome, sa.func.count()).where(newest.c.outcome.is_not(None)).group_by(newest.c.outcome)
    )
    return dict(sorted((name, count) for name, count in rows))
