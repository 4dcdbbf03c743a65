"""Queued messages, sent: oldest first, claimed and settled many in one transaction, noted one by one in between.

A message is `sending` under a lease and a number of attempt, committed before a byte leaves; the result is taken
only from the attempt that holds it. After a kill the worst is one mail twice for each connection, with the same
Message-ID. What cannot be sent never holds up the rest: it waits, or fails with its reason, and the coordinator is
told.
"""

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from mail import prepared
from mail.connections import Batch
from mail.prepared import Build, Made
from mail.receipts import Receipts
from mail.sending import queue as claims
from mail.sending import rate_limit as storm
from mail.sending import relay_pause
from mail.sending import results as settling
from mail.sending.outcome import Fate, Outcome
from mail.sending.queue import Claimed
from mail.sending.results import Refused
from mail.sending.transport import Line, LoopbackTransport, NoTransport, SmtpTransport, Transport
from workflow.audit import backup
from workflow.database.engine import Database

__all__ = ["LoopbackTransport", "NoTransport", "Sent", "SmtpTransport", "Transport", "deliver"]

LEASE: Final = timedelta(minutes=15)
AT_ONCE: Final = 64
"""so many are claimed and settled together, where what is sent is noted in between"""
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
    made_by: str = "",
    refused: Refused | None = None,
    notes: Receipts | None = None,
    connections: int = 1,
    lease: timedelta = LEASE,
    limit: int = 100,
    most_answers: int | None = None,
) -> Sent:
    """Send up to `limit` messages that are due, over up to so many `connections`.

    `made_by`: which prepared mails are as `build` would make them. Without `notes` each mail is committed by itself.
    `lease` must outlast thirty times over the longest that a relay may take for one command, and that for a mail;
    `most_answers` to letters may leave in an hour, above it the circuit breaker holds them.
    """
    with db.reading() as session:
        held = backup.on_hold(session)
        if not claims.any_due(session, now, held=held):
            return Sent()  # an idle look takes no lock from anybody who writes
        if relay_pause.holds(session, now):
            return Sent(relay_down=True)
    with ExitStack() as opened:
        lines = [opened.enter_context(transport.line()) for _ in range(connections)]
        return _Pass(db, now, lines, build, made_by, refused, notes, lease, limit, most_answers, held).run()


@dataclass(slots=True)
class _Pass:
    """One pass over what is due."""

    db: Database
    now: datetime
    lines: Sequence[Line]
    build: Build
    made_by: str
    refused: Refused | None
    notes: Receipts | None
    lease: timedelta
    limit: int
    most_answers: int | None
    held: bool
    results: list[tuple[Claimed, Outcome]] = field(default_factory=list)
    """of the batch in hand"""
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
        batch = self._first()
        self.down = not batch and self.paused
        while batch:
            self._send(batch)
            batch = self._settle_and_claim([mail for mail, _ in batch])
        return Sent(**self.tally, relay_down=self.down)

    # -- sending ----------------------------------------------------------------------------------

    def _send(self, batch: Sequence[tuple[Claimed, Made]]) -> None:
        self.results = []
        lines = self.lines[:1] if self.paused else self.lines
        Batch(batch, go_on=self._may_begin, weigh=self._weigh, over=self._over).send(lines)

    def _may_begin(self) -> bool:
        """A mail that is begun must come to its end within the lease: where the time has run, another is begun anew."""
        fresh = time.monotonic() - self.claimed <= self.lease.total_seconds() / 30
        return fresh and not self.down and not (self.results and self.notes is None)

    def _weigh(self, mail: Claimed) -> Outcome | None:
        if self.tired[mail.domain] < TIRED:
            return None
        return Outcome(Fate.PUT_OFF, f"{mail.domain} takes no more for now")

    def _over(self, mail: Claimed, outcome: Outcome) -> None:
        self.results.append((mail, outcome))
        self.tally[outcome.fate.value] += 1
        self.suspicious = self.suspicious + 1 if outcome.suspicious else 0
        self.down = self.down or outcome.relay or self.suspicious >= SUSPICIOUS
        if outcome.fate is Fate.SENT:
            self.tired.pop(mail.domain, None)
            self._note(mail)
        elif outcome.fate is Fate.AGAIN and not (outcome.relay or outcome.suspicious):
            self.tired[mail.domain] += 1

    # -- noting -----------------------------------------------------------------------------------

    def _note(self, mail: Claimed) -> None:
        try:
            if self.notes is not None:
                self.notes.taken(mail)
        except OSError:  # the disk is full, say: then each is committed before the next is begun
            self.notes = None

    def _note_claimed(self, batch: Sequence[tuple[Claimed, Made]]) -> None:
        try:
            if self.notes is not None:
                self.notes.claimed([mail for mail, _ in batch])
        except OSError:
            self.notes = None

    # -- one transaction between a batch and the next ----------------------------------------------

    def _first(self) -> list[tuple[Claimed, Made]]:
        with self.db.writing() as session:
            self.paused = relay_pause.current(session) is not None
            if not relay_pause.may_ask(session, self.now):
                return []
            claims.stop_the_broken(session, self.now)
            if self.most_answers is not None:
                storm.hold_back(session, self.now, self.most_answers)
            batch = self._claim(session)
        self._note_claimed(batch)
        return batch

    def _settle_and_claim(self, held: Sequence[Claimed]) -> list[tuple[Claimed, Made]]:
        begun = {mail.id for mail, _ in self.results}
        with self.db.writing() as session:
            settling.settle(session, self.results, self.now, self.refused)
            claims.give_back(session, [mail for mail in held if mail.id not in begun])
            self._watch_relay(session)
            batch = self._claim(session) if self.results and not self.down else []
        self._note_claimed(batch)
        return batch

    def _watch_relay(self, session: Session) -> None:
        answered = [one for _, one in self.results if not (one.suspicious or one.relay)]
        if self.paused and any(one.fate not in (Fate.WITHHELD, Fate.PUT_OFF) for one in answered):
            relay_pause.end(session, self.now)
            self.paused = False
        if self.down and self.results:
            relay_pause.begin(session, self.results[-1][1].says, self.now)

    def _claim(self, session: Session) -> list[tuple[Claimed, Made]]:
        """The next ones; one alone where it is to show whether the relay is back."""
        alone = self.paused or self.notes is None
        most = min(1 if alone else AT_ONCE, self.limit - self.tally.total())
        if most <= 0:
            return []
        self.claimed = time.monotonic()
        lease = self.lease + timedelta(seconds=self.claimed - self.began)
        mails = claims.claim(session, self.now, lease, most, held=self.held)
        return prepared.of(session, mails, self.build, self.made_by)
