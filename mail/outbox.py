"""Queued messages, sent: one after another, oldest first, each marked before the next one is begun.

A message is `sending` under a lease and a number of attempt, committed before a byte leaves; the result is taken
only from the attempt that holds it. After a crash the worst is one mail twice, with the same Message-ID. What
cannot be sent never holds up the rest: it waits, or fails with its reason, and the coordinator is told.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail import relay_pause, storm
from mail.build import enclosed
from mail.characters import one_line
from mail.transport import Fate, Line, LoopbackTransport, NoTransport, Outcome, SmtpTransport, Transport
from workflow import backup
from workflow.database import Database
from workflow.models import Message, Person
from workflow.recording import tell

__all__ = ["LoopbackTransport", "NoTransport", "Sent", "SmtpTransport", "Transport", "deliver"]

Build = Callable[[Message], tuple[str, bytes]]
"""the envelope's sender and the mail's bytes"""
Refused = Callable[[Session, Message, Person, datetime], None]
"""what else is to be done, in the same transaction, where a person's address turned out to be none"""

LEASE = timedelta(minutes=15)
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
UNCERTAIN_DELAY = timedelta(minutes=15)
MOST_STARTS = 3
"""a mail whose sending never came to a result so often is sent no more: it may be what ends the worker"""
STOPPED = "sending it broke off three times without a result"
SUSPICIOUS = 5
"""so many lost connections and refusals in a row speak of the relay, not of the mails"""
TELL_AFTER = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a pass did. `relay_down`: it ended early, because the relay takes nothing now."""

    sent: int = 0
    again: int = 0
    unknown: int = 0
    refused: int = 0
    withheld: int = 0
    relay_down: bool = False

    @property
    def handled(self) -> int:
        return self.sent + self.again + self.unknown + self.refused + self.withheld


def deliver(
    db: Database,
    now: datetime,
    transport: Transport,
    *,
    build: Build,
    refused: Refused | None = None,
    lease: timedelta = LEASE,
    limit: int = 100,
    most_answers: int | None = None,
) -> Sent:
    """Send up to `limit` messages that are due. `lease` must outlast the longest a relay may take for one;
    `most_answers` to letters may leave in an hour, above it the circuit breaker holds them."""
    with db.reading() as session:
        held = backup.on_hold(session)
        if session.scalar(_due(held=held).limit(1), {"at": now}) is None:
            return Sent()  # an idle look takes no lock from anybody who writes
        if relay_pause.holds(session, now):
            return Sent(relay_down=True)
    with transport.line() as line:
        return _Pass(db, now, line, build, refused, lease, limit, most_answers, held).run()


@dataclass(slots=True)
class _Pass:
    """One pass over what is due, on one line."""

    db: Database
    now: datetime
    line: Line
    build: Build
    refused: Refused | None
    lease: timedelta
    limit: int
    most_answers: int | None
    held: bool
    tally: Counter[str] = field(default_factory=Counter)
    suspicious: int = 0
    paused: bool = False
    """the relay was away when the pass began, and has not taken a mail since"""

    def run(self) -> Sent:
        began, down = time.monotonic(), False
        with self.db.writing() as session:
            message = self._first(session)
        down = message is None and self.paused
        while message is not None:
            outcome = _send(message, self.build, self.line)
            self.tally[outcome.fate.value] += 1
            self.suspicious = self.suspicious + 1 if outcome.suspicious else 0
            down = outcome.relay or self.suspicious >= SUSPICIOUS
            with self.db.writing() as session:  # one commit ends this message and begins the next
                _settle(session, message, outcome, self.now, self.refused)
                self._watch_relay(session, outcome, down=down)
                go_on = self.tally.total() < self.limit and not down
                spent = timedelta(seconds=time.monotonic() - began)
                message = _claim(session, self.now, self.lease + spent, held=self.held) if go_on else None
        return Sent(**self.tally, relay_down=down)

    def _first(self, session: Session) -> Message | None:
        self.paused = relay_pause.current(session) is not None
        if not relay_pause.may_ask(session, self.now):
            return None
        _stop_the_broken(session, self.now)
        if self.most_answers is not None:
            storm.hold_back(session, self.now, self.most_answers)
        return _claim(session, self.now, self.lease, held=self.held)

    def _watch_relay(self, session: Session, outcome: Outcome, *, down: bool) -> None:
        if down:
            relay_pause.begin(session, outcome.says, self.now)
        elif self.paused and not outcome.suspicious and outcome.fate is not Fate.WITHHELD:
            relay_pause.end(session, self.now)
            self.paused = False


def _send(message: Message, build: Build, line: Line) -> Outcome:
    try:
        sender, data = build(message)
    except Exception as error:  # whatever is wrong with this message, it is wrong with this one only
        return Outcome(Fate.REFUSED, one_line(f"{type(error).__name__}: {error}", 300))
    return line.send(sender, _in_ascii(message.to_address), data)


def _in_ascii(address: str) -> str:
    """The domain as DNS has it; the rest as it is, for the transport to refuse."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return address


