"""Records the outcomes of mails: sent, retry later, failed, address dead; only for the attempt that holds the lease.

What was not taken is weighed: tried again later, failed, or the end of an address. Must never send.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending.outcome import DeliveryOutcome, Fate
from workflow.codes import AlertKind, DeliveryFault, MessageStatus
from workflow.database.models import Message, Person
from workflow.records.undelivered import tell_undelivered, undelivered
from workflow.text.bilingual import Text
from workflow.text.delivery_failures import explained

Refused = Callable[[Session, Message, Person, datetime], None]
"""what else is to be done, in the same transaction, where a person's address turned out to be none"""

DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
UNCERTAIN_DELAY = timedelta(minutes=15)
TELL_AFTER: Final = timedelta(hours=4)
GIVE_UP_AFTER: Final = timedelta(days=5)

log = logging.getLogger("teekond")


class MailInHand(Protocol):
    """A mail in the hands of an attempt."""

    @property
    def id(self) -> int: ...
    @property
    def attempt(self) -> int: ...


class MailToSettle(MailInHand, Protocol):
    """What settling one needs to know of it."""

    @property
    def tries(self) -> int: ...
    @property
    def to_name(self) -> str: ...
    @property
    def to_address(self) -> str: ...
    @property
    def person_id(self) -> int | None: ...
    @property
    def team_id(self) -> int | None: ...


def settle(
    session: Session, results: Iterable[tuple[MailToSettle, DeliveryOutcome]], now: datetime, refused: Refused | None
) -> None:
    """Write down what became of each, and do what follows from it. Raises where the database is away; then nothing of
    it is written, and all of it may be settled again: what another attempt has, or what is settled, stays as it is."""
    for mail, outcome in results:
        said = {"fault": outcome.fault or "", "error": outcome.says}
        if written(session, mail, said | _result(mail, outcome, now)) and outcome.fate is not Fate.SENT:
            _follow(session, mail, outcome, now, refused)


def _follow(
    session: Session, mail: MailToSettle, outcome: DeliveryOutcome, now: datetime, refused: Refused | None
) -> None:
    """A fault of ours in what follows must not keep the result out of the books: it would be tried for ever."""
    try:
        with session.begin_nested():
            if outcome.address:
                _mark_address(session, mail, outcome, now, refused)
            elif not outcome.relay:
                _tell_of(session, mail, outcome, now)
    except (sa.exc.OperationalError, sa.exc.InterfaceError):
        raise  # the database is away, full or locked
    except Exception as error:
        log.exception("what follows from a mail that was not sent failed")
        why, what = outcome.words, type(error).__name__
        tell_unsent(session, mail, Text(et=f"{why.et}; {what}", en=f"{why.en}; {what}"), now)


def _result(mail: MailToSettle, outcome: DeliveryOutcome, now: datetime) -> dict[str, Any]:
    match outcome.fate:
        case Fate.SENT:
            return {"status": MessageStatus.SENT, "sent_at": now, "error": ""}
        case Fate.WITHHELD:
            return {"status": MessageStatus.HELD}
        case Fate.REFUSED:
            return {"status": MessageStatus.FAILED}
        case Fate.PUT_OFF:
            return {"status": MessageStatus.QUEUED, "next_at": now + DELAYS[0]}
    if outcome.relay:  # it keeps its place: what was queued first goes first when the relay is back
        return {"status": MessageStatus.QUEUED}
    tries = mail.tries + 1
    if waited(tries) >= GIVE_UP_AFTER:
        return {"status": MessageStatus.FAILED, "fault": DeliveryFault.GIVEN_UP, "tries": tries}
    unknown = outcome.fate is Fate.UNKNOWN
    return {
        "status": MessageStatus.UNCERTAIN if unknown else MessageStatus.QUEUED,
        "next_at": now + (max(delay(tries), UNCERTAIN_DELAY) if unknown else delay(tries)),
        "tries": tries,
    }


def delay(tries: int) -> timedelta:
    """How long to wait after the try of this number."""
    return DELAYS[min(tries, len(DELAYS)) - 1]


