"""Corrections by a coordinator: what the first answer to a question caused is taken back, so that another can count.

`TAKE_BACK` has a function for each kind that is corrected anew: it says why not, and has then done nothing that is
kept. History keeps both answers. Called by `submit` alone, with the new answer on the question already.
"""

from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa

from workflow.answering.outcome import AnswerInProgress
from workflow.codes import HistoryEvent, MessageStatus, SubmissionStatus
from workflow.database.models import HistoryRow, Message, Question, Submission
from workflow.journey import members, mentoring, moves
from workflow.records import approvals, open_questions, queries
from workflow.records.history import record
from workflow.replies.answers import Answer, AnswerKind
from workflow.replies.repetition import Repetition, compared
from workflow.rules.machine import APPLIED, RELEASED, WAITLISTED, WITHDRAWN, Refusal, Trigger
from workflow.rules.questions import WORK, Correcting, QuestionKind, kind_of
from workflow.text.bilingual import Text


def may_correct(question: Question) -> bool:
    """Whether somebody answered it, and a coordinator corrects answers of its kind on its form."""
    answered = question.closed_at is not None and question.answered_by_id is not None
    return answered and kind_of(question.kind).corrected is Correcting.ANEW


def says_the_same(given: AnswerInProgress, first: Answer) -> bool:
    """Whether the new answer is the one on record: a yes or no is the same whatever stands beside it."""
    if given.answer.kind is first.kind and first.kind in (AnswerKind.YES, AnswerKind.NO):
        return True
    return compared(given.answer, first, files=bool(given.uploads)) is Repetition.REPEATS


SAME: Final = Text(
    et="Just see vastus ongi kirjas: midagi ei tehtud.", en="That is the answer on record: nothing was done."
)


def note(given: AnswerInProgress, first: Answer) -> HistoryRow:
    """The line of history that another answer counts now."""
    by_hand = given.on_behalf.note if given.on_behalf else given.answer.text[:500]
    proof = {"kind": given.question.kind, "outcome": [first.kind.value, given.answer.kind.value]}
    return record(
        given.session, given.team, HistoryEvent.ANSWER_CORRECTED, given.actor, given.now, why=by_hand, proof=proof
    )


def take_back(given: AnswerInProgress, first: Answer) -> Text | None:
    """Take back what the first answer caused, or say why that cannot be."""
    return TAKE_BACK[QuestionKind(given.question.kind)](given, first)


def _verify(given: AnswerInProgress, first: Answer) -> Text | None:
    if given.team.state not in (APPLIED, WAITLISTED):
        return Text(
            et="Meeskonna üle on juba otsustatud: kui taotlus ei olnud nende oma, märkige meeskond loobunuks.",
            en="The team has been decided on already: if the application was not theirs, withdraw the team.",
        )
    given.team.verified_at = None
    return None


def _consent(given: AnswerInProgress, first: Answer) -> Text | None:
    if given.answer.kind is AnswerKind.NO:
        return None  # a yes changed nothing
    if given.team.state not in given.season.machine.live:
        return Text(et="Meeskond ei osale enam programmis.", en="The team no longer takes part.")
    if given.person.left_at is not None:
        members.rejoin(given.season, given.session, given.person, given.actor, given.now)
        moves.settle(given.season, given.session, given.team, given.now)
    return None


def _confirm_place(given: AnswerInProgress, first: Answer) -> Text | None:
    """A step that still waits is overtaken by the next; a place that was given up is taken again while it is free."""
    team, season, session = given.team, given.season, given.session
    if given.answer.kind is AnswerKind.NO or team.state not in (RELEASED, WITHDRAWN):
        return None
    back = moves.move(season, session, team, Trigger.REINSTATE, given.actor, given.now, why=_why(given))
    if isinstance(back, Refusal):
        return Text(
            et=" ".join(reason.says.et for reason in back.reasons), en=" ".join(r.says.en for r in back.reasons)
        )
    for offered in queries.questions_of(session, team.id, (QuestionKind.CONFIRM_PLACE,), open_only=True):
        said = given.question  # offered anew, it is taken by the same word
        offered.answer, offered.answered_by_id, offered.answered_via = (
            said.answer, said.answered_by_id, said.answered_via,
        )  # fmt: skip
        open_questions.close(session, offered, given.answer.kind, given.now)
        unsent = sa.select(Message).where(Message.question_id == offered.id, Message.status == MessageStatus.QUEUED)
        for message in session.scalars(unsent):
            message.status = MessageStatus.DROPPED
    return None


