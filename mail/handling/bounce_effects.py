"""Acts on bounces of our own mail: the mail is found, the address marked, the coordinator told, the deputy asked.

A bounce counts when it came to the mail's own signed return address, from nobody (`MAIL FROM:<>`, RFC 5321 4.5.5).
One that only names the mail and its recipient is shown to the coordinator: whoever got the mail could write it.
Everything else changes nothing.
"""

import re
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.identity import Identity
from mail.limited_reading.opening import OpenedLetter
from mail.reading import letter
from mail.reading.automatic.bounces import BounceRecipient
from workflow.codes import AlertKind, LetterOutcome, MessageStatus
from workflow.database.models import Addressee, Letter, Message, Person, Question
from workflow.records import open_questions, queries
from workflow.records.undelivered import tell_undelivered, undelivered
from workflow.rules.questions import kind_of
from workflow.season import Season
from workflow.security import own_links
from workflow.text.bilingual import Text

_RETURN_ADDRESS: Final = re.compile(r"(?:[^\s@+]{1,64}\+)?b-", re.IGNORECASE)


def take(
    season: Season, identity: Identity, session: Session, row: Letter, opened: OpenedLetter, now: datetime
) -> LetterOutcome:
    """The letter's outcome: bounce, delayed, bounce_unproven where nothing shows that it is true (held), or
    bounce_unknown where it belongs to no mail of ours."""
    report, signed = opened.read.bounce, by_return_address(identity, session, row)
    message = _message(session, row, opened.read, signed)
    if report is None or message is None:
        return LetterOutcome.BOUNCE_UNKNOWN
    row.team_id, row.person_id, row.question_id = message.team_id, message.person_id, message.question_id
    failed = _of(report.failed, message)
    if failed is None:
        return LetterOutcome.DELAYED
    row.reason = f"{failed.status} {failed.reason}".strip()[:1000]
    if signed is None or not _from_nobody(row, opened):
        return LetterOutcome.BOUNCE_UNPROVEN
    message.status, message.fault, message.error = MessageStatus.BOUNCED, "", row.reason
    person = session.get(Person, message.person_id) if message.person_id else None
    if person is not None and person.address == message.to_address:  # it may have been corrected since
        _mark(season, session, person, message, failed, now)
    return LetterOutcome.BOUNCE


def _of(failed: tuple[BounceRecipient, ...], message: Message) -> BounceRecipient | None:
    """What the report says of this mail's recipient; of its only one where the address was rewritten."""
    same = next((r for r in failed if r.address.lower() == message.to_address.lower()), None)
    return same or (failed[0] if len(failed) == 1 else None)


def _from_nobody(row: Letter, opened: OpenedLetter) -> bool:
    """Whether it has the empty sender of a true report. A mailbox without Return-Path has lost the envelope."""
    return not row.envelope_from or (row.via == "imap" and "Return-Path" not in opened.head)


def _message(session: Session, row: Letter, read: letter.ParsedLetter, signed: Message | None) -> Message | None:
    """The mail that is reported on, where address and report do not name two different ones."""
    about = read.bounce.original_message_id if read.bounce else ""
    named = session.scalars(sa.select(Message).where(Message.message_id == about)).first() if about else None
    if any(_RETURN_ADDRESS.match(address) for address in row.recipients):
        return signed if named is None or signed is None or named.id == signed.id else None
    who = {r.address.lower() for r in read.bounce.recipients} if read.bounce else set()
    return named if named and named.to_address.lower() in who else None


def by_return_address(identity: Identity, session: Session, row: Letter) -> Message | None:
    """The mail of ours to whose own signed return address the letter came."""
    for address in row.recipients:
        key = identity.returned_to(address)
        if key and key.isdigit() and len(key) < 19:
            return session.get(Message, int(key))
    return None


def _mark(
    season: Season, session: Session, person: Person, message: Message, failed: BounceRecipient, now: datetime
) -> None:
    person.address_state = "dead" if failed.hard or person.address_state == "dead" else "failing"
    person.address_note = f"{failed.status} {failed.reason}".strip()[:1000]
    session.flush()
    says = undelivered(person, person.address_note, dead=failed.hard)
    tell_undelivered(
        session, f"bounce:{person.id}:{person.address_key}", AlertKind.BOUNCE, says, now,
        to=message.to_address, why=person.address_note[:300],
        message_id=message.id, left=message.sent_at, team_id=message.team_id, person_id=person.id,
    )  # fmt: skip
    if failed.hard:
        _ask_others(season, session, message, person, now)


def refused(season: Season, session: Session, message: Message, person: Person, now: datetime) -> None:
    """The relay said at once what a bounce says later: the address is none. The deputy is asked instead."""
    _ask_others(season, session, message, person, now)


def _ask_others(season: Season, session: Session, message: Message, person: Person, now: datetime) -> None:
    """Each question of the mail: its own, and those whose reminders rode on it."""
    rode = (session.get(Addressee, addressee) for addressee, _ in own_links.riders(message.body))
    beside = [door.question for door in rode if door is not None and kind_of(door.question.kind).owed]
    own = [session.get_one(Question, message.question_id)] if message.question_id is not None else []
    for question in dict.fromkeys([*own, *beside]):
        _ask_deputy(season, session, question, person, now)


def _ask_deputy(season: Season, session: Session, question: Question, person: Person, now: datetime) -> None:
    """What the contact could not be asked is put to the deputy (or the other way round)."""
    if question.closed_at is not None or person.part not in ("contact", "deputy") or question.team_id is None:
        return
    for other in queries.spokespeople(session, question.team_id):
        if other.id != person.id and other.address_state != "dead":
            why = Text(
                et=f"Meie kiri ei jõudnud kohale: {person.name}, {person.address}. Seepärast küsime teilt.",
                en=f"Our mail did not reach {person.name}, {person.address}. So we are asking you.",
            )
            open_questions.pass_on(season, session, question, other, why, f"bounced:{question.id}", now)