def waited(tries: int) -> timedelta:
    """How long a message has been waiting when the try of this number fails."""
    steep = sum(DELAYS[: tries - 1], timedelta())
    return steep + DELAYS[-1] * max(0, tries - 1 - len(DELAYS))


# -- writing ------------------------------------------------------------------------------------


def written(session: Session, mail: MailInHand, values: dict[str, Any]) -> bool:
    """Write this of a mail and end its lease; False where it is no longer in the hands of this attempt."""
    values = {"leased_until": None, "broken": 0, **values}
    said = {f"new_{name}": value for name, value in values.items()}
    found = session.execute(_marking(tuple(values)), said | {"mine": mail.attempt, "mail": mail.id})
    return found.first() is not None


@cache
def _marking(names: tuple[str, ...]) -> sa.UpdateBase:
    """Only the attempt that holds the lease may write."""
    table = Message.__table__  # not the class: what the ORM would look after costs more than the statement
    assert isinstance(table, sa.Table)
    mine = (
        table.c.id == sa.bindparam("mail"),
        table.c.attempt == sa.bindparam("mine"),
        table.c.status == MessageStatus.SENDING,
    )
    new: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in names}
    return sa.update(table).where(*mine).values(new).returning(table.c.id)


# -- telling ------------------------------------------------------------------------------------


def _mark_address(
    session: Session, mail: MailToSettle, outcome: DeliveryOutcome, now: datetime, refused: Refused | None
) -> None:
    """As for a bounce: the address is dead until the coordinator mends it."""
    person = session.get(Person, mail.person_id) if mail.person_id else None
    if person is None or person.address != mail.to_address:
        _tell_of(session, mail, outcome, now)
        return
    person.address_state, person.address_note = "dead", outcome.says
    says = undelivered(person, outcome.says, dead=True)
    _tell(session, f"bounce:{person.id}:{person.address_key}", AlertKind.BOUNCE, says, outcome.says, now, mail)
    if refused is not None:
        refused(session, session.get_one(Message, mail.id), person, now)


def _tell_of(session: Session, mail: MailToSettle, outcome: DeliveryOutcome, now: datetime) -> None:
    tries, waits = mail.tries + 1, outcome.fate in (Fate.AGAIN, Fate.UNKNOWN)
    if outcome.fate is Fate.REFUSED or (waits and waited(tries) >= GIVE_UP_AFTER):
        tell_unsent(session, mail, outcome.words if outcome.fault else explained(outcome.says), now)
    elif waits and waited(tries + 1) >= TELL_AFTER:
        to = f"{mail.to_name}, {mail.to_address}"
        says = {
            "et": f"Kiri ei ole nelja tunniga kohale jõudnud: {to} ({outcome.says}). Proovitakse edasi.",
            "en": f"A mail has not arrived in four hours: {to} ({outcome.says}). It is being tried on.",
        }
        key = f"slow:{mail.to_address.lower()}:{now.date().isoformat()}"[:200]
        _tell(session, key, AlertKind.SLOW, says, outcome.says, now, mail)


def tell_unsent(session: Session, mail: MailToSettle, why: Text, now: datetime) -> None:
    """The coordinator hears that a mail will not be sent."""
    to = f"{mail.to_name}, {mail.to_address}"
    says = {
        "et": f"Kiri jäi saatmata: {to}: {why.et.removesuffix('.')}. Vaadake see väljuvate kirjade hulgast üle.",
        "en": f"A mail was not sent: {to}: {why.en.removesuffix('.')}. Look at it among the outgoing mails.",
    }
    _tell(session, f"unsent:{mail.id}", AlertKind.UNSENT, says, why.en, now, mail)


def _tell(
    session: Session, key: str, kind: AlertKind, says: dict[str, str], why: str, now: datetime, of: MailToSettle
) -> None:
    """Put it before the coordinator, once per key, with whom the mail is to."""
    tell_undelivered(
        session, key, kind, says, now, to=of.to_address, why=why, message_id=of.id, team_id=of.team_id,
        person_id=of.person_id,
    )
