"""An ordinary mailbox as the other way in: each letter of its folder is kept, and only then moved away.

A thread of its own connects, takes what is there, waits for more (IDLE where the server has it, else looking
again and again) and connects anew when anything breaks. A letter counts as taken when the store has it: one
that is fetched twice is kept once, by the store's own digest, so nothing is remembered here.
Must never read a letter beyond its envelope, never let one letter hold up the rest, never log a password.
"""

import logging
import select
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from threading import Thread
from typing import Final

from mail.group_commit import NOT_THE_LETTERS_FAULT, Store
from mail.mailbox import envelope as delivered
from mail.mailbox.imap import BROKEN, MIB, REFUSED, USUAL, Folder, Pace
from workflow.config import settings as service_settings
from workflow.config.types import Text

log = logging.getLogger(__name__)

OTHER_ROOM: Final = "too large"

Tell = Callable[[str, Text], None]
"""put a sentence before the coordinator, once per key"""


class Mailbox:
    """Takes letters from `start` to `stop`. `store` keeps letters durably or raises."""

    def __init__(
        self,
        settings: service_settings.Mailbox,
        *,
        store: Store,
        now: Callable[[], datetime],
        tell: Tell = lambda _key, _says: None,
        context: ssl.SSLContext | None = None,
        pace: Pace = USUAL,
    ) -> None:
        self._settings, self._store, self._now, self._tell = settings, store, now, tell
        self._context, self._pace = context, pace
        self._thread = Thread(target=self._run, name="mailbox")
        self._stopping = False
        self._failures = 0
        self._ear, self._bell = socket.socketpair()

    def start(self) -> None:
        """Return at once: a server that is away now is tried again later."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the letters in hand, and return when the connection is closed."""
        self._stopping = True
        self._bell.send(b".")
        self._thread.join()
        self._ear.close()
        self._bell.close()

    def _run(self) -> None:
        while not self._stopping:
            try:
                self._connection()
            except Exception as error:  # whatever it is, the letters are still in the mailbox
                self._broken(error)
                self._wait(self._pace.delays[min(self._failures, len(self._pace.delays)) - 1])

    def _connection(self) -> None:
        folder = Folder(self._settings, self._context, self._pace)
        try:
            folder.open()
            while not self._stopping:
                self._take(folder)
                self._failures = 0
                folder.rest(self._ear)
        finally:
            folder.close()

    def _wait(self, seconds: float) -> None:
        select.select([self._ear], [], [], seconds)

    def _broken(self, error: Exception) -> None:
        self._failures += 1
        reason = _redacted(error, self._settings)
        log.warning("the mailbox broke off (%d in a row): %s", self._failures, reason)
        if self._failures == len(self._pace.delays):
            self._tell(f"mailbox:away:{self._now().date()}", _away(self._settings, reason))

    # -- the letters ----------------------------------------------------------------------------

    def _take(self, folder: Folder) -> None:
        sizes = folder.sizes()
        for uid in [uid for uid, size in sizes.items() if size > self._pace.size]:
            self._put_by(folder, uid, sizes.pop(uid))
        for batch in self._batches(sizes):
            if self._stopping:
                return
            self._take_batch(folder, batch)

    def _batches(self, sizes: dict[int, int]) -> Iterator[list[int]]:
        batch: list[int] = []
        together = 0
        for uid, size in sizes.items():
            if batch and (len(batch) >= self._pace.batch_letters or together + size > self._pace.batch_bytes):
                yield batch
                batch, together = [], 0
            batch.append(uid)
            together += size
        if batch:
            yield batch

    def _take_batch(self, folder: Folder, batch: list[int]) -> None:
        letters = folder.letters(batch)
        kept = self._keep(list(letters.items()))
        folder.move(kept, self._settings.done_folder)
        folder.set_aside |= set(batch) - set(kept)
        log.info("%d letters taken from the mailbox", len(kept))

    def _keep(self, letters: Sequence[tuple[int, bytes]]) -> list[int]:
        """The UIDs of those that are on the disk. Raises where the fault is not a letter's own."""
        if not letters:
            return []
        try:
            self._store([delivered.arrival(raw, self._settings.host) for _, raw in letters], self._now())
        except NOT_THE_LETTERS_FAULT:
            raise
        except Exception as error:
            return self._keep_others(letters, error)
        return [uid for uid, _ in letters]

    def _keep_others(self, letters: Sequence[tuple[int, bytes]], error: Exception) -> list[int]:
        """A letter that cannot be kept does not keep the others out; it stays where it is."""
        if len(letters) > 1:
            return [uid for one in letters for uid in self._keep([one])]
        log.error("letter %d of the mailbox could not be kept: %s", letters[0][0], type(error).__name__)
        self._tell(f"mailbox:unkept:{self._now().date()}", _unkept(self._settings))
        return []

    def _put_by(self, folder: Folder, uid: int, size: int) -> None:
        """Told first, moved then: a crash between the two tells the same thing again, under the same key."""
        room = f"{self._settings.done_folder} {OTHER_ROOM}"
        self._tell(f"mailbox:large:{folder.validity}:{uid}", _large(size, self._pace.size, room))
        try:
            folder.move([uid], room)
        except REFUSED as error:
            log.warning("a letter too large stays in the mailbox: %s", _redacted(error, self._settings))
            folder.set_aside.add(uid)


def _redacted(error: Exception, settings: service_settings.Mailbox) -> str:
    """What went wrong on one line, without anything of a letter and without the password."""
    if not isinstance(error, BROKEN):
        return type(error).__name__
    secret = settings.password.get_secret_value() if settings.password else ""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return (said.replace(secret, "…") if secret else said)[:200]


# -- what the coordinator is told ---------------------------------------------------------------


def _away(settings: service_settings.Mailbox, reason: str) -> Text:
    return Text(
        et=f"Postkasti {settings.user} ({settings.host}) ei saa lugeda: {reason}",
        en=f"The mailbox {settings.user} ({settings.host}) cannot be read: {reason}",
    )


def _unkept(settings: service_settings.Mailbox) -> Text:
    return Text(
        et=f"Ühte kirja postkasti kaustast {settings.folder} ei õnnestunud salvestada; see jäi sinna.",
        en=f"A letter in the mailbox's folder {settings.folder} could not be kept; it was left there.",
    )


def _large(size: int, limit: int, room: str) -> Text:
    return Text(
        et=f"Kiri on liiga suur ({size // MIB} MiB, kuni {limit // MIB} MiB); see on postkasti kaustas „{room}“.",
        en=f"A letter is too large ({size // MIB} MiB, up to {limit // MIB} MiB); it is in the folder “{room}”.",
    )
