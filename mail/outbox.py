"""Queued messages, sent: one after another, oldest first, each marked before the next one is begun.

A message is `sending` under a lease and a number of attempt, committed before a byte leaves; the result is taken
only from the attempt that holds it. After a crash the worst is one mail twice, with the same Message-ID. What
cannot be sent never holds up the rest: it waits, or fails with its reason, and the coordinator is told.
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.characters import one_line
from mail.transport import Fate, Line, LoopbackTransport, NoTransport, Outcome, SmtpTransport, Transport
from workflow.database import Database, insert
from workflow.models import Alert, Message, Person

__all__ = ["LoopbackTransport", "NoTransport", "Sent", "SmtpTransport", "Transport", "deliver"]

Build = Callable[[Message], tuple[str, bytes]]
"""the envelope's sender and the mail's bytes"""
Refused = Callable[[Session, Message, Person, datetime], None]
"""what else is to be done, in the same transaction, where a person's address turned out to be none"""

LEASE = timedelta(minutes=15)
DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
UNCERTAIN_DELAY = timedelta(minutes=15)
RELAY_DELAY = timedelta(minutes=1)
RELAY_ATTEMPTS = 3
"""the relay failed the same message so often (over six minutes): the coordinator is told"""
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
) -> Sent:
    """Send up to `limit` messages that are due. `lease` must outlast the longest a relay may take for one."""
    with db.reading() as session:
        if session.scalar(_due(now).limit(1)) is None:
            return Sent()  # an idle look takes no lock from anybody who writes
    tally: Counter[str] = Counter()
    began = time.monotonic()
    relay_down = False
    with transport.line() as line:
        with db.writing() as session:
            message = _claim(session, now, lease)
        while message is not None:
            outcome = _send(message, build, line)
            tally[outcome.fate.value] += 1
            relay_down = outcome.relay
            go_on = tally.total() < limit and not relay_down
            with db.writing() as session:  # one commit ends this message and begins the next
                _settle(session, message, outcome, now, refused)
                spent = timedelta(seconds=time.monotonic() - began)
                message = _claim(session, now, lease + spent) if go_on else None
    return Sent(**tally, relay_down=relay_down)


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


def _claim(session: Session, now: datetime, lease: timedelta) -> Message | None:
    due = _due(now).limit(1).with_for_update(skip_locked=True).cte("due")
    return session.scalars(
        sa.update(Message)
        .where(Message.id.in_(sa.select(due.c.id)))
        .values(status="sending", attempt=Message.attempt + 1, leased_until=now + lease)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).first()


def _due(now: datetime) -> sa.Select[int]:
    waiting = sa.and_(Message.status.in_(("queued", "uncertain")), Message.next_at <= now)
    left_behind = sa.and_(Message.status == "sending", Message.leased_until <= now)
    return sa.select(Message.id).where(sa.or_(waiting, left_behind)).order_by(Message.next_at, Message.id)


# -- settling -----------------------------------------------------------------------------------


def _settle(session: Session, message: Message, outcome: Outcome, now: datetime, refused: Refused | None) -> None:
    if not _written(session, message, _result(message.attempt, outcome, now)):
        return  # another attempt has it: what it finds counts
    if outcome.fate is Fate.SENT:
        _relay_is_back(session, now)
    elif outcome.relay:
        _wait_for_the_relay(session, message, outcome, now)
    if outcome.address:
        _mark_address(session, message, outcome, now, refused)
    elif not outcome.relay:
        _tell_of(session, message, outcome, now)


def _result(attempt: int, outcome: Outcome, now: datetime) -> dict[str, Any]:
    match outcome.fate:
        case Fate.SENT:
            return {"status": "sent", "sent_at": now, "error": ""}
        case Fate.WITHHELD:
            return {"status": "held", "error": outcome.says}
        case Fate.REFUSED:
            return {"status": "failed", "error": outcome.says}
    if waited(attempt) >= GIVE_UP_AFTER and not outcome.relay:
        return {"status": "failed", "error": f"given up after {GIVE_UP_AFTER.days} days: {outcome.says}"}
    if outcome.fate is Fate.UNKNOWN:
        return {"status": "uncertain", "next_at": now + max(delay(attempt), UNCERTAIN_DELAY), "error": outcome.says}
    return {"status": "queued", "next_at": now + delay(attempt), "error": outcome.says}


