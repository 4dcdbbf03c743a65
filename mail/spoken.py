"""What people were told before: the few facts about earlier mails by which a new one finds its thread and its limit.

Read for one person when it is asked for, or for many together, when many letters are handled in one transaction;
mails that wait to be written in it are counted, too. Must never outlive its transaction.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import gathered
from workflow.database.engine import among
from workflow.database.models import Message
from workflow.gathered import parts

_SAID: Final = sa.select(
    Message.template, Message.created_at, Message.message_id, Message.subject, Message.question_id, Message.person_id
).order_by(Message.id)
_TO_MANY: Final = _SAID.where(
    among(Message.person_id, "people"),
    sa.or_(among(Message.question_id, "asked"), Message.created_at > sa.bindparam("since")),
)
"""put together once: with few letters at a time that takes as long as reading"""


@dataclass(frozen=True, slots=True)
class Said:
    """One mail to one person."""

    template: str
    at: datetime
    message_id: str
    subject: str
    question_id: int | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """Mails to some people, each person's in the order in which they were queued."""

    mails: dict[int, list[Said]]
    questions: frozenset[int]

    def note(self, row: Mapping[str, Any]) -> None:
        """Another one, which waits to be written."""
        if row["person_id"] in self.mails:
            self.mails[row["person_id"]].append(_said(row))


def about(session: Session, person_id: int, question_id: int) -> list[Said]:
    """The mails to this person about this question, in order."""
    known = _known(session, person_id, question_id)
    if known is None:
        return _read(session, Message.person_id == person_id, Message.question_id == question_id)
    return [said for said in known if said.question_id == question_id]


def answers(
    session: Session, person_id: int, question_id: int | None, since: datetime, templates: Collection[str]
) -> list[Said]:
    """The mails of these templates to this person since then, and all of them about this question."""
    known = _known(session, person_id, question_id)
    if known is not None:
        return [one for one in known if one.template in templates]
    late_or_same = sa.or_(Message.created_at > since, Message.question_id == question_id)
    return _read(session, Message.person_id == person_id, Message.template.in_(templates), late_or_same)


def gather(session: Session, people: Iterable[int], questions: Iterable[int], since: datetime) -> None:
    """Read for many people together: what they were told about these questions, and whatever else since then."""
    asked = frozenset(questions)
    found = Spoken({person: [] for person in people}, asked)
    for some in parts(sorted(found.mails)):
        for row in session.execute(_TO_MANY, {"people": some, "asked": sorted(asked), "since": since}):
            found.mails[row.person_id].append(Said(*row[:-1]))
    session.info[Spoken] = found


def close(session: Session) -> None:
    session.info.pop(Spoken, None)


def note(session: Session, row: Mapping[str, Any]) -> None:
    """A mail that waits to be written counts as said."""
    found: Spoken | None = session.info.get(Spoken)
    if found is not None:
        found.note(row)


def _known(session: Session, person_id: int, question_id: int | None) -> list[Said] | None:
    found = _found(session)
    if found is None or (question_id is not None and question_id not in found.questions):
        return None
    return found.mails.get(person_id)


def _found(session: Session) -> Spoken | None:
    """What was read for many; what will be told is known beforehand, and read when the first one is told it."""
    found: Spoken | None = session.info.get(Spoken)
    known = gathered.of(session)
    if found is None and known is not None and known.to_tell is not None:
        gather(session, known.to_tell.people, known.to_tell.questions, known.to_tell.since)
        found = session.info[Spoken]
    return found


def _read(session: Session, *which: sa.ColumnElement[bool]) -> list[Said]:
    return [Said(*row[:-1]) for row in session.execute(_SAID.where(*which))]


def _said(row: Mapping[str, Any]) -> Said:
    return Said(row["template"], row["created_at"], row["message_id"], row["subject"], row["question_id"])
