"""Integrity check of the database itself and of its schema: tables, indexes and triggers are those that the migrations
make. Reads only.

A trigger that is gone, switched off, changed or added changes what every statement does, so this is looked at before
the rows are. What there must be is made anew by the migrations: in memory for SQLite, and for PostgreSQL in a schema
of its own inside a transaction that is rolled back.
"""

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from workflow.database.engine import Database, in_schema

Parts = Mapping[str, str]
"""what there is, each with how it is made"""
FAULTS: Final = 20
"""so many of a damaged file are told"""


def differences(db: Database, connection: Connection) -> Iterator[tuple[str, str]]:
    """Place and words of each; of a damaged file nothing else is asked."""
    if connection.dialect.name == "sqlite":
        damage = [str(row[0]) for row in connection.exec_driver_sql(f"PRAGMA integrity_check({FAULTS})")]
        if damage != ["ok"]:
            yield from (("the database file", f"is damaged: {each}") for each in damage)
            return
        yield from _compared(_parts_on_sqlite(connection), _made_on_sqlite())
    else:
        yield from _compared(_parts_on_postgresql(connection, _schema(connection)), _made_on_postgresql(db.url))


def _compared(there: Parts, wanted: Parts) -> Iterator[tuple[str, str]]:
    for name in sorted(there.keys() | wanted.keys()):
        if name not in there:
            yield name, "is gone from the database"
        elif name not in wanted:
            yield name, "is none of Teekond's: somebody added it to the database"
        elif there[name] != wanted[name]:
            yield name, f"was changed in the database: {there[name]}"


# -- SQLite ---------------------------------------------------------------------------------------


@cache
def _made_on_sqlite() -> Parts:
    fresh = Database("sqlite:///:memory:")
    with closing(fresh):
        fresh.migrate()
        with fresh.engine.connect() as connection:
            return _parts_on_sqlite(connection)


def _parts_on_sqlite(connection: Connection) -> Parts:
    """Tables by their columns, not by the words that made them: these differ with the versions of libraries."""
    parts: dict[str, str] = {}
    for kind, name, table, sql in connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master"):
        if name.startswith("sqlite_"):
            continue
        if kind == "table":
            parts[f"table {name}"] = _rows(connection, "table_xinfo", name)
            parts[f"foreign keys of {name}"] = _rows(connection, "foreign_key_list", name)
        elif kind == "index":
            parts[f"index {name}"] = f"on {table}: {_rows(connection, 'index_info', name)}"
        else:
            parts[f"{kind} {name}"] = _plain(sql)
    return parts


def _rows(connection: Connection, pragma: str, name: str) -> str:
    rows = connection.exec_driver_sql(f"PRAGMA {pragma}(\"{name}\")").all()
    return str(sorted(str(tuple(row)[1:]) for row in rows))


# -- PostgreSQL -----------------------------------------------------------------------------------

_ON_POSTGRESQL: Final[Mapping[str, str]] = {
    "trigger": "SELECT tgname, concat_ws(' ', pg_get_triggerdef(t.oid), 'enabled:', tgenabled, prosrc) "
    "FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN pg_proc p ON p.oid = tgfoid "
    "WHERE NOT tgisinternal AND c.relnamespace = to_regnamespace(:schema)",
    "constraint": "SELECT conname, concat_ws(' ', pg_get_constraintdef(k.oid), convalidated) FROM pg_constraint k "
    "WHERE k.connamespace = to_regnamespace(:schema) AND contype <> 't' AND contype <> 'n'",
    "trigger of a foreign key": "SELECT conname, string_agg(DISTINCT CAST(tgenabled AS text), '') FROM pg_trigger t "
    "JOIN pg_constraint k ON k.oid = tgconstraint WHERE k.connamespace = to_regnamespace(:schema) GROUP BY conname",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = :schema",
    "column": "SELECT concat_ws('.', table_name, column_name), concat_ws(' ', data_type, character_maximum_length, "
    "is_nullable, column_default) FROM information_schema.columns WHERE table_schema = :schema",
    "rule": "SELECT rulename, definition FROM pg_rules WHERE schemaname = :schema",
}


def _schema(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT current_schema()").scalar())


@cache
def _made_on_postgresql(url: str) -> Parts:
    schema = f"teekond_made_{os.getpid()}"
    with closing(Database(in_schema(url, schema))) as db, db.engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        db.upgrade(connection)
        parts = _parts_on_postgresql(connection, schema)
        connection.rollback()
    return parts


def _parts_on_postgresql(connection: Connection, schema: str) -> Parts:
    parts: dict[str, str] = {}
    for kind, query in _ON_POSTGRESQL.items():
        for name, made in connection.execute(sa.text(query), {"schema": schema}):
            parts[f"{kind} {name}"] = _plain(made).replace(f"{schema}.", "")
    return parts


def _plain(sql: Any) -> str:
    return re.sub(r"\s+", " ", str(sql)).strip()
