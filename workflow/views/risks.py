"""What goes wrong if nobody acts: silence before a session, works and places that run out, hours nearly used, letters
and applications left unfinished. Must never write. A fixed number of queries, whatever the number of teams.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import EVERYONE, StageKind
from workflow.database.models import Draft, HoursRow, Invitation, Person, Question, StageSession, Team, WrittenMail
from workflow.rules.hours import EntryKind
from workflow.rules.questions import WORK, QuestionKind
from workflow.season import Season
from workflow.views import mentoring

SESSIONS: Final = timedelta(days=14)
"""so long before a session its silent people are told of"""
SOON: Final = timedelta(days=7)
"""so long before its due date a work is told of; what is due within that is due now"""
PLACES: Final = timedelta(days=3)
NEARLY: Final = 0.8
"""of the hours that a team has"""
LEFT_LYING: Final = timedelta(hours=1)
"""so long may a letter be left unfinished"""


class RiskKind(StrEnum):
    SILENT = "silent"
    """people who have not said whether they come"""
    WORK = "work"
    PLACE = "place"
    HOURS = "hours"
    APPLICATIONS = "applications"
    """begun and not sent, before applying ends"""
    LETTERS = "letters"
    """begun by a coordinator and not sent"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """One thing. at: when it is too late. number: of how many people, teams or letters; of hours: minutes left."""

    kind: RiskKind
    number: int
    at: datetime | None = None
    late: int = 0
    """of the works: those whose date has passed"""
    session: StageSession | None = None
    coming: int = 0
    stage: str = ""
    team: Team | None = None


def risks(season: Season, session: Session, now: datetime) -> list[Risk]:
    """Everything, what is too late soonest first; what has no moment last."""
    found = [
        *_silent(season, session, now), *_works(session, now), *_places(session, now),
        *_applications(season, session, now), *_hours(season, session), *_letters(session, now),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.at is None, one.at or now))


def _silent(season: Season, session: Session, now: datetime) -> Iterator[Risk]:
    ahead = StageSession.starts_at.between(now, now + SESSIONS)
    mine = sa.or_(StageSession.group == EVERYONE, StageSession.group == Team.group)
    query = (
        sa.select(
            StageSession,
            sa.func.count().filter(Invitation.expected.is_(None)),
            sa.func.count().filter(Invitation.expected == "yes"),
        )
        .join(Invitation, Invitation.stage == StageSession.stage)
        .join(Team, sa.and_(Team.id == Invitation.team_id, mine))
        .join(Person, Person.id == Invitation.person_id)
        .where(ahead, StageSession.cancelled_at.is_(None), Person.left_at.is_(None))
        .where(Team.state.in_(season.machine.stages))
        .group_by(StageSession.id)
    )
    for meeting, silent, coming in session.execute(query):
        if silent:
            yield Risk(kind=RiskKind.SILENT, number=silent, coming=coming, session=meeting, at=meeting.starts_at)


def _works(session: Session, now: datetime) -> Iterator[Risk]:
    late = Question.due_at <= now
    query = sa.select(Question.stage, sa.func.count(), sa.func.min(Question.due_at), sa.func.count().filter(late))
    query = query.where(Question.kind.in_(WORK), Question.closed_at.is_(None), Question.due_at <= now + SOON)
    for stage, number, first, passed in session.execute(query.group_by(Question.stage)):
        yield Risk(kind=RiskKind.WORK, number=number, late=passed, at=first, stage=stage or "")


def _places(session: Session, now: datetime) -> Iterator[Risk]:
    query = sa.select(sa.func.count(), sa.func.min(Question.due_at)).where(Question.closed_at.is_(None))
    query = query.where(Question.kind == QuestionKind.CONFIRM_PLACE, Question.due_at <= now + PLACES)
    number, first = session.execute(query).one()
    if number:
        yield Risk(kind=RiskKind.PLACE, number=number, at=first)


def _applications(season: Season, session: Session, now: datetime) -> Iterator[Risk]:
    closes = season.programme.apply.closes_at
    if not now < closes <= now + SESSIONS:
        return
    query = sa.select(sa.func.count()).select_from(Draft).where(Draft.team_id.is_(None), Draft.expires_at > now)
    number = session.scalar(query) or 0
    if number:
        yield Risk(kind=RiskKind.APPLICATIONS, number=number, at=closes)


def _hours(season: Season, session: Session) -> Iterator[Risk]:
    """Only teams whose entries come near their hours are looked at whole."""
    for stage in season.programme.stages:
        if stage.kind is not StageKind.MENTORING or not stage.minutes:
            continue
        given = sa.func.sum(HoursRow.minutes)
        query = sa.select(HoursRow.team_id).join(Team, Team.id == HoursRow.team_id)
        query = query.where(HoursRow.kind == EntryKind.REPORTED, Team.state == stage.key)
        near = session.scalars(query.group_by(HoursRow.team_id).having(given >= NEARLY * stage.minutes)).all()
        for each in mentoring.of_teams(season, session, near) if near else ():
            if each.balance.used >= NEARLY * each.balance.cap:
                yield Risk(kind=RiskKind.HOURS, number=max(each.balance.left, 0), team=each.team, stage=stage.key)


def _letters(session: Session, now: datetime) -> Iterator[Risk]:
    query = sa.select(sa.func.count()).select_from(WrittenMail)
    query = query.where(WrittenMail.sent_at.is_(None), WrittenMail.updated_at <= now - LEFT_LYING)
    number = session.scalar(query) or 0
    if number:
        yield Risk(kind=RiskKind.LETTERS, number=number)
