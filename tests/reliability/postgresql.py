"""A database of one's own for a harness: a file of its own on SQLite, a fresh one on the checkout's PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import sqlalchemy as sa

from tests import conftest


@contextmanager
def fresh_database(kind: str) -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database, dropped afterwards; None for SQLite, whose file the caller places."""
    if kind == "sqlite":
        yield None
        return
    server = sa.make_url(conftest._server().get_uri()).set(drivername="postgresql+psycopg")
    name = f"h{uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