def delay(attempt: int) -> timedelta:
    """How long to wait after the attempt of this number."""
    return DELAYS[min(attempt, len(DELAYS)) - 1]


def waited(attempt: int) -> timedelta:
    """How long a message has been waiting when the attempt of this number fails."""
    steep = sum(DELAYS[: attempt - 1], timedelta())
    return steep + DELAYS[-1] * max(0, attempt - 1 - len(DELAYS))


def _written(session: Session, message: Message, values: dict[str, Any]) -> bool:
    result = session.execute(
        sa.update(Message)
        .where(Message.id == message.id, Message.attempt == message.attempt, Message.status == "sending")
        .values(leased_until=None, **values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    return result.first() is not None


def _wait_for_the_relay(session: Session, message: Message, outcome: Outcome, now: datetime) -> None:
    """Nothing else is due before a minute is over: a relay that is down is asked once a minute."""
    session.execute(
        sa.update(Message)
        .where(Message.status.in_(("queued", "uncertain")), Message.next_at < now + RELAY_DELAY)
        .values(next_at=now + RELAY_DELAY)
        .execution_options(synchronize_session=False)
    )
    if message.attempt >= RELAY_ATTEMPTS:
        says = {
            "et": f"Meiliserver ei võta kirju vastu ({outcome.says}). Kirjad ootavad ja lähevad siis, kui ta võtab.",
            "en": f"The mail server takes no mail ({outcome.says}). Mails wait, and go when it does.",
        }
        _tell(session, f"relay:{now.date().isoformat()}", "relay", says, now)


def _relay_is_back(session: Session, now: datetime) -> None:
    """After a longer absence, what has learnt to wait for it need not wait on."""
    settled = session.scalars(
        sa.update(Alert)
        .where(Alert.kind == "relay", Alert.settled_at.is_(None))
        .values(settled_at=now)
        .returning(Alert.id)
        .execution_options(synchronize_session=False)
    ).all()
    if settled:
        session.execute(
            sa.update(Message)
            .where(Message.status == "queued", Message.next_at > now, Message.attempt > 0)
            .values(next_at=now)
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
    to, waiting = f"{message.to_name}, {message.to_address}", waited(message.attempt)
    if outcome.fate is Fate.REFUSED or (outcome.fate in (Fate.AGAIN, Fate.UNKNOWN) and waiting >= GIVE_UP_AFTER):
        says = {
            "et": f"Kiri jäi saatmata: {to} ({outcome.says}). Vaadake see väljuvate kirjade hulgast üle.",
            "en": f"A mail was not sent: {to} ({outcome.says}). Look at it among the outgoing mails.",
        }
        _tell(session, f"unsent:{message.id}", "unsent", says, now, message)
    elif outcome.fate in (Fate.AGAIN, Fate.UNKNOWN) and waited(message.attempt + 1) >= TELL_AFTER:
        says = {
            "et": f"Kiri ei ole nelja tunniga kohale jõudnud: {to} ({outcome.says}). Proovitakse edasi.",
            "en": f"A mail has not arrived in four hours: {to} ({outcome.says}). It is being tried on.",
        }
        _tell(session, f"slow:{message.to_address.lower()}:{now.date().isoformat()}"[:200], "slow", says, now, message)


def _tell(
    session: Session, key: str, kind: str, says: dict[str, str], now: datetime, of: Message | None = None
) -> None:
    """Put it before the coordinator, once per key, whoever else is just doing the same."""
    whose = {"team_id": of.team_id, "person_id": of.person_id} if of else {}
    values = {"key": key, "kind": kind, "says": says, "at": now, **whose}
    session.execute(insert(session.get_bind(), Alert).values(**values).on_conflict_do_nothing(index_elements=["key"]))
