"""Where the season stands, as the first line of today's page says it: applying, choosing, places offered, the next
session. Must never write. A fixed number of queries, whatever the number of teams.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Invitation, Person, Question, StageSession, Team
from workflow.records import queries
from workflow.rules.machine import APPLIED, COMPLETED, SELECTED
from workflow.rules.questions import WORK
from workflow.season import Season


class Phase(StrEnum):
    """What the season is about at the moment."""

    APPLYING = "applying"
    CHOOSING = "choosing"
    OFFERED = "offered"
    """places were offered, and some wait for an answer"""
    SESSION = "session"
    """a session is ahead"""
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonNow:
    """The phase, and the figures that its line tells; those of other phases are 0."""

    phase: Phase
    days: int = 0
    """to the end of applying, or to the session; whole days, 0 is today"""
    applications: int = 0
    """that wait for a decision"""
    complete: int = 0
    """of these: confirmed by the contact, with as many members of each kind as it takes"""
    free: int = 0
    """places"""
    offered: int = 0
    confirmed: int = 0
    session: StageSession | None = None
    coming: int = 0
    silent: int = 0
    late: int = 0
    """works whose due date has passed"""
    completed: int = 0

    @property
    def to_choose(self) -> bool:
        """Whether complete applications wait for a choice: then something waits, whatever else is done."""
        return self.phase in (Phase.APPLYING, Phase.CHOOSING) and self.complete > 0


def season_now(season: Season, session: Session, now: datetime) -> SeasonNow:
    """Where the season stands at this moment."""
    programme = season.programme
    teams = _by_state(session)
    applied, closes = teams.get(APPLIED, 0), programme.apply.closes_at
    holding = sum(teams.get(state, 0) for state in season.machine.holding)
    free = max(programme.capacity - holding, 0)
    if now < closes or applied:
        phase = Phase.APPLYING if now < closes else Phase.CHOOSING
        return SeasonNow(
            phase=phase, days=max(_days(season, closes - timedelta(seconds=1), now), 0), applications=applied,
            complete=_complete(season, session) if applied else 0, free=free,
        )  # fmt: skip
    if teams.get(SELECTED, 0):
        return SeasonNow(phase=Phase.OFFERED, offered=teams[SELECTED], confirmed=holding - teams[SELECTED], free=free)
    ahead = sa.select(StageSession).where(StageSession.starts_at > now, StageSession.cancelled_at.is_(None))
    meeting = session.scalars(ahead.order_by(StageSession.starts_at, StageSession.id).limit(1)).first()
    if meeting is None:
        return SeasonNow(phase=Phase.OVER, completed=teams.get(COMPLETED, 0))
    coming, silent = _expected(season, session, meeting)
    days = _days(season, meeting.starts_at, now)
    return SeasonNow(
        phase=Phase.SESSION, days=days, session=meeting, coming=coming, silent=silent, late=_late(session, now)
    )  # fmt: skip


def _days(season: Season, at: datetime, now: datetime) -> int:
    tz = season.programme.tz
    return (at.astimezone(tz).date() - now.astimezone(tz).date()).days


def _by_state(session: Session) -> dict[str, int]:
    rows = session.execute(sa.select(Team.state, sa.func.count()).group_by(Team.state))
    return {state: count for state, count in rows}  # noqa: C416 (a Row is no pair to mypy)


def _complete(season: Season, session: Session) -> int:
    """Applications that are confirmed and have their members, counted in the database."""
    wanted = season.programme.team

    def of(side: str) -> sa.ColumnElement[int]:
        return sa.func.count(sa.distinct(sa.case((Person.side == side, Person.address_key))))

    whole = (
        sa.select(Team.id)
        .join(Person, Person.team_id == Team.id)
        .where(Team.state == APPLIED, Team.verified_at.is_not(None), Person.left_at.is_(None))
        .group_by(Team.id)
        .having(sa.func.count(sa.distinct(Person.address_key)) >= wanted.least)
        .having(*(of(kind.key) >= kind.min for kind in wanted.kinds))
    )
    return session.scalar(sa.select(sa.func.count()).select_from(whole.subquery())) or 0


def _expected(season: Season, session: Session, meeting: StageSession) -> tuple[int, int]:
    """How many said that they come, and how many said nothing yet."""
    query = sa.select(
        sa.func.count().filter(Invitation.expected == "yes"), sa.func.count().filter(Invitation.expected.is_(None))
    )
    query = query.select_from(Invitation).join(Team, Team.id == Invitation.team_id)
    query = query.join(Person, Person.id == Invitation.person_id)
    query = query.where(Invitation.stage == meeting.stage, Person.left_at.is_(None))
    query = query.where(queries.in_group(meeting.group), Team.state.in_(season.machine.stages))
    coming, silent = session.execute(query).one()
    return coming, silent


def _late(session: Session, now: datetime) -> int:
    """Works that are awaited past their due date."""
    query = sa.select(sa.func.count()).select_from(Question)
    query = query.where(Question.closed_at.is_(None), Question.kind.in_(WORK), Question.due_at < now)
    return session.scalar(query) or 0
