"""Logs an outage of the database: one line when it begins, one when it is over, with how many attempts failed.

Whatever loops, jobs and requests run into it say the same again and again: their errors are marked here, and the log
leaves out what is marked (`service/logs.py`). Must never hide an error that is not the outage's.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any, Final
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event

MARK: Final = "of_a_told_outage"
DUE_TO: Final = "due_to"
QUIET_SECONDS: Final = 5.0
"""so long without a failure, and an outage is over: on a full disk what writes nothing succeeds between failures"""
FILE_REFUSES: Final = frozenset(
    {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
)
SERVER_REFUSES: Final = ("53", "57P", "58", "25006")
"""how such states of PostgreSQL begin: no room, shutting down, its own system's faults, read-only"""
log = logging.getLogger("teekond.outage")


class Outage:
    """What this process knows of one database. `seconds`: a clock that never goes back."""

    def __init__(self, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._began: float | None = None
        self._last = 0.0
        self._failed = 0

    def failed(self, error: BaseException) -> None:
        """Another attempt failed; the first of them is told."""
        with self._lock:
            self._last = self.seconds()
            first = self._began is None
            self._began = self._last if self._began is None else self._began
            self._failed += 1
        if first:
            log.error("the database does not serve (%s); what waits is tried again until it does", type(error).__name__)
        setattr(error, MARK, True)

    def worked(self) -> None:
        """An attempt did not fail: when the last failure is some while ago, the outage is over."""
        if self._began is None:
            return
        with self._lock:
            if self._began is None or self.seconds() - self._last < QUIET_SECONDS:
                return
            lasted, failed = self._last - self._began, self._failed
            self._began, self._failed = None, 0
        log.warning("the database serves again; it did not for %.0f s, failed attempts: %d", lasted, failed)


_KNOWN: Final[WeakKeyDictionary[sa.Dialect, Outage]] = WeakKeyDictionary()
"""by dialect, which each engine has one of: all that SQLAlchemy tells of a connection that broke while it lay idle"""


def tell() -> None:
    """From here on: a command that ends says itself what it ran into, a process that runs on has the log for it."""
    log.setLevel(logging.NOTSET)


def watch(engine: sa.Engine) -> None:
    """Hear of what fails and what works there."""
    event.listen(engine, "handle_error", _on_error)
    event.listen(engine, "commit", lambda connection: of(connection.dialect).worked())
    if engine.dialect.name != "sqlite":  # a process that only reads has it back with a new connection
        event.listen(engine, "connect", lambda _connection, _record: of(engine.dialect).worked())


def of(dialect: sa.Dialect) -> Outage:
    """What is known of the database behind it."""
    return _KNOWN.setdefault(dialect, Outage())


def _on_error(context: Any) -> None:
    if _is_outage(context):
        of(context.dialect).failed(context.original_exception)


def _is_outage(context: Any) -> bool:
    """A lost or refused connection, or a database that takes nothing; not a mere wait for a lock."""
    error = context.original_exception
    if context.dialect.name == "sqlite":
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in FILE_REFUSES
    no_connection = isinstance(context.sqlalchemy_exception, sa.exc.OperationalError) and context.connection is None
    return context.is_disconnect or no_connection or (getattr(error, "sqlstate", "") or "").startswith(SERVER_REFUSES)


def due_to(error: BaseException) -> dict[str, BaseException]:
    """For `extra` of a record that tells of an error by its own words only: what it tells of."""
    return {DUE_TO: error}


def of_record(record: logging.LogRecord) -> bool:
    """Whether the record tells of what belongs to an outage."""
    error = record.exc_info[1] if record.exc_info else getattr(record, DUE_TO, None)
    return is_told(error)


def is_refusal(error: BaseException) -> bool:
    """Whether a database is away or takes nothing, be it asked through an engine or the driver."""
    return is_told(error) or getattr(error, "sqlite_errorcode", 0) & 0xFF in FILE_REFUSES


def is_told(error: BaseException | None) -> bool:
    """Whether this error, or one that caused it, is part of an outage that the log tells of."""
    while error is not None:
        if getattr(error, MARK, False):
            return True
        error = error.__cause__
    return False
