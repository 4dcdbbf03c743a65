"""Threading of mails: Message-ID, In-Reply-To and References, and caps on mails of one kind.

Ids come from what the mail is about, never from chance: the same notice always has the same Message-ID.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing.facts import stage_key
from mail.identity import Identity
from workflow.codes import AlertKind
from workflow.config.loader import Programme
from workflow.database.models import Message, Person
from workflow.notices import Notice
from workflow.records.history import tell
from workflow.rules.mail_kinds import MAIL_KINDS, AnswerLimit
from workflow.security.keys import mac

CAPPED: Final = frozenset(name for name, kind in MAIL_KINDS.items() if kind.limit is not AnswerLimit.NONE)
NOTHING_MOVED: Final = frozenset(name for name, kind in MAIL_KINDS.items() if kind.limit is AnswerLimit.NOTHING_MOVED)

PER_THREAD: Final = 10
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_ID: Final = re.compile(r"<[!-;=?-~]{3,400}>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """What In-Reply-To and References say; `subject` is that of the mail which this one follows, if any."""

    in_reply_to: str
    references: str
    subject: str = ""


def message_id(key: str, identity: Identity) -> str:
    """Stable: a mail sent twice because nobody could know better is shown once."""
    return f"<m.{_secret(f'message:{key}', identity)}@{identity.domain}>"


def root(notice: Notice, identity: Identity) -> str:
    """The thread of a team and a stage; of a person where there is no team."""
    about = f"team:{notice.team.id}" if notice.team else f"person:{notice.person.id}"
    secret = _secret(f"thread:{about}:{stage_key(notice) or ''}", identity)
    return f"<t.{secret}@{identity.domain}>"


def _secret(about: str, identity: Identity) -> str:
    return mac(identity.secret, about).hex()[:32]


def thread(session: Session, notice: Notice, identity: Identity) -> Thread:
    """Where the notice's mail belongs: after the letter it answers, else after the mail that asked."""
    first = root(notice, identity)
    asked = _asking(session, notice) if MAIL_KINDS[notice.template].follows else None
    answered = _letter_id(notice)
    parents = [one for one in (first, asked.message_id if asked else "", answered) if one]
    return Thread(in_reply_to=parents[-1], references=" ".join(parents), subject=asked.subject if asked else "")


def _letter_id(notice: Notice) -> str:
    found = _ID.fullmatch(notice.answering.message_id.strip()) if notice.answering else None
    return found[0] if found else ""


def _asking(session: Session, notice: Notice) -> sa.Row[str, str] | None:
    """The first mail to this person about the notice's question."""
    if notice.question is None:
        return None
    about = (Message.person_id == notice.person.id, Message.question_id == notice.question.id)
    return session.execute(sa.select(Message.message_id, Message.subject).where(*about).order_by(Message.id)).first()


def capped(session: Session, notice: Notice, programme: Programme, now: datetime) -> bool:
    """Whether the service has said enough by itself to this person; the coordinator is told once a day."""
    if notice.template not in CAPPED:
        return False
    _one_at_a_time(session, notice.person.id)
    said, limits = _said(session, notice, now), programme.limits
    too_many = (
        said["day"] >= limits.automatic_mails_per_day
        or said["hour"] >= limits.automatic_mails_per_hour
        or said["thread"] >= PER_THREAD
    )
    if too_many:
        _tell(session, notice, now)
    return too_many


def _one_at_a_time(session: Session, person_id: int) -> None:
    """Two workers must not both count four and both send a fifth: the person is held until the transaction ends."""
    held = sa.select(Person.id).where(Person.id == person_id)
    session.execute(held.with_for_update(key_share=True))


def _said(session: Session, notice: Notice, now: datetime) -> dict[str, int]:
    """How many answers the person was given: within a day, about the same question, and within an hour those about
    the same question or, where nothing moved, those to anything that moved nothing."""
    same = Message.question_id == notice.question.id if notice.question else sa.false()
    alike = sa.or_(same, Message.template.in_(NOTHING_MOVED)) if notice.template in NOTHING_MOVED else same
    counted = (Message.created_at > now - _DAY, sa.and_(Message.created_at > now - _HOUR, alike), same)
    query = sa.select(*(sa.func.count().filter(which) for which in counted))
    given = session.execute(query.where(Message.person_id == notice.person.id, Message.template.in_(CAPPED)))
    return dict(zip(("day", "hour", "thread"), given.one(), strict=True))


def _tell(session: Session, notice: Notice, now: datetime) -> None:
    key = f"capped:{notice.person.id}:{now.date().isoformat()}"
    person = notice.person
    who = f"{person.name} ({person.address})"
    says = {
        "et": f"{who} sai automaatvastuseid rohkem kui lubatud. Praegu talle ise rohkem ei vastata.",
        "en": f"{who} was sent more automatic answers than allowed. No more are sent for now.",
    }
    tell(
        session, key, AlertKind.CAPPED, says, now, team_id=notice.team.id if notice.team else None, person_id=person.id
    )
