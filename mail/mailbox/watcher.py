"""Mailbox watcher, the alternative to SMTP: fetches each letter that is ours over IMAP, stores it, and only then moves
it away.

A thread of its own connects, takes what is there, waits for more (IDLE where the server has it, else looking again and
again) and connects anew when anything breaks. The mailbox is somebody's: what was there before, and what is not for the
programme, stays as it is. A letter that is fetched twice is kept once, by the store's own digest.
Must never read a letter beyond its header, never let one letter hold up the rest, never log a password.
"""

import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from threading import Thread
from typing import Final

from mail.mailbox import envelope, texts
from mail.mailbox.filter import Whose
from mail.mailbox.imap import BROKEN, USUAL, Folder, MailboxEntry, Pace, Selected, since
from mail.mailbox.imap_client import Broken, Fault, ready
from mail.mailbox.progress import View
from mail.mailbox.records import Begun, Books
from mail.mailbox.texts import Tell
from mail.mailbox.upkeep import Upkeep
from mail.oauth.access_tokens import AccessTokens
from mail.receiving.store import NOT_THE_LETTERS_FAULT, Store
from workflow.config import settings as service_settings
from workflow.database import outage

log = logging.getLogger(__name__)

OTHER_ROOM: Final = "too large"
DAY: Final = timedelta(days=1)
STEADY: Final = 60
"""seconds after which a connection that breaks off is no sign of a fault"""
MOST_LARGE: Final = 20
"""so many letters that are too large are told one by one, before it is once a day"""
MOST_CHANGES: Final = 3
"""so often in a row the folder may be another one than at the last look"""


