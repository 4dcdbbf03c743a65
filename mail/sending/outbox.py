"""Worker of the outbox: claims one queued message at a time, hands it to the relay, settles it in a commit of its own.

A message is `sending` under a lease and a number of attempt, committed before a byte leaves; the result is taken
only from the attempt that holds it. A process has one mail in hand and claims no other before what became of it is
committed: where the database is away, the result is kept in memory and written first when it is back. So a kill
repeats one mail at most, with the same Message-ID, and a failed commit none. What cannot be sent never holds up the
rest: it waits, or fails with its reason, and the coordinator is told.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mail.composing import message_bytes
from mail.reading.characters import one_line
from mail.sending import queue, rate_limit, relay_pause
from mail.sending import results as mail_results
from mail.sending.outcome import DeliveryOutcome, Fate
from mail.sending.queue import ClaimedMail
from mail.sending.results import Refused
from mail.sending.transport import LoopbackTransport, NoTransport, RelayConnection, SmtpTransport, Transport
from workflow.audit import backup
from workflow.database.engine import Database
from workflow.database.models import Message

__all__ = ["LoopbackTransport", "NoTransport", "Sent", "SmtpTransport", "Transport", "Unsettled", "deliver"]

Build = Callable[[Message], tuple[str, bytes]]
"""the envelope's sender and the mail's bytes"""
Unsettled = list[tuple[ClaimedMail, DeliveryOutcome]]
"""what became of mails, as long as it is not in the books: kept from one pass to the next, emptied by a commit"""

LEASE: Final = timedelta(minutes=15)
SUSPICIOUS: Final = 5
"""so many lost connections and refusals in a row speak of the relay, not of the mails"""
TIRED: Final = 5
"""so many mails of one domain refused for now in a row, and the others there wait without being tried"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a pass did. `relay_down`: it ended early, because the relay takes nothing now."""

    sent: int = 0
    again: int = 0
    unknown: int = 0
    refused: int = 0
    withheld: int = 0
    put_off: int = 0
    relay_down: bool = False

    @property
    def handled(self) -> int:
        return self.sent + self.again + self.unknown + self.refused + self.withheld + self.put_off


def deliver(
    db: Database,
    now: datetime,
    transport: Transport,
    *,
    build: Build,
    refused: Refused | None = None,
    unsettled: Unsettled | None = None,
    lease: timedelta = LEASE,
    limit: int = 100,
    most_answers: int | None = None,
) -> Sent:
    """Send up to `limit` messages that are due, over one connection.

    `unsettled` is this process's own list, handed in at each pass: what a pass that broke off knew is settled first.
    `lease` must outlast thirty times over the longest that a relay may take for one command, and that for a mail;
    `most_answers` to letters may leave in an hour, above it the circuit breaker holds them.
    """
    results: Unsettled = [] if unsettled is None else unsettled
    if results:
        with db.writing() as session:
            mail_results.settle(session, results, now, refused)
        results.clear()
    with db.reading() as session:
        held = backup.on_hold(session)
        if not queue.any_due(session, now, held=held):
            return Sent()  # an idle look takes no lock from anybody who writes
        if relay_pause.holds(session, now):
            return Sent(relay_down=True)
    with transport.line() as line:
        return _Pass(db, now, line, build, refused, results, lease, limit, most_answers, held).run()


