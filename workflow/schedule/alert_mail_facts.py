"""Alert facts about mail that does not arrive and letters that do not come: see `alert_facts.py`. Must never write."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from workflow.codes import DeliveryFault, MessageStatus
from workflow.database.models import Duty, Letter, Message, Person
from workflow.records.undelivered import domain_of
from workflow.rules.duties import DutyKind
from workflow.schedule import heartbeat, silence
from workflow.schedule.alert_facts import OpenAlerts, Over

DAY: Final = timedelta(days=1)
RETURNS: Final = timedelta(hours=1)
"""so long after a mail left, a server that does not take it has said so"""


def bounce(look: OpenAlerts) -> Iterable[int]:
    """Another address, or the same one works again."""
    found = {row.id: row for row in look.session.scalars(sa.select(Person).where(Person.id.in_(_people(look))))}
    for alert in look.alerts:
        person = found.get(alert.person_id or 0)
        if person is not None and (
            person.address_state == "ok"
            or person.left_at is not None
            or alert.key != f"bounce:{person.id}:{person.address_key}"
        ):
            yield alert.id


def _people(look: OpenAlerts) -> set[int]:
    return {alert.person_id for alert in look.alerts if alert.person_id is not None}


def message(*stands: MessageStatus) -> Over:
    """The mail that it is about is in none of these states any more."""

    def over(look: OpenAlerts) -> Iterable[int]:
        return (i for i, row in look.rows(Message, "message").items() if row is None or row.status not in stands)

    return over


def domain(look: OpenAlerts) -> Iterable[int]:
    """Somebody at the domain reacted, or, where no mail reached it, one did; or nobody is there any more."""
    heard = silence.heard(look.session, look.since)
    sent = sa.select(Message.to_address, sa.func.max(Message.sent_at)).group_by(Message.to_address)
    sent = sent.where(Message.status == MessageStatus.SENT, Message.sent_at > look.since)
    reached: dict[str, datetime] = {}
    for address, at in look.session.execute(sent.where(Message.sent_at < look.now - RETURNS)):
        if at is not None:
            reached[domain_of(address)] = max(at, reached.get(domain_of(address), at))
    there = {domain_of(one) for one in look.session.scalars(sa.select(Person.address).where(Person.left_at.is_(None)))}
    for alert in look.alerts:
        name = alert.about.get("domain", "")
        last = (heard if alert.about.get("silent") else reached).get(name)
        if (last is not None and last > alert.at) or (name and name not in there):
            yield alert.id


def storm(look: OpenAlerts) -> Iterable[int]:
    """None of the answers is held any more."""
    held = Message.status == MessageStatus.HELD, Message.fault == DeliveryFault.TOO_MANY_ANSWERS
    waits = look.session.scalar(sa.select(Message.id).where(*held).limit(1))
    return [alert.id for alert in look.alerts] if waits is None else []


def next_day(look: OpenAlerts) -> Iterable[int]:
    """The limit was a day's."""
    return (alert.id for alert in look.alerts if alert.at <= look.now - DAY)


def unconfirmed(look: OpenAlerts) -> Iterable[int]:
    """A day later, when the mails that waited have left."""
    kinds = (DutyKind.VERIFY_ASK, DutyKind.CONSENT_ASK)
    waits = look.session.scalar(sa.select(Duty.id).where(Duty.kind.in_(kinds), Duty.done_at.is_(None)).limit(1))
    return next_day(look) if waits is None else ()


# -- letters that do not come ------------------------------------------------------------------------


def letter_since(*which: sa.ColumnElement[bool]) -> Over:
    """A letter of this sort came after it."""

    def over(look: OpenAlerts) -> Iterable[int]:
        last = look.session.scalar(sa.select(sa.func.max(Letter.received_at)).where(*which))
        return (alert.id for alert in look.alerts if last is not None and last > alert.at)

    return over


def mailbox(look: OpenAlerts) -> Iterable[int]:
    """It could not be read, and letters come from it again; the rest about a mailbox needs a person."""
    away = {alert.id for alert in look.alerts if alert.about.get("mailbox") == "away"}
    return away.intersection(letter_since(Letter.via == "imap")(look)) if away else ()


def reading(look: OpenAlerts) -> Iterable[int]:
    """Letters can be read."""
    return () if heartbeat.reading_broken(look.session, look.now) else [alert.id for alert in look.alerts]
