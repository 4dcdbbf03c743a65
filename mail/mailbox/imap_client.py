"""IMAP client with limits: however a server answers, an answer takes a bounded time and a bounded memory.

The standard library's client believes any size a server names and waits anew for each byte. Here every command has so
many bytes and so many seconds for its answer, whatever it consists of, and ends early when the service is to stop.
Must never send a password before the protection that was asked for is there.
"""

import binascii
import imaplib
import re
import select
import socket
import ssl
import time
from base64 import b64encode
from contextlib import suppress
from typing import Any, Final

from mail.oauth.sasl import TokenExchange, chosen

KIB: Final = 1024
MIB: Final = KIB * KIB
ANSWER: Final = 4 * MIB
"""so many bytes an answer may have, where a command does not say otherwise"""
CONNECT: Final = 20.0
"""seconds until a server that is there has taken the connection"""
TO_STOP: Final = 5.0
"""seconds for what is in hand when the service is to stop"""
_AT_ONCE: Final = 64 * KIB
_NUMBER: Final = re.compile(rb"[0-9]{1,10}\b")

Fault: Final = imaplib.IMAP4.error
"""what a server refused, or said wrongly; a `Broken` too"""
Broken: Final = imaplib.IMAP4.abort
"""the connection is of no more use"""

for _name, _states in {"IDLE": ("SELECTED",), "MOVE": ("SELECTED",)}.items():
    imaplib.Commands.setdefault(_name, _states)


