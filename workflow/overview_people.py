"""Reads for the page of people: everybody there is, found by name, address or team, whatever the accents.

Must never write.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.models import Message, Person
from workflow.say import sort_key

PAGE: Final = 100
MAILS: Final = 20
STAFF: Final = ("coordinator", "reader", "trainer", "mentor")
SHOWN: Final = ("all", "members", "staff", "guests", "trouble")
UNSEEN: Final = ("sign_in",)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Those found, cut at PAGE; how many there are in all; and of each kind, whatever was searched for."""

    found: tuple[Person, ...]
    total: int
    counts: dict[str, int]


def people(session: Session, *, search: str = "", show: str = "all") -> People:
    """Staff, then members by team, then guests; who left is found by searching only. Two queries."""
    rows = session.scalars(sa.select(Person).options(selectinload(Person.team))).all()
    present = [p for p in rows if p.left_at is None]
    words = folded(search).split()
    wanted = [p for p in (rows if words else present) if is_of(p, show) and _has(p, words)]
    wanted.sort(key=_order)
    return People(
        found=tuple(wanted[:PAGE]),
        total=len(wanted),
        counts={kind: sum(is_of(p, kind) for p in present) for kind in SHOWN},
    )


def is_of(person: Person, show: str) -> bool:
    """Whether somebody belongs to a kind of SHOWN."""
    match show:
        case "members":
            return person.team_id is not None
        case "staff":
            return person.role in STAFF
        case "guests":
            return person.role == "guest"
        case "trouble":
            return person.address_state != "ok"
        case _:
            return True


def folded(words: str) -> str:
    """Without case and accents: `Õun` and `oun` are one."""
    plain = unicodedata.normalize("NFKD", words.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def _has(person: Person, words: Sequence[str]) -> bool:
    """Whether each word stands somewhere in what is known of the person."""
    text = folded(" ".join((person.name, person.address, person.team.name if person.team else "", person.post)))
    return all(word in text for word in words)


def _order(person: Person) -> tuple[object, ...]:
    kind = STAFF.index(person.role) if person.role in STAFF else 4 if person.team else 5
    part = {"contact": 0, "deputy": 1}.get(person.part or "", 2)
    return (kind, sort_key(person.team.name) if person.team else ((), ""), part, sort_key(person.name), person.id)


def mails_to(session: Session, person: Person) -> Sequence[Message]:
    """The latest mails to this person, newest first."""
    query = sa.select(Message).where(Message.person_id == person.id, Message.template.not_in(UNSEEN))
    return session.scalars(query.order_by(Message.id.desc()).limit(MAILS)).all()
