"""The database: SQLite by default, PostgreSQL by URL; the same tables and the same promises on both.

A writing transaction takes its lock when it begins (BEGIN IMMEDIATE on SQLite): two writers wait
for each other instead of failing half-way. Commit is durable (synchronous=FULL) before it returns.
Must never read the clock: every time stored here came in as an argument.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
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

from workflow.database.search import folded, placed
from workflow.lazy_module import Later

if TYPE_CHECKING:
    from alembic import command
    from alembic import config as alembic_config
    from sqlalchemy.dialects import postgresql
else:  # ten megabytes with what it brings along, for the one start after an update; a database that few have
    command, alembic_config = Later("alembic.command"), Later("alembic.config")
    postgresql = Later("sqlalchemy.dialects.postgresql")

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 30
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

    def bind_processor(self, dialect: sa.Dialect) -> Any:
        return _said_to_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Any:
        return _read_from_sqlite if dialect.name == "sqlite" else super().result_processor(dialect, coltype)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError(f"a moment without a time zone: {value!r}")
    return value.astimezone(UTC)


def _said_to_sqlite(value: datetime | None) -> str | None:
    """As SQLAlchemy stores a moment in SQLite, in a fifth of its time: there are forty with each letter."""
    return None if value is None else _in_utc(value).isoformat(" ", "microseconds")[:26]


def _read_from_sqlite(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


class Database:
    """One engine and its two kinds of transaction: `reading` and `writing`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._write = sessionmaker(self.engine, expire_on_commit=False)
        self._read = sessionmaker(
            self.engine.execution_options(read_only=True), expire_on_commit=False, autoflush=False
        )

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
        if self.at_head():
            return
        config = alembic_config.Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.connect() as connection:
            if self.engine.dialect.name == "postgresql":
                connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7283001)")
                if schema := schema_of(self.url):
                    connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()

    def exists(self) -> bool:
        """Whether there are tables to look into; asking never makes a database. Raises where nobody answers."""
        file = self.engine.url.database
        if self.engine.dialect.name == "sqlite" and not (file and Path(file).is_file()):
            return False
        with self.engine.execution_options(read_only=True).connect() as connection:
            return shape(connection) is not None

    def at_head(self) -> bool:
        """Whether the tables have today's shape: neither an older service's nor a newer one's."""
        with self.engine.execution_options(read_only=True).connect() as connection:
            return shape(connection) == newest_shape()

    def close(self) -> None:
        self.engine.dispose()


def shape(connection: Connection) -> str | None:
    """The migration that the tables were brought to last; None where there are none yet."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return found


@cache
def newest_shape() -> str:
    """The last migration there is: they are one row, each file named by its number."""
    return max(file.name for file in (MIGRATIONS / "versions").glob("[0-9]*.py")).partition("_")[0]


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


def insert(bind: Engine | Connection, table: type[Any]) -> Any:
    """An INSERT that knows `on_conflict_do_nothing`: each of the two databases has its own."""
    return (sqlite if bind.dialect.name == "sqlite" else postgresql).insert(table)


def insert_all(
    connection: Connection, table: Any, rows: Sequence[Mapping[str, Any]], *, unless_there: bool = False
) -> None:
    """Many rows at once, by their columns' names, all of the same ones. unless_there: one whose key is there stays as
    it was; otherwise it is an IntegrityError.

    PostgreSQL takes them as one JSON value in one step: row by row, each is a message there and one back.
    """
    if not rows:
        return
    if any(len(row) != len(rows[0]) for row in rows):
        raise ValueError(f"rows for {table.__tablename__} that name different columns")
    if connection.dialect.name == "sqlite":
        taking, columns = _by_column(table, tuple(rows[0]), unless_there)
        connection.exec_driver_sql(taking, list(zip(*(values(rows) for values in columns), strict=True)))
    else:
        statement, unsaid = _from_json(table, tuple(rows[0]), unless_there)
        connection.execute(statement, {"rows": json.dumps([{**unsaid, **row} for row in rows], default=_plain)})


_Rows = Sequence[Mapping[str, Any]]


@cache
def _by_column(
    table: Any, names: tuple[str, ...], unless_there: bool
) -> tuple[str, list[Callable[[_Rows], list[Any]]]]:
    """The statement as the driver takes it, and what gives each of its columns the values of all rows: looking at one
    column after the other takes half the time of one row after the other."""
    unsaid, dialect = _unsaid(table, names), sqlite.dialect()
    kinds = {name: table.__table__.c[name].type.dialect_impl(dialect) for name in (*names, *unsaid)}
    columns, places = ", ".join(f'"{name}"' for name in kinds), ", ".join("?" * len(kinds))
    otherwise = "ON CONFLICT DO NOTHING" if unless_there else ""
    said = [_values(name, unsaid, kind.bind_processor(dialect)) for name, kind in kinds.items()]
    return f"INSERT INTO {table.__tablename__} ({columns}) VALUES ({places}) {otherwise}", said


def _values(name: str, unsaid: Mapping[str, Any], stored: Callable[[Any], Any] | None) -> Callable[[_Rows], list[Any]]:
    """A column of the rows as it is stored."""
    if name in unsaid:
        value = unsaid[name] if stored is None else stored(unsaid[name])
        return lambda rows: [value] * len(rows)
    if stored is None:
        return lambda rows: [row[name] for row in rows]
    return lambda rows: [stored(row[name]) for row in rows]


@cache
def _from_json(table: Any, names: tuple[str, ...], unless_there: bool) -> tuple[sa.TextClause, dict[str, Any]]:
    """The statement, and what stands in columns of which nothing is said."""
    unsaid = _unsaid(table, names)
    columns = ", ".join(f'"{name}"' for name in (*names, *unsaid))
    name, otherwise = table.__tablename__, "ON CONFLICT DO NOTHING" if unless_there else ""
    rows = f"json_populate_recordset(CAST(NULL AS {name}), CAST(:rows AS json))"
    return sa.text(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {rows} {otherwise}"), unsaid


def _unsaid(table: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What stands in columns of which nothing is said."""
    return {
        column.name: column.default.arg if column.default.is_scalar else column.default.arg(None)
        for column in table.__table__.columns
        if column.default is not None and column.name not in names
    }


def _plain(value: object) -> str:
    """What JSON has no form for, as PostgreSQL reads it: a moment, and bytes."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"no column holds {type(value).__name__}")


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
