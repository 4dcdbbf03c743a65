"""Answers on behalf: a coordinator, signed in, answers for somebody who said it another way, or corrects an answer.

The same effects as the person's own answer; its proof says on whose behalf, by whom, and the note on who said it and
how; the person gets the usual read-back. Acts in the caller's transaction.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.answering import submit
from workflow.answering.outcome import OnBehalf
from workflow.database.models import Person, Question
from workflow.journey.submissions import Upload
from workflow.records import queries
from workflow.replies.answers import Answer
from workflow.rules.questions import kind_of
from workflow.season import Actor, Season
from workflow.text.bilingual import Text


def may_answer(question: Question) -> bool:
    """Whether a coordinator may answer this open question for whoever was asked."""
    return question.closed_at is None and kind_of(question.kind).on_behalf


def people(session: Session, question: Question) -> list[Person]:
    """For whom it can be answered, whoever answered it first; one who has gone only where nobody else is there."""
    found = [addressee.person for addressee in question.addressees]
    if kind_of(question.kind).any_member and question.team_id is not None:
        found += queries.members(session, question.team_id)
    present = [person for person in dict.fromkeys(found) if person.left_at is None] or found[:1]
    return sorted(present, key=lambda person: person.id != question.answered_by_id)


def give(
    season: Season,
    session: Session,
    question: Question,
    person: Person,
    said: Answer,
    coordinator: Actor,
    note: str,
    now: datetime,
    uploads: Sequence[Upload] = (),
) -> Text | None:
    """Answer the question, or correct its answer; None, or the sentences that say why not."""
    proof = {"rule": said.rule, "words": said.words, "on_behalf": person.name, "note": note}
    actor = replace(coordinator, question=question, proof=proof)
    behalf = OnBehalf(by=coordinator.name, note=note)
    outcome = submit.answer(
        season, session, question, person, said, actor, now, uploads, amends=True, on_behalf=behalf
    )
    if outcome.result is submit.AnswerResult.ACCEPTED:
        return None
    return Text(
        et=" ".join(one.et for one in outcome.done) or NOTHING.et,
        en=" ".join(one.en for one in outcome.done) or NOTHING.en,
    )


NOTHING = Text(
    et="Seda ei saanud vastusena võtta: midagi ei tehtud.", en="It could not be taken as an answer: nothing was done."
)
