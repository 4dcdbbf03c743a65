"""A mail address put right, and what could not reach it sent again. Acts in the caller's transaction.

Mails that wait for the coordinator's own yes keep waiting; those about a question that is closed stay unsent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Text, When
from workflow.coordinator import adjustments as office
from workflow.database import notify as waking
from workflow.database.models import Alert, Message, Person, Question
from workflow.notices import Refile, when_sent
from workflow.rules.application import address_key
from workflow.season import Actor, Season

GUEST: Final = "guest"


def mend(
    season: Season, session: Session, person: Person, address: str, actor: Actor, now: datetime, refile: Refile
) -> tuple[Message, ...] | Text:
    """The person's address from now on, and the mails that are queued anew; or the sentence that says why not."""
    session.refresh(person, with_for_update=True)
    if person.left_at is not None:
        return Text(et=f"{person.name} on lahkunud.", en=f"{person.name} has left.")
    refused = (
        _guest(session, person, address, now, refile)
        if person.role == GUEST
        else office.readdress(session, person, address, actor, now, refile)
    )
    return refused if refused is not None else _anew(season, session, person, now)


def _guest(session: Session, person: Person, address: str, now: datetime, refile: Refile) -> Text | None:
    key = address_key(address)
    if key is None:
        return Text(
            et="Kirjutage meiliaadress kujul nimi@asutus.ee.", en="Write a mail address such as name@example.org."
        )
    if address.strip() == person.address and person.address_state == "ok":
        return Text(et="See aadress kehtib juba.", en="That is the address already.")
    same = sa.select(Person.id).where(Person.role == GUEST, Person.address_key == key, Person.id != person.id)
    if session.scalar(same.limit(1)) is not None:
        return Text(et="See aadress on juba teisel külalisel.", en="Another guest has this address already.")
    person.address, person.address_key = address.strip(), key
    person.address_state, person.address_note = "ok", ""
    office.redirect(session, person, now, refile)
    return None


def unsent(season: Season, session: Session, person: Person) -> Sequence[Message]:
    """Mails that did not reach this person and still matter, oldest first."""
    closed = sa.select(Question.id).where(Question.closed_at.is_not(None))
    query = sa.select(Message).where(
        Message.person_id == person.id,
        Message.status.in_(["held", *office.RETRY]),
        sa.or_(Message.question_id.is_(None), Message.question_id.not_in(closed)),
    )
    return [m for m in session.scalars(query.order_by(Message.id)) if not _awaits_a_yes(season, m)]


def _awaits_a_yes(season: Season, message: Message) -> bool:
    if message.status != "held":
        return False
    return not message.error or when_sent(season.programme, message.template) is When.AFTER_APPROVAL


def _anew(season: Season, session: Session, person: Person, now: datetime) -> tuple[Message, ...]:
    session.flush()
    mails = tuple(unsent(season, session, person))
    for message in mails:
        message.status, message.next_at, message.tries, message.error = "queued", now, 0, ""
        waking.ring(session)
    settled = sa.update(Alert).where(Alert.person_id == person.id, Alert.kind == "bounce", Alert.settled_at.is_(None))
    session.execute(settled.values(settled_at=now))
    return mails
