"""How often is too often, counted in the database, so that every process counts the same.

One row a window, one statement a try. What is counted stands there as a digest only. Old rows go when a window begins.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from flask import request

from web.access import cookies
from web.context import here
from workflow.database.engine import insert
from workflow.database.models import Tries
from workflow.security.client_network import place

KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many within a window."""

    name: str
    most: int
    window: timedelta


LINKS: Final = Limit("links", 5, timedelta(minutes=15))
"""links to one address"""
ASKING: Final = Limit("asking", 50, timedelta(hours=1))
"""links asked for from one network address"""
DIRECTORY: Final = Limit("directory", 50, timedelta(hours=1))
"""ways to the organisation's directory begun from one network address: each makes us ask the directory"""
HALVES: Final = Limit("halves", 5, timedelta(minutes=10))
"""codes tried after one link"""
CODES: Final = Limit("codes", 20, timedelta(hours=1))
"""codes of an app tried for one person; passkeys and recovery codes work all the same"""


def left(limit: Limit, who: str) -> int:
    """Counts one try. Returns the seconds to wait: 0 where it was not too often."""
    key, now = cookies.signed(f"tries:{limit.name}:{who}"), here().now()
    with here().db.writing() as session:
        row = insert(session.connection(), Tries).values(key=key, since=now, n=1)
        over = Tries.since <= now - limit.window
        counted = row.on_conflict_do_update(
            index_elements=[Tries.key],
            set_={
                "n": sa.case((over, 1), else_=Tries.n + 1),
                "since": sa.case((over, row.excluded.since), else_=Tries.since),
            },
        ).returning(Tries.n, Tries.since)
        n, since = session.execute(counted).one()
        if n == 1:
            session.execute(sa.delete(Tries).where(Tries.since < now - KEPT))
    return 0 if n <= limit.most else wait(since, limit, now)


def wait(since: datetime, limit: Limit, now: datetime) -> int:
    """Seconds until the window ends, one at least."""
    return max(1, int((since + limit.window - now).total_seconds()))


def forms() -> Limit:
    """Forms from one network address; the number is the programme's."""
    return Limit("forms", here().programme.limits.posts_per_minute, timedelta(minutes=1))


def outside() -> str | None:
    """Where somebody comes from, where it is a place of its own: all that comes through a proxy here would count as
    one."""
    return place(request.remote_addr or "", loopback=False)
