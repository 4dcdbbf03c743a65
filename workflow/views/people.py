"""Queries for the directory of people: found by name, address or team, whatever the accents.

Must never write.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from workflow.database.models import Message, Person, Team
from workflow.database.paging import Paged, paged
from workflow.database.search import by_name, has
from workflow.rules.mail_kinds import UNLISTED

PAGE: Final = 50
MAILS: Final = 20
STAFF: Final = ("coordinator", "reader", "trainer", "mentor")
SHOWN: Final = ("all", "members", "staff", "guests", "trouble")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Those found, a page of them; and how many there are of each kind, whatever was searched for."""

    found: Paged[Person]
    counts: dict[str, int]


def people(session: Session, *, search: str = "", show: str = "all", page: int = 1) -> People:
    """Staff, then members by team, then guests; who left is found by searching only. Four queries."""
    query = sa.select(Person).outerjoin(Person.team).options(contains_eager(Person.team)).where(_of(show))
    if search.strip():
        query = query.where(has(search, Person.name, Person.address, Team.name, Person.post))
    else:
        query = query.where(Person.left_at.is_(None))
    order = (_KIND, by_name(Team.name), Team.id, _PART, by_name(Person.name), Person.id)
    return People(found=paged(session, query.order_by(*order), page=page, size=PAGE), counts=_counts(session))


_KIND: Final = sa.case(
    {role: place for place, role in enumerate(STAFF)},
    value=Person.role,
    else_=sa.case((Person.team_id.is_not(None), len(STAFF)), else_=len(STAFF) + 1),
)
_PART: Final = sa.case({"contact": 0, "deputy": 1}, value=Person.part, else_=2)


def _of(show: str) -> sa.ColumnElement[bool]:
    """Whether somebody belongs to a kind of SHOWN."""
    kinds = {
        "members": Person.team_id.is_not(None),
        "staff": Person.role.in_(STAFF),
        "guests": Person.role == "guest",
        "trouble": Person.address_state != "ok",
    }
    return kinds.get(show, sa.true())


def _counts(session: Session) -> dict[str, int]:
    counted = (sa.func.sum(sa.case((_of(kind), 1), else_=0)) for kind in SHOWN)
    row = session.execute(sa.select(*counted).where(Person.left_at.is_(None))).one()
    return {kind: int(count or 0) for kind, count in zip(SHOWN, row, strict=True)}


def mails_to(session: Session, person: Person) -> Sequence[Message]:
    """The latest mails to this person, newest first."""
    query = sa.select(Message).where(Message.person_id == person.id, Message.template.not_in(UNLISTED))
    return session.scalars(query.order_by(Message.id.desc()).limit(MAILS)).all()
