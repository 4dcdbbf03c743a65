"""Mail transports: a relay over SMTP, a loopback, or none. Which one there is, the composition root decides.

A demo is given `NoTransport` and a rehearsal `LoopbackTransport`: with neither can a mail leave this machine,
whatever a configuration says. Must never raise for what a server says or does: that is an `Outcome`.
"""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from mail.oauth.access_tokens import AccessToken, AccessTokens, NoAccessTokenError
from mail.oauth.sasl import TokenExchange, chosen
from mail.sending.outcome import DeliveryOutcome, Fate
from mail.sending.smtp_client import Envelope, SmtpLine, error_words
from workflow.codes import DeliveryFault

__all__ = [
    "DeliveryOutcome",
    "Envelope",
    "Fate",
    "LoopbackTransport",
    "NoTransport",
    "RelayConnection",
    "SmtpTransport",
    "Transport",
]




class RelayConnection(Protocol):
    """A connection that takes one mail after another."""

    def send(self, sender: str, recipient: str, data: bytes) -> DeliveryOutcome: ...


class Transport(Protocol):
    """A way out. What is opened within the context is closed with it."""

    def line(self) -> AbstractContextManager[RelayConnection]: ...


class NoTransport:
    """Keeps everything inside: a mail counts as sent when it could have been. Opens no connection."""

    @contextmanager
    def line(self) -> Iterator[RelayConnection]:
        yield self

    def send(self, sender: str, recipient: str, data: bytes) -> DeliveryOutcome:
        return DeliveryOutcome(Fate.SENT)


class SmtpTransport:
    """The relay. `tls` is none, starttls or tls; what is asked for is had, or nothing is sent.

    `tokens`: where OAuth lets us in, instead of the password. `only_to`: addresses and `@domains` that mail may leave
    for; empty for no limit. Seconds: `timeout` for each command, `last_timeout` for the answer to a whole mail
    (RFC 5321, 4.5.3.2.6).
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        tls: str = "none",
        user: str = "",
        password: str = "",
        tokens: AccessTokens | None = None,
        only_to: Sequence[str] = (),
        timeout: float = 60,
        last_timeout: float = 600,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self._host, self._port, self._tls = host, port, tls
        self._user, self._password, self._tokens = user, password, tokens
        self.mechanisms: tuple[str, ...] = ()
        """how the server lets one in, as it said when it was last asked"""
        self._only_to = frozenset(address.lower() for address in only_to)
        self._timeout = timeout
        self._trust = trust
        self.last_timeout = last_timeout

    @contextmanager
    def line(self) -> Iterator[RelayConnection]:
        """One kept connection, made when the first mail needs it."""
        line = SmtpLine(self.connect, self.last_timeout)
        try:
            yield _Listed(line, self)
        finally:
            line.close()

    def hand_over(self, sender: str, recipient: str, data: bytes) -> DeliveryOutcome:
        """One mail over a connection of its own."""
        with self.line() as line:
            return line.send(sender, recipient, data)

    def look(self) -> DeliveryOutcome:
        """Whether it lets us in; nothing is sent. REFUSED: it does not take who we say we are."""
        try:
            self.connect().quit()
        except (smtplib.SMTPAuthenticationError, NoAccessTokenError) as error:
            return DeliveryOutcome(Fate.REFUSED, error_words(error), relay=True)
        except (OSError, smtplib.SMTPException) as error:
            return DeliveryOutcome(Fate.AGAIN, error_words(error), relay=True)
        return DeliveryOutcome(Fate.SENT)

    def lets_out(self, recipient: str) -> bool:
        address = recipient.lower()
        return not self._only_to or not self._only_to.isdisjoint({address, address[address.rfind("@") :]})

    def connect(self) -> smtplib.SMTP:
        """Raises OSError or SMTPException."""
        if self._tokens is None:
            return self._connected(None)
        token = self._tokens.current()  # before the server is called: it does not wait for an authorisation server
        try:
            return self._connected(token)
        except smtplib.SMTPAuthenticationError:
            self._tokens.refused(token)
            if not token.kept:
                raise
        return self._connected(self._tokens.current())

    def _connected(self, token: AccessToken | None) -> smtplib.SMTP:
        if self._tls == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=self._timeout, context=self._trusted()
            )
        else:
            client = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            self._greet(client, token)
        except BaseException:
            client.close()
            raise
        return client

    def _trusted(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _greet(self, client: smtplib.SMTP, token: AccessToken | None) -> None:
        client.ehlo_or_helo_if_needed()
        if self._tls == "starttls":
            client.starttls(context=self._trusted())  # raises where it is not offered
            client.ehlo()
        self.mechanisms = tuple(client.esmtp_features.get("auth", "").split())
        if token is not None:
            self._sign_in(client, token.value)
        elif self._user:
            client.login(self._user, self._password)

    def _sign_in(self, client: smtplib.SMTP, token: str) -> None:
        exchange = TokenExchange(chosen(self.mechanisms), self._user, token, self._host, self._port)

        def respond(challenge: bytes | None = None) -> str:
            return exchange.first() if challenge is None else exchange.answer(challenge)

        try:
            client.auth(exchange.mechanism, respond)
        except smtplib.SMTPAuthenticationError as error:
            said = error.smtp_error if isinstance(error.smtp_error, bytes) else str(error.smtp_error).encode()
            why = f" ({exchange.refused})" if exchange.refused else ""
            raise smtplib.SMTPAuthenticationError(error.smtp_code, said + why.encode()) from None
        except ValueError as error:  # a challenge that is no base64, a name that is no ASCII
            raise smtplib.SMTPException(f"the sign-in broke off: {type(error).__name__}") from None


class LoopbackTransport(SmtpTransport):
    """A server on this very machine and no other: for a rehearsal."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", port)


class _Listed:
    """A line for those alone whom mail may leave for."""

    def __init__(self, line: SmtpLine, transport: SmtpTransport) -> None:
        self._line, self._transport = line, transport

    def send(self, sender: str, recipient: str, data: bytes) -> DeliveryOutcome:
        if not self._transport.lets_out(recipient):
            return DeliveryOutcome(Fate.WITHHELD, fault=DeliveryFault.NOT_LISTED)
        return self._line.send(sender, recipient, data)
