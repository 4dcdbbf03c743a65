"""Overtaken letters: a held letter is done when whoever was asked has since said the same in a way that counts.

Looked at when an answer counts. What asks or requests something, brings a file of its own, or says otherwise stays
before the coordinator: in doubt a letter is read once too often. Must never change what counts.
"""

from collections import Counter
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LetterOutcome, LetterStatus
from workflow.database.models import Letter, Question, Submission
from workflow.replies.answers import Answer, AnswerKind
from workflow.replies.repetition import asks
from workflow.rules.answers import from_json
from workflow.rules.questions import kind_of

FROM_OTHERS: Final = frozenset((LetterOutcome.WRONG_SENDER, LetterOutcome.THREAD, LetterOutcome.AFTERWARDS))
"""what such a letter says counts for nothing until the one who was asked says it"""
BY: Final = "Teekond"


def done(session: Session, question: Question, now: datetime) -> None:
    """Letters to this question that its answer has overtaken wait for nobody any more."""
    session.flush()
    query = sa.select(Letter).where(
        Letter.status == LetterStatus.HELD,
        Letter.question_id == question.id,
        Letter.outcome.in_((LetterOutcome.UNCLEAR, *FROM_OTHERS)),
    )
    for letter in session.scalars(query.with_for_update()).all():
        if _overtaken(session, letter, question):
            letter.status, letter.resolved_at = LetterStatus.DONE, now
            letter.resolution = f"{BY}: {question.outcome or '-'}"


def _overtaken(session: Session, letter: Letter, question: Question) -> bool:
    if question.answered_by_id is None or not question.answer or asks(letter.text):
        return False
    if letter.outcome == LetterOutcome.UNCLEAR and letter.person_id != question.answered_by_id:
        return False
    if kind_of(question.kind).takes_work:
        promised = letter.outcome == LetterOutcome.UNCLEAR and not letter.files
        return promised or _same_work(session, letter, question)
    meant = _meant(letter, question)
    if letter.files:
        return False
    if not meant:
        return letter.outcome == LetterOutcome.UNCLEAR
    counts = from_json(question.answer)
    return any(_same(one, counts) for one in meant)


def _meant(letter: Letter, question: Question) -> list[Answer]:
    """What the letter was understood to say; readings offered without a rule are no words of its writer."""
    read = [from_json(one["answer"]) for one in letter.readings if one["question"] == question.id]
    return [answer for answer in read if answer.rule]


def _same(said: Answer, counts: Answer) -> bool:
    if said.kind is not counts.kind:
        return False
    match said.kind:
        case AnswerKind.HOURS:
            return sorted(map(str, said.entries)) == sorted(map(str, counts.entries))
        case AnswerKind.NAMES:
            return set(said.names) == set(counts.names)
        case AnswerKind.RETURN:
            return said.text == counts.text
    return True


def _same_work(session: Session, letter: Letter, question: Question) -> bool:
    """The same files (by name and size), or the same text where there are none."""
    query = sa.select(Submission).where(Submission.question_id == question.id).order_by(Submission.id.desc())
    work = session.scalars(query.limit(1)).first()
    if work is None:
        return False
    sent = Counter((one["name"], one["size"]) for one in letter.files or ())
    handed_in = Counter((one.name, one.size) for one in work.files)
    return sent == handed_in if sent else not handed_in and _words(letter.text) == _words(work.text)


def _words(text: str) -> list[str]:
    return text.split()