@dataclass(slots=True)
class _Pass:
    """One pass over what is due."""

    db: Database
    now: datetime
    line: RelayConnection
    build: Build
    refused: Refused | None
    results: Unsettled
    """of the mail in hand: one or none"""
    lease: timedelta
    limit: int
    most_answers: int | None
    held: bool
    tally: Counter[str] = field(default_factory=Counter)
    tired: Counter[str] = field(default_factory=Counter)
    """by domain: how many mails in a row it refused for now"""
    suspicious: int = 0
    down: bool = False
    paused: bool = False
    """the relay was away when the pass began, and has not taken a mail since"""
    began: float = field(default_factory=time.monotonic)
    claimed: float = 0.0

    def run(self) -> Sent:
        mine = self._first()
        self.down = mine is None and self.paused
        while mine is not None:
            mail = ClaimedMail.of(mine)
            outcome = self._send(mail, mine)
            if outcome is None:
                self._give_back(mail)
                break
            self._over(mail, outcome)
            mine = self._settle_and_claim()
        return Sent(**self.tally, relay_down=self.down)

    # -- sending ----------------------------------------------------------------------------------

    def _fresh(self) -> bool:
        """A mail that is begun must come to its end within the lease: where the time has run, another begins it."""
        return time.monotonic() - self.claimed <= self.lease.total_seconds() / 30

    def _send(self, mail: ClaimedMail, message: Message) -> DeliveryOutcome | None:
        """None where the time has run and not a byte has left."""
        if self.tired[mail.domain] >= TIRED:
            return DeliveryOutcome(Fate.PUT_OFF, f"{mail.domain} takes no more for now")
        try:
            sender, data = self.build(message)
        except Exception as error:  # whatever is wrong with this message, it is wrong with this one only
            return DeliveryOutcome(Fate.REFUSED, one_line(f"{type(error).__name__}: {error}", 300))
        if not self._fresh():  # asked last: who was stopped while a mail was built must not send it
            return None
        return self.line.send(sender, _in_ascii(mail.to_address), data)

    def _over(self, mail: ClaimedMail, outcome: DeliveryOutcome) -> None:
        self.results.append((mail, outcome))
        self.tally[outcome.fate.value] += 1
        self.suspicious = self.suspicious + 1 if outcome.suspicious else 0
        self.down = self.down or outcome.relay or self.suspicious >= SUSPICIOUS
        if outcome.fate is Fate.SENT:
            self.tired.pop(mail.domain, None)
        elif outcome.fate is Fate.AGAIN and not (outcome.relay or outcome.suspicious):
            self.tired[mail.domain] += 1

    # -- one transaction between a mail and the next ------------------------------------------------

    def _first(self) -> Message | None:
        with self.db.writing() as session:
            self.paused = relay_pause.current(session) is not None
            if not relay_pause.may_ask(session, self.now):
                return None
            queue.stop_the_broken(session, self.now)
            if self.most_answers is not None:
                rate_limit.hold_back(session, self.now, self.most_answers)
            return self._claim(session)

    def _settle_and_claim(self) -> Message | None:
        with self.db.writing() as session:
            mail_results.settle(session, self.results, self.now, self.refused)
            for _, outcome in self.results:
                self._watch_relay(session, outcome)
            more = not self.down and self.tally.total() < self.limit
            mine = self._claim(session) if more else None
        self.results.clear()
        return mine

    def _watch_relay(self, session: Session, outcome: DeliveryOutcome) -> None:
        begun = outcome.fate not in (Fate.WITHHELD, Fate.PUT_OFF)
        if self.paused and begun and not (outcome.suspicious or outcome.relay):
            relay_pause.end(session, self.now)
            self.paused = False
        if self.down:
            relay_pause.begin(session, outcome.says, self.now)

    def _claim(self, session: Session) -> Message | None:
        """The next mail, read whole: it is built when this transaction is over."""
        self.claimed = time.monotonic()
        lease = self.lease + timedelta(seconds=self.claimed - self.began)
        message = queue.claim(session, self.now, lease, held=self.held)
        if message is not None:
            _ = message.addressee  # whose secrets stand in it
            message_bytes.doors(message)
            message_bytes.enclosed(message)
        return message

    def _give_back(self, mail: ClaimedMail) -> None:
        with self.db.writing() as session:
            queue.give_back(session, mail)


def _in_ascii(address: str) -> str:
    """The domain as DNS has it; the rest as it is, for the transport to refuse."""
    if address.isascii():
        return address
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address
