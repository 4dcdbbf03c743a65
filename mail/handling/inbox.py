"""Worker of the inbox: claims one stored letter at a time, has it read, and acts on it in one transaction.

Reading happens before the transaction, in a process of its own (`mail/limited_reading/reader.py`), and touches
nothing. A letter that takes more than it may is parked at once, with its reason. One that cannot be handled is tried
again, then parked; the others go on meanwhile. What a letter may do is in `mail/handling/route.py`.
"""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from mail.handling import lookups
from mail.handling.route import HELD, Handling, files, note
from mail.identity import Identity
from mail.limited_reading import trial
from mail.limited_reading.letter_reader import LetterReader
from mail.limited_reading.opening import Check, OpenedLetter, header_alone
from mail.limited_reading.reader import Interrupted, OverLimit, Reader, ReaderBroke, ReaderDown
from mail.reading import quoted_secrets, sender
from mail.reading.characters import one_line
from mail.receiving import store
from mail.receiving.recipients import Known
from mail.receiving.store import ClaimedLetter
from workflow.codes import LetterOutcome, LetterStatus
from workflow.database.engine import Database
from workflow.database.models import Letter
from workflow.journey.submissions import Upload
from workflow.records import masking
from workflow.season import Season
from workflow.security.spelled_secrets import masked, spelled

__all__ = ["HELD", "Inbox", "uploads"]

