"""Postfix and Dovecot between the service and its people: who writes to whom goes through both."""

import smtplib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mail.composing import message_bytes
from mail.receiving import store
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival
from tests.builders import World
from tests.ports import free_port
from tests.real.dovecot import ANY_PASSWORD, Dovecot, dovecot
from tests.real.postfix import Postfix, postfix
from tests.real.programs import until
from workflow.database.models import Message

ROUTES: Final = """
relay_domains = example.org, teekond.example.org
transport_maps = inline:{{ example.org=lmtp:inet:127.0.0.1:{mailboxes}, teekond.example.org=lmtp:inet:127.0.0.1:{service} }}
"""  # noqa: E501


@dataclass
class Receiver:
    """The service's own listener; the letters that come are kept until somebody takes them."""

    world: World | None = None
    arrived: list[bytes] = field(default_factory=list)
    listener: Listener = field(init=False)

    def __post_init__(self) -> None:
        self.listener = Listener(
            ("127.0.0.1", free_port()),
            hostname="teekond.example.org",
            known=lambda address: self._world.inbox.known(self._world.db, address),
            store=self._keep,
            now=lambda: self._world.now,
            lmtp=True,
        )

    @property
    def _world(self) -> World:
        assert self.world is not None
        return self.world

    def _keep(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        store.store(self._world.db, arrivals, now)
        self.arrived += [one.raw for one in arrivals]


@dataclass(frozen=True)
class MailServers:
    """password: of every mailbox. relay: where programs, and the service, hand in their mail."""

    mailboxes: Dovecot
    servers: Postfix
    receiver: Receiver
    password: str = ANY_PASSWORD

    @property
    def imap(self) -> int:
        return self.mailboxes.imap

    @property
    def relay(self) -> int:
        return self.servers.relay

    def brings(self, world: World, mail: Message) -> str:
        """Sends it as it goes out, and waits until it lies in its addressee's mailbox: its Message-ID."""
        raw = message_bytes.to_bytes(mail, world.identity)
        with smtplib.SMTP("127.0.0.1", self.relay, timeout=30) as relay:
            relay.sendmail("koosloome@teekond.example.org", [mail.to_address], raw)
        (line,) = [one for one in raw.split(b"\r\n") if one.lower().startswith(b"message-id:")]
        message_id = line.split(b":", 1)[1].strip().decode()
        until(lambda: self.uid(mail.to_address, message_id), "the mail is in the mailbox")
        return message_id

    def uid(self, owner: str, message_id: str) -> str:
        """Its number in its owner's mailbox; "" where it is not there."""
        with self.mailboxes.client(owner, self.password) as client:
            client.select("INBOX", readonly=True)
            found = client.uid("SEARCH", "HEADER", "Message-ID", message_id)[1][0]
            return found.split()[-1].decode() if found else ""

    def empty(self, owner: str) -> None:
        """No mail of before lies in this mailbox."""
        with self.mailboxes.client(owner, self.password) as client:
            if client.select("INBOX")[1] != [b"0"]:
                client.store("1:*", "+FLAGS", "\\Deleted")
                client.expunge()
        self.receiver.arrived.clear()

    def arrives(self) -> bytes:
        """Waits for the one letter that a program sends now."""
        receiver = self.receiver
        until(lambda: receiver.arrived, "the reply came")
        return receiver.arrived.pop()


@contextmanager
def mail_servers() -> Iterator[MailServers]:
    """Both servers, and the service's listener behind them, until the block ends."""
    receiver = Receiver()
    receiver.listener.start()
    try:
        with dovecot(for_all=True) as mailboxes:
            routes = ROUTES.format(mailboxes=mailboxes.lmtp, service=receiver.listener.port)
            with postfix(receiver.listener.port, more=routes) as servers:
                yield MailServers(mailboxes, servers, receiver)
    finally:
        receiver.listener.stop()
