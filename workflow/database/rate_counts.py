"""Rate-limit counters in the database, shared by all processes: fixed windows, one row a key, one statement a count."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from workflow.database.engine import insert
from workflow.database.models import Tries


def add(connection: sa.Connection, key: str, n: int, window: timedelta, now: datetime) -> tuple[int, datetime]:
    """What the key comes to within the present window, and when that began."""
    row = insert(connection, Tries).values(key=key, since=now, n=n)
    over = Tries.since <= now - window
    counted = row.on_conflict_do_update(
        index_elements=[Tries.key],
        set_={
            "n": sa.case((over, row.excluded.n), else_=Tries.n + row.excluded.n),
            "since": sa.case((over, row.excluded.since), else_=Tries.since),
        },
    ).returning(Tries.n, Tries.since)
    total, since = connection.execute(counted).one()
    return int(total), since


def within(connection: sa.Connection, key: str, window: timedelta, now: datetime) -> int:
    """The same without counting."""
    query = sa.select(Tries.n).where(Tries.key == key, Tries.since > now - window)
    return connection.scalar(query) or 0


def full_until(connection: sa.Connection, key: str, most: int, window: timedelta, now: datetime) -> datetime | None:
    """When the present window ends, where so many stand in it already; nothing is counted."""
    query = sa.select(Tries.since).where(Tries.key == key, Tries.since > now - window, Tries.n >= most)
    since = connection.scalar(query)
    return None if since is None else since + window
