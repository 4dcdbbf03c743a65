"""Stored letters, handled: claimed together, read, and acted on in one transaction for many.

Reading happens before the transaction and touches nothing. A letter that cannot be handled is tried again, then
parked with its reason; it never takes others with it: where one of many fails, each is handled by itself, and one
that broke an attempt off is never again claimed together with others. What a letter may do is in
`mail/handling/route.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail import spoken
from mail.handling.lookups import Desk, Opened
from mail.handling.route import HELD, Handling, files, note
from mail.identity import Identity
from mail.reading import headers, letter, sender
from mail.reading.characters import one_line
from mail.receiving import store
from mail.receiving.recipients import Known
from mail.receiving.store import Claimed
from workflow import gathered, pending
from workflow.database.engine import Database, among
from workflow.database.models import Letter
from workflow.journey.submissions import Upload
from workflow.season import Season

__all__ = ["HELD", "Inbox", "uploads"]

LEASE: Final = timedelta(seconds=40)
"""a letter takes five seconds at most; one whose worker lost its database is read again within the minute"""
AT_ONCE: Final = 170
"""so many letters are claimed together: a quarter of a second's work, in which nobody else writes to SQLite"""
ROOM: Final = 2 * 1024 * 1024
"""a transaction's letters are all in memory at once: so many bytes of them"""
_HOLDING: Final = (
    sa.select(Letter).where(among(Letter.id, "ids")).order_by(Letter.next_at, Letter.id).with_for_update()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What handling a letter needs beside the letter itself."""

    season: Season
    identity: Identity
    authserv_id: str | None = None
    dns: sender.Dns | None = None
    """where given, signatures are checked here too: TXT records by name"""
    check: Callable[[bytes, sender.Dns], sender.Verdict] = sender.dkim
    """how they are checked: `sender.dkim`, or `sender.dmarc` with what the domain asks for"""

    def known(self, db: Database, address: str) -> bool:
        """Whether letters for this address are taken."""
        return Known(db, self.identity)(address)

    def handle_due(self, db: Database, now: datetime, *, limit: int = AT_ONCE) -> int:
        """Handle the letters that are due, oldest first. Returns how many there were."""
        with db.reading() as session:
            if not store.any_due(session, now):
                return 0  # an idle look takes no lock from anybody who writes
        with db.writing() as session:
            claimed = store.claim(session, now, limit=limit, lease=LEASE)
        for some in _together(claimed):
            self._handle_some(db, some, now)
        return len(claimed)

    def _handle_some(self, db: Database, rows: Sequence[Claimed], now: datetime) -> None:
        """Some letters in one transaction; each by itself where that fails."""
        try:
            self._handle(db, rows, now)
        except Exception as error:
            if len(rows) > 1:
                for row in rows:
                    self._handle_some(db, [row], now)
            else:
                self._failed(db, rows[0], now, error)

    def _failed(self, db: Database, row: Claimed, now: datetime, error: Exception) -> None:
        """A fault of ours: the letter is kept, tried again, and shown when parked."""
        reason = one_line(f"{type(error).__name__}: {str(error)[:300]}")
        with db.writing() as session:
            store.retry(session, row, now, reason)
        self._show(db, row.id)

    def _handle(self, db: Database, rows: Sequence[Claimed], now: datetime) -> None:
        attempts = {row.id: row.attempt for row in rows}
        opened = {row.id: self._open(row, raw) for row, raw in self._with_bytes(db, rows)}
        with db.writing() as session:
            found = session.scalars(_HOLDING, {"ids": list(attempts)})
            mine = [row for row in found if row.status == "new" and row.attempt == attempts[row.id]]
            with _prepared(session, [(row, opened[row.id]) for row in mine], now) as desk:
                for row in mine:
                    self._handle_one(desk, row, opened[row.id], now)

    def _with_bytes(self, db: Database, rows: Sequence[Claimed]) -> list[tuple[Claimed, bytes]]:
        with db.reading() as session:
            found = store.raws(session, rows)
        return [(row, found[row.id]) for row in rows]

    def _open(self, row: Claimed, raw: bytes) -> Opened:
        """Read a letter; signatures are checked over the network, so outside of any transaction."""
        head = headers.parse(headers.split(raw)[0])
        forged = self.dns is not None and self.check(raw, self.dns) is sender.Verdict.FAIL
        return Opened(letter.read(_with_return_path(row, raw, head)), head, forged)

    def _handle_one(self, desk: Desk, row: Letter, opened: Opened, now: datetime) -> None:
        note(row, opened.read)
        outcome = Handling(self.season, self.identity, self.authserv_id, desk, row, opened, now).run()
        row.status = "held" if outcome in HELD else "done"
        row.outcome, row.leased_until = outcome, None
        desk.handled(row)

    def _show(self, db: Database, letter_id: int) -> None:
        """What could be read of a letter that could not be handled, for whoever looks at it when it is parked."""
        with suppress(sa.exc.DBAPIError), db.writing() as session:  # it is parked in any case
            mine = session.get_one(Letter, letter_id)
            if mine.status == "parked":
                note(mine, letter.read(mine.raw))
                mine.outcome = "fault"


def _together(rows: Sequence[Claimed]) -> Iterator[list[Claimed]]:
    """Letters in their order, as many together as there is room for; one that is larger goes by itself."""
    some: list[Claimed] = []
    room = ROOM
    for row in rows:
        if some and row.size > room:
            yield some
            some, room = [], ROOM
        some.append(row)
        room -= row.size
    if some:
        yield some


@contextmanager
def _prepared(session: Session, letters: Sequence[tuple[Letter, Opened]], now: datetime) -> Iterator[Desk]:
    """What these letters are about, read and held; what they cause is written together at the end."""
    desk = Desk.of(session, letters, now)
    waiting = pending.begin(session, desk.teams)
    try:
        yield desk
        waiting.write()
    finally:
        pending.close(session)
        gathered.close(session)
        spoken.close(session)


def uploads(row: Letter) -> Sequence[Upload]:
    """The files of a stored letter, a signature's pictures left out."""
    return files(letter.read(row.raw))


def _with_return_path(row: Claimed, raw: bytes, head: headers.Headers) -> bytes:
    """The letter; where the envelope named no sender, with the header that says so: people's mails have one."""
    said = row.via == "imap" or row.envelope_from or not head or "Return-Path" in head
    return raw if said else b"Return-Path: <>\r\n" + raw
