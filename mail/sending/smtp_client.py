"""SMTP client: one kept connection to a server that takes mail, and the dialogue on it.

Where the server offers PIPELINING (RFC 2920) the three lines of an envelope go out together: two waits for each mail
where there were four. The library connects, greets and reads replies; what to say when is said here. Must never raise
for what a server says or does: that is an `Outcome`.
"""

import re
import smtplib
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from mail.reading.characters import one_line
from mail.sending.outcome import CLOSING, SAYS_LENGTH, DeliveryOutcome, Fate, refusal, reply_words
from workflow.codes import DeliveryFault

ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
"""what is said in the envelope; of anything else the library would quietly say a part"""
LINE_END: Final = re.compile(rb"\r\n|\r|\n")
OK: Final = 250
FORWARDED: Final = 251
GO_ON: Final = 354
SIGN_IN_FIRST: Final = (530, 535)
"""to MAIL: what let us in has run out since"""

Envelope = tuple[str, str]
"""whom a mail is from and to, as SMTP is told"""
Reply = tuple[int, bytes]


class SmtpLine:
    """A connection, made when the first mail needs it and again after it broke. `connect` raises OSError or
    SMTPException. Seconds: `last_timeout` for the answer to a whole mail (RFC 5321, 4.5.3.2.6)."""

    def __init__(self, connect: Callable[[], smtplib.SMTP], last_timeout: float) -> None:
        self._connect, self._last_timeout = connect, last_timeout
        self._client: smtplib.SMTP | None = None

    def send(self, sender: str, recipient: str, data: bytes) -> DeliveryOutcome:
        """Hand one mail over."""
        envelope = (sender, recipient)
        if not speakable(envelope):
            return DeliveryOutcome(Fate.REFUSED, fault=DeliveryFault.UNSPEAKABLE_ADDRESS)
        kept = self._client is not None
        try:
            client = self._client = self._client or self._connect()
        except (OSError, smtplib.SMTPException) as error:
            return DeliveryOutcome(Fate.AGAIN, error_words(error), relay=True)
        try:
            refused = self._begin(client, envelope)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return DeliveryOutcome(Fate.AGAIN, error_words(error), suspicious=True)
        if refused is not None and kept and refused.signed_out:
            self._hang_up()
            return self.send(sender, recipient, data)  # on a new connection, so once
        return refused or self._content(client, data)

    def close(self) -> None:
        """As is polite."""
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self._hang_up()

    # -- the envelope -----------------------------------------------------------------------------

    def _begin(self, client: smtplib.SMTP, envelope: Envelope) -> DeliveryOutcome | None:
        """None where the server waits for the mail now."""
        together = client.has_extn("pipelining")
        if together:
            client.send(_together(envelope))
        mail, rcpt, data = self._replies(client) if together else self._one_by_one(client, envelope)
        refused = _refused(mail, rcpt, data)
        if refused is not None:
            self._recover(client, mail, rcpt, data)
        return refused

    def _replies(self, client: smtplib.SMTP) -> tuple[Reply, Reply, Reply]:
        return client.getreply(), client.getreply(), client.getreply()

    def _one_by_one(self, client: smtplib.SMTP, envelope: Envelope) -> tuple[Reply, Reply | None, Reply | None]:
        """Each line once the one before it was answered well."""
        sender, recipient = envelope
        mail = client.docmd(f"MAIL FROM:<{sender}>")
        rcpt = client.docmd(f"RCPT TO:<{recipient}>") if mail[0] == OK else None
        data = client.docmd("DATA") if rcpt and rcpt[0] in (OK, FORWARDED) else None
        return mail, rcpt, data

    def _recover(self, client: smtplib.SMTP, *replies: Reply | None) -> None:
        """Ready for the next mail. A server that closes, or that waits for a mail it has no use for, is left."""
        codes = {reply[0] for reply in replies if reply is not None}
        if GO_ON in codes or any(_closing(code) for code in codes):
            self._hang_up()
        else:
            self._reset(client)

    # -- the mail itself --------------------------------------------------------------------------

    def _content(self, client: smtplib.SMTP, data: bytes) -> DeliveryOutcome:
        """From its first byte on nobody but the server knows whether it has the mail."""
        try:
            assert client.sock is not None
            client.sock.settimeout(self._last_timeout)
            client.send(dotted(data))
            code, words = client.getreply()
            client.sock.settimeout(client.timeout)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            return DeliveryOutcome(Fate.UNKNOWN, error_words(error), suspicious=True)
        if code // 100 == 2:
            return DeliveryOutcome(Fate.SENT, reply_words(code, words))
        return self._not_taken(client, code, words)

    def _not_taken(self, client: smtplib.SMTP, code: int, words: bytes) -> DeliveryOutcome:
        if _closing(code):
            self._hang_up()
        else:
            self._reset(client)
        return refusal(code, words)

    def _reset(self, client: smtplib.SMTP) -> None:
        """A connection that will not be ready is given up."""
        try:
            code = client.rset()[0]
        except (OSError, smtplib.SMTPException):
            code = CLOSING
        if code != OK:
            self._hang_up()

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _refused(mail: Reply, rcpt: Reply | None, data: Reply | None) -> DeliveryOutcome | None:
    if mail[0] != OK:  # it takes no mail from us at all (sign in first, say); who it is for does not matter
        return DeliveryOutcome(Fate.AGAIN, reply_words(*mail), relay=True, signed_out=mail[0] in SIGN_IN_FIRST)
    if rcpt is not None and rcpt[0] not in (OK, FORWARDED):
        return refusal(*rcpt, recipient=True)
    return refusal(*data) if data is not None and data[0] != GO_ON else None


def _closing(code: int) -> bool:
    """Whether the connection is over; what is no reply at all (-1) counts as that."""
    return code == CLOSING or code < 0


def speakable(envelope: Envelope) -> bool:
    """Whether both addresses can be said as they are."""
    return all(ADDRESS.fullmatch(address) for address in envelope)


def _together(envelope: Envelope) -> bytes:
    return b"MAIL FROM:<%b>\r\nRCPT TO:<%b>\r\nDATA\r\n" % (envelope[0].encode("ascii"), envelope[1].encode("ascii"))


def dotted(data: bytes) -> bytes:
    """As it goes over the wire: CRLF line ends, dots doubled, the lone dot behind it (RFC 5321, 4.5.2)."""
    if data.count(b"\r\n") != data.count(b"\n") or data.count(b"\r") != data.count(b"\n"):
        data = LINE_END.sub(b"\r\n", data)
    data = data.removesuffix(b"\r\n").replace(b"\r\n.", b"\r\n..")
    return (b"." if data.startswith(b".") else b"") + data + b"\r\n.\r\n"


def error_words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        return reply_words(error.smtp_code, words if isinstance(words, bytes) else str(words).encode())
    return one_line(f"{type(error).__name__}: {error}", SAYS_LENGTH)
