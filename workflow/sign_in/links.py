"""Sign-in links: requested on a page, made and mailed by the worker, deleted when used or expired.

The page only writes down that somebody asked, for an address that is known just as for one that is not: so it tells
nobody, by its words or its speed, who is known. Rows that no longer serve anything are cleared away.

Anybody may ask in anybody's name, so asking is never refused: where many links were mailed to a person lately, the one
that waits in their mailbox serves whoever asked meanwhile, too, and no other is mailed until it is used or over.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.engine import Database
from workflow.database.models import Person, SignIn, SignInRequest, WebSession
from workflow.notices import Notice
from workflow.season import Season
from workflow.security.own_links import PLACEHOLDER

MINUTES: Final = 10
LONG_MINUTES: Final = 60
"""so long works a link where many were mailed lately: the fewer mails are needed"""
LEAST_LEFT: Final = timedelta(minutes=5)
"""a link that is over sooner is none to wait for"""
LATELY: Final = (timedelta(minutes=15), 5)
A_DAY: Final = (timedelta(days=1), 30)
"""so many links to one person are mailed at once to whoever asks"""
STAFF: Final = ("coordinator", "reader", "trainer", "mentor")
KEPT: Final = timedelta(days=30)


def post_links(season: Season, db: Database, now: datetime) -> int:
    """Mails a link for each request whose address is known. Returns how many requests there were."""
    with db.reading() as session:
        if session.scalar(sa.select(SignInRequest.id).limit(1)) is None:
            return 0
    with db.writing() as session:
        asked = session.scalars(sa.select(SignInRequest).order_by(SignInRequest.id).with_for_update(skip_locked=True))
        rows = asked.all()
        for one in rows:
            _answer(season, session, one, now)
        _clear(session, now)
    return len(rows)


def _answer(season: Season, session: Session, asked: SignInRequest, now: datetime) -> None:
    person = _of(session, asked.address_key)
    if person is not None and asked.at > now - timedelta(minutes=MINUTES):
        many = _many(session, person, now)
        if not many or not _waits(session, person, now):
            _post(season, session, asked, person, now, LONG_MINUTES if many else MINUTES)
    session.delete(asked)


def _many(session: Session, person: Person, now: datetime) -> bool:
    """Whether as many links were mailed to them as are mailed to whoever asks."""
    return any(_mailed(session, person, now - window) >= most for window, most in (LATELY, A_DAY))


def _mailed(session: Session, person: Person, since: datetime) -> int:
    ours = (SignIn.person_id == person.id, SignIn.expires_at > since + timedelta(minutes=MINUTES))
    return session.scalar(sa.select(sa.func.count()).select_from(SignIn).where(*ours)) or 0


def _waits(session: Session, person: Person, now: datetime) -> bool:
    """Whether a link is in their mailbox that works long enough."""
    ours = (SignIn.person_id == person.id, SignIn.used_at.is_(None), SignIn.expires_at > now + LEAST_LEFT)
    return session.scalar(sa.select(SignIn.id).where(*ours).limit(1)) is not None


def _of(session: Session, key: str) -> Person | None:
    """Whoever works here under that address, in the weightiest of their roles."""
    query = sa.select(Person).where(Person.address_key == key, Person.role.in_(STAFF), Person.left_at.is_(None))
    return min(session.scalars(query), key=lambda person: STAFF.index(person.role), default=None)


def _post(
    season: Season, session: Session, asked: SignInRequest, person: Person, now: datetime, minutes: int
) -> None:
    link = season.link(f"sign_in:{season.secret()}")
    row = SignIn(
        token_hash=hashlib.sha256(link.secret.encode()).hexdigest(),
        person_id=person.id,
        expires_at=now + timedelta(minutes=minutes),
    )
    session.add(row)
    session.flush()
    url = f"{season.base_url}/signin/{PLACEHOLDER}" + (f"?next={asked.then}" if asked.then else "")
    notice = Notice(
        template="sign_in",
        key=f"sign_in:{row.token_hash[:32]}",
        person=person,
        facts={"sign_in_link": url, "minutes": minutes},
        link_seed=link.seed,
    )
    season.post(session, notice, now)


def shut_out(session: Session, people: Sequence[int], now: datetime) -> None:
    """Nobody is in as these people any more, and no link of theirs that waits leads in."""
    standing = sa.update(WebSession).where(WebSession.person_id.in_(people), WebSession.ended_at.is_(None))
    session.execute(standing.values(ended_at=now))
    session.execute(sa.delete(SignIn).where(SignIn.person_id.in_(people), SignIn.used_at.is_(None)))


def _clear(session: Session, now: datetime) -> None:
    """Links and sessions that ended long ago."""
    session.execute(sa.delete(SignIn).where(SignIn.expires_at < now - timedelta(days=1)))
    session.execute(sa.delete(WebSession).where(WebSession.started_at < now - KEPT))