# -- claiming -----------------------------------------------------------------------------------


def _claim(session: Session, now: datetime, lease: timedelta, *, held: bool = False) -> Message | None:
    message = session.scalars(_claiming(held=held), {"at": now, "until": now + lease}).first()
    if message is not None:
        enclosed(message)  # read now: it is built when this transaction is over
    return message


@cache
def _claiming(*, held: bool) -> sa.UpdateBase:
    """Made once: putting the statement together takes longer than the database does."""
    due = _due(held=held).limit(1).with_for_update(skip_locked=True).cte("due")
    return (
        sa.update(Message)
        .where(Message.id.in_(sa.select(due.c.id)))
        .values(
            status="sending",
            attempt=Message.attempt + 1,
            leased_until=sa.bindparam("until"),
            broken=sa.case((Message.status == "sending", Message.broken + 1), else_=0),
        )
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


@cache
def _due(*, held: bool) -> sa.Select[int]:
    """`held`: the books were restored from a copy and nobody has looked at them; whoever is to look may sign in."""
    waiting = sa.and_(Message.status.in_(("queued", "uncertain")), Message.next_at <= sa.bindparam("at"))
    left_behind = sa.and_(Message.status == "sending", Message.leased_until <= sa.bindparam("at"))
    may_leave = Message.template == "sign_in" if held else sa.true()
    return sa.select(Message.id).where(sa.or_(waiting, left_behind), may_leave).order_by(Message.next_at, Message.id)


def _stop_the_broken(session: Session, now: datetime) -> None:
    """A mail that ends its worker each time must not end them all."""
    left = (Message.status == "sending", Message.leased_until <= now, Message.broken >= MOST_STARTS - 1)
    stopped = session.scalars(
        sa.update(Message)
        .where(*left)
        .values(status="failed", leased_until=None, error=STOPPED)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    for message in stopped.all():
        _tell_unsent(session, message, STOPPED, now)


# -- settling -----------------------------------------------------------------------------------


def _settle(session: Session, message: Message, outcome: Outcome, now: datetime, refused: Refused | None) -> None:
    if not _written(session, message, _result(message, outcome, now)):
        return  # another attempt has it: what it finds counts
    if outcome.address:
        _mark_address(session, message, outcome, now, refused)
    elif not outcome.relay:
        _tell_of(session, message, outcome, now)


def _result(message: Message, outcome: Outcome, now: datetime) -> dict[str, Any]:
    match outcome.fate:
        case Fate.SENT:
            return {"status": "sent", "sent_at": now, "error": ""}
        case Fate.WITHHELD:
            return {"status": "held", "error": outcome.says}
        case Fate.REFUSED:
            return {"status": "failed", "error": outcome.says}
    if outcome.relay:  # it keeps its place: what was queued first goes first when the relay is back
        return {"status": "queued", "error": outcome.says}
    tries = message.tries + 1
    if waited(tries) >= GIVE_UP_AFTER:
        says = f"given up after {GIVE_UP_AFTER.days} days: {outcome.says}"
        return {"status": "failed", "error": says, "tries": tries}
    unknown = outcome.fate is Fate.UNKNOWN
    return {
        "status": "uncertain" if unknown else "queued",
        "next_at": now + (max(delay(tries), UNCERTAIN_DELAY) if unknown else delay(tries)),
        "error": outcome.says,
        "tries": tries,
    }


def delay(tries: int) -> timedelta:
    """How long to wait after the try of this number."""
    return DELAYS[min(tries, len(DELAYS)) - 1]


def waited(tries: int) -> timedelta:
    """How long a message has been waiting when the try of this number fails."""
    steep = sum(DELAYS[: tries - 1], timedelta())
    return steep + DELAYS[-1] * max(0, tries - 1 - len(DELAYS))


def _written(session: Session, message: Message, values: dict[str, Any]) -> bool:
    values = {"leased_until": None, "broken": 0, **values}
    said = {f"new_{name}": value for name, value in values.items()}
    mine = {"mail": message.id, "mine": message.attempt}
    return session.execute(_marking(tuple(values)), said | mine).first() is not None


@cache
def _marking(names: tuple[str, ...]) -> sa.UpdateBase:
    """Only the attempt that holds the lease may write."""
    return (
        sa.update(Message)
        .where(
            Message.id == sa.bindparam("mail"), Message.attempt == sa.bindparam("mine"), Message.status == "sending"
        )
        .values({name: sa.bindparam(f"new_{name}") for name in names})
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )


def _mark_address(session: Session, message: Message, outcome: Outcome, now: datetime, refused: Refused | None) -> None:
    """As for a bounce: the address is dead until the coordinator mends it."""
    person = session.get(Person, message.person_id) if message.person_id else None
    if person is None or person.address != message.to_address:
        _tell_of(session, message, outcome, now)
        return
    person.address_state, person.address_note = "dead", outcome.says
    says = {
        "et": f"Kiri ei jõudnud kohale: {person.name}, {person.address} ({outcome.says}). "
        "Parandage aadress või valige teine inimene.",
        "en": f"Mail did not arrive: {person.name}, {person.address} ({outcome.says}). "
        "Correct the address or choose another person.",
    }
    _tell(session, f"bounce:{person.id}:{person.address_key}", "bounce", says, now, message)
    if refused is not None:
        refused(session, message, person, now)


def _tell_of(session: Session, message: Message, outcome: Outcome, now: datetime) -> None:
    tries, waits = message.tries + 1, outcome.fate in (Fate.AGAIN, Fate.UNKNOWN)
    if outcome.fate is Fate.REFUSED or (waits and waited(tries) >= GIVE_UP_AFTER):
        _tell_unsent(session, message, outcome.says, now)
    elif waits and waited(tries + 1) >= TELL_AFTER:
        to = f"{message.to_name}, {message.to_address}"
        says = {
            "et": f"Kiri ei ole nelja tunniga kohale jõudnud: {to} ({outcome.says}). Proovitakse edasi.",
            "en": f"A mail has not arrived in four hours: {to} ({outcome.says}). It is being tried on.",
        }
        _tell(session, f"slow:{message.to_address.lower()}:{now.date().isoformat()}"[:200], "slow", says, now, message)


def _tell_unsent(session: Session, message: Message, why: str, now: datetime) -> None:
    to = f"{message.to_name}, {message.to_address}"
    says = {
        "et": f"Kiri jäi saatmata: {to} ({why}). Vaadake see väljuvate kirjade hulgast üle.",
        "en": f"A mail was not sent: {to} ({why}). Look at it among the outgoing mails.",
    }
    _tell(session, f"unsent:{message.id}", "unsent", says, now, message)


def _tell(
    session: Session, key: str, kind: str, says: dict[str, str], now: datetime, of: Message | None = None
) -> None:
    """Put it before the coordinator, once per key, with whom the mail is to."""
    tell(
        session, key, kind, says, now, team_id=of.team_id if of else None, person_id=of.person_id if of else None
    )  # fmt: skip
