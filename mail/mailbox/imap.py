"""IMAP operations on a mailbox's folders through one connection: list, fetch, move, wait (IDLE).

UIDs are used within the look at the folder that gave them and never after it, whatever becomes of the folder's
UIDVALIDITY. Must never mark a letter as read that is left where it is, nor remove one that was not copied.
"""

import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mail.mailbox.imap_client import KIB, MIB, Broken, Client, Fault, folder_name, quoted, ready
from mail.oauth.access_tokens import AccessTokens
from workflow.config import settings as service_settings

BROKEN: Final = (OSError, Fault)
HEADS: Final = 100
"""so many letters' headers are asked for at once"""
HEADER: Final = 64 * KIB
"""of a letter's header fields so much is looked at"""
MOST: Final = 100_000
"""so many letters are looked through in one look; the next one goes on from there"""
FIELDS: Final = (
    "Delivered-To X-Original-To Envelope-To X-Envelope-To Return-Path To Cc From Date Subject "
    "Message-ID In-Reply-To References Received X-Teekond-Reader X-Teekond-Pages"
)
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b")
_AT: Final = re.compile(rb'\bINTERNALDATE "([ \d]\d-[A-Za-z]{3}-\d{4} \d\d:\d\d:\d\d [+-]\d{4})"')
_NUMBER: Final = re.compile(rb"(?<!\S)\d{1,10}(?!\S)")
_QUOTA: Final = re.compile(rb"\b(?:STORAGE|MESSAGE) (\d{1,18}) (\d{1,18})\b", re.IGNORECASE)
_DELIMITER: Final = re.compile(rb'\([^()]{0,200}\) "\\?(.)" ')
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds, bytes and counts."""

    idle: float = 540
    """how long one IDLE lasts; servers and routers forget it after 10 to 30 minutes"""
    poll: float = 60
    """between two looks where the server has no IDLE"""
    timeout: float = 60
    """for any one answer of the server, and longer only for as long as bytes keep coming"""
    slowest: int = 64 * KIB
    """bytes a second: an answer that comes more slowly is given up, however steadily it drips"""
    delays: tuple[float, ...] = (1, 5, 15, 60, 300)
    """before connecting anew; the last one for ever, and the coordinator is told when it is reached"""
    calm: float = 15
    """the longest pause after looks for which there was no reason"""
    patience: float = 600
    """so long a letter to an unknown address of our form may lie there before somebody is told"""
    upkeep: float = 600
    """between two rounds of what is done beside reading"""
    mark: float = 3600
    """before our own mark is renewed, by which a second reader is noticed"""
    again: float = 3600
    """before a letter that could not be kept is tried again"""
    size: int = 25 * MIB
    batch_letters: int = 64
    batch_bytes: int = 32 * MIB
    """letters that share one commit; a single one may be larger"""


USUAL: Final = Pace()


@dataclass(frozen=True, slots=True)
class Selected:
    """A folder as it was when it was opened: how many letters, and the number that the next one gets."""

    validity: int
    next_uid: int
    count: int


@dataclass(frozen=True, slots=True)
class MailboxEntry:
    """A letter in a folder: its size, when it came there, and those of its header fields that say whose it is."""

    uid: int
    size: int
    at: datetime | None
    fields: bytes


class Folder:
    """The mailbox through one connection. `ear`: a byte there says that the service is to stop. `tokens`: where OAuth
    lets it in, instead of the password."""

    def __init__(
        self,
        settings: service_settings.MailboxSettings,
        context: ssl.SSLContext | None,
        pace: Pace,
        ear: socket.socket | None = None,
        tokens: AccessTokens | None = None,
    ) -> None:
        self._settings, self._pace, self._ear, self._tokens = settings, pace, ear, tokens
        context = context or ssl.create_default_context()
        at_once = context if settings.tls == service_settings.Tls.TLS else None
        self._client = Client(
            settings.host, settings.port, timeout=pace.timeout, slowest=pace.slowest, context=at_once, ear=ear
        )
        self._context = context if settings.tls == service_settings.Tls.STARTTLS else None
        self.mechanisms: list[str] = []
        """how the server lets one in, as it said before the sign-in"""
        self._rooms: dict[str, str] = {}

    def open(self) -> None:
        """Protected first where that is asked for, then signed in."""
        if self._context is not None:
            self._client.protect(self._context)
        self.mechanisms = self._client.mechanisms()
        if self._tokens is not None:
            self._sign_in_by_token(self._tokens)
        else:
            password = self._settings.password.get_secret_value() if self._settings.password else ""
            self._client.sign_in(self._settings.user, password)
        self._offers = frozenset(self._client.capabilities)

    def _sign_in_by_token(self, tokens: AccessTokens) -> None:
        """A token that was kept may have been withdrawn meanwhile: then once more, with a new one."""
        token = tokens.current()
        try:
            self._client.sign_in_by_token(self._settings.user, token.value)
        except Fault as error:
            tokens.refused(token)
            if isinstance(error, Broken) or not token.kept:
                raise
            self._client.sign_in_by_token(self._settings.user, tokens.current().value)

    def close(self) -> None:
        """With a word to the server where it still listens."""
        self._client.leave()

    # -- looking --------------------------------------------------------------------------------

    def select(self, room: str | None = None) -> Selected:
        """Open the folder that is read, or another. Anew for each look: one that was deleted and made again under us
        says nothing by itself."""
        name = folder_name(room or self._settings.folder)
        answer, data = self._client.select(name)
        if answer != "OK":
            raise Fault(f"the folder cannot be opened: {data!r}"[:300])
        count = self._client.number("EXISTS")
        validity, next_uid = self._client.number("UIDVALIDITY"), self._client.number("UIDNEXT")
        return Selected(validity, next_uid or max(self.search("ALL"), default=0) + 1, count)

    def search(self, criteria: str) -> list[int]:
        """The UIDs of the letters that fit, the oldest first."""
        answer = self._client.said(f"UID SEARCH {criteria}", about="SEARCH")
        words = (one for said in answer if isinstance(said, bytes) for one in _NUMBER.finditer(said))
        return sorted({int(one[0]) for one in words})[:MOST]

    def heads(self, uids: Sequence[int]) -> Iterator[list[MailboxEntry]]:
        """Size, moment and header fields of these letters, some at a time; of each that is still there."""
        wanted = f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER.FIELDS ({FIELDS.upper()})]<0.{HEADER}>)"
        for start in range(0, len(uids), HEADS):
            some = uids[start : start + HEADS]
            found = (_head(said, fields) for said, fields in self._fetch(some, wanted, len(some) * (HEADER + KIB)))
            shown = [head for head in found if head is not None and head.uid in some]
            if not shown and len(some) == HEADS:
                raise Fault("the server counts letters that it does not show")
            yield shown

    def letters(self, heads: Sequence[MailboxEntry]) -> dict[int, bytes]:
        """The bytes of each that is still there, not marked as read. Servers differ a little in how they count."""
        size = min(2 * sum(head.size for head in heads) + MIB, self._pace.size + self._pace.batch_bytes + MIB)
        wanted = {head.uid for head in heads}
        answers = self._fetch(sorted(wanted), "(UID BODY.PEEK[])", size)
        found = {int(uid[1]): raw for said, raw in answers if raw is not None and (uid := _UID.search(said))}
        return {uid: raw for uid, raw in found.items() if uid in wanted}

    def _fetch(self, uids: Sequence[int], what: str, size: int) -> Iterator[tuple[bytes, bytes | None]]:
        """What the server says of each letter, and the literal in it."""
        self._client.expect(size)
        said = self._client.said("UID FETCH", _set(uids), what, about="FETCH")
        for at, one in enumerate(said):
            behind = said[at + 1] if at + 1 < len(said) else b""
            if isinstance(one, tuple):
                yield one[0] + b" " + (behind if isinstance(behind, bytes) else b""), one[1]
            elif isinstance(one, bytes):
                yield one, None

    def used(self) -> float | None:
        """How full the mailbox is, 0 to 1; None where the server does not say."""
        if "QUOTA" not in self._offers:
            return None
        said = self._client.said("GETQUOTAROOT", folder_name(self._settings.folder), about="QUOTA")
        pairs = [pair for one in said if isinstance(one, bytes) for pair in _QUOTA.findall(one)]
        return max((int(used) / int(most) for used, most in pairs if int(most)), default=None)

    # -- changing -------------------------------------------------------------------------------

    def move(self, uids: Sequence[int], name: str) -> None:
        """Into the folder of this name; looked for anew where it is there no more."""
        if not uids:
            return
        known = name in self._rooms
        try:
            self._move(uids, self.room(name))
        except Broken:
            raise
        except Fault:
            if not known:
                raise
            del self._rooms[name]
            self._move(uids, self.room(name))

    def _move(self, uids: Sequence[int], room: str) -> None:
        """MOVE where the server has it; else copied, marked and removed, and no others that are marked."""
        if "MOVE" in self._offers:
            self._client.said("UID MOVE", _set(uids), folder_name(room))
            return
        self._client.said("UID COPY", _set(uids), folder_name(room))
        self.remove(uids)

    def remove(self, uids: Sequence[int], *, ours: bool = False) -> None:
        """Marked, and removed where the server can remove these alone; with all that is marked where the folder is
        ours."""
        if not uids:
            return
        self._client.said("UID STORE", _set(uids), "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in self._offers:
            self._client.said("UID EXPUNGE", _set(uids))
        elif ours:
            self._client.said("EXPUNGE")

    def add(self, raw: bytes, name: str) -> None:
        """Put a letter into a folder, as one that was read."""
        answer, data = self._client.append(folder_name(self.room(name)), r"(\Seen)", "", raw)
        if answer != "OK":
            raise Fault(f"the server said {answer}: {data!r}"[:300])

    def room(self, name: str) -> str:
        """The folder's whole name, made if there is none; below INBOX where the server wants all folders there."""
        if name not in self._rooms:
            self._rooms[name] = self.found(name) or self._made(name)
        return self._rooms[name]

    def found(self, name: str) -> str | None:
        """The whole name of a folder that is there."""
        return next(filter(self._is_there, self._names(name)), None)

    def _names(self, name: str) -> tuple[str, str]:
        known = self._client.said("LIST", '""', "INBOX", about="LIST")
        delimiter = _DELIMITER.match(known[0]) if known and isinstance(known[0], bytes) else None
        return name, f"INBOX{delimiter[1].decode('ascii', 'replace') if delimiter else '.'}{name}"

    def _is_there(self, name: str) -> bool:
        return bool(self._client.said("LIST", '""', folder_name(name), about="LIST"))

    def _made(self, name: str) -> str:
        plain, below = self._names(name)
        try:
            self._client.said("CREATE", folder_name(plain))
        except Broken:
            raise
        except Fault:
            self._client.said("CREATE", folder_name(below))
            return below
        return plain

    # -- waiting --------------------------------------------------------------------------------

    def rest(self) -> None:
        """Return when something stirs in the folder or at the ear, or when it is time to look anyway.

        What came while we looked is not told again to whoever waits for it.
        """
        if self._client.number("EXISTS"):
            return
        if "IDLE" in self._offers:
            self._client.wait(self._pace.idle)
        elif self._ear is not None:
            ready([self._ear], self._pace.poll)


def since(day: date) -> str:
    """A search for letters that came on this day or later."""
    return f"SINCE {day.day}-{_MONTHS[day.month - 1]}-{day.year}"


def subject(words: str) -> str:
    """A search for letters with these words in their subject."""
    return f"SUBJECT {quoted(words)}"


def _set(uids: Sequence[int]) -> str:
    return ",".join(map(str, uids))


def _head(said: bytes, fields: bytes | None) -> MailboxEntry | None:
    uid, size, at = _UID.search(said), _SIZE.search(said), _AT.search(said)
    if uid is None or size is None or fields is None:
        return None
    return MailboxEntry(int(uid[1]), int(size[1]), _moment(at[1]) if at else None, fields)


def _moment(said: bytes) -> datetime | None:
    day, month, rest = said.decode("ascii").strip().split("-", 2)
    if month.title() not in _MONTHS:
        return None
    with suppress(ValueError):
        return datetime.strptime(f"{day} {_MONTHS.index(month.title()) + 1} {rest}", "%d %m %Y %H:%M:%S %z")
    return None
