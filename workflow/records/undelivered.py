"""Mail that did not arrive: told to the coordinator, one alert for each mail or one for a whole domain; and dropped
when what it is about is over, for whoever gets it months later is misled.

Where several people of one domain have trouble within a day and nobody there gets mail, the cause is their mail server
and no address: one sentence takes the place of many.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from workflow.codes import NOT_SENT, AlertKind, DeliveryFault, DutyOutcome, MessageStatus
from workflow.database.models import Alert, Duty, HistoryRow, Message, Person, Question
from workflow.records.history import mend, tell
from workflow.rules.mail_lasting import Lasting, templates
from workflow.security import own_links
from workflow.text.bilingual import Text
from workflow.text.delivery_failures import explained

FAULTS: Final[Mapping[DeliveryFault, Text]] = {
    DeliveryFault.DEAD_ADDRESS: Text(et="see aadress ei võta kirju vastu", en="this address does not take mail"),
    DeliveryFault.NOT_LISTED: Text(
        et="config.toml lubab kirju saata ainult loetletud aadressidele ([mail] only_to); see ei ole nende seas",
        en="config.toml lets mail leave for the listed addresses only ([mail] only_to); this is not one of them",
    ),
    DeliveryFault.UNSPEAKABLE_ADDRESS: Text(
        et="sellele aadressile ei saa kirja saata", en="mail cannot be sent to such an address"
    ),
    DeliveryFault.TOO_MANY_ANSWERS: Text(
        et="tunni jooksul oli automaatvastuseid rohkem, kui lubatud",
        en="more automatic answers within an hour than allowed",
    ),
    DeliveryFault.BROKE_OFF: Text(
        et="saatmine katkes kolm korda ja tulemus on teadmata", en="sending it broke off three times without a result"
    ),
    DeliveryFault.RESTORED: Text(
        et="taastatud varasemast koopiast: saatke siis, kui seda pole vahepeal saadetud",
        en="restored from a copy made earlier: send it if it was not sent since",
    ),
    DeliveryFault.OVER: Text(
        et="jäi saatmata: see, millest kiri räägib, on läbi", en="not sent: what it is about is over"
    ),
    DeliveryFault.GIVEN_UP: Text(et="viie päeva järel jäeti saatmine katki", en="given up after five days"),
}
"""what each fault of our own is called"""
SINGLE: Final = (AlertKind.BOUNCE, AlertKind.SLOW, AlertKind.UNSENT)
"""the alerts of single mails"""
PEOPLE: Final = 3
"""of so many on trouble is a domain's"""
SPAN: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
"""so long an answer is of use"""


def domain_of(address: str) -> str:
    """The part behind the @, as it is compared."""
    return address.rpartition("@")[2].strip().lower()


def undelivered(person: Person, error: str, *, dead: bool) -> dict[str, str]:
    """What the coordinator is told of a mail that did not reach this person: why, and what to do. dead: the address
    does not exist."""
    told = explained(error, dead=dead)
    return {
        "et": f"Kiri ei jõudnud kohale: {person.name}, {person.address}: {told.et}",
        "en": f"Mail did not arrive: {person.name}, {person.address}: {told.en}",
    }


def tell_undelivered(
    session: Session, key: str, kind: AlertKind, says: Mapping[str, str], now: datetime, *,
    to: str, why: str, message_id: int, left: datetime | None = None, team_id: int | None = None,
    person_id: int | None = None,
) -> None:  # fmt: skip
    """Tell of this mail to `to`; `left`: when it was sent, where the news came back later."""
    domain = domain_of(to)
    if _told_as_one(session, domain):
        return
    tell(session, key, kind, says, now, team_id=team_id, person_id=person_id, about={"message": message_id})
    single, people, first = _trouble(session, domain, now)
    if people < PEOPLE or _somebody_gets_mail(session, domain, min(first, left or first)):
        return
    mend(session, now, Alert.id.in_(single))
    tell(
        session,
        f"undelivered:{domain}:{now.date().isoformat()}"[:200],
        AlertKind.DOMAIN,
        _whole(domain, people, why),
        now,
        about={"domain": domain},
    )


def recovered(session: Session, now: datetime) -> None:
    """An address that refused some mail is in order where a later one left a day ago and did not come back. One that
    does not exist gets none: it is in order when somebody has saved it anew."""
    to_them = (Message.person_id == Person.id, Message.to_address == Person.address)
    refused = sa.select(sa.func.max(Message.sent_at)).where(*to_them, Message.status == MessageStatus.BOUNCED)
    taken = sa.select(sa.func.max(Message.sent_at)).where(*to_them, Message.status == MessageStatus.SENT)
    taken = taken.where(Message.sent_at <= now - SPAN)
    again = sa.update(Person).where(
        Person.address_state == "failing", taken.scalar_subquery() > refused.scalar_subquery()
    )
    again = again.values(address_state="ok", address_note="")
    session.execute(again.execution_options(synchronize_session="fetch"))


