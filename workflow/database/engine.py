"""Database engine and transactions: SQLite by default, PostgreSQL by URL, with the same guarantees on both.

A writing transaction takes its lock when it begins (BEGIN IMMEDIATE on SQLite): two writers wait
for each other instead of failing half-way. Commit is durable (synchronous=FULL) before it returns.
Must never read the clock: every time stored here came in as an argument.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from workflow.database import outage
from workflow.database.search import folded, placed
from workflow.lazy_module import Later
from workflow.security.keyed_digest import KeyedDigest

if TYPE_CHECKING:
    from alembic import command
    from alembic import config as alembic_config
    from sqlalchemy.dialects import postgresql
else:  # ten megabytes with what it brings along, for the one start after an update; a database that few have
    command, alembic_config = Later("alembic.command"), Later("alembic.config")
    postgresql = Later("sqlalchemy.dialects.postgresql")

MIGRATIONS = Path(__file__).parent / "migrations"
_REVISION, _FOLLOWS = (re.compile(rf'^{name} = "(\w+)"', re.MULTILINE) for name in ("revision", "down_revision"))
BUSY_SECONDS = 30
LOOK_EVERY = timedelta(minutes=10)
LARGE = 1024 * 1024
"""bytes; see `close_after_large`"""
LOG_LEFT = 16 * 1024 * 1024
"""SQLite: bytes of the write-ahead log that stay on the disk once nobody reads what was before it"""
KEEPALIVE = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3}
"""seconds, seconds, times: who does not answer so often is gone"""
GONE_AFTER = 30_000
"""milliseconds in which what was sent must have arrived"""
CUT_OFF = {
    "options": "-c idle_in_transaction_session_timeout=20s "
    + " ".join(f"-c tcp_{name}={value}" for name, value in KEEPALIVE.items())
    + f" -c tcp_user_timeout={GONE_AFTER}",
    **KEEPALIVE,
    "tcp_user_timeout": GONE_AFTER,
}
"""PostgreSQL: a machine that is cut off in the middle holds its rows for seconds, not hours, and learns of it itself.
The server looks after the connection, too: its limit on idle transactions does not count while only half of several
statements that go together has come (PostgreSQL 18 turns it off with the first message, on again after the last)."""
CONNECT_SECONDS = 10
"""a database that does not even refuse is given up for now: whoever waits hears to come again"""
SCHEMA = "schema"
"""how an address of PostgreSQL names the schema: `…/teekond?schema=p_koos`"""
KEPT_OPEN, KEPT_BESIDE_OTHERS = 8, 1
"""connections that stay open between two pieces of work; one where many programmes share a server"""


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, stored as UTC. A naive datetime is refused: SQLite would lose its zone in silence."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {value!r}")
    return value.astimezone(UTC)


class NewerTables(sa.exc.InvalidRequestError):
    """The tables are of a version that this program does not know: a newer one made them."""


class Database:
    """One engine and its two kinds of transaction: `reading` and `writing`. With a keyed digest, what is written is
    sealed with it (`workflow/records/row_seals.py`). `migrations`: the folder of Alembic's scripts."""

    def __init__(self, url: str, digest: KeyedDigest | None = None, migrations: Path = MIGRATIONS) -> None:
        self.url = url
        self.migrations = migrations
        self.engine = _engine(url)
        outage.watch(self.engine)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(
            self.engine.execution_options(read_only=True), expire_on_commit=False, autoflush=False
        )
        self.digest: KeyedDigest | None = None
        self._looked: tuple[datetime, bool] | None = None
        self.seal_with(digest)

    def seal_with(self, digest: KeyedDigest | None) -> None:
        """From here on."""
        self.digest = digest
        for made in (self._write, self._read):
            made.configure(info={KeyedDigest: digest})

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction: commits when the block ends, rolls back when it raises."""
        with self._write() as session, session.begin():
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that never commits: what a GET may use."""
        with self._read() as session:
            yield session

    def migrate(self) -> None:
        """Bring the tables to today's shape; under a lock, so that several processes may start at once."""
        found = self._shape()
        if found == newest_shape(self.migrations):
            return
        self._refuse_newer(found)
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7283001)")
                if schema := schema_of(self.url):
                    connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            self.upgrade(connection)
            connection.commit()

    def refuse_newer(self) -> None:
        """Raises NewerTables where a newer program made the tables."""
        self._refuse_newer(self._shape())

    def _refuse_newer(self, found: str | None) -> None:
        if found is not None and found not in _shapes(self.migrations)[0]:
            raise NewerTables(f"its tables are of version {found}, which a newer program made: install that program")

    def upgrade(self, connection: Connection) -> None:
        """The migrations that are missing here, within the caller's transaction."""
        config = alembic_config.Config()
        config.set_main_option("script_location", str(self.migrations))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    def exists(self) -> bool:
        """Whether there are tables to look into; asking never makes a database. Raises where nobody answers."""
        file = self.engine.url.database
        if self.engine.dialect.name == "sqlite" and not (file and Path(file).is_file()):
            return False
        with self.engine.execution_options(read_only=True).connect() as connection:
            return shape(connection) is not None

    def at_head(self) -> bool:
        """Whether the tables have today's shape: neither an older service's nor a newer one's."""
        return self._shape() == newest_shape(self.migrations)

    def _shape(self) -> str | None:
        with self.engine.execution_options(read_only=True).connect() as connection:
            return shape(connection)

    def damaged(self, now: datetime) -> bool:
        """Whether SQLite finds its file malformed; looked at once in ten minutes, for it reads the whole file. What
        PostgreSQL finds it says in the statement that stumbles over it."""
        if self.engine.dialect.name == "sqlite" and (self._looked is None or now - self._looked[0] >= LOOK_EVERY):
            try:
                with self.engine.execution_options(read_only=True).connect() as connection:
                    sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
            except sa.exc.DatabaseError as error:
                if isinstance(error, sa.exc.OperationalError):
                    raise
                sound = False
            self._looked = now, not sound
        return self._looked is not None and self._looked[1]

    def close(self) -> None:
        self.engine.dispose()


