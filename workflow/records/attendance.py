"""Query of attendance as it stands: of each person and session the row that no correction replaces. The one door by
which attendance is read. Must never write.
"""

from collections.abc import Collection, Mapping
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from workflow.database.models import Attendance, Person

_LATER: Final = aliased(Attendance)
_STANDS: Final = sa.not_(sa.exists().where(_LATER.replaces_id == Attendance.id))


def standing(*which: sa.ColumnElement[bool]) -> sa.Select[Attendance]:
    """The rows that stand, of those that `which` picks, in the order in which they were written."""
    return sa.select(Attendance).where(_STANDS, *which).order_by(Attendance.id)


def corrected() -> sa.Select[Attendance]:
    """The rows that stand in the place of an earlier record."""
    return standing(Attendance.replaces_id.is_not(None))


def of_team(session: Session, team_id: int) -> list[Attendance]:
    """What stands of one team."""
    return list(session.scalars(standing(Attendance.team_id == team_id)))


def of_person(session: Session, person: Person, stage: str) -> Attendance | None:
    """What stands of one person at one stage's session; None before anybody recorded it."""
    return session.scalars(standing(Attendance.person_id == person.id, Attendance.stage == stage)).first()


def numbers(session: Session, teams: Collection[int]) -> Mapping[int, dict[str, int]]:
    """How many members of each team were at each stage's session, of those whose attendance was recorded."""
    came = sa.func.sum(sa.case((Attendance.present.is_(True), 1), else_=0))
    query = sa.select(Attendance.team_id, Attendance.stage, came).where(_STANDS, Attendance.team_id.in_(teams))
    found: dict[int, dict[str, int]] = {}
    for team, stage, count in session.execute(query.group_by(Attendance.team_id, Attendance.stage)):
        found.setdefault(team, {})[stage] = int(count)
    return found