def _why(given: AnswerInProgress) -> str:
    return given.on_behalf.note if given.on_behalf else given.answer.text[:500]


def _work(given: AnswerInProgress, first: Answer) -> Text | None:
    """Another version takes the place of one that nobody has read."""
    assert given.question.stage is not None
    latest = queries.latest_submission(given.session, given.team.id, given.question.stage)
    if latest is not None and latest.status == SubmissionStatus.ACCEPTED:
        return Text(
            et="Töö on juba vastu võetud. Parandage enne koolitaja vastust, siis saab esitada uue versiooni.",
            en="The work is accepted already. Correct the trainer's answer first; another version can follow then.",
        )
    if latest is not None and latest.status == SubmissionStatus.RETURNED:
        return Text(
            et="Töö on tagasi saadetud ja seda küsitakse uuesti: vastake selle uue küsimuse juures.",
            en="The work was returned and is asked for again: answer that new question.",
        )
    return None


def _review(given: AnswerInProgress, first: Answer) -> Text | None:
    """An acceptance takes the step that rests on it back with it; a return withdraws what it asked for again."""
    work = given.session.get_one(Submission, given.question.about["submission"])
    latest = queries.latest_submission(given.session, given.team.id, work.stage)
    if latest is None or latest.id != work.id:
        return Text(
            et="Vahepeal on tulnud uus versioon: otsustage selle üle.", en="A newer version has come: decide about it."
        )
    if first.kind is AnswerKind.YES:
        return _step_back(given, work.stage)
    for again in queries.questions_of(given.session, given.team.id, WORK, open_only=True):
        if again.stage == work.stage:
            open_questions.close(given.session, again, "dropped", given.now)
    return None


def _step_back(given: AnswerInProgress, stage: str) -> Text | None:
    """Back in the stage whose work is accepted no more; a step that only waits falls away."""
    team, session = given.team, given.session
    if team.state == stage:
        for waits in approvals.waiting(session, team):
            if waits.about["trigger"] in (Trigger.ADVANCE, Trigger.COMPLETE):
                open_questions.close(session, waits, "dropped", given.now)
        return None
    last = queries.last_transition(session, team.id)
    if last is None or last.from_state != stage or last.to_state != team.state:
        return Text(
            et=f"{team.name} on pärast seda teinud mitu sammu. Võtke enne hilisemad sammud meeskonna lehel tagasi.",
            en=f"{team.name} has taken more than one step since. Take the later ones back first, on the team's page.",
        )
    moves.undo(given.season, session, team, last, given.actor, given.now, why=_why(given))
    return None


def _hours(given: AnswerInProgress, first: Answer) -> Text | None:
    """What was booked is corrected to nothing; what waits because of it, waits no more."""
    session, question = given.session, given.question
    mentoring.take_back(given.season, session, question, given.actor, given.now)
    for asked in queries.open_questions(session, team_id=given.team.id):
        if asked.key.startswith((f"hours_check:{question.id}:", f"hours_again:{question.id}:")):
            open_questions.close(session, asked, "dropped", given.now)
    return None


def _hours_check(given: AnswerInProgress, first: Answer) -> Text | None:
    return None


TAKE_BACK: Final[Mapping[QuestionKind, Callable[[AnswerInProgress, Answer], Text | None]]] = {
    QuestionKind.VERIFY: _verify,
    QuestionKind.CONSENT: _consent,
    QuestionKind.CONFIRM_PLACE: _confirm_place,
    QuestionKind.HOMEWORK: _work,
    QuestionKind.PRESENTATION: _work,
    QuestionKind.REVIEW: _review,
    QuestionKind.HOURS: _hours,
    QuestionKind.HOURS_CHECK: _hours_check,
}