def digest_of(session: Session) -> KeyedDigest | None:
    """What seals the rows that this session writes; None where there is no key."""
    found: KeyedDigest | None = session.info.get(KeyedDigest)
    return found


def shape(connection: Connection) -> str | None:
    """The migration that the tables were brought to last; None where there are none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


def newest_shape(migrations: Path = MIGRATIONS) -> str:
    """The last migration there is: the one that no other follows."""
    there, followed = _shapes(migrations)
    (newest,) = there - followed
    return newest


@cache
def _shapes(migrations: Path) -> tuple[frozenset[str], frozenset[str]]:
    """All revisions, and those that another follows; read without the library that migrates."""
    texts = "\n".join(file.read_text(encoding="utf-8") for file in (migrations / "versions").glob("[0-9]*.py"))
    return frozenset(_REVISION.findall(texts)), frozenset(_FOLLOWS.findall(texts))


def in_schema(url: str, schema: str) -> str:
    """The same PostgreSQL database, and in it the tables of this schema alone: no statement sees any other's."""
    return sa.make_url(url).update_query_dict({SCHEMA: schema}).render_as_string(hide_password=False)


def schema_of(url: str) -> str:
    """The schema that an address names; empty where it names none."""
    return str(sa.make_url(url).query.get(SCHEMA, ""))


def sqlite_url(data: Path) -> str:
    """The default database of a data folder."""
    return f"sqlite:///{data / 'teekond.sqlite'}"


def _engine(url: str) -> Engine:
    if sa.make_url(url).get_backend_name() != "sqlite":
        schema, bare = schema_of(url), sa.make_url(url).difference_update_query([SCHEMA])
        within = {"connect_timeout": CONNECT_SECONDS, **CUT_OFF}
        if schema:
            within["options"] = f"{CUT_OFF['options']} -c search_path={schema}"
        kept = KEPT_BESIDE_OTHERS if schema else KEPT_OPEN
        return sa.create_engine(
            bare, pool_pre_ping=True, pool_size=kept, max_overflow=2 * KEPT_OPEN - kept, connect_args=within
        )
    engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    connection.create_function("folded", 1, folded, deterministic=True)
    connection.create_function("placed", 1, placed, deterministic=True)
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "secure_delete=ON",
        "recursive_triggers=ON",
        f"journal_size_limit={LOG_LEFT}",
        f"busy_timeout={BUSY_SECONDS * 1000}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def close_after_large(connection: Connection, size: int) -> None:
    """Before so many bytes are written: with SQLite a large piece costs its connection, which is closed at the end of
    the transaction and not used again. Its driver keeps what was last bound to each statement it may need again: a
    letter of 25 MB would stay in memory in each of the pool's connections."""
    if size > LARGE and connection.dialect.name == "sqlite":
        connection.detach()


def insert(bind: Engine | Connection, table: type[Any]) -> Any:
    """An INSERT that knows `on_conflict_do_nothing`: each of the two databases has its own."""
    return (sqlite if bind.dialect.name == "sqlite" else postgresql).insert(table)


class _Among(FunctionElement[bool]):
    """Of no type: a Boolean's would be compared with 1 on SQLite, which then no longer looks into its index."""

    inherit_cache = True


def among(column: Any, name: str) -> sa.ColumnElement[bool]:
    """Whether the column is one of the values bound by this name, a list. The statement stays the same however many
    there are (`in_` writes each of them into it), so that it is put together, and planned by PostgreSQL, only once."""
    many = sa.JSON().with_variant(sa.ARRAY(column.type), "postgresql")
    return _Among(column, sa.bindparam(name, type_=many))


@compiles(_Among, "sqlite")
def _among_on_sqlite(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, many = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({many}))"


@compiles(_Among, "postgresql")
def _among_on_postgresql(element: _Among, compiler: SQLCompiler, **kw: Any) -> str:
    column, many = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} = ANY ({many})"


class fresh_salt(FunctionElement[str]):
    """128 bits of chance as 32 hexadecimal digits, made by the database: no code here holds chance."""

    type = sa.String(32)
    inherit_cache = True


@compiles(fresh_salt, "sqlite")
def _on_sqlite(_element: fresh_salt, _compiler: SQLCompiler, **_: Any) -> str:
    return "lower(hex(randomblob(16)))"


@compiles(fresh_salt, "postgresql")
def _on_postgresql(_element: fresh_salt, _compiler: SQLCompiler, **_: Any) -> str:
    twice = "uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())"  # one has only 122 bits
    return f"left(encode(sha256({twice}), 'hex'), 32)"


def lock_places(session: Session) -> None:
    """Hold the programme's places until the transaction ends: two cannot both take the last one.

    SQLite's writer is alone as it is; on PostgreSQL an advisory lock makes it so.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.text("SELECT pg_advisory_xact_lock(7283002, hashtext(current_schema()))"))
