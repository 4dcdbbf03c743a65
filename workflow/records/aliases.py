"""Names and addresses beside those in people's own rows: of before, so that erasing finds what others wrote, and those
that are theirs too.
"""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AliasKind
from workflow.database.models import Alias, Person
from workflow.rules.application import address_key


def remember(session: Session, person: Person, kind: AliasKind, value: str, now: datetime) -> None:
    """Note a name or an address of the person, once."""
    key = (address_key(value) or value.lower()) if kind is not AliasKind.NAME else ""
    same = sa.select(Alias.id).where(Alias.person_id == person.id, Alias.kind == kind, Alias.value == value)
    if value and session.scalar(same.limit(1)) is None:
        session.add(Alias(person_id=person.id, kind=kind, value=value, key=key, at=now))
        session.flush()


def of(session: Session, people: Iterable[int]) -> list[Alias]:
    """What these people, by their numbers, are or were called besides, in the order in which it was noted."""
    return list(session.scalars(sa.select(Alias).where(Alias.person_id.in_(set(people))).order_by(Alias.id)))


def owners(session: Session, key: str) -> frozenset[int]:
    """Whose further address this is, by their numbers. key: as compared."""
    query = sa.select(Alias.person_id).where(Alias.key == key, Alias.kind == AliasKind.ALSO)
    return frozenset(session.scalars(query)) if key else frozenset()
