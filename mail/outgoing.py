"""What goes out, for as long as a process lives: the notes of the dead read, what is due sent, what waits made.

Must never know what a mail is about.
"""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mail import prepared, receipts
from mail.prepared import Build
from mail.sending import outbox
from mail.sending.results import Refused
from mail.sending.transport import Transport
from workflow.database.engine import Database

log = logging.getLogger("teekond")


@dataclass(slots=True, kw_only=True)
class Outgoing:
    """`folder` holds the notes of the processes that send from this machine."""

    db: Database
    transport: Transport
    build: Build
    made_by: str
    folder: Path
    refused: Refused | None = None
    connections: int = 1
    most_answers: int | None = None
    _notes: receipts.Receipts | None = field(default=None, init=False)

    def work(self, now: datetime) -> int:
        """One pass: how many mails were handled; where nothing is due, how many were made ahead."""
        try:
            if not self._dead_are_heard(now):
                return 0
            notes = self._notes = self._notes or receipts.Receipts(self.folder)
        except OSError as error:  # then each mail is committed by itself
            log.warning("no notes can be kept in %s: %s", self.folder, type(error).__name__)
            notes = None
        sent = outbox.deliver(
            self.db, now, self.transport, build=self.build, made_by=self.made_by, refused=self.refused,
            notes=notes, connections=self.connections, most_answers=self.most_answers,
        )  # fmt: skip
        return sent.handled or prepared.prepare(self.db, now, self.build, self.made_by)

    def _dead_are_heard(self, now: datetime) -> bool:
        """Each time: one may have died beside us, and its leases end whether or not another takes its place."""
        found = receipts.recover(self.db, self.folder, now)
        if found and any(found):
            log.info("a sender that was killed had sent %d mails and had %d more in hand", *found)
        return found is not None
