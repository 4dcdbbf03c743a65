"""Makes the n-th call fail: a statement, a commit, a connection of the database, a step of an SMTP dialogue.

Works from outside, by the library's own events and by a relay that misbehaves: nothing of the service is replaced.
Must never fail a call without counting it.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from tests.mail.scripted_relay import Relay, say, until_the_dot
from workflow.database.engine import Database


class Call(StrEnum):
    CONNECT = "connect"
    EXECUTE = "execute"
    COMMIT = "commit"
    SMTP = "smtp"


class Fault(StrEnum):
    LOCKED = "database is locked"
    DISK = "disk I/O error"
    FULL = "database or disk is full"
    TIMEOUT = "timeout"
    GONE = "connection reset"
    MEMORY = "out of memory"
    AFTER = "done, but the answer was lost"
    """the commit went through, and whoever asked for it hears that it failed"""
    LATER = "4xx"
    HANG_UP = "hang up"


FAULTS: dict[Call, tuple[Fault, ...]] = {
    Call.CONNECT: (Fault.TIMEOUT, Fault.GONE),
    Call.EXECUTE: (Fault.LOCKED, Fault.DISK, Fault.FULL, Fault.TIMEOUT, Fault.GONE, Fault.MEMORY),
    Call.COMMIT: (Fault.DISK, Fault.FULL, Fault.GONE, Fault.AFTER),
    Call.SMTP: (Fault.LATER, Fault.HANG_UP, Fault.AFTER),
}


def error(fault: Fault, statement: str = "") -> Exception:
    match fault:
        case Fault.MEMORY:
            return MemoryError()
        case Fault.GONE:
            return ConnectionResetError(104, "Connection reset by peer")
        case Fault.TIMEOUT:
            return sa.exc.TimeoutError("QueuePool limit of size 8 overflow 8 reached")
    said = Fault.DISK if fault is Fault.AFTER else fault
    return sa.exc.OperationalError(statement, {}, sqlite3.OperationalError(said.value))


class Breaker:
    """Counts the calls it sees from `arm` on; the one of the given number fails, in the `turn`-th way that it can."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.disarm()

    def arm(self, number: int, turn: int = 0) -> None:
        self.calls, self._number, self._turn, self._on = 0, number, turn, True
        self.kinds: list[Call] = []
        self.failed: tuple[Call, Fault] | None = None

    def disarm(self) -> None:
        self.arm(0)
        self._on = False

    @contextmanager
    def resting(self) -> Iterator[None]:
        """What the harness itself asks is neither counted nor failed."""
        on, self._on = self._on, False
        try:
            yield
        finally:
            self._on = on

    def hit(self, call: Call) -> Fault | None:
        """The fault that this call has; None where it goes well."""
        with self._lock:
            if not self._on:
                return None
            self.calls += 1
            self.kinds.append(call)
            if self.calls != self._number:
                return None
            fault = FAULTS[call][self._turn % len(FAULTS[call])]
            self.failed = (call, fault)
            return fault

    @contextmanager
    def watching(self, db: Database) -> Iterator[None]:
        """All that this database is asked, from connecting to committing."""

        def connect(_connection: Any) -> None:
            if fault := self.hit(Call.CONNECT):
                raise error(fault)

        def execute(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
            if fault := self.hit(Call.EXECUTE):
                raise error(fault, statement)

        def commit(connection: sa.Connection) -> None:
            if fault := self.hit(Call.COMMIT):
                if fault is Fault.AFTER:
                    connection.connection.dbapi_connection.commit()  # type: ignore[union-attr]
                raise error(fault, "COMMIT")

        listeners: tuple[tuple[str, Callable[..., None]], ...] = (
            ("engine_connect", connect), ("before_cursor_execute", execute), ("commit", commit),
        )  # fmt: skip
        for name, listener in listeners:
            event.listen(db.engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(db.engine, name, listener)


class BreakingRelay(Relay):
    """A relay whose n-th reply is a 4xx, or nothing; after it has taken a mail the answer may be lost."""

    def __init__(self, breaker: Breaker) -> None:
        super().__init__()
        self._breaker = breaker
        self.given: Counter[tuple[str, bytes]] = Counter()
        """(recipient, mail) and how often it came"""

    def talk(self, talk: Any) -> None:
        with suppress(ConnectionError):
            self._talk(talk)

    def _talk(self, talk: Any) -> None:
        recipient = ""
        line = b"220"
        while line:
            verb = line[:4].upper().strip()
            fault = self._breaker.hit(Call.SMTP) if verb in (b"220", b"EHLO", b"MAIL", b"RCPT", b"DATA") else None
            if verb == b"RCPT":
                recipient = line.decode().split("<")[1].split(">")[0]
            if fault in (Fault.HANG_UP, Fault.AFTER):
                return
            say(talk, "421 4.3.2 later" if fault else {b"220": "220 relay", b"DATA": "354 go on"}.get(verb, "250 ok"))
            if verb == b"DATA" and not fault and not self._mail(talk, recipient):
                return
            if verb == b"QUIT" or (fault and verb != b"RCPT"):
                return
            line = talk.rfile.readline()

    def _mail(self, talk: Any, recipient: str) -> bool:
        data = until_the_dot(talk)
        fault = self._breaker.hit(Call.SMTP)
        if fault is Fault.HANG_UP:
            return False
        if fault is Fault.LATER:
            say(talk, "451 4.3.0 later")
            return True
        self.given[recipient, data] += 1
        if fault is Fault.AFTER:
            return False
        say(talk, "250 taken")
        return True
