"""One connection to a mailbox's folder over IMAP: what is there, its bytes, moving it away, waiting for more.

UIDs are used within the look at the folder that gave them and never after it, whatever becomes of the folder's
UIDVALIDITY. The library's own faults are mended here: it would trust what the server offers before signing
in, take a letter that came just before IDLE for none, and remove letters that somebody else had marked.
Must never mark a letter as read, nor remove one that was not copied.
"""

import imaplib
import re
import select
import socket
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError
from imap_tools.utils import encode_folder

from workflow.config import settings as service_settings

MIB: Final = 2**20
REFUSED: Final = (imaplib.IMAP4.error, ImapToolsError)
BROKEN: Final = (OSError, *REFUSED)
_UID: Final = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Seconds, bytes and counts."""

    idle: float = 540
    """how long one IDLE lasts; servers and routers forget it after 10 to 30 minutes"""
    poll: float = 60
    """between two looks where the server has no IDLE"""
    timeout: float = 60
    """for any one answer of the server"""
    delays: tuple[float, ...] = (1, 5, 15, 60, 300)
    """before connecting anew; the last one for ever, and the coordinator is told when it is reached"""
    size: int = 25 * MIB
    batch_letters: int = 64
    batch_bytes: int = 32 * MIB
    """letters that share one commit; a single one may be larger"""


USUAL: Final = Pace()


class Folder:
    """The folder through one connection. `set_aside` are letters that this connection tries no more."""

    def __init__(self, settings: service_settings.Mailbox, context: ssl.SSLContext | None, pace: Pace) -> None:
        self._settings, self._pace = settings, pace
        self._box = _connect(settings, context or ssl.create_default_context(), pace.timeout)
        self._rooms: dict[str, str] = {}
        self.set_aside: set[int] = set()
        self.validity = 0

    def open(self) -> None:
        _sign_in(self._box, self._settings)
        self._offers = set(self._box.client.capability()[1][0].decode("ascii", "replace").upper().split())

    def close(self) -> None:
        try:
            self._box.logout()
        except BROKEN:
            with suppress(OSError):
                self._box.client.shutdown()

    def sizes(self) -> dict[int, int]:
        """Letter by letter, oldest first: UID and bytes. Those marked as deleted were taken before."""
        self._select()
        uids = [one for one in map(int, self._box.uids("UNDELETED", charset=None)) if one not in self.set_aside]
        found: dict[int, int] = {}
        for chunk in _chunks(sorted(uids), 500):
            for head, _ in self._fetch(chunk, "(UID RFC822.SIZE)"):
                uid, size = _UID.search(head), _SIZE.search(head)
                if uid and size and int(uid[1]) in chunk:
                    found[int(uid[1])] = int(size[1])
        return found

    def _select(self) -> None:
        """Anew for each look: a folder that was deleted and made again under us says nothing by itself."""
        self._box.folder.set(self._settings.folder)
        before, self.validity = self.validity, int((self._box.client.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
        if self.validity != before:
            self.set_aside.clear()

    def letters(self, uids: Sequence[int]) -> dict[int, bytes]:
        """The bytes of each that is still there, not marked as read."""
        answers = self._fetch(uids, "(UID BODY.PEEK[])")
        return {int(uid[1]): raw for head, raw in answers if raw is not None and (uid := _UID.search(head))}

    def _fetch(self, uids: Sequence[int], what: str) -> Iterator[tuple[bytes, bytes | None]]:
        """What the server says of each letter, and the literal in it."""
        _, said = _checked(self._box.client.uid("FETCH", ",".join(map(str, uids)), what))
        for at, one in enumerate(said):
            behind = said[at + 1] if at + 1 < len(said) else b""
            if isinstance(one, tuple):
                yield one[0] + b" " + (behind if isinstance(behind, bytes) else b""), one[1]
            elif isinstance(one, bytes):
                yield one, None

    def move(self, uids: Sequence[int], room: str) -> None:
        """MOVE where the server has it; else copied, marked and removed, and no others that are marked."""
        if not uids:
            return
        said, target = ",".join(map(str, uids)), encode_folder(self._room(room)).decode()
        if "MOVE" in self._offers:
            _checked(self._box.client.uid("MOVE", said, target))
            return
        _checked(self._box.client.uid("COPY", said, target))
        _checked(self._box.client.uid("STORE", said, "+FLAGS.SILENT", r"(\Deleted)"))
        if "UIDPLUS" in self._offers:
            _checked(self._box.client.uid("EXPUNGE", said))

    def _room(self, name: str) -> str:
        """The folder, made if there is none; below INBOX where the server wants all folders there."""
        if name not in self._rooms:
            self._rooms[name] = next(filter(self._is_there, self._names(name)), None) or self._made(name)
        return self._rooms[name]

    def _names(self, name: str) -> tuple[str, str]:
        known = self._box.folder.list("", "INBOX")
        return name, f"INBOX{known[0].delim if known else '.'}{name}"

    def _is_there(self, name: str) -> bool:
        return any(one.name == name for one in self._box.folder.list("", name))

    def _made(self, name: str) -> str:
        plain, below = self._names(name)
        try:
            self._box.folder.create(plain)
        except ImapToolsError:
            self._box.folder.create(below)
            return below
        return plain

    def rest(self, ear: socket.socket) -> None:
        """Return when something stirs in the folder or at the ear, or when it is time to look anyway."""
        if "IDLE" not in self._offers:
            select.select([ear], [], [], self._pace.poll)
            return
        self._box.idle.start()  # type: ignore[no-untyped-call]
        if not _read_ahead(self._box.client):
            select.select([self._box.client.sock, ear], [], [], self._pace.idle)
        self._box.idle.stop()  # type: ignore[no-untyped-call]


def _connect(settings: service_settings.Mailbox, context: ssl.SSLContext, timeout: float) -> BaseMailBox:
    host, port, tls = settings.host, settings.port, settings.tls
    if tls == service_settings.Tls.TLS:
        return MailBox(host, port, timeout=timeout, ssl_context=context)
    if tls == service_settings.Tls.STARTTLS:
        return MailBoxStartTls(host, port, timeout=timeout, ssl_context=context)
    return MailBoxUnencrypted(host, port, timeout=timeout)


def _sign_in(box: BaseMailBox, settings: service_settings.Mailbox) -> None:
    password = settings.password.get_secret_value() if settings.password else ""
    plain = (settings.user + password).isascii()
    (box.login if plain else box.login_utf8)(settings.user, password, initial_folder=None)


def _checked(answer: tuple[str, list[Any]]) -> tuple[str, list[Any]]:
    if answer[0] != "OK":
        raise ImapToolsError(f"the server said {answer[0]}: {answer[1]!r}"[:300])
    return answer


def _read_ahead(client: imaplib.IMAP4) -> bool:
    """Whether the library holds bytes that no select shows: of a letter that came just before IDLE began."""
    held = getattr(client, "_readbuf", None)
    if held is not None:  # Python 3.14 and later
        return any(held) or (isinstance(client.sock, ssl.SSLSocket) and client.sock.pending() > 0)
    reader: Any = client.file
    before = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(reader.peek(1))
    except OSError:  # TLS says so where there is nothing
        return False
    finally:
        client.sock.settimeout(before)


def _chunks(uids: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (uids[at : at + size] for at in range(0, len(uids), size))
