"""Calendar feeds: a secret address at which somebody's calendar program finds their sessions, until it is ended.

The address is made from the row's number and a key of the service; the row keeps a digest of it alone. Acts in the
caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import EVERYONE
from workflow.database.models import CalendarFeed, Mentorship, Person, StageSession, Team
from workflow.records import queries
from workflow.season import Season
from workflow.security import own_links

ROLES: Final = ("coordinator", "trainer", "mentor", "member")
"""whose sessions a feed can hold"""


@dataclass(frozen=True, slots=True)
class FeedSession:
    """A session in somebody's calendar, and of which of their teams it is; empty where it is of all."""

    session: StageSession
    teams: tuple[str, ...]


def current(session: Session, person: Person) -> CalendarFeed | None:
    """The person's feed, where there is one."""
    query = sa.select(CalendarFeed).where(CalendarFeed.person_id == person.id, CalendarFeed.ended_at.is_(None))
    return session.scalars(query.order_by(CalendarFeed.id.desc()).limit(1)).first()


def make(session: Session, person: Person, key: str, now: datetime) -> CalendarFeed:
    """A new address; the one before opens nothing any more. key: the service's newest."""
    end(session, person, now)
    feed = CalendarFeed(person_id=person.id, token_hash=f"new:{person.id}", made_at=now)
    session.add(feed)
    session.flush()  # its address names it
    feed.token_hash = _digest(_secret(feed, key))
    session.flush()
    return feed


def end(session: Session, person: Person, now: datetime) -> bool:
    """The person's address opens nothing any more; False where there was none."""
    which = (CalendarFeed.person_id == person.id, CalendarFeed.ended_at.is_(None))
    ended = session.execute(sa.update(CalendarFeed).where(*which).values(ended_at=now).returning(CalendarFeed.id)).all()
    session.expire_all()
    return bool(ended)


def secret(feed: CalendarFeed, keys: Iterable[str]) -> str | None:
    """What its address ends with; None where the key that made it is gone: then a new one has to be made."""
    return next((made for key in keys if _digest(made := _secret(feed, key)) == feed.token_hash), None)


def opened(session: Session, given: str) -> Person | None:
    """Whose calendar this address opens."""
    query = sa.select(Person).join(CalendarFeed, CalendarFeed.person_id == Person.id)
    query = query.where(CalendarFeed.token_hash == _digest(given), CalendarFeed.ended_at.is_(None))
    return session.scalars(query.where(Person.left_at.is_(None))).first()


def _secret(feed: CalendarFeed, key: str) -> str:
    return own_links.new(f"calendar:{feed.id}:{feed.person_id}", key).secret


def _digest(given: str) -> str:
    return sha256(given.encode()).hexdigest()


# -- what stands in it --------------------------------------------------------------------------------------------


def sessions(season: Season, session: Session, person: Person) -> list[FeedSession]:
    """The person's sessions, past ones and cancelled ones among them, in order of time."""
    query = sa.select(StageSession).order_by(StageSession.starts_at, StageSession.id)
    meetings = session.scalars(query).all()
    if person.role == "coordinator":
        return [FeedSession(one, ()) for one in meetings]
    if person.role == "trainer":
        stages = queries.stages_led(season.programme, person)
        return [FeedSession(one, ()) for one in meetings if one.stage in stages]
    teams = _teams(season, session, person)
    found = ((one, tuple(team.name for team in teams if one.group in (EVERYONE, team.group))) for one in meetings)
    return [FeedSession(one, names) for one, names in found if names]


def _teams(season: Season, session: Session, person: Person) -> list[Team]:
    """A member's team while it has a place; those at whose side a mentor stands."""
    if person.role == "mentor":
        query = sa.select(Team).join(Mentorship, Mentorship.team_id == Team.id)
        query = query.where(Mentorship.person_id == person.id, Mentorship.until.is_(None)).order_by(Team.name)
        return list(session.scalars(query))
    team = person.team
    return [team] if team is not None and team.state in season.machine.stages else []
