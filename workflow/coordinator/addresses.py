"""Corrects a person's mail address: what could not reach the old one is sent again, and what is open goes along.

Mails that wait for the coordinator's own yes keep waiting; those about what is over are dropped. The
address of before is told, so that nobody is moved unnoticed. Acts in the caller's transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import NOT_ARRIVED, NOT_SENT, AliasKind, HistoryEvent, MessageStatus
from workflow.config.loader import When
from workflow.database import notify
from workflow.database.models import Message, Person
from workflow.journey import invitations, sessions
from workflow.notices import Notice, Refile
from workflow.records import aliases, open_questions, queries, undelivered
from workflow.records.history import record
from workflow.rules.application import NO_ADDRESS, address_key
from workflow.rules.mail_kinds import when_sent
from workflow.rules.questions import QuestionKind
from workflow.season import Actor, Season
from workflow.text.bilingual import Text

GUEST: Final = "guest"


@dataclass(frozen=True, slots=True)
class Unsent:
    """Mails that did not reach a person: those that are queued anew, and those about what is over."""

    again: tuple[Message, ...]
    past: tuple[Message, ...]


def mend(
    season: Season, session: Session, person: Person, address: str, actor: Actor, now: datetime, refile: Refile
) -> Unsent | Text:
    """The person's address from now on, and what becomes of mails that did not arrive; or the sentence that says why
    not."""
    session.refresh(person, with_for_update=True)
    wanted = address.strip()
    refused = _refused(session, person, wanted)
    if refused is not None:
        return refused
    old, was_dead = person.address, person.address_state == "dead"
    person.address, person.address_key = wanted, address_key(wanted) or wanted.lower()
    person.address_state, person.address_note = "ok", ""
    _redirect(session, person, old, now, refile)
    if person.team is not None:
        why, proof = f"{old} → {wanted}", {"person": person.id}
        record(session, person.team, HistoryEvent.READDRESSED, actor, now, why=why, proof=proof)
    found = _anew(season, session, person, now)
    if address_key(old) != person.address_key:
        aliases.remember(session, person, AliasKind.FORMER, old, now)
        if not was_dead:
            _tell(season, session, person, old, now)
        _ask_again(season, session, person, {m.question_id for m in found.again}, now)
    return found


def _refused(session: Session, person: Person, wanted: str) -> Text | None:
    """Why the person cannot have this address."""
    key = address_key(wanted)
    if person.left_at is not None:
        return Text(et=f"{person.name} on lahkunud.", en=f"{person.name} has left.")
    if person.team_id is None and person.role != GUEST:
        return Text(et="Selle inimese aadress on seadetes.", en="This person's address stands in the settings.")
    if key is None:
        return NO_ADDRESS
    if wanted == person.address and person.address_state == "ok":
        return Text(et="See aadress kehtib juba.", en="That is the address already.")
    beside = Person.role == GUEST if person.team_id is None else Person.team_id == person.team_id
    same = sa.select(Person.id).where(beside, Person.address_key == key, Person.id != person.id)
    if session.scalar(same.where(Person.left_at.is_(None)).limit(1)) is None:
        return None
    if person.team_id is None:
        return Text(et="See aadress on juba teisel külalisel.", en="Another guest has this address already.")
    return Text(et="See aadress on juba teisel liikmel.", en="Another member has this address already.")


def _redirect(session: Session, person: Person, old: str, now: datetime, refile: Refile) -> None:
    """Mails that have not reached the person go to their address of now, and so says their calendar file."""
    waiting = sa.select(Message).where(
        Message.person_id == person.id, Message.to_address == old, Message.status.in_(NOT_SENT)
    )
    for message in session.scalars(waiting.with_for_update()):
        message.to_address = person.address
        if message.calendar is not None:
            message.calendar = refile(message, now) or message.calendar


def _tell(season: Season, session: Session, person: Person, old: str, now: datetime) -> None:
    """The address of before hears that it is so no more, and not of the new one: who reads there may be somebody
    else by now."""
    key = f"address_changed:{person.id}:{now.isoformat()}:{old}"[:200]
    notice = Notice(template="address_changed", key=key, person=person, team=person.team, address=old)
    season.post(session, notice, now)


def _ask_again(season: Season, session: Session, person: Person, sent: set[int | None], now: datetime) -> None:
    """What the person was asked at the address of before and has not answered, with its calendar entries; but for what
    leaves for the new one anyway."""
    asked = queries.open_questions(session, person_id=person.id)
    if person.team is not None and any(question.kind == QuestionKind.RSVP for question in asked):
        dates = f"readdressed:{person.id}:{person.address_key}"
        sessions.tell_dates(season, session, person.team, person, dates, now)
    for question in asked:
        key = f"readdressed:{question.id}:{person.address_key}"
        if question.id in sent:
            continue
        if question.kind == QuestionKind.RSVP:
            if invitations.asked(session, question):
                invitations.invite(season, session, question, now, again=key)
        else:
            open_questions.remind(season, session, question, person, key, now)


def unsent(season: Season, session: Session, person: Person, now: datetime) -> Unsent:
    """Mails that did not reach this person, oldest first: what would be sent again, and what is over."""
    query = sa.select(Message, undelivered.is_over(now)).where(
        Message.person_id == person.id, Message.status.in_([MessageStatus.HELD, *NOT_ARRIVED])
    )
    found = [(m, past) for m, past in session.execute(query.order_by(Message.id)) if not _awaits_a_yes(season, m)]
    return Unsent(tuple(m for m, past in found if not past), tuple(m for m, past in found if past))


def _awaits_a_yes(season: Season, message: Message) -> bool:
    if message.status != MessageStatus.HELD:
        return False
    return not (message.fault or message.error) or when_sent(season.programme, message.template) is When.AFTER_APPROVAL


def _anew(season: Season, session: Session, person: Person, now: datetime) -> Unsent:
    session.flush()
    found = unsent(season, session, person, now)
    undelivered.drop_over(session, now, Message.person_id == person.id)
    for message in found.again:
        message.status, message.next_at, message.tries = MessageStatus.QUEUED, now, 0
        message.fault = message.error = ""
        notify.ring(session)
    return found
