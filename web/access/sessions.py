"""Sign-in sessions. A session stands in the database, so that ending it ends it, here and on every machine.

When it was last seen stands, signed, in its cookie, so that looking at a page never writes. Idle for half an hour
(those who see the office) or two hours (trainers and mentors), or twelve hours old: it is over. A session is `half`
while its second factor is still to come, and then opens nothing but that page. Must never trust a cookie without its
row.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import g, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.access import cookies, user_agents
from web.access.security_log import event
from web.context import here
from workflow.database.models import Person, WebSession

ROLES: Final = ("coordinator", "reader", "trainer", "mentor")
"""the roles that sign in, the weightiest first"""
OFFICE: Final = frozenset({"coordinator", "reader"})
"""those who see everybody's data"""
IDLE: Final = timedelta(minutes=30)
IDLE_STAFF: Final = timedelta(hours=2)
LONGEST: Final = timedelta(hours=12)
HALF: Final = timedelta(minutes=10)
"""how long the second factor may take"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Whoever is signed in. `people`: their row in the table of people by role; one human may have several."""

    id: int
    name: str
    address: str
    lang: str
    people: Mapping[str, int]
    session_id: int
    since: datetime

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for role in ROLES if role in self.people)

    @property
    def coordinator(self) -> bool:
        return "coordinator" in self.people

    @property
    def office(self) -> bool:
        """Sees the office: to act in it, or only to read."""
        return bool(OFFICE & set(self.people))


def me() -> Me | None:
    """Who is signed in, if anybody."""
    if "me" not in g:
        g.me = _look_up(half=False)
    found = g.me
    return found if isinstance(found, Me) else None


def halfway() -> Me | None:
    """Whose link was good and whose second factor is still to come."""
    return _look_up(half=True)


def myself() -> Me:
    """Who is signed in, where a view requires it."""
    found = me()
    assert found is not None, "ask for it in views with `require` only"
    return found


def of_address(session: Session, key: str) -> list[Person]:
    """The staff of this address, the weightiest role first."""
    found = session.scalars(
        sa.select(Person).where(Person.address_key == key, Person.role.in_(ROLES), Person.left_at.is_(None))
    )
    return sorted(found, key=lambda person: ROLES.index(person.role))


def _cookie() -> tuple[str, datetime | None]:
    """The session's token and when it was last seen; nothing where the cookie is not whole."""
    if "fresh_session" in g:
        return str(g.fresh_session), here().now()
    found, _, rest = cookies.read("session").partition(".")
    seen, _, signature = rest.partition(".")
    if not (seen.isascii() and seen.isdecimal() and len(seen) < 12):
        return "", None
    if not cookies.is_signed(f"seen:{found}.{seen}", signature):
        return "", None
    return found, datetime.fromtimestamp(int(seen), here().programme.tz)


def token() -> str | None:
    """The session's token, if its cookie is whole and was seen lately enough for anybody."""
    found, seen = _cookie()
    return found if seen is not None and _lately(seen, IDLE_STAFF) else None


def _lately(seen: datetime, idle: timedelta) -> bool:
    return here().demo is not None or here().now() - seen <= idle


def _look_up(*, half: bool) -> Me | None:
    found, seen = _cookie()
    if seen is None:
        return None
    with here().db.reading() as session:
        row = _standing(session, found)
        people = of_address(session, row.person.address_key) if row is not None and row.half is half else []
        if row is None or not people:
            return None
        roles = {person.role: person.id for person in people}
        if not _lately(seen, IDLE if OFFICE & set(roles) else IDLE_STAFF):
            return None
        first = people[0]
        return Me(
            id=first.id, name=first.name, address=first.address, lang=first.lang, people=roles,
            session_id=row.id, since=row.started_at,
        )  # fmt: skip


def _standing(session: Session, found: str) -> WebSession | None:
    query = sa.select(WebSession).where(WebSession.token_hash == cookies.digest(found), WebSession.ended_at.is_(None))
    row = session.scalars(query).first()
    if row is None or here().demo is not None:
        return row
    return row if here().now() - row.started_at <= (HALF if row.half else LONGEST) else None


# -- beginning and ending -----------------------------------------------------------------------------------------


def sign_in(session: Session, person: Person, response: Response, *, half: bool = False) -> None:
    """A session of its own from now on; what the browser had before is ended."""
    _end_mine(session)
    fresh, now = here().token(), here().now()
    session.add(
        WebSession(
            token_hash=cookies.digest(fresh), person_id=person.id, started_at=now, seen_at=now, half=half,
            browser=user_agents.named(request.user_agent.string), place=(request.remote_addr or "")[:60],
        )
    )  # fmt: skip
    g.pop("me", None)
    g.fresh_session = fresh
    give(response, fresh)
    event("half signed in" if half else "signed in", person=person.id)


def sign_out(session: Session, response: Response) -> None:
    """End the browser's session, here and not only in the browser."""
    known = me()
    _end_mine(session)
    if known is not None:
        event("signed out", person=known.id)
    g.me = None
    cookies.erase(response, "session")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'  # over https, browsers drop what they kept of us


def _end_mine(session: Session) -> None:
    found = token()
    if found is not None:
        end(session, WebSession.token_hash == cookies.digest(found))


def end(session: Session, *which: sa.ColumnElement[bool]) -> int:
    """End those sessions; returns how many still stood."""
    standing = sa.update(WebSession).where(WebSession.ended_at.is_(None), *which)
    done = session.execute(standing.values(ended_at=here().now()))
    return int(getattr(done, "rowcount", 0))


def standing_of(session: Session, people: Sequence[int]) -> list[WebSession]:
    """The sessions of these rows of one human that still stand, the latest first."""
    query = sa.select(WebSession).where(
        WebSession.person_id.in_(people),
        WebSession.ended_at.is_(None),
        WebSession.half.is_(False),
        WebSession.started_at > here().now() - LONGEST,
    )
    return list(session.scalars(query.order_by(WebSession.started_at.desc(), WebSession.id.desc())))


def acted() -> None:
    """A form was sent: the session's row says so, once a minute at most."""
    known = me()
    if known is None:
        return
    now = here().now()
    with here().db.writing() as session:
        mine = sa.update(WebSession).where(
            WebSession.id == known.session_id, WebSession.seen_at < now - timedelta(minutes=1)
        )
        session.execute(mine.values(seen_at=now))


def give(response: Response, found: str) -> None:
    seen = f"{found}.{int(here().now().timestamp())}"
    cookies.write(response, "session", f"{seen}.{cookies.signed(f'seen:{seen}')}", LONGEST)


def keep(response: Response) -> None:
    """With every answer to somebody who is signed in: when they were last seen."""
    found = token() if g.get("me") else None
    if found is not None:
        give(response, found)
