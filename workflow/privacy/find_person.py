"""Finds one person's rows by their address, and the words by which others speak of them. Must never write."""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AliasKind
from workflow.database.models import Alias, Draft, LatePass, Letter, Message, Person
from workflow.privacy.categories import Someone
from workflow.records import aliases
from workflow.rules.application import address_key

SHORTEST_NAME: Final = 5
"""a name shorter than this, or of one word, stands in too many other words to be looked for"""


def find(session: Session, address: str) -> Someone:
    """Everybody of this address: one human being may be a member twice, a guest and a mentor."""
    key = address_key(address) or address.strip().lower()
    theirs = sa.select(Person).where(Person.address_key == key, Person.address_key != "")  # all the erased have none
    rows = list(session.scalars(theirs)) or _by_another(session, key)
    known = aliases.of(session, (row.id for row in rows))
    keys = {key, address.strip().lower(), *(row.address.lower() for row in rows), *_own_addresses(session, rows, known)}
    names = {row.name for row in rows} | {one.value for one in known if one.kind == AliasKind.NAME}
    return Someone(
        ids=frozenset(row.id for row in rows),
        keys=frozenset(keys - {""}),
        names=frozenset(_own_names(session, rows, names)),
    )


def _by_another(session: Session, key: str) -> list[Person]:
    """Those whose address it was before, or is too."""
    query = sa.select(Person).join(Alias, Alias.person_id == Person.id).where(Alias.key == key, Alias.key != "")
    return list(session.scalars(query.distinct()))


def _own_addresses(session: Session, rows: list[Person], known: list[Alias]) -> Iterator[str]:
    """Their other addresses that are nobody else's now: a post's address goes to the next one in that post."""
    for one in known:
        others = sa.select(Person.id).where(Person.address_key == one.key, Person.id.not_in([r.id for r in rows]))
        if one.key and session.scalar(others.limit(1)) is None:
            yield from (one.key, one.value.lower())


def _own_names(session: Session, rows: list[Person], names: set[str]) -> Iterator[str]:
    """Their names that nobody else bears: what is said of a namesake is not theirs."""
    for name in names:
        others = sa.select(Person.id).where(
            sa.func.lower(Person.name) == name.lower(), Person.id.not_in([r.id for r in rows])
        )
        if distinct(name) and session.scalar(others.limit(1)) is None:
            yield name


def distinct(name: str) -> bool:
    """Whether a name can be told from ordinary words."""
    return len(name) >= SHORTEST_NAME and " " in name.strip()


def is_known(session: Session, someone: Someone) -> bool:
    """Whether anything at all is held of them."""
    return bool(someone.ids) or any(key in someone.keys for key in addresses(session))


def addresses(session: Session) -> frozenset[str]:
    """Every address that stands anywhere in the tables as somebody's own."""
    columns = (Person.address_key, Alias.key, Message.to_address, Letter.sender, Letter.envelope_from, LatePass.address)
    found = {a.lower() for column in (*columns, Draft.address_key) for a in session.scalars(sa.select(column)) if a}
    return frozenset(found)
