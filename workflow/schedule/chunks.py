"""A duty that concerns very many, performed in pieces: so many teams or mails in one transaction, the rest later.

How far it has come stands in the duty's own row and is committed with what was done: a piece is done once, however
often its worker is killed and however many look. Between pieces letters get their turn, and a worker can stop.
Must never decide what is done in a piece.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow import gathered, pending
from workflow.database.models import Duty, Question, Team
from workflow.gathered import Gathered
from workflow.season import Season

AT_ONCE: Final = 50
"""so many teams are dealt with in one transaction"""
MAILS: Final = 200
"""so many mails, where a piece is nothing but mails"""
_AFTER: Final = "after"
_DAY: Final = timedelta(days=1)


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


@contextmanager
def teams(season: Season, session: Session, duty: Duty, *which: sa.ColumnElement[bool]) -> Iterator[list[Team]]:
    """The next teams on the way, read together and held; what is done to them is written together."""
    on_the_way = sa.and_(Team.state.in_(season.machine.stages), *which)
    ids = following(session, duty, sa.select(Team.id).where(on_the_way), Team.id)
    with _together(session, ids) as found:
        asked = sa.select(Question.id).where(Question.team_id.in_(ids), Question.closed_at.is_(None))
        found.gather(ids)
        found.lock(Question, session.scalars(asked))  # after their teams, as letters do
        query = sa.select(Team).where(Team.id.in_(ids), on_the_way).order_by(Team.id)  # as they are now
        yield list(session.scalars(query))


@contextmanager
def mails(session: Session, people: Collection[int], questions: Collection[int], now: datetime) -> Iterator[None]:
    """Mails to these people about these questions: what they follow is looked up together, and they are written so."""
    with _together(session, ()) as found:
        found.tell(people, questions, now - _DAY)
        yield


@contextmanager
def _together(session: Session, ids: Collection[int]) -> Iterator[Gathered]:
    found = gathered.begin(session)
    waiting = pending.begin(session, ids)
    try:
        yield found
        waiting.write()
    finally:
        pending.close(session)
        gathered.close(session)
