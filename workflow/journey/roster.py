"""Staff from the config: trainers, mentors, coordinators and readers of config.toml become rows of `people`.

Whoever it names no more has left, and whoever is named in another's place begins anew: from that moment the one who
went has no way in, their open questions and teams go to somebody else, and what they did stays under their own name.
Acts in the caller's transaction. Must never remove a person, and never let one inherit another's sessions.
"""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import ConfigPerson as Named
from workflow.database.models import Person
from workflow.database.search import folded
from workflow.journey import departures
from workflow.journey.departures import Cause
from workflow.rules.application import address_key
from workflow.rules.doors import Door
from workflow.season import Season
from workflow.sign_in import links, second_factors

ROLES: Final = ("trainer", "mentor", "coordinator", "reader")


def lay(season: Season, session: Session, now: datetime) -> None:
    """Bring the table to what the config says; safe to call at every start."""
    named = {(role, each.key): each for role in ROLES for each in getattr(season.programme, f"{role}s")}
    query = sa.select(Person).where(Person.key.is_not(None), Person.role.in_(ROLES)).order_by(Person.id)
    known = {(person.role, person.key or ""): person for person in session.scalars(query)}
    for (role, key), each in named.items():
        _take_up(season, session, role, each, known.get((role, key)), now)
    for place, person in known.items():
        if place not in named and person.left_at is None:
            _goes(season, session, person, now)


def _take_up(season: Season, session: Session, role: str, each: Named, person: Person | None, now: datetime) -> None:
    """The row of this place: the one there is, or another where it is another human being's."""
    if person is None:
        _written(session, role, each, now)
    elif is_another(person, each):
        _succeeded(season, session, person, each, now)
    else:
        if address_key(each.address) != person.address_key:
            links.shut_out(session, [person.id], now)
        _fill(person, each)
        person.left_at = None


def _written(session: Session, role: str, each: Named, now: datetime) -> Person:
    person = Person(role=role, key=each.key, joined_at=now, address_state="ok")
    _fill(person, each)
    session.add(person)
    return person


def _fill(person: Person, each: Named) -> None:
    person.name, person.lang, person.phone = each.name, each.lang, each.phone
    person.address, person.address_key = each.address, address_key(each.address) or each.address.lower()


def is_another(person: Person, each: Named) -> bool:
    """Whether the place now names another human being: another name at another address, or one that shares no word
    with the name before. In doubt it is another: nobody may inherit a session."""
    was, now = folded(person.name), folded(each.name)
    if was == now:
        return False
    return address_key(each.address) != person.address_key or not set(was.split()) & set(now.split())


def _succeeded(season: Season, session: Session, person: Person, each: Named, now: datetime) -> None:
    """Another comes in somebody's place. Who was there keeps their row without the place; passkeys and codes go, lest
    a mailbox that both use brings them to the newcomer."""
    person.key = None
    successor = _written(session, person.role, each, now)
    session.flush()
    second_factors.remove(session, [person.id])
    _goes(season, session, person, now, successor)


def _goes(season: Season, session: Session, person: Person, now: datetime, successor: Person | None = None) -> None:
    """No way in from now on; what is open goes on without them."""
    person.left_at = person.left_at or now
    session.flush()
    links.shut_out(session, [person.id], now)
    actor = departures.by_itself(Door.COMMAND)
    departures.mentorships(season, session, person, actor, now, successor)
    departures.without_mentor(season, session, person, now)
    departures.questions(season, session, [person.id], now, cause=Cause.LEFT, successor=successor)
