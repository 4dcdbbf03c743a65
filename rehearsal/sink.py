"""Both ends of the wire on loopback: the sink, which takes every mail the service sends, and the invented
people's own mail program. Nothing sent here can leave the machine.
"""

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival
from rehearsal.setting import Clock

LOOPBACK = "127.0.0.1"
MOST_IN_A_CONNECTION = 5000


@dataclass(frozen=True, slots=True)
class Taken:
    """One mail as the sink got it, and when."""

    at: datetime
    envelope_from: str
    recipients: tuple[str, ...]
    raw: bytes


class Sink:
    """Stands where the relay would: takes everything, keeps it in order, passes nothing on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._new: list[Taken] = []
        self._listener = Listener(
            (LOOPBACK, 0), hostname="sink.example.org", known=lambda _: True, store=self._keep, now=clock.now
        )

    def start(self) -> None:
        self._listener.start()

    def stop(self) -> None:
        self._listener.stop()

    @property
    def port(self) -> int:
        return self._listener.port

    def _keep(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        with self._lock:
            self._new += [Taken(now, a.envelope_from, a.recipients, a.raw) for a in arrivals]

    def collect(self) -> list[Taken]:
        """What has come since the last time."""
        with self._lock:
            taken, self._new = self._new, []
        return taken


class MailProgram:
    """Sends letters over SMTP to one server; a letter counts as handed over only after the server's 250."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, envelope_from: str, recipient: str, raw: bytes) -> bool:
        """Whether the server took the letter."""
        connection = self._open()
        self._sent += 1
        try:
            connection.sendmail(envelope_from, [recipient], raw)
        except smtplib.SMTPServerDisconnected:
            self._connection = None
            return False
        except smtplib.SMTPException:
            return False
        return True

    def _open(self) -> smtplib.SMTP:
        if self._sent >= MOST_IN_A_CONNECTION:
            self.close()
        if self._connection is None:
            self._connection = smtplib.SMTP(LOOPBACK, self._port, local_hostname="people.example.org", timeout=60)
            self._sent = 0
        return self._connection

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
