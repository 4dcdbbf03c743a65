"""Trial letter of a worker: at its start, and now and then, it reads one, so that a reader that is broken is told of
before people miss their answers. Must never stop the worker.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mail.limited_reading import trial
from mail.limited_reading.reader import Interrupted, Reader
from workflow.codes import AlertKind
from workflow.database.engine import Database
from workflow.records.history import alert
from workflow.schedule import heartbeat
from workflow.season import Season
from workflow.text.bilingual import Text

EVERY: Final = timedelta(minutes=5)
BROKEN_EVERY: Final = timedelta(seconds=30)
"""while none can be read"""
BROKEN: Final = Text(
    et="Teekond ei saanud proovikirja lugeda: saabunud kirjad jäävad alles, aga ootavad ja neile ei vastata. Paluge "
    "serveri haldajal vaadata teenuse logi ja käivitada „teekond doctor“.",
    en="Teekond could not read a trial letter: letters that come in are kept, but they wait and nobody answers them. "
    "Ask whoever runs the server to look at the service's log and to run `teekond doctor`.",
)
log = logging.getLogger("teekond")


class TrialLetter:
    """Reads one where it is time for it. A fault is logged when it is new, the coordinator is told once a day, and the
    service counts as not ready."""

    def __init__(self, db: Database, season: Season, reader: Reader) -> None:
        self._db, self._season, self._reader = db, season, reader
        self._last: datetime | None = None
        self._fault: str | None = None

    def __call__(self, now: datetime) -> bool:
        """Whether letters can be read, as the last trial found."""
        every = EVERY if self._fault is None else BROKEN_EVERY
        if self._last is None or not self._last <= now < self._last + every:
            try:
                self.judge(trial.fault(self._reader), now)
            except Interrupted:  # the service stops
                return False
        return self._fault is None

    def judge(self, fault: str | None, now: datetime) -> None:
        """A trial found this, here or on the way of a letter."""
        before, self._fault, self._last = self._fault, fault, now
        if fault is not None and fault != before:
            log.error("a trial letter could not be read, so letters wait unread: %s", fault)
        if fault is None and before is not None:
            log.warning("a trial letter can be read again")
        if fault is not None or before is not None:
            with self._db.writing() as session:
                self._note(session, fault, now)

    def _note(self, session: Session, fault: str | None, now: datetime) -> None:
        heartbeat.note_reading(session, now if fault is not None else None)
        if fault is not None:
            alert(self._season, session, f"reading:{now:%Y-%m-%d}", AlertKind.READING, BROKEN, now, urgent=True)
