"""Open approvals of a team's steps: which wait, whose word each follows from, and what was said about it since.

Whoever decides sees every word that people have written to the question it follows from: the first may not be the
last. Reads only; must never decide anything.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, LetterOutcome, LetterStatus
from workflow.database.models import Alert, Letter, Message, Person, Question, Team
from workflow.rules.questions import QuestionKind
from workflow.season import Actor

_SILENT: Final = (LetterOutcome.AUTOMATIC, LetterOutcome.COPY, LetterOutcome.DUPLICATE, LetterOutcome.BOUNCE)
"""letters in which nobody says anything"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one person said that bears on a step: when, and in which words. letter_id: where it is read whole."""

    at: datetime
    person: Person | None
    words: str
    letter_id: int | None = None


def cause(by: Actor | None) -> dict[str, Any]:
    """What an approval keeps of the act that it follows from."""
    if by is None or by.person is None:
        return {}
    question, letter = by.question, by.letter
    return {
        "by": by.person.id,
        "question": question.id if question is not None else None,
        "letter": letter.id if letter is not None else None,
    }


def waiting(session: Session, team: Team) -> Sequence[Question]:
    """The open approvals of steps from where the team is now."""
    query = sa.select(Question).where(
        Question.team_id == team.id, Question.kind == QuestionKind.APPROVE, Question.closed_at.is_(None)
    )
    found = session.scalars(query.order_by(Question.id))
    return [one for one in found if one.about.get("version") == team.version]


def told_today(session: Session, people: Iterable[Person], now: datetime, tz: tzinfo) -> bool:
    """Whether a mail about a step was written to any of these people today, in this zone."""
    today = datetime.combine(now.astimezone(tz).date(), time(), tzinfo=tz)
    theirs = Message.person_id.in_([person.id for person in people])
    told = sa.select(Message.id).where(theirs, Message.template == "approve", Message.created_at >= today)
    return session.scalar(told.limit(1)) is not None


def statements(session: Session, asked: Question) -> tuple[Statement, ...]:
    """Why an approval is asked for, and what was said to the same question since; the oldest first."""
    about = asked.about
    if about.get("by") is None:
        return ()
    by, question = session.get(Person, about["by"]), about.get("question")
    letters = _letters(session, question, about.get("letter"))
    said = [
        Statement(at=one.received_at, person=_writer(session, one), words=one.text, letter_id=one.id) for one in letters
    ]
    if about.get("letter") is None:
        said.append(Statement(at=asked.asked_at, person=by, words=str(about.get("why", ""))))
    return tuple(sorted(said, key=lambda one: one.at))


def contested(session: Session, asked: Question) -> bool:
    """Whether the team has said more since the step was put before the coordinators, or words of its people wait to be
    read: then a person must decide."""
    since, team = asked.asked_at, asked.team_id
    if any(one.at > since for one in statements(session, asked)):
        return True
    differs = (Alert.kind == AlertKind.AFTERWARDS, Alert.team_id == team, Alert.at > since)
    by = Letter.person_id.is_distinct_from(asked.about.get("by"))
    waits = (Letter.status == LetterStatus.HELD, Letter.team_id == team, sa.or_(by, Letter.received_at > since))
    found = sa.union_all(sa.select(Alert.id).where(*differs), sa.select(Letter.id).where(*waits))
    return session.scalar(found.limit(1)) is not None


def _letters(session: Session, question: int | None, letter: int | None) -> Sequence[Letter]:
    """Those hung on the question, and the one that the approval follows from, which may have come to no question."""
    which = Letter.id == letter
    if question is not None:  # else this would be every letter that belongs to none
        speaks = sa.or_(Letter.outcome.is_(None), Letter.outcome.not_in(_SILENT))
        which = sa.or_(which, sa.and_(Letter.question_id == question, speaks))
    return session.scalars(sa.select(Letter).where(which)).all()


def _writer(session: Session, letter: Letter) -> Person | None:
    return session.get(Person, letter.person_id) if letter.person_id is not None else None
