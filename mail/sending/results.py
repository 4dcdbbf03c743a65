"""What became of mails, written down: only by the attempt that holds them, and told where somebody must act.

Mails that were taken are written together; each of the others is weighed by itself: tried again later, failed, or
the end of an address. Must never send.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending.outcome import Fate, Outcome
from workflow.database.models import Message, Person
from workflow.records.history import tell

Refused = Callable[[Session, Message, Person, datetime], None]
"""what else is to be done, in the same transaction, where a person's address turned out to be none"""

DELAYS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))
UNCERTAIN_DELAY = timedelta(minutes=15)
TELL_AFTER: Final = timedelta(hours=4)
GIVE_UP_AFTER: Final = timedelta(days=5)


class Held(Protocol):
    """A mail in the hands of an attempt."""

    @property
    def id(self) -> int: ...
    @property
    def attempt(self) -> int: ...


class Mail(Held, Protocol):
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


def settle(session: Session, results: Iterable[tuple[Mail, Outcome]], now: datetime, refused: Refused | None) -> None:
    """Write down what became of each."""
    results = list(results)
    taken = [mail for mail, outcome in results if outcome.fate is Fate.SENT]
    written(session, taken, {"status": "sent", "sent_at": now, "error": ""})
    for mail, outcome in results:
        if outcome.fate is not Fate.SENT:
            _settle_one(session, mail, outcome, now, refused)


def _settle_one(session: Session, mail: Mail, outcome: Outcome, now: datetime, refused: Refused | None) -> None:
    if not written(session, [mail], _result(mail, outcome, now)):
        return  # another attempt has it: what it finds counts
    if outcome.address:
        _mark_address(session, mail, outcome, now, refused)
    elif not outcome.relay:
        _tell_of(session, mail, outcome, now)


def _result(mail: Mail, outcome: Outcome, now: datetime) -> dict[str, Any]:
    match outcome.fate:
        case Fate.WITHHELD:
            return {"status": "held", "error": outcome.says}
        case Fate.REFUSED:
            return {"status": "failed", "error": outcome.says}
        case Fate.PUT_OFF:
            return {"status": "queued", "error": outcome.says, "next_at": now + DELAYS[0]}
    if outcome.relay:  # it keeps its place: what was queued first goes first when the relay is back
        return {"status": "queued", "error": outcome.says}
    tries = mail.tries + 1
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


# -- writing ------------------------------------------------------------------------------------


def written(session: Session, mails: Sequence[Held], values: dict[str, Any]) -> int:
    """Write the same of each of these, and end their leases; how many were still in the hands of this attempt."""
    values = {"leased_until": None, "broken": 0, **values}
    said = {f"new_{name}": value for name, value in values.items()}
    alike: dict[int, list[int]] = defaultdict(list)
    for mail in mails:
        alike[mail.attempt].append(mail.id)
    marking = _marking(tuple(values))
    found = (session.execute(marking, said | {"mine": n, "mails": ids}).all() for n, ids in alike.items())
    return sum(map(len, found))


@cache
def _marking(names: tuple[str, ...]) -> sa.UpdateBase:
    """Only the attempt that holds the lease may write."""
    return (
        sa.update(Message)
        .where(
            Message.id.in_(sa.bindparam("mails", expanding=True)),
            Message.attempt == sa.bindparam("mine"),
            Message.status == "sending",
        )
        .values({name: sa.bindparam(f"new_{name}") for name in names})
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )


# -- telling ------------------------------------------------------------------------------------


def _mark_address(session: Session, mail: Mail, outcome: Outcome, now: datetime, refused: Refused | None) -> None:
    """As for a bounce: the address is dead until the coordinator mends it."""
    person = session.get(Person, mail.person_id) if mail.person_id else None
    if person is None or person.address != mail.to_address:
        _tell_of(session, mail, outcome, now)
        return
    person.address_state, person.address_note = "dead", outcome.says
    says = {
        "et": f"Kiri ei jõudnud kohale: {person.name}, {person.address} ({outcome.says}). "
        "Parandage aadress või valige teine inimene.",
        "en": f"Mail did not arrive: {person.name}, {person.address} ({outcome.says}). "
        "Correct the address or choose another person.",
    }
    _tell(session, f"bounce:{person.id}:{person.address_key}", "bounce", says, now, mail)
    if refused is not None:
        refused(session, session.get_one(Message, mail.id), person, now)


def _tell_of(session: Session, mail: Mail, outcome: Outcome, now: datetime) -> None:
    tries, waits = mail.tries + 1, outcome.fate in (Fate.AGAIN, Fate.UNKNOWN)
    if outcome.fate is Fate.REFUSED or (waits and waited(tries) >= GIVE_UP_AFTER):
        tell_unsent(session, mail, outcome.says, now)
    elif waits and waited(tries + 1) >= TELL_AFTER:
        to = f"{mail.to_name}, {mail.to_address}"
        says = {
            "et": f"Kiri ei ole nelja tunniga kohale jõudnud: {to} ({outcome.says}). Proovitakse edasi.",
            "en": f"A mail has not arrived in four hours: {to} ({outcome.says}). It is being tried on.",
        }
        _tell(session, f"slow:{mail.to_address.lower()}:{now.date().isoformat()}"[:200], "slow", says, now, mail)


def tell_unsent(session: Session, mail: Mail, why: str, now: datetime) -> None:
    """The coordinator hears that a mail will not be sent."""
    to = f"{mail.to_name}, {mail.to_address}"
    says = {
        "et": f"Kiri jäi saatmata: {to} ({why}). Vaadake see väljuvate kirjade hulgast üle.",
        "en": f"A mail was not sent: {to} ({why}). Look at it among the outgoing mails.",
    }
    _tell(session, f"unsent:{mail.id}", "unsent", says, now, mail)


def _tell(session: Session, key: str, kind: str, says: dict[str, str], now: datetime, of: Mail) -> None:
    """Put it before the coordinator, once per key, with whom the mail is to."""
    tell(session, key, kind, says, now, team_id=of.team_id, person_id=of.person_id)
