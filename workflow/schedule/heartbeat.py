"""Heartbeat of the worker in the database: other processes see by it whether anybody works.

Written at most once a minute, so that an idle service stays quiet. Must never end the worker that gives it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database import outage
from workflow.database.engine import Database, insert
from workflow.database.models import Setting

KEY: Final = "worker_pulse"
UNREADABLE: Final = "reading_broken"
EVERY: Final = timedelta(minutes=1)
STALE: Final = timedelta(minutes=5)
"""so long without a sign, and the worker counts as stopped"""
log = logging.getLogger("teekond")


class Pulse:
    """Called as often as one likes."""

    def __init__(self, db: Database, now: Callable[[], datetime]) -> None:
        self._db, self._now = db, now
        self._given: datetime | None = None

    def __call__(self) -> None:
        now = self._now()
        if self._given is not None and EVERY > now - self._given >= timedelta(0):
            return
        try:
            with self._db.writing() as session:
                give(session, now)
        except sa.exc.SQLAlchemyError as error:
            log.warning(
                "the worker's sign of life could not be written: %s", type(error).__name__, extra=outage.due_to(error)
            )
        else:
            self._given = now


def give(session: Session, now: datetime) -> None:
    """Somebody works at this moment; of several, whoever came last."""
    _note(session, KEY, now)


def last(session: Session) -> datetime | None:
    """When a worker last gave a sign of life; None if none ever did."""
    return _noted(session, KEY)


def note_reading(session: Session, broken: datetime | None) -> None:
    """A worker found at this moment that it can read no letter; None: it can again."""
    if broken is None:
        session.execute(sa.delete(Setting).where(Setting.key == UNREADABLE))
    else:
        _note(session, UNREADABLE, broken)


def reading_broken(session: Session, now: datetime) -> bool:
    """Whether a worker found so lately; of one that stopped since, its sign of life tells."""
    at = _noted(session, UNREADABLE)
    return at is not None and now - at <= STALE


def _note(session: Session, key: str, at: datetime) -> None:
    row = insert(session.get_bind(), Setting).values(key=key, value=at.isoformat())
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": row.excluded.value}))


def _noted(session: Session, key: str) -> datetime | None:
    found = session.scalar(sa.select(Setting.value).where(Setting.key == key))
    return datetime.fromisoformat(found) if found else None


def stopped_since(session: Session, now: datetime) -> datetime | None:
    """Since when mail is not handled; None while somebody works, and where nobody ever did."""
    at = last(session)
    return at if at is not None and now - at > STALE else None
