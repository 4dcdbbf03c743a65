"""Ways out for mail: a relay over SMTP, or none at all. Which one there is, the composition root decides.

A demo is given `NoTransport` and a rehearsal `LoopbackTransport`: with neither can a mail leave this machine,
whatever a configuration says. Must never raise for what a server says or does: that is an `Outcome`.
"""

import re
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from mail.characters import one_line

SAYS_LENGTH = 300
LINE_END = re.compile(rb"\r\n|\r|\n")
LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
STATUS = re.compile(r"\b5\.(\d{1,3}\.\d{1,3})\b")
ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
"""what is said in the envelope; of anything else the library would quietly say a part"""
NO_SUCH_ADDRESS = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
"""status codes (RFC 3463) that speak of the address itself, not of a policy, a quota or the letter"""


class Fate(StrEnum):
    """What became of a mail that was handed over."""

    SENT = "sent"
    AGAIN = "again"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """it may have been taken: the answer to its last line never came"""
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`relay`: the server itself is at fault, others will fare no better. `address`: the recipient's is.
    `suspicious`: it may be the server's fault rather than this mail's; several in a row are."""

    fate: Fate
    says: str = ""
    relay: bool = False
    address: bool = False
    suspicious: bool = False


class Line(Protocol):
    """A connection that takes one mail after another."""

    def send(self, sender: str, recipient: str, data: bytes) -> Outcome: ...


class Transport(Protocol):
    """A way out. What is opened within the context is closed with it."""

    def line(self) -> AbstractContextManager[Line]: ...


class NoTransport:
    """Keeps everything inside: a mail counts as sent when it could have been. Opens no connection."""

    @contextmanager
    def line(self) -> Iterator[Line]:
        yield self

    def send(self, sender: str, recipient: str, data: bytes) -> Outcome:
        return Outcome(Fate.SENT)


class SmtpTransport:
    """The relay. `tls` is none, starttls or tls; what is asked for is had, or nothing is sent.

    `only_to`: addresses and `@domains` that mail may leave for; empty for no limit. Seconds: `timeout` for each
    command, `last_timeout` for the answer to a whole mail (RFC 5321, 4.5.3.2.6).
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: str = "none",
        user: str = "",
        password: str = "",
        only_to: Sequence[str] = (),
        timeout: float = 60,
        last_timeout: float = 600,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._user, self._password = user, password
        self._only_to = frozenset(address.lower() for address in only_to)
        self._timeout = timeout
        self._trust = trust
        self.last_timeout = last_timeout

    @contextmanager
    def line(self) -> Iterator[Line]:
        """One kept connection, made when the first mail needs it."""
        line = _SmtpLine(self)
        try:
            yield line
        finally:
            line.close()

    def hand_over(self, sender: str, recipient: str, data: bytes) -> Outcome:
        """One mail over a connection of its own."""
        with self.line() as line:
            return line.send(sender, recipient, data)

    def look(self) -> Outcome:
        """Whether it lets us in; nothing is sent. REFUSED: it does not take who we say we are."""
        try:
            self.connect().quit()
        except smtplib.SMTPAuthenticationError as error:
            return Outcome(Fate.REFUSED, _said(error), relay=True)
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Fate.AGAIN, _said(error), relay=True)
        return Outcome(Fate.SENT)

    def lets_out(self, recipient: str) -> bool:
        address = recipient.lower()
        return not self._only_to or not self._only_to.isdisjoint({address, address[address.rfind("@") :]})

    def connect(self) -> smtplib.SMTP:
        """Raises OSError or SMTPException."""
        if self._tls == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=self._trusted()
            )
        else:
            client = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            self._greet(client)
        except BaseException:
            client.close()
            raise
        return client

    def _trusted(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _greet(self, client: smtplib.SMTP) -> None:
        client.ehlo_or_helo_if_needed()
        if self._tls == "starttls":
            client.starttls(context=self._trusted())  # raises where it is not offered
            client.ehlo()
        if self._user:
            client.login(self._user, self._password)


class LoopbackTransport(SmtpTransport):
    """A server on this very machine and no other: for a rehearsal."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)


class _SmtpLine:
    def __init__(self, transport: SmtpTransport) -> None:
        self._transport = transport
        self._client: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, data: bytes) -> Outcome:
        if not self._transport.lets_out(recipient):
            return Outcome(Fate.WITHHELD, "not among the addresses that mail may leave for ([mail] only_to)")
        if not (ADDRESS.fullmatch(sender) and ADDRESS.fullmatch(recipient)):
            return Outcome(Fate.REFUSED, "an address that mail cannot be sent to")
        try:
            client = self._client = self._client or self._transport.connect()
        except (OSError, smtplib.SMTPException) as error:
            return Outcome(Fate.AGAIN, _said(error), relay=True)
        return self._dialogue(client, sender, recipient, data)

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            try:
                client.quit()
            except (OSError, smtplib.SMTPException):
                client.close()

    def _dialogue(self, client: smtplib.SMTP, sender: str, recipient: str, data: bytes) -> Outcome:
        try:
            refusal = self._envelope(client, sender, recipient)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return Outcome(Fate.AGAIN, _said(error), suspicious=True)
        return refusal or self._content(client, data)

    def _envelope(self, client: smtplib.SMTP, sender: str, recipient: str) -> Outcome | None:
        code, words = client.mail(sender)
        if code != 250:  # it takes no mail from us at all (sign in first, say); who it is for was not yet said
            return self._reset(Outcome(Fate.AGAIN, _words(code, words), relay=True))
        code, words = client.rcpt(recipient)
        if code not in (250, 251):
            return self._refusal(code, words, recipient=True)
        code, words = client.docmd("DATA")
        return None if code == 354 else self._refusal(code, words)

    def _content(self, client: smtplib.SMTP, data: bytes) -> Outcome:
        """From its first byte on nobody but the server knows whether it has the mail."""
        try:
            assert client.sock is not None
            client.sock.settimeout(self._transport.last_timeout)
            client.send(dotted(data))
            code, words = client.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return Outcome(Fate.UNKNOWN, _said(error), suspicious=True)
        client.sock.settimeout(client.timeout)
        return Outcome(Fate.SENT, _words(code, words)) if code // 100 == 2 else self._refusal(code, words)

    def _refusal(self, code: int, words: bytes, *, recipient: bool = False) -> Outcome:
        says = _words(code, words)
        if code == 421 or code < 0:
            self._hang_up()
            return Outcome(Fate.AGAIN, says, relay=True)
        if code // 100 != 5:
            return self._reset(Outcome(Fate.AGAIN, says))
        none = _no_such_address(code, says, recipient=recipient)
        return self._reset(Outcome(Fate.REFUSED, says, address=none, suspicious=recipient and not none))

    def _reset(self, outcome: Outcome) -> Outcome:
        """Ready for the next mail; a connection that will not be is given up."""
        try:
            code = self._client.rset()[0] if self._client else 250
        except (OSError, smtplib.SMTPException):
            code = 421
        if code != 250:
            self._hang_up()
        return outcome

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None


def dotted(data: bytes) -> bytes:
    """As it goes over the wire: CRLF line ends, dots doubled, the lone dot behind it (RFC 5321, 4.5.2)."""
    lines = LINE_END.sub(b"\n", data).removesuffix(b"\n")
    return LEADING_DOT.sub(b"..", lines).replace(b"\n", b"\r\n") + b"\r\n.\r\n"


def _no_such_address(code: int, says: str, *, recipient: bool) -> bool:
    """A relay that refuses everybody (policy, sign-in) must not make everybody's address look dead."""
    if status := STATUS.search(says):
        return status[1] in NO_SUCH_ADDRESS
    return recipient and code in (550, 551, 553)


def _words(code: int, words: bytes) -> str:
    return one_line(f"{code} {words.decode('utf-8', 'replace')}", SAYS_LENGTH)


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return _words(error.smtp_code, words if isinstance(words, bytes) else str(words).encode())
    return one_line(f"{type(error).__name__}: {error}", SAYS_LENGTH)