LEASE: Final = timedelta(seconds=40)
"""a pass and the letter that it began last take no longer; one whose worker lost its database is read again within the
minute"""
PASS_SECONDS: Final = 5.0
"""so long letters are begun, by the clock, before what is due by the calendar gets its turn"""
AT_ONCE: Final = 170
"""so many letters at most in one pass"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """What handling a letter needs beside the letter itself."""

    season: Season
    identity: Identity
    reader: Reader
    authserv_id: str | None = None
    dns: sender.Dns | None = None
    """where given, signatures are checked here too: TXT records by name"""
    check: Check = sender.dkim
    """how they are checked: `sender.dkim`, or `sender.dmarc` with what the domain asks for"""

    def known(self, db: Database, address: str) -> bool:
        """Whether letters for this address are taken."""
        return Known(db, self.identity)(address)

    def handle_due(self, db: Database, now: datetime, *, limit: int = AT_ONCE) -> int:
        """Handle the letters that are due, one after the other, for a while. Returns how many there were. Raises
        ReaderDown where none can be read: they wait, and none has used up an attempt."""
        stop_at = time.monotonic() + PASS_SECONDS
        done = 0
        while done < limit and time.monotonic() < stop_at and (mine := _claimed(db, now)) is not None:
            try:
                self._handle(db, mine, now)
            except (Interrupted, ReaderDown) as error:
                with db.writing() as session:
                    store.hand_back(session, mine)
                if isinstance(error, ReaderDown):
                    raise
                break
            done += 1
        return done

    # -- reading -------------------------------------------------------------------------------

    def _handle(self, db: Database, mine: ClaimedLetter, now: datetime) -> None:
        """Read a letter and act on it; one that takes too much, or fails, is put away. Raises Interrupted, or
        ReaderDown."""
        try:
            read = self._read(db, mine)
            if read is not None:
                self._act(db, mine, read, now)
        except Interrupted:
            raise
        except OverLimit as error:
            self._park(db, mine, str(error))
        except Exception as error:
            if isinstance(error, ReaderBroke) and (down := trial.fault(self.reader)) is not None:
                raise ReaderDown(down) from error
            self._failed(db, mine, now, error)

    def _read(self, db: Database, mine: ClaimedLetter) -> OpenedLetter | None:
        """The letter as it was read; None where it was erased meanwhile."""
        with db.reading() as session:
            raw = store.raw(session, mine)
            full = mine.attempt > 1 or lookups.addressed(session, self.identity, mine.recipients)
        if raw is None:
            return None
        reader = LetterReader(reader=self.reader, authserv_id=self.authserv_id, dns=self.dns, check=self.check)
        return reader.read(raw, no_sender=_no_sender(mine), full=full)

    def _park(self, db: Database, mine: ClaimedLetter, reason: str) -> None:
        """A letter that takes too much is not tried again by itself."""
        with db.writing() as session:
            store.settle(
                session, mine, {"status": LetterStatus.PARKED, "outcome": LetterOutcome.OVER_LIMIT, "reason": reason}
            )
        self._show(db, mine.id)

    def _failed(self, db: Database, mine: ClaimedLetter, now: datetime, error: Exception) -> None:
        """A fault of ours: the letter is kept, tried again, and shown when parked."""
        broke = isinstance(error, ReaderBroke)
        reason = one_line(str(error) if broke else f"{type(error).__name__}: {str(error)[:300]}")
        with db.writing() as session:
            store.retry(session, mine, now, reason)
        self._show(db, mine.id)

    def _show(self, db: Database, letter_id: int) -> None:
        """What could be read of a letter that was parked, for whoever looks at it; of one that takes too much, who
        wrote it and about what."""
        with db.reading() as session:
            mine = session.get_one(Letter, letter_id)
            if mine.status != LetterStatus.PARKED:
                return
            heavy = mine.outcome == LetterOutcome.OVER_LIMIT
            raw, envelope = header_alone(mine.raw) if heavy else mine.raw, mine.envelope_from
        try:
            opened = LetterReader(reader=self.reader).read(raw)
        except Exception:  # whatever is wrong with it, nothing of it can be shown
            return
        with suppress(sa.exc.DBAPIError):  # it is parked in any case
            secrets = _secrets(db, opened, envelope)
            with db.writing() as session:
                mine = session.get_one(Letter, letter_id)
                if mine.status == LetterStatus.PARKED:
                    note(mine, quoted_secrets.without(opened.read, secrets))
                    mine.envelope_from = masked(mine.envelope_from, secrets)
                    mine.files = None if heavy else mine.files
                    mine.outcome = mine.outcome or LetterOutcome.FAULT

    # -- acting --------------------------------------------------------------------------------

    def _act(self, db: Database, mine: ClaimedLetter, opened: OpenedLetter, now: datetime) -> None:
        """One transaction: everything that the letter causes, and its own mark. Nothing, where another attempt has
        taken the letter over since. Our secrets are taken out of it before: that takes long where it holds much."""
        secrets = _secrets(db, opened, mine.envelope_from)
        opened = replace(opened, read=quoted_secrets.without(opened.read, secrets))
        with db.writing() as session:
            fenced = (Letter.id == mine.id, Letter.attempt == mine.attempt, Letter.status == LetterStatus.NEW)
            row = session.scalars(sa.select(Letter).where(*fenced).with_for_update()).first()
            if row is None:
                return
            row.envelope_from = masked(row.envelope_from, secrets)
            note(row, opened.read)
            outcome = Handling(self.season, self.identity, session, row, opened, now).run()
            row.status = LetterStatus.HELD if outcome in HELD else LetterStatus.DONE
            row.outcome, row.leased_until = outcome, None


def _claimed(db: Database, now: datetime) -> ClaimedLetter | None:
    with db.reading() as session:
        if not store.any_due(session, now):
            return None  # an idle look takes no lock from anybody who writes
    with db.writing() as session:
        return store.claim(session, now, lease=LEASE)


def _secrets(db: Database, opened: OpenedLetter, envelope: str) -> frozenset[str]:
    """Those of ours that the letter quotes, in its text or in its envelope's sender."""
    with db.reading() as session:
        return masking.known(session, opened.candidates | {one.secret for one in spelled(envelope)})


def uploads(reads: Reader, raw: bytes) -> Sequence[Upload] | None:
    """The files of a stored letter, a signature's pictures left out; None where it cannot be read."""
    try:
        return files(LetterReader(reader=reads).read(raw, full=True).read)
    except Exception:  # whatever is wrong with it, its files are not to be had
        return None


def _no_sender(mine: ClaimedLetter) -> bool:
    """Whether the envelope named none: a mailbox keeps no envelope."""
    return mine.via != "imap" and not mine.envelope_from
