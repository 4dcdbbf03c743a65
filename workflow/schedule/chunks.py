"""Resumable pieces of a duty that concerns very many: so many teams or mails in one transaction, the rest later.

How far it has come stands in the duty's own row and is committed with what was done: a piece is done once, however
often its worker is killed and however many look. Between pieces letters get their turn, and a worker can stop.
Must never decide what is done in a piece.
"""

from collections.abc import Collection
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.database.models import Duty, Question, Team
from workflow.season import Season

AT_ONCE: Final = 20
"""so many teams are dealt with in one transaction"""
MAILS: Final = 100
"""so many mails, where a piece is nothing but mails"""
_AFTER: Final = "after"


def begins(duty: Duty) -> bool:
    """Whether this is the duty's first piece."""
    return _AFTER not in duty.about


def following(
    session: Session, duty: Duty, query: sa.Select[Any], number: InstrumentedAttribute[int], *, most: int = AT_ONCE
) -> list[int]:
    """The next of these numbers. Where there are more, the duty stays owed and says how far it has come."""
    query = query.where(number > duty.about.get(_AFTER, 0)).order_by(number).limit(most + 1)
    found: list[int] = list(session.scalars(query))
    if len(found) > most:
        found.pop()
        duty.about, duty.done_at, duty.outcome = {**duty.about, _AFTER: found[-1]}, None, None
    return found


def teams(
    season: Season, session: Session, duty: Duty, *which: sa.ColumnElement[bool], states: Collection[str] | None = None
) -> list[Team]:
    """The next teams on the way (or in these states), locked; then the questions that are open about them."""
    on_the_way = sa.and_(Team.state.in_(states or season.machine.stages), *which)
    ids = following(session, duty, sa.select(Team.id).where(on_the_way), Team.id)
    query = sa.select(Team).where(Team.id.in_(ids), on_the_way).order_by(Team.id)
    found = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    asked = sa.select(Question.id).where(Question.team_id.in_(ids), Question.closed_at.is_(None))
    session.execute(asked.order_by(Question.id).with_for_update())  # after their teams, as letters do
    return list(found)
