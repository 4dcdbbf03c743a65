"""Answers: what a reply or a form does. The one door through which every question is answered.

A mail, a form and a calendar button come here alike. One call is one transaction of the caller's: the answer,
what it moves, its history with the proof, and every mail it causes. Second answers and late ones change
nothing and say so; what is not plainly an answer changes nothing either. What each kind's answer does stands in
`effects.py`.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from workflow import gathered
from workflow.answering.effects import EFFECTS, hand_in
from workflow.answering.outcome import Given, Outcome, Result, actor_for, done, refused
from workflow.answering.read_back import tell
from workflow.database.models import Person, Question
from workflow.journey import mentoring
from workflow.journey import moves as journey
from workflow.journey import submissions as works
from workflow.notices import Notice
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.replies.understand import Answer, AnswerKind
from workflow.rules.answers import as_json
from workflow.rules.duties import EXPIRES
from workflow.rules.machine import Refusal, Trigger
from workflow.rules.questions import KINDS, QuestionKind
from workflow.season import Actor, Season

__all__ = ["Outcome", "Result", "actor_for", "answer", "may_answer"]


def answer(
    season: Season,
    session: Session,
    question: Question,
    person: Person,
    said: Answer,
    actor: Actor,
    now: datetime,
    uploads: Sequence[works.Upload] = (),
) -> Outcome:
    """Give this person's answer to this question, and tell them what became of it where they wrote a mail."""
    if question.team is not None:
        gathered.hold(session, question.team)  # before its question: who takes or undoes a step comes that way too
    gathered.hold(session, question)
    given = Given(
        season=season,
        session=session,
        question=question,
        person=person,
        answer=said,
        actor=actor,
        now=now,
        uploads=uploads,
    )
    outcome = _decide(given)
    if actor.letter is not None:
        tell(given, outcome)
    return outcome


def _decide(given: Given) -> Outcome:
    kind, question = given.answer.kind, given.question
    if kind in _ANY_QUESTION:
        return _ANY_QUESTION[kind](given)
    if question.closed_at is not None:
        return _closed(given)
    if _too_late(given):
        return Outcome(Result.LATE)
    spec = KINDS[QuestionKind(question.kind)]
    if kind not in spec.takes:
        return Outcome(Result.UNCLEAR)
    if not spec.stays_open:
        _settle_question(given)
    outcome = EFFECTS[QuestionKind(question.kind)](given)
    if outcome.result is Result.REFUSED:
        asking.reopen(given.session, question, given.now)  # nothing was done, so nothing was answered: try again
    return outcome


def _too_late(given: Given) -> bool:
    """Whether it came when the question had ended already, though nobody had closed it yet."""
    due = given.question.due_at
    return given.question.kind in EXPIRES and due is not None and given.came_at >= due


def _settle_question(given: Given) -> None:
    given.question.answer = as_json(given.answer)
    given.question.answered_by_id, given.question.answered_via = given.person.id, given.actor.via
    given.question.letter_id = given.actor.letter.id if given.actor.letter else None
    asking.close(given.session, given.question, given.answer.kind, given.now)


# -- questions that are closed --------------------------------------------------------------------


def _closed(given: Given) -> Outcome:
    question = given.question
    if (
        question.kind == QuestionKind.HOURS
        and given.answer.kind is AnswerKind.NO
        and question.answered_by_id == given.person.id
    ):
        return _take_hours_back(given)
    if (
        question.kind in (QuestionKind.HOMEWORK, QuestionKind.PRESENTATION)
        and given.answer.kind is AnswerKind.SUBMISSION
    ):
        return _newer_version(given)
    return Outcome(Result.LATE if question.answered_by_id is None else Result.ALREADY)


def _take_hours_back(given: Given) -> Outcome:
    """EI to the read-back, within the hours that the programme allows."""
    allowed = timedelta(hours=given.season.programme.reminders.readback_hours)
    closed = given.question.closed_at
    if closed is None or given.came_at > closed + allowed:
        return Outcome(Result.LATE)
    if not mentoring.take_back(given.season, given.session, given.question, given.actor, given.now):
        return Outcome(Result.ALREADY)
    again = mentoring.ask_hours(
        given.season,
        given.session,
        given.team,
        given.person,
        f"hours_again:{given.question.id}:{given.now:%Y%m%dT%H%M%S}",
        str(given.question.about.get("month", "")),
        given.now,
    )
    for check in queries.open_questions(given.session, team_id=given.team.id):
        if check.kind == QuestionKind.HOURS_CHECK and check.key.startswith(f"hours_check:{given.question.id}:"):
            asking.close(given.session, check, "dropped", given.now)
    return done(
        "Võtsime need tunnid tagasi ja küsime uuesti.",
        "We took these hours back and ask again.",
        told=again is not None,
    )


def _newer_version(given: Given) -> Outcome:
    """Work may be sent again until somebody has read it; the very same work changes nothing."""
    assert given.question.stage is not None
    latest = queries.latest_submission(given.session, given.team.id, given.question.stage)
    if latest is None or latest.status != "handed_in" or works.same_again(latest, given.answer.text, given.uploads):
        return Outcome(Result.ALREADY)
    return hand_in(given)


# -- words that fit any question ------------------------------------------------------------------


def _status(given: Given) -> Outcome:
    return Outcome(Result.STATUS)


def _help(given: Given) -> Outcome:
    return Outcome(Result.HELP)


def _withdraw(given: Given) -> Outcome:
    """A contact or deputy withdraws: an approval is opened; nobody is lost by one mail."""
    team, person = given.person.team, given.person
    if team is None or person.part not in ("contact", "deputy") or team.state not in given.season.machine.live:
        return Outcome(Result.UNCLEAR)
    moved = journey.move(
        given.season,
        given.session,
        team,
        Trigger.WITHDRAW,
        given.actor,
        given.now,
        why=given.answer.text[:500],
    )
    if isinstance(moved, Refusal):
        return refused(moved)
    if moved.approval:
        given.season.post(
            given.session,
            Notice(
                template="withdraw_noted",
                key=f"withdraw_noted:{team.id}:{team.version}:{person.id}",
                person=person,
                team=team,
                question=given.question,
                answering=given.actor.letter,
            ),
            given.now,
        )
    return Outcome(Result.WITHDRAW, told=True)


_ANY_QUESTION: Mapping[AnswerKind, Callable[[Given], Outcome]] = {
    AnswerKind.STATUS: _status,
    AnswerKind.HELP: _help,
    AnswerKind.WITHDRAW: _withdraw,
}


def may_answer(session: Session, question: Question, address_key: str) -> Person | None:
    """The person at this address who may answer: an addressee, or any member of the team where the kind allows."""
    people = [a.person for a in question.addressees]
    if KINDS[QuestionKind(question.kind)].any_member and question.team_id is not None:
        people += queries.members(session, question.team_id)
    return next((p for p in people if p.address_key == address_key and p.left_at is None), None)
