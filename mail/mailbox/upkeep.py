"""Periodic maintenance of the mailbox: letters erased from the books are erased there too, other readers are detected,
and its quota is watched.

Each service leaves a mark in the done folder, a letter of its own that it renews each hour; the mark of somebody else
that is as new means that two read one mailbox, be it a copy of the same database with the same keys. Where the server
refuses any of this, reading goes on. Must never remove a letter that the books do not call erased.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Protocol

from mail.mailbox import letter_key, texts
from mail.mailbox.imap import Folder, MailboxEntry, Pace, subject
from mail.mailbox.imap_client import Broken, Fault
from mail.mailbox.records import Books
from mail.reading import headers
from workflow.config.settings import MailboxSettings
from workflow.text.bilingual import Text

log = logging.getLogger(__name__)

SUBJECT: Final = "Teekond reads this mailbox"
DAY: Final = 86_400.0
DEAD: Final = timedelta(days=7)
"""a mark as old as that is nobody's any more"""
SAYS: Final = """\
The service at {pages} reads this mailbox. By this letter, which it renews each hour, a second service that
reads the same mailbox is noticed.

Selle postkasti kirju loeb teenus aadressil {pages}. Selle kirja järgi, mida teenus iga tund uuendab, on
näha, kui sama postkasti loeb veel mõni teenus.
"""


class Told(Protocol):
    """Put a sentence before the coordinator: once a day, or once for each `once`."""

    def __call__(self, what: str, says: Text, *, once: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A service's letter to whoever else reads the mailbox."""

    uid: int
    word: str
    pages: str
    at: datetime


class Upkeep:
    """`work` is called before each look and mostly does nothing. It leaves another folder open than the one read."""

    def __init__(
        self, settings: MailboxSettings, books: Books, pace: Pace, *,
        token: Callable[[], str], now: Callable[[], datetime], tell: Told,
    ) -> None:  # fmt: skip
        self._settings, self._books, self._pace = settings, books, pace
        self._token, self._now, self._tell = token, now, tell
        self._next = self._mark_next = self._quota_next = 0.0

    def work(self, folder: Folder) -> None:
        began = time.monotonic()
        if began < self._next:
            return
        self._next = began + self._pace.upkeep
        self._books.fill_keys()
        for part in (self._erase, self._look_for_others, self._look_how_full):
            try:
                part(folder)
            except Broken:
                raise
            except Fault as error:
                log.warning("the mailbox's server refuses its upkeep: %s", str(error)[:200])

    # -- erasing --------------------------------------------------------------------------------

    def _erase(self, folder: Folder) -> None:
        erased = self._books.erased()
        if not erased:
            return
        found = set[str]()
        room = folder.found(self._settings.done_folder)
        if room is not None:
            folder.select(room)
            for heads in folder.heads(folder.search("UNDELETED")):
                keys = {head.uid: letter_key.of(headers.parse(head.fields)) for head in heads}
                doomed = [uid for uid, key in keys.items() if key in erased]
                folder.remove(doomed, ours=True)
                found |= {keys[uid] for uid in doomed}
        if erased - found:
            self._tell("unerased", texts.unerased(self._settings, len(erased - found)))
        self._books.removed(erased)
        log.info("%d erased letters removed from the mailbox", len(found))

    # -- who else reads it ----------------------------------------------------------------------

    def _look_for_others(self, folder: Folder) -> None:
        folder.select(folder.room(self._settings.done_folder))
        marks, own = _marks(folder), self._books.marks()
        if time.monotonic() >= self._mark_next or not any(one.word in own for one in marks):
            self._leave_mark(folder)
            folder.select(folder.room(self._settings.done_folder))
            # own after marks, here too: another part of this service may have left one meanwhile
            marks, own = _marks(folder), self._books.marks()
        mine = [one for one in marks if one.word in own]
        if not mine:
            return  # the server keeps no such letters
        newest = max(mine, key=lambda one: (one.at, one.uid))
        others = [one for one in marks if one.word not in own]
        dead = [one for one in others if newest.at - one.at > DEAD]
        folder.remove([one.uid for one in (*mine, *dead) if one is not newest], ours=True)
        living = timedelta(seconds=2 * self._pace.mark + self._pace.upkeep + 5)
        near = [one for one in others if newest.at - one.at <= living]
        if near:
            where = ", ".join(sorted({one.pages for one in near}))[:300]
            self._tell("shared", texts.shared(self._settings, where))

    def _leave_mark(self, folder: Folder) -> None:
        word = self._books.leave_mark(self._token)
        folder.add(_letter(word, self._books.pages, self._books.address, self._now()), self._settings.done_folder)
        self._mark_next = time.monotonic() + self._pace.mark

    # -- how full it is -------------------------------------------------------------------------

    def _look_how_full(self, folder: Folder) -> None:
        if time.monotonic() < self._quota_next:
            return
        self._quota_next = time.monotonic() + DAY
        used = folder.used()
        if used is not None and used >= texts.FULL:
            self._tell("full", texts.full(self._settings, used), once=f"{self._now():%G-%V}")


def _letter(word: str, pages: str, address: str, now: datetime) -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = mail["To"] = address
    mail["Subject"], mail["Date"], mail["Auto-Submitted"] = SUBJECT, format_datetime(now), "auto-generated"
    mail["X-Teekond-Reader"], mail["X-Teekond-Pages"] = word, pages
    mail.set_content(SAYS.format(pages=pages))
    return mail.as_bytes()


def _marks(folder: Folder) -> list[Mark]:
    found = (_mark(head) for heads in folder.heads(folder.search(f"UNDELETED {subject(SUBJECT)}")) for head in heads)
    return [one for one in found if one is not None]


def _mark(head: MailboxEntry) -> Mark | None:
    """A letter that was put there, and not sent by anybody."""
    said = headers.parse(head.fields)
    word = said.first("x-teekond-reader")
    sent = not said.names.isdisjoint({"received", "return-path", "delivered-to"})
    if not word or head.at is None or sent:
        return None
    return Mark(head.uid, word, said.first("x-teekond-pages")[:100], head.at)
