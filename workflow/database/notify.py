"""Cross-process wake-up for workers: NOTIFY on PostgreSQL, `data_version` on SQLite, instead of busy polling.

On PostgreSQL whoever brings work says so in its own transaction (NOTIFY), and whoever waits listens: all machines
hear it. On SQLite one pragma tells that another connection has committed. In either case a bell can also be rung by
hand, and the one who waits looks by himself now and then, should all else fail. Must never read or write a table.
"""

import logging
import threading
from collections.abc import Iterable
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from workflow.database.engine import Database

CHANNEL: Final = "teekond"
LOOK_SECONDS: Final = 0.1
"""SQLite is asked this often whether anybody has committed: a pragma, about twenty microseconds"""
HEAR_SECONDS: Final = 0.5
AWAY_SECONDS: Final = 1.0
log = logging.getLogger("teekond")


def ring(bind: Connection | Session) -> None:
    """Say, when this transaction commits, that there is work in these tables: of the programmes of one database each
    has a schema of its own. Once or often in one transaction is the same."""
    connection = bind.connection() if isinstance(bind, Session) else bind
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_notify('{CHANNEL}', current_schema())")


class Ear(Protocol):
    """Hears of commits: True where there was one within these seconds; with none, where there was one by now."""

    def heard(self, seconds: float) -> bool: ...
    def close(self) -> None: ...


def ear(db: Database) -> Ear:
    """Listens to these tables on a connection of its own. Raises where the database is away."""
    return _Pragma(db) if db.engine.dialect.name == "sqlite" else _Channel(db)


def away(db: Database) -> tuple[type[Exception], ...]:
    """What is raised while the database is away."""
    return (sa.exc.SQLAlchemyError, db.engine.dialect.loaded_dbapi.Error, OSError)


class Waking:
    """One bell for each who waits, and one who listens for all of them."""

    def __init__(self, db: Database, names: Iterable[str]) -> None:
        self._db = db
        self._bells = {name: threading.Event() for name in names}
        self._stopped = threading.Event()
        self._listener = threading.Thread(target=self._listen, name="listening for work")

    def start(self) -> None:
        self._listener.start()

    def stop(self) -> None:
        """Wake everybody a last time and listen no more."""
        self._stopped.set()
        self.ring()
        if self._listener.ident is not None:
            self._listener.join()

    def ring(self) -> None:
        for bell in self._bells.values():
            bell.set()

    def wait(self, name: str, seconds: float) -> bool:
        """Return when the bell rings, at the latest after these seconds; whether it rang. It is silent afterwards."""
        found = self._bells[name].wait(seconds)
        self._bells[name].clear()
        return found

    def _listen(self) -> None:
        gone = away(self._db)
        while not self._stopped.is_set():
            try:
                self._hear()
            except gone as error:  # the database is away: those who wait look by themselves
                log.debug("cannot listen for work: %s", error)
                self._stopped.wait(AWAY_SECONDS)

    def _hear(self) -> None:
        listens = ear(self._db)
        try:
            self.ring()  # what came before anybody listened
            while not self._stopped.is_set():
                if listens.heard(HEAR_SECONDS):
                    self.ring()
        finally:
            listens.close()


class _Pragma:
    """`data_version` changes when another connection, of whichever process, has committed."""

    def __init__(self, db: Database) -> None:
        self._raw = db.engine.raw_connection()
        self._raw.detach()
        self._pause = threading.Event()
        self._seen = self._version()

    def heard(self, seconds: float) -> bool:
        for _ in range(round(seconds / LOOK_SECONDS)):
            if self._changed():
                return True
            self._pause.wait(LOOK_SECONDS)
        return self._changed()

    def _changed(self) -> bool:
        before, self._seen = self._seen, self._version()
        return before != self._seen

    def _version(self) -> int:
        cursor = self._raw.cursor()
        try:
            cursor.execute("PRAGMA data_version")
            found: Any = cursor.fetchone()
            return int(found[0])
        finally:
            cursor.close()

    def close(self) -> None:
        self._raw.close()


class _Channel:
    """A connection of its own that does nothing but listen."""

    def __init__(self, db: Database) -> None:
        self._raw = db.engine.raw_connection()
        driver: Any = self._raw.driver_connection
        self._raw.detach()
        driver.rollback()
        driver.autocommit = True
        driver.execute(f"LISTEN {CHANNEL}")
        self._driver, self._mine = driver, str(driver.execute("SELECT current_schema()").fetchone()[0])

    def heard(self, seconds: float) -> bool:
        """Returns early, too, where work came for a programme beside."""
        told: list[Any] = list(self._driver.notifies(timeout=seconds, stop_after=1 if seconds else None))
        return any(one.payload == self._mine for one in told)

    def close(self) -> None:
        self._driver.close()