class Mailbox:
    """Takes letters from `start` to `stop`. `store` keeps letters durably or raises."""

    def __init__(
        self,
        settings: service_settings.MailboxSettings,
        *,
        store: Store,
        books: Books,
        now: Callable[[], datetime],
        token: Callable[[], str],
        tell: Tell = lambda _key, _says: None,
        context: ssl.SSLContext | None = None,
        pace: Pace = USUAL,
        tokens: AccessTokens | None = None,
    ) -> None:
        self._settings, self._store, self._books, self._now = settings, store, books, now
        self._said, self._context, self._pace, self._tokens = tell, context, pace, tokens
        self._upkeep = Upkeep(settings, books, pace, token=token, now=now, tell=self._tell)
        self._thread = Thread(target=self._run, name="mailbox")
        self._stopping = False
        self._failures = self._changes = self._in_vain = self._large = 0
        self._view: View | None = None
        self._validity: int | None = None
        self._known = set[str]()
        self._in_hand: Sequence[MailboxEntry] = ()
        self._recovered = False
        self._ear, self._bell = socket.socketpair()

    def start(self) -> None:
        """Return at once: a server that is away now is tried again later."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the letters in hand, if that takes no longer than a few seconds, and close the connection."""
        self._stopping = True
        self._bell.send(b".")
        self._thread.join()
        self._ear.close()
        self._bell.close()

    def _run(self) -> None:
        while not self._stopping:
            began = time.monotonic()
            try:
                self._connection()
            except Exception as error:  # whatever it is, the letters are still in the mailbox
                if self._stopping:
                    return
                if time.monotonic() - began > STEADY:
                    self._failures = 0
                self._broken(error)
                self._wait(self._pace.delays[min(self._failures, len(self._pace.delays)) - 1])

    def _connection(self) -> None:
        folder = Folder(self._settings, self._context, self._pace, self._ear, self._tokens)
        try:
            folder.open()
            while not self._stopping:
                self._upkeep.work(folder)
                taken = self._look(folder)
                if taken:
                    self._failures = 0
                began = time.monotonic()
                folder.rest()
                self._failures = 0
                self._calm(taken, time.monotonic() - began)
        finally:
            folder.close()

    def _calm(self, taken: int, rested: float) -> None:
        """A server that calls for nothing is looked at less and less often."""
        self._in_vain = 0 if taken or rested > self._pace.calm else self._in_vain + 1
        if self._in_vain > 1:
            self._wait(min(self._pace.calm, 0.25 * 2 ** min(self._in_vain, 10)))

    def _wait(self, seconds: float) -> None:
        ready([self._ear], seconds)

    def _broken(self, error: Exception) -> None:
        self._failures += 1
        reason = _redacted(error, self._settings)
        log.warning("the mailbox broke off (%d in a row): %s", self._failures, reason, extra=outage.due_to(error))
        for head in self._in_hand:
            self._strike(head.uid)
        self._in_hand = ()
        if self._failures >= len(self._pace.delays):
            self._tell("away", texts.away(self._settings, reason))

    def _tell(self, what: str, says: texts.Text, *, once: str = "") -> None:
        """Once a day, or once for each `once`. A database that is away is told when it is back: what it is about is
        still so."""
        key = f"mailbox:{what}:{once or self._now().date()}"
        if key in self._known:
            return
        try:
            self._said(key, says)
            self._known.add(key)
        except Exception as error:
            kind = type(error).__name__
            log.warning(
                "the coordinator could not be told of the mailbox (%s): %s", what, kind, extra=outage.due_to(error)
            )

    # -- one look at the folder -----------------------------------------------------------------

    def _look(self, folder: Folder) -> int:
        """How many letters were taken."""
        view = self._viewed(folder.select())
        if not self._recovered:
            self._recover(folder, view.begun)
            view = self._viewed(folder.select())
        there = [uid for uid in folder.search(self._criteria(view)) if uid >= view.low]
        taken, unseen = 0, set(wanted := view.to_look(there))
        for heads in folder.heads(wanted):
            if self._stopping:
                return taken
            taken += self._sort(folder, view, heads)
            unseen -= {head.uid for head in heads}
        for uid in unseen:  # counted by the server and not shown: asked for again
            self._strike(uid)
        view.looked(there)
        if waiting := view.waiting(self._pace.patience):
            self._tell("unknown", texts.unknown(self._settings, waiting))
        return taken

    def _viewed(self, selected: Selected) -> View:
        """What this process knows of the folder: nothing, where it is not the folder that it was."""
        changed = self._validity not in (None, selected.validity)
        self._validity, self._changes = selected.validity, self._changes + 1 if changed else 0
        if self._changes > MOST_CHANGES:
            raise Fault("the folder is another one (UIDVALIDITY) at each look")
        if self._view is not None and self._view.begun.validity == selected.validity:
            return self._view
        begun, first_time = self._books.begun(selected, self._now())
        if first_time:
            self._recovered = True  # what earlier books moved away is theirs
            if selected.count:
                left = texts.left(self._settings, selected.count)
                self._tell("left", left, once=f"{selected.validity}:{begun.first}")
        self._view = View(begun=begun)
        return self._view

    def _criteria(self, view: View) -> str:
        """Which letters to ask for. Older ones than our first mail cannot be about us."""
        if view.low:
            return f"UNDELETED UID {view.low}:*"
        begins = min(view.begun.since, self._books.first_sent() or view.begun.since)
        return f"UNDELETED {since((begins - DAY).date())}"

    def _sort(self, folder: Folder, view: View, heads: Sequence[MailboxEntry]) -> int:
        """Take what is ours; how many these were. What is not stays as it is."""
        whose, ours = self._books.whose(heads, view.begun), list[MailboxEntry]()
        for head in heads:
            if whose[head.uid] is Whose.ANOTHERS:
                view.unknown[head.uid] = time.monotonic()
            elif whose[head.uid] is Whose.OTHERS:
                view.left.add(head.uid)
            elif head.size > self._pace.size:
                self._put_by(folder, view, head)
            else:
                ours.append(head)
        return sum(self._take(folder, view, batch) for batch in self._batches(ours, view) if not self._stopping)

    def _recover(self, folder: Folder, begun: Begun) -> None:
        """At the start: what was moved away lately and is not in the books, as after a backup was restored."""
        room = folder.found(self._settings.done_folder)
        if room is not None:
            folder.select(room)
            begins = (self._books.last_taken() or begun.since) - 2 * DAY
            for heads in folder.heads(folder.search(f"UNDELETED {since(begins.date())}")):
                missing = self._books.missing(heads)
                whose = self._books.whose(missing, begun.by_moment())
                ours = [one for one in missing if whose[one.uid] is Whose.OURS and one.size <= self._pace.size]
                for batch in self._batches(ours):
                    kept = self._keep(list(folder.letters(batch).items()))
                    log.warning("%d letters that the books did not have were taken from the done folder", len(kept))
        self._recovered = True

    # -- the letters ----------------------------------------------------------------------------

    def _batches(self, heads: Sequence[MailboxEntry], view: View | None = None) -> Iterator[list[MailboxEntry]]:
        """Letters to be fetched together. One over which something broke off goes by itself."""
        batch: list[MailboxEntry] = []
        together = 0
        for head in heads:
            if view is not None and view.strikes[head.uid]:
                yield [head]
                continue
            if batch and (len(batch) >= self._pace.batch_letters or together + head.size > self._pace.batch_bytes):
                yield batch
                batch, together = [], 0
            batch.append(head)
            together += head.size
        if batch:
            yield batch

    def _take(self, folder: Folder, view: View, batch: list[MailboxEntry]) -> int:
        self._in_hand = batch
        letters = self._fetched(folder, batch)
        self._in_hand = ()
        kept = self._keep([(uid, raw) for uid, raw in letters.items() if len(raw) <= self._pace.size])
        for head in batch:
            if head.uid in kept:
                view.strikes.pop(head.uid, None)
            else:
                self._strike(head.uid)
        self._move(folder, view, kept)
        log.info("%d letters taken from the mailbox", len(kept))
        return len(kept)

    def _fetched(self, folder: Folder, batch: Sequence[MailboxEntry]) -> dict[int, bytes]:
        """Their bytes; a letter that the server does not hand out keeps back no other."""
        try:
            return folder.letters(batch)
        except Broken:
            raise
        except Fault as error:
            log.warning("letters are not handed out: %s", _redacted(error, self._settings))
            if len(batch) == 1:
                return {}
        return {uid: raw for one in batch for uid, raw in self._fetched(folder, [one]).items()}

    def _move(self, folder: Folder, view: View, kept: Sequence[int]) -> None:
        """Those that are kept go away; where the server refuses that, they are left and tried again after a while."""
        try:
            folder.move(kept, self._settings.done_folder)
        except Broken:
            raise
        except Fault as error:
            for uid in kept:
                view.set_aside(uid, self._pace.again)
            self._tell("unmoved", texts.unmoved(self._settings, _redacted(error, self._settings)))

    def _strike(self, uid: int) -> None:
        if self._view is not None and self._view.strike(uid, self._pace.again):
            log.error("letter %d of the mailbox could not be fetched", uid)
            self._tell("unkept", texts.unkept(self._settings))

    def _keep(self, letters: Sequence[tuple[int, bytes]]) -> list[int]:
        """The UIDs of those that are on the disk. Raises where the fault is not a letter's own."""
        if not letters:
            return []
        try:
            self._store([envelope.arrival(raw, self._settings.host) for _, raw in letters], self._now())
        except NOT_THE_LETTERS_FAULT:
            raise
        except Exception as error:
            return self._keep_others(letters, error)
        return [uid for uid, _ in letters]

    def _keep_others(self, letters: Sequence[tuple[int, bytes]], error: Exception) -> list[int]:
        """A letter that cannot be kept does not keep the others out; it stays where it is."""
        if len(letters) > 1:
            return [uid for one in letters for uid in self._keep([one])]
        log.error(
            "letter %d of the mailbox could not be kept: %s",
            letters[0][0],
            type(error).__name__,
            extra=outage.due_to(error),
        )
        self._tell("unkept", texts.unkept(self._settings))
        return []

    def _put_by(self, folder: Folder, view: View, head: MailboxEntry) -> None:
        """Told first, moved then: a crash between the two tells the same thing again, under the same key."""
        room = f"{self._settings.done_folder} {OTHER_ROOM}"
        says = texts.large(head.size, self._pace.size, room)
        self._large += 1  # each is told by itself, until there are so many that somebody does it on purpose
        self._tell("large", says, once=f"{view.begun.validity}:{head.uid}" if self._large <= MOST_LARGE else "")
        try:
            folder.move([head.uid], room)
        except Broken:
            raise
        except Fault as error:
            log.warning("a letter too large stays in the mailbox: %s", _redacted(error, self._settings))
            view.set_aside(head.uid, self._pace.again)


def _redacted(error: Exception, settings: service_settings.MailboxSettings) -> str:
    """What went wrong on one line, without anything of a letter and without the password."""
    if not isinstance(error, BROKEN):
        return type(error).__name__
    secret = settings.password.get_secret_value() if settings.password else ""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return (said.replace(secret, "…") if secret else said)[:200]
