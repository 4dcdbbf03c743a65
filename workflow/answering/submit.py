"""Submit an answer: the one entry point through which every question is answered, by reply or by form.

A mail, a form and a calendar button come here alike; what a coordinator decides, from a signed-in page alone. One
call is one transaction of the caller's: the answer, what it moves, its history with the proof, and every mail it
causes. Second answers and late ones change nothing and say so; what is not plainly an answer changes nothing either.
What each kind's answer does stands in `effects.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from workflow.answering import corrections, hours_answers, overtaken, withdrawal
from workflow.answering.afterwards import heard, known
from workflow.answering.effects import EFFECTS, correct_roll_call, hand_in
from workflow.answering.outcome import (
    AnswerInProgress,
    AnswerOutcome,
    AnswerResult,
    OnBehalf,
    actor_for,
    settle_question,
)
from workflow.answering.read_back import tell
from workflow.codes import SubmissionStatus
from workflow.database.models import Person, Question
from workflow.journey import submissions
from workflow.records import aliases, open_questions, queries
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.doors import Door, open_to
from workflow.rules.questions import Amending, QuestionKind, kind_of
from workflow.season import Actor, Season

__all__ = ["AnswerOutcome", "AnswerResult", "actor_for", "answer", "may_answer"]


def answer(
    season: Season,
    session: Session,
    question: Question,
    person: Person,
    said: Answer,
    actor: Actor,
    now: datetime,
    uploads: Sequence[submissions.Upload] = (),
    *,
    amends: bool = False,
    on_behalf: OnBehalf | None = None,
) -> AnswerOutcome:
    """Give this person's answer to this question, and tell them what became of it where they wrote a mail.

    amends: a coordinator says so: where the question is answered, what came of the first answer is taken back and
    this one counts. on_behalf: the coordinator answers for the person.
    """
    open_questions.hold(session, [question])
    given = AnswerInProgress(
        season=season,
        session=session,
        question=question,
        person=person,
        answer=said,
        actor=actor,
        now=now,
        uploads=uploads,
        on_behalf=on_behalf,
    )
    before = question.outcome
    outcome = _corrected(given) if amends and corrections.may_correct(question) else _decide(given)
    if outcome.result is AnswerResult.ACCEPTED:
        overtaken.done(session, question, now)
    if _is_told(given, outcome, before):
        tell(given, outcome)
    return outcome


def _is_told(given: AnswerInProgress, outcome: AnswerOutcome, before: str | None) -> bool:
    """Who wrote a mail is told what became of it, save where a plain first answer was taken; for whom a coordinator
    answered, what counts now. A calendar has shown what was pressed.

    before: the question's outcome until now.
    """
    accepted = outcome.result is AnswerResult.ACCEPTED
    if given.on_behalf is not None:
        return accepted
    pressed = given.actor.via is Door.CALENDAR
    kind = given.answer.kind
    plain = kind in kind_of(given.question.kind).plain and before in (None, kind)
    if accepted and (pressed or plain):
        return False
    return given.actor.letter is not None and outcome.result is not AnswerResult.SIGN_IN


def _decide(given: AnswerInProgress) -> AnswerOutcome:
    kind, question = given.answer.kind, given.question
    if not open_to(question.kind, given.person.role, given.actor.via):
        return AnswerOutcome(AnswerResult.SIGN_IN)
    if kind in _ANY_QUESTION:
        return _ANY_QUESTION[kind](given)
    if question.closed_at is not None:
        return _closed(given)
    if _too_late(given):
        return heard(given, AnswerResult.LATE)
    row = kind_of(question.kind)
    if kind not in row.takes:
        return AnswerOutcome(AnswerResult.UNCLEAR)
    if row.amend is not Amending.UNTIL_DUE:
        settle_question(given)
    outcome = EFFECTS[QuestionKind(question.kind)](given)
    if outcome.result is AnswerResult.REFUSED:
        open_questions.reopen(
            given.session, question, given.now
        )  # nothing was done, so nothing was answered: try again
    return outcome


def _corrected(given: AnswerInProgress) -> AnswerOutcome:
    """Another answer in the place of the first, and of all that it caused; or neither."""
    first = known(given.question)
    if first is None or given.answer.kind not in kind_of(given.question.kind).takes:
        return AnswerOutcome(AnswerResult.UNCLEAR)
    if corrections.says_the_same(given, first):
        return AnswerOutcome(AnswerResult.REFUSED, (corrections.SAME,))
    savepoint = given.session.begin_nested()
    outcome = _anew(given, first)
    if outcome.result is AnswerResult.ACCEPTED:
        savepoint.commit()
    else:
        savepoint.rollback()
    return outcome


def _anew(given: AnswerInProgress, first: Answer) -> AnswerOutcome:
    settle_question(given)
    line = corrections.note(given, first)
    proof = {**given.actor.proof, "corrects": line.number}
    given = replace(given, actor=replace(given.actor, proof=proof))
    refused = corrections.take_back(given, first)
    if refused is not None:
        return AnswerOutcome(AnswerResult.REFUSED, (refused,))
    given.session.flush()
    return EFFECTS[QuestionKind(given.question.kind)](given)


def _too_late(given: AnswerInProgress) -> bool:
    """Whether it came when the question had ended already, though nobody had closed it yet."""
    due = given.question.due_at
    return kind_of(given.question.kind).expires and due is not None and given.came_at >= due


# -- questions that are closed --------------------------------------------------------------------


def _closed(given: AnswerInProgress) -> AnswerOutcome:
    question, amend = given.question, kind_of(given.question.kind).amend
    mine = question.answered_by_id == given.person.id
    if amend is Amending.TAKEN_BACK and mine and _in_time(given):
        amended = hours_answers.amended(given)
        if amended is not None:
            return amended
    if amend is Amending.CORRECTED and given.answer.kind in kind_of(question.kind).takes and mine and _in_time(given):
        return correct_roll_call(given) or heard(given, AnswerResult.ALREADY)
    quietly = AnswerResult.LATE if question.answered_by_id is None else AnswerResult.ALREADY
    if amend is Amending.UNTIL_READ and given.answer.kind is AnswerKind.SUBMISSION:
        return _newer_version(given) or heard(given, quietly)
    return heard(given, quietly)


def _in_time(given: AnswerInProgress) -> bool:
    """Whether the hours after the read-back, in which an answer can be amended, are not over."""
    allowed = timedelta(hours=given.season.programme.reminders.readback_hours)
    closed = given.question.closed_at
    return closed is not None and given.came_at <= closed + allowed


def _newer_version(given: AnswerInProgress) -> AnswerOutcome | None:
    """Work may be sent again until somebody has read it; the very same work changes nothing. None where another
    version comes too late for that."""
    assert given.question.stage is not None
    latest = queries.latest_submission(given.session, given.team.id, given.question.stage)
    if latest is not None and submissions.same_again(latest, given.answer.text, given.uploads):
        return AnswerOutcome(AnswerResult.ALREADY)
    return hand_in(given) if latest is not None and latest.status == SubmissionStatus.HANDED_IN else None


# -- words that fit any question ------------------------------------------------------------------


def _status(given: AnswerInProgress) -> AnswerOutcome:
    return AnswerOutcome(AnswerResult.STATUS)


def _help(given: AnswerInProgress) -> AnswerOutcome:
    return AnswerOutcome(AnswerResult.HELP)


def _withdraw(given: AnswerInProgress) -> AnswerOutcome:
    """A contact or deputy withdraws, replying to whatever they were asked."""
    return withdrawal.ask(
        given.season, given.session, given.person, given.answer.text, given.actor, given.now, given.question
    )


_ANY_QUESTION: Mapping[AnswerKind, Callable[[AnswerInProgress], AnswerOutcome]] = {
    AnswerKind.STATUS: _status,
    AnswerKind.HELP: _help,
    AnswerKind.WITHDRAW: _withdraw,
}


def may_answer(session: Session, question: Question, address_key: str) -> Person | None:
    """The person at this address who may answer: an addressee, or any member of the team where the kind allows."""
    people = [a.person for a in question.addressees]
    if kind_of(question.kind).any_member and question.team_id is not None:
        people += queries.members(session, question.team_id)
    present = [person for person in people if person.left_at is None]
    first = next((person for person in present if person.address_key == address_key), None)
    if first is not None or question.kind == QuestionKind.ADDRESS:  # it is the first address that is asked
        return first
    owners = aliases.owners(session, address_key)
    return next((person for person in present if person.id in owners), None)
