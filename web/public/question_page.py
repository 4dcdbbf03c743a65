"""What the door shows of a question: who asks whom for what, until when, and what an answer needs to be seen.

Reads only. Must never show one team's business behind another's question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from web.context import here
from workflow.answering import submit as answering
from workflow.config.loader import EVERYONE, Stage, Text
from workflow.database.models import Addressee, HoursRow, Person, Question, StageSession, Submission, Team
from workflow.journey import moves as journey
from workflow.journey import reflection
from workflow.records import open_questions as asking
from workflow.records import preview, queries
from workflow.replies.understand import Answer, AnswerKind
from workflow.rules.machine import Trigger, requirements_of, state_name
from workflow.rules.questions import QuestionKind
from workflow.season import Season

WORKS: Final = (QuestionKind.HOMEWORK, QuestionKind.PRESENTATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One person's door to one question. `seen`: what their kind of question shows beside the question itself."""

    addressee: Addressee
    question: Question
    person: Person
    asks: Text
    stands: str
    """open, again (a newer version may still be sent), closed or gone (not theirs any more)"""
    seen: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> QuestionKind:
        return QuestionKind(self.question.kind)

    @property
    def team(self) -> Team | None:
        return self.question.team

    @property
    def stage(self) -> Stage | None:
        return next((one for one in here().programme.stages if one.key == self.question.stage), None)


def door(session: Session, addressee: Addressee) -> Door:
    """Everything the page needs, read in this transaction."""
    question, person = addressee.question, addressee.person
    shown = SHOWN.get(QuestionKind(question.kind))
    return Door(
        addressee=addressee,
        question=question,
        person=person,
        asks=asking.asked(here().season, question),
        stands=stands(session, question, person),
        seen=shown(session, question, person) if shown else {},
    )


def stands(session: Session, question: Question, person: Person) -> str:
    """Where the question stands for this person."""
    if person.left_at is not None:
        return "gone"
    if question.closed_at is None:
        return "open"
    return "again" if _may_send_again(session, question) else "closed"


def _may_send_again(session: Session, question: Question) -> bool:
    """Work may be sent again until somebody has read it."""
    if question.kind not in WORKS or question.team_id is None or question.outcome == "dropped":
        return False
    latest = queries.latest_submission(session, question.team_id, question.stage or "")
    return latest is not None and latest.status == "handed_in"


def may_take_back(question: Question, person: Person) -> bool:
    """Hours accepted a short while ago can be taken back by whoever gave them."""
    allowed = timedelta(hours=here().programme.reminders.readback_hours)
    mine = question.kind == QuestionKind.HOURS and question.answered_by_id == person.id
    booked = bool((question.answer or {}).get("entries")) or question.outcome == "yes"
    return mine and booked and question.closed_at is not None and here().now() <= question.closed_at + allowed


# -- what each kind shows -----------------------------------------------------------------------------------------


def _application(session: Session, question: Question, person: Person) -> dict[str, Any]:
    assert question.team_id is not None
    return {"members": queries.members(session, question.team_id)}


def _named(session: Session, question: Question, person: Person) -> dict[str, Any]:
    assert question.team_id is not None
    return {"contact": queries.contact(session, question.team_id)}


def _place(session: Session, question: Question, person: Person) -> dict[str, Any]:
    assert question.team is not None
    season, group = here().season, question.team.group
    return {"group": journey.group_name(season, group), "dates": journey.dates(season, session, group)}


def _meeting(session: Session, question: Question, person: Person) -> dict[str, Any]:
    meeting = session.get(StageSession, question.about.get("session"))
    return {"meeting": meeting, "over": meeting is not None and meeting.starts_at <= here().now()}


def _roll(session: Session, question: Question, person: Person) -> dict[str, Any]:
    found = queries.stage_session(session, question.stage, question.group or EVERYONE)
    return {"teams": queries.expected(session, here().season.machine, question), "meeting": found}


def _work(session: Session, question: Question, person: Person) -> dict[str, Any]:
    assert question.team_id is not None
    latest = queries.latest_submission(session, question.team_id, question.stage or "")
    return {"latest": latest, "most": here().programme.limits.upload_bytes}


def _submitted(session: Session, question: Question, person: Person) -> dict[str, Any]:
    found = session.get(Submission, question.about.get("submission"))
    return {"submission": found}


def _listed(session: Session, question: Question, person: Person) -> dict[str, Any]:
    assert question.team_id is not None
    left = queries.ledger_balance(session, here().programme, question.team_id, question.stage).left
    rows = [session.get_one(HoursRow, i) for i in question.about.get("entries", [])]
    return {"entries": rows, "left": left, "may_take_back": may_take_back(question, person)}


def _outcomes(session: Session, question: Question, person: Person) -> dict[str, Any]:
    """What is to be rated, and what this person chose before: it is theirs, and shown to nobody else."""
    mine = reflection.given(session, question) if question.answered_by_id == person.id else {}
    return {"outcomes": reflection.outcomes(here().programme), "given": mine, "moment": question.about.get("moment")}


def _step(session: Session, question: Question, person: Person) -> dict[str, Any]:
    """The move, what it rests on, and everything it causes: found by doing it and taking it back."""
    assert question.team is not None
    team, season, now = question.team, here().season, here().now()
    needs = requirements_of(season.programme, queries.facts(session, season.machine, team), now)
    target = season.machine.next_state(Trigger(question.about["trigger"]), team.state, team.left_from)
    shown: dict[str, Any] = {
        "needs": needs,
        "source": state_name(season.programme, team.state),
        "target": state_name(season.programme, target) if target else None,
        "why": question.about.get("why", ""),
    }
    return shown | (_foreseen(session, question, person) if question.closed_at is None else {})


def _foreseen(session: Session, question: Question, person: Person) -> dict[str, Any]:
    actor = answering.actor_for(person, via="form", question=question)

    def act(season: Season) -> answering.Outcome:
        yes = Answer(kind=AnswerKind.YES, rule="foreseen")
        return answering.answer(season, session, question, person, yes, actor, here().now())

    session.autoflush = True
    found = preview.foresee(here().season, session, act, about=(question.about.get("version"),))
    refused = found.result.done if found.result.result is answering.Result.REFUSED else ()
    return {"foreseen": found, "refused": refused}


Shower = Callable[[Session, Question, Person], dict[str, Any]]
SHOWN: Final[Mapping[QuestionKind, Shower]] = {
    QuestionKind.VERIFY: _application,
    QuestionKind.CONSENT: _named,
    QuestionKind.CONFIRM_PLACE: _place,
    QuestionKind.RSVP: _meeting,
    QuestionKind.ROLL_CALL: _roll,
    QuestionKind.HOMEWORK: _work,
    QuestionKind.PRESENTATION: _work,
    QuestionKind.REVIEW: _submitted,
    QuestionKind.HOURS: _listed,
    QuestionKind.HOURS_CHECK: _listed,
    QuestionKind.APPROVE: _step,
    QuestionKind.REFLECTION: _outcomes,
}


def submission_of(session: Session, question: Question) -> set[int]:
    """The submissions whose files may be fetched through this question's door."""
    if question.kind == QuestionKind.REVIEW:
        return {question.about.get("submission", 0)}
    if question.kind in WORKS and question.team_id is not None:
        mine = sa.select(Submission.id).where(
            Submission.team_id == question.team_id, Submission.stage == question.stage
        )
        return set(session.scalars(mine))
    return set()
