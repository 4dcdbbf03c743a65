"""Databases on SQLite that take less time because nothing but a test depends on them.

Never for what is promised about crashes: those harnesses run the service's own processes.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from workflow.database.engine import Database

DIALECT: dict[str, sa.Dialect] = {}
COMPILED: dict[Any, Any] = {}
"""SQLAlchemy keeps compiled statements by the dialect, which each engine has anew"""


def swift(database: Database) -> Database:
    """The same database, before anybody has connected to it."""
    event.listen(database.engine, "connect", _need_not_outlive_the_machine)
    event.listen(database.engine, "engine_connect", _compiled_before)
    return database


def _need_not_outlive_the_machine(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


def _compiled_before(connection: sa.Connection) -> None:
    """Statements that an earlier test compiled serve again, though each test has an engine of its own."""
    connection.dialect = DIALECT.setdefault("first", connection.dialect)
    connection.execution_options(compiled_cache=COMPILED)