class Client(imaplib.IMAP4):
    """One connection. `context` given: TLS from the first byte. A byte at `ear` says that the service is to stop."""

    def __init__(
        self,
        host: str,
        port: int,
        *,
        timeout: float,
        slowest: int,
        context: ssl.SSLContext | None,
        ear: socket.socket | None = None,
    ) -> None:
        self._context, self._ear, self._seconds, self._slowest = context, ear, timeout, slowest
        self._held = bytearray()
        self._stopping = False
        self._begin(ANSWER)
        self._next = ANSWER
        super().__init__(host, port, min(timeout, CONNECT))

    def expect(self, size: int) -> None:
        """The answer to the next command may have so many bytes."""
        self._next = max(size, ANSWER)

    def _begin(self, size: int) -> None:
        self._left = size
        self._until = time.monotonic() + self._seconds + size / self._slowest

    # -- what the library asks of a client ------------------------------------------------------

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port
        plain = socket.create_connection((host, port), timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=host) if self._context else plain

    def shutdown(self) -> None:
        self.sock.close()

    def send(self, data: Any) -> None:
        self.sock.settimeout(self._seconds)
        self.sock.sendall(data)

    def readline(self) -> bytes:
        looked = 0
        while (end := self._held.find(b"\n", looked)) < 0:
            looked = len(self._held)
            if not self._more():
                return b""  # the library says what that means
        return self._taken(end + 1)

    def read(self, size: int) -> bytes:
        if size > self._left + len(self._held):
            raise self.abort(f"the server announces {size} bytes, more than was asked for")
        while len(self._held) < size:
            if not self._more():
                raise self.abort("the server broke off within a letter")
        return self._taken(size)

    def _taken(self, size: int) -> bytes:
        found = bytes(memoryview(self._held)[:size])
        del self._held[:size]
        return found

    def _more(self) -> bool:
        """Wait for more of the answer; False at its end."""
        self._wait()
        self.sock.settimeout(max(0.1, min(self._until - time.monotonic(), 4 * TO_STOP)))
        data = self.sock.recv(_AT_ONCE)
        self._left -= len(data)
        if self._left < 0:
            raise self.abort("the server's answer is longer than any that was asked for")
        self._held += data
        return bool(data)

    def _wait(self) -> None:
        if self.has_more():
            return
        while (left := self._until - time.monotonic()) > 0:
            listened = [self.sock] if self._ear is None or self._stopping else [self.sock, self._ear]
            heard = ready(listened, left)
            if self.sock in heard:
                return
            if heard:
                self._stopping = True
                self._until = min(self._until, time.monotonic() + TO_STOP)
        raise TimeoutError("the server did not answer in time")

    def has_more(self) -> bool:
        """Whether TLS holds bytes that no look at the socket shows."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    # -- commands -------------------------------------------------------------------------------

    def _command(self, name: str, *args: Any) -> bytes:
        self._begin(self._next)
        self._next = ANSWER
        tag: bytes = super()._command(name, *args)  # type: ignore[misc]
        return tag

    def protect(self, context: ssl.SSLContext) -> None:
        """STARTTLS. What was said before it counts for nothing, and what was said with it ends the connection."""
        if "STARTTLS" not in self.capabilities:
            raise self.abort("the server offers no STARTTLS")
        said, words = self._simple_command("STARTTLS")
        if said != "OK":
            raise self.error(f"the server refuses STARTTLS: {words!r}"[:300])
        if self._held:
            raise self.abort("the server goes on in plain after STARTTLS")
        self.untagged_responses.clear()
        self.sock = context.wrap_socket(self.sock, server_hostname=self.host)
        self._get_capabilities()

    def sign_in(self, user: str, password: str) -> None:
        if (user + password).isascii():
            self.said("LOGIN", quoted(user), quoted(password))
        else:  # LOGIN has no other letters
            answer = self.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
            if answer[0] != "OK":
                raise self.error(f"the server refuses to sign in: {answer[1]!r}"[:300])
        self.state = "AUTH"
        self._get_capabilities()

    def mechanisms(self) -> list[str]:
        """How the server lets one in, as it says before."""
        return [one.removeprefix("AUTH=") for one in self.capabilities if one.startswith("AUTH=")]

    def sign_in_by_token(self, user: str, token: str) -> None:
        """With an access token. A server that refuses it says why before it says no."""
        exchange = TokenExchange(chosen(self.mechanisms()), user, token, self.host, self.port)
        pending = iter([exchange.first()])

        def respond(challenge: bytes) -> bytes:
            return (first if (first := next(pending, None)) is not None else exchange.answer(challenge)).encode()

        try:
            self.authenticate(exchange.mechanism, respond)
        except binascii.Error:
            raise self.abort("the server's challenge is no base64") from None
        except self.abort:
            raise
        except self.error as error:
            raise self.error(f"the server refuses the access token: {exchange.refused} {error}"[:300]) from None
        self._get_capabilities()

    def leave(self) -> None:
        """A word to the server, which need not answer, and the end."""
        self._seconds = min(self._seconds, TO_STOP)
        self._next = KIB
        with suppress(OSError, self.error, ValueError):
            self.said("LOGOUT")
        with suppress(OSError):
            self.shutdown()

    def said(self, command: str, *args: str, about: str = "") -> list[Any]:
        """What the server says of `about` in its answer; raises where the answer is not OK."""
        name = "UID" if command.startswith("UID ") else command
        words = (command.removeprefix("UID "), *args) if name == "UID" else args
        answer, data = self._simple_command(name, *words)
        if answer != "OK":
            raise self.error(f"the server said {answer}: {data!r}"[:300])
        found = self._untagged_response(answer, data, about)[1] if about else data
        return [one for one in found if one is not None]

    def number(self, about: str) -> int:
        """A number that the last answer told beside the rest, such as UIDNEXT; 0 where it did not."""
        told = self.response(about)[1]
        found = _NUMBER.match(told[-1]) if told and isinstance(told[-1], bytes) else None
        return int(found[0]) if found else 0

    def wait(self, seconds: float) -> None:
        """Until the server has something to say (IDLE), the ear does, or the time is over."""
        tag, stirred = self._command("IDLE"), False
        while self._get_response() is not None:
            stirred = True
            if self.tagged_commands[tag]:
                raise self.error("the server does not wait, though it offers to")
        if not (stirred or self._held or self.has_more()):
            ready([self.sock] if self._ear is None else [self.sock, self._ear], seconds)
        self._begin(ANSWER)
        self.send(b"DONE\r\n")
        self._command_complete("IDLE", tag)


def quoted(words: str) -> str:
    """As a quoted string."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folder_name(name: str) -> str:
    """A folder's name as IMAP has it: modified UTF-7 (RFC 3501, 5.1.3), quoted."""
    pieces = (_in_ascii(some) for some in re.findall("[ -~]+|[^ -~]+", name))
    return quoted("".join(pieces))


def _in_ascii(some: str) -> str:
    if some.isascii() and some.isprintable():
        return some.replace("&", "&-")
    return f"&{b64encode(some.encode('utf-16be')).decode().rstrip('=').replace('/', ',')}-"


def ready(sockets: list[socket.socket], seconds: float) -> list[socket.socket]:
    """Those at which something stirs within so many seconds; however high their numbers are."""
    poll = select.poll()
    for one in sockets:
        poll.register(one, select.POLLIN)
    heard = {number for number, _ in poll.poll(seconds * 1000)}
    return [one for one in sockets if one.fileno() in heard]
