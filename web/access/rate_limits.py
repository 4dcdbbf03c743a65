"""Rate limits of requests, counted in the database, so that every process counts the same.

One row a window, one statement a try. What is counted stands there as a digest only. Old rows go when a window begins.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import Session

from web.access import cookies
from web.context import here
from workflow.database import rate_counts
from workflow.database.models import Tries
from workflow.security.client_network import place

KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a window."""

    name: str
    most: int
    window: timedelta


DIRECTORY: Final = Limit("directory", 20, timedelta(minutes=1))
"""ways to the organisation's directory begun from one network address: each makes us ask the directory; a minute, so
that whoever floods keeps nobody beside them out for longer"""
SEARCHES: Final = Limit("searches", 60, timedelta(minutes=1))
"""searches of one person: more than anybody types, and far too few to find a word letter by letter"""
HALVES: Final = Limit("halves", 5, timedelta(minutes=10))
"""codes tried after one link"""
CODES: Final = Limit("codes", 20, timedelta(hours=1))
"""codes of an app tried for one person; passkeys and recovery codes work all the same"""


def left(limit: Limit, who: str) -> int:
    """Counts one try. Returns the seconds to wait: 0 where it was not too often."""
    with here().db.writing() as session:
        return count(session, limit, who)


def count(session: Session, limit: Limit, who: str) -> int:
    """The same in the caller's transaction."""
    key, now = cookies.signed(f"tries:{limit.name}:{who}"), here().now()
    n, since = rate_counts.add(session.connection(), key, 1, limit.window, now)
    if n == 1 and limit.window < KEPT:  # the short windows begin often enough
        session.execute(sa.delete(Tries).where(Tries.since < now - KEPT))
    return 0 if n <= limit.most else wait(since, limit, now)


def wait(since: datetime, limit: Limit, now: datetime) -> int:
    """Seconds until the window ends, one at least."""
    return max(1, int((since + limit.window - now).total_seconds()))


def forms() -> Limit:
    """Forms from one network address; the number is the programme's."""
    return Limit("forms", here().programme.limits.posts_per_minute, timedelta(minutes=1))


def whence() -> str:
    """The network address that the request came from, as history keeps it."""
    return place(request.remote_addr or "") or ""


def outside() -> str | None:
    """Where somebody comes from, where it is a place of its own: all that comes through a proxy here that the config
    does not name would count as one. One that is named says where they come from."""
    return place(request.remote_addr or "", loopback=here().settings.web.proxies > 0)
