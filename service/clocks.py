"""Clocks derived from the real one, which is given: the database's own, and the demonstration's."""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

import sqlalchemy as sa

from workflow.database import outage
from workflow.database.engine import Database
from workflow.database.models import Setting

log = logging.getLogger("teekond")


class Clock(Protocol):
    def now(self) -> datetime: ...


class DatabaseClock:
    """PostgreSQL's own, so that machines whose clocks differ agree on when a lease is over. Asked once a minute and
    counted on from there; while it is away, counted on."""

    ASKED_EVERY = 60.0

    def __init__(self, db: Database, real: Clock) -> None:
        self._db = db
        self._known = (real.now(), time.monotonic())
        self._ask()

    def now(self) -> datetime:
        if time.monotonic() - self._asked > self.ASKED_EVERY:
            self._ask()
        moment, at = self._known
        return moment + timedelta(seconds=time.monotonic() - at)

    def _ask(self) -> None:
        self._asked = time.monotonic()
        try:
            with self._db.engine.connect() as connection:
                at = time.monotonic()
                moment = connection.scalar(sa.select(sa.func.clock_timestamp()))
        except sa.exc.SQLAlchemyError as error:
            log.warning("the database's clock cannot be read: %s", type(error).__name__, extra=outage.due_to(error))
            return
        if moment is not None:
            self._known = (moment.astimezone(UTC), at)


class SimulatedClock:
    """Runs at the pace of the real one, from a moment of its own that outlives the process."""

    KEY = "simulated_now"

    def __init__(self, db: Database, begins: datetime, real: Clock) -> None:
        self._db, self._real = db, real
        with db.reading() as session:
            stored = session.get(Setting, self.KEY)
        self.set(datetime.fromisoformat(stored.value) if stored else begins)

    def now(self) -> datetime:
        return self._base + (self._real.now() - self._since)

    def set(self, moment: datetime) -> None:
        self._base, self._since = moment.astimezone(UTC), self._real.now()
        self.keep()

    def keep(self) -> None:
        """Write the time down, so that a killed demo goes on where it was."""
        with self._db.writing() as session:
            session.merge(Setting(key=self.KEY, value=self.now().isoformat()))