def _told_as_one(session: Session, domain: str) -> bool:
    """Whether the domain's alert still waits for the coordinator."""
    mine = Alert.key.startswith(f"undelivered:{domain}:"[:200], autoescape=True)
    waits = sa.select(Alert.id).where(Alert.kind == AlertKind.DOMAIN, Alert.standing(), mine)
    return session.scalar(waits.limit(1)) is not None


def _trouble(session: Session, domain: str, now: datetime) -> tuple[list[int], int, datetime]:
    """The alerts of single mails to the domain within a day, of how many people they are, when the first one was."""
    query = (
        sa.select(Alert.id, Alert.person_id, Alert.at)
        .join(Person, Person.id == Alert.person_id)
        .where(Alert.kind.in_(SINGLE), Alert.standing(), Alert.at > now - SPAN)
        .where(sa.func.lower(Person.address).endswith(f"@{domain}", autoescape=True))
    )
    rows = session.execute(query).all()
    return [row.id for row in rows], len({row.person_id for row in rows}), min((row.at for row in rows), default=now)


def _somebody_gets_mail(session: Session, domain: str, since: datetime) -> bool:
    taken = sa.select(Message.id).where(Message.status == MessageStatus.SENT, Message.sent_at >= since)
    there = sa.func.lower(Message.to_address).endswith(f"@{domain}", autoescape=True)
    return session.scalar(taken.where(there).limit(1)) is not None


def _whole(domain: str, people: int, why: str) -> dict[str, str]:
    return {
        "et": f"Aadressidele @{domain} ei jõua ükski kiri: {people} inimese kirjad lükati tagasi või ootavad ({why}). "
        "Tõenäoliselt on põhjus nende meiliserveris, mitte aadressides. Helistage neile ja paluge, et nende IT-tugi "
        "laseks meie kirjad läbi; kui kirjad jälle jõuavad kohale, salvestage märgitud aadressid uuesti.",
        "en": f"No mail reaches anybody at @{domain}: mail to {people} people there was refused or waits ({why}). "
        "The cause is probably their mail server, not the addresses. Call them and ask that their IT support let our "
        "mail in; when mail arrives again, save the addresses that were marked once more.",
    }


# -- what is over ------------------------------------------------------------------------------------


def is_over(now: datetime) -> sa.ColumnElement[bool]:
    """Whether what a mail is about is over at this moment."""
    closed = sa.exists().where(Question.id == Message.question_id, Question.closed_at.is_not(None))
    told, later = aliased(HistoryRow), aliased(HistoryRow)
    another = (
        sa.exists()
        .where(told.id == Message.history_id, later.team_id == told.team_id, later.number > told.number)
        .where(later.to_state.is_not(None))
    )
    return sa.or_(
        sa.and_(Message.template.in_(templates(Lasting.QUESTION)), closed),
        sa.and_(Message.template.in_(templates(Lasting.STEP)), another),
        sa.and_(Message.template.in_(templates(Lasting.WEEK)), Message.created_at <= now - WEEK),
    )


def any_over(session: Session, now: datetime) -> bool:
    """Whether there is any to drop."""
    return session.scalar(sa.select(Message.id).where(Message.status.in_(NOT_SENT), is_over(now)).limit(1)) is not None


def drop_over(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> Sequence[Message]:
    """Drop those that are over; they are marked so, and may be read among the outgoing mails."""
    query = sa.select(Message).where(Message.status.in_(NOT_SENT), is_over(now), *which)
    dropped = session.scalars(query.order_by(Message.id).with_for_update(skip_locked=True)).all()
    for message in dropped:
        message.status, message.next_at, message.fault = MessageStatus.DROPPED, now, DeliveryFault.OVER
    owe_again(session, dropped)
    return dropped


def owe_again(session: Session, dropped: Iterable[Message]) -> None:
    """The reminders that rode on mails which do not leave are owed again (`workflow/schedule/together.py`)."""
    rode = {duty for mail in dropped for _, duty in own_links.riders(mail.body)}
    done = (Duty.id.in_(rode), Duty.outcome == DutyOutcome.DONE)
    session.execute(sa.update(Duty).where(*done).values(done_at=None, outcome=None))
