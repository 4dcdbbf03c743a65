"""A database of one's own for a harness: a file of its own on SQLite, a fresh one on the checkout's PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from tests import conftest


@contextmanager
def fresh_database(kind: str) -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database, dropped afterwards; None for SQLite, whose file the caller places."""
    if kind == "sqlite":
        yield None
        return
    server = sa.make_url(conftest._server().get_uri()).set(drivername="postgresql+psycopg")
    with conftest.own_database(server) as url:
        yield url.render_as_string(hide_password=False)
