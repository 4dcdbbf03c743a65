"""Look-ups for a letter in hand: whose secret addresses these are, what came before under the same Message-ID, how much
of a work was taken in today. Must never decide anything, and never write.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from mail.identity import SECRET, Identity
from mail.reading import letter
from workflow.codes import LetterOutcome
from workflow.database.models import Addressee, Letter, Message, Person, Question

_ADDRESSES: Final = 20  # of a letter's recipients that are looked up
_COPIES: Final = 10
_DAY: Final = timedelta(days=1)

Route = tuple[Question, Person]


def by_secret(session: Session, addresses: Sequence[str], sender_key: str | None) -> list[Route]:
    """Each question that these addresses belong to, with the person asked; of several, the sender."""
    secrets = _secrets(addresses)
    query = sa.select(Addressee).where(Addressee.secret.in_(secrets))
    query = query.options(joinedload(Addressee.person), joinedload(Addressee.question))
    found: dict[int, Route] = {}
    for one in _in_order(secrets, session.scalars(query)) if secrets else ():
        if one.question_id not in found or one.person.address_key == sender_key:
            found[one.question_id] = (one.question, one.person)
    return list(found.values())


def addressee(question: Question, addresses: Sequence[str]) -> int | None:
    """The number of the question's row whose secret address stands first among these."""
    return next((one.id for one in _in_order(_secrets(addresses), question.addressees)), None)


def _in_order(secrets: Sequence[str], rows: Iterable[Addressee]) -> list[Addressee]:
    known = {one.secret: one for one in rows}
    return [known[secret] for secret in secrets if secret in known]


def by_thread(session: Session, ids: Iterable[str]) -> list[Route]:
    """The nearest mail of ours decides: an answer to mere news answers no earlier question."""
    message = replied_to(session, ids)
    if message is None or message.question_id is None or message.person_id is None:
        return []
    return [(session.get_one(Question, message.question_id), session.get_one(Person, message.person_id))]


def replied_to(session: Session, ids: Iterable[str]) -> Message | None:
    """The nearest mail of ours that a letter with these references answers."""
    wanted = [i for i in ids if i]
    query = sa.select(Message).where(Message.message_id.in_(wanted))
    messages = {m.message_id: m for m in session.scalars(query)} if wanted else {}
    return next((messages[i] for i in wanted if i in messages), None)


def before(session: Session, row: Letter) -> list[Letter]:
    """The letters that came before under the same Message-ID, the first ones first."""
    query = sa.select(Letter).where(Letter.message_id == row.message_id, Letter.id < row.id)
    return list(session.scalars(query.order_by(Letter.id).limit(_COPIES)))


def taken(session: Session, question: Question, now: datetime) -> int:
    """How many letters with work to this question were taken within a day: each version is mailed to others."""
    query = sa.select(sa.func.count()).where(
        Letter.question_id == question.id, Letter.outcome == LetterOutcome.ACCEPTED, Letter.received_at > now - _DAY
    )
    return session.scalar(query) or 0


def addressed(session: Session, identity: Identity, recipients: Sequence[str]) -> bool:
    """Whether a letter came to an address that was given to one person, or to one that we signed: no stranger knows
    any."""
    given_out = sa.select(Addressee.id).where(Addressee.secret.in_(_secrets(recipients))).limit(1)
    signed = any(map(identity.returned_to, recipients[:_ADDRESSES]))
    return signed or session.scalar(given_out) is not None


def referred(read: letter.ParsedLetter) -> list[str]:
    """Secrets among the ids of the mails that this one answers; the nearest alone counts."""
    ids = [i.strip("<>") for i in (read.in_reply_to, *reversed(read.references))]
    return [i for i in ids if SECRET.match(i)][:1]


def _secrets(addresses: Sequence[str]) -> list[str]:
    return [match[1].lower() for match in map(SECRET.match, addresses) if match][:_ADDRESSES]
