"""View model of the question page: who asks whom for what, until when, and what an answer needs to be seen.

Reads only. Must never show one team's business behind another's question.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from web.context import here
from workflow.codes import SubmissionStatus
from workflow.config.loader import EVERYONE, Stage
from workflow.database.models import Addressee, HoursRow, Message, Person, Question, StageSession, Submission, Team
from workflow.journey import reflection, sessions
from workflow.records import open_questions, queries
from workflow.rules.questions import KINDS, WORK, Amending, QuestionKind, kind_of
from workflow.text.bilingual import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedQuestion:
    """One person's door to one question. `seen`: what their kind of question shows beside the question itself."""

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
    def by_form_only(self) -> bool:
        return KINDS[self.kind].form_only

    @property
    def team(self) -> Team | None:
        return self.question.team

    @property
    def stage(self) -> Stage | None:
        return next((one for one in here().programme.stages if one.key == self.question.stage), None)


def door(session: Session, addressee: Addressee) -> OpenedQuestion:
    """Everything the page needs, read in this transaction."""
    return opened(session, addressee.question, addressee.person)


def opened(session: Session, question: Question, person: Person) -> OpenedQuestion:
    """The same for a person who may answer it, by whichever way they come."""
    shown = SHOWN.get(QuestionKind(question.kind))
    return OpenedQuestion(
        question=question,
        person=person,
        asks=open_questions.asked(here().season, question),
        stands=stands(session, question, person),
        seen=shown(session, question, person) if shown else {},
    )


def stands(session: Session, question: Question, person: Person) -> str:
    """Where the question stands for this person."""
    if person.left_at is not None:
        return "gone"
    if question.closed_at is None:
        return "open"
    return "again" if _may_send_again(session, question) or _may_correct(question, person) else "closed"


def _may_send_again(session: Session, question: Question) -> bool:
    """Work may be sent again until somebody has read it."""
    if kind_of(question.kind).amend is not Amending.UNTIL_READ:
        return False
    if question.team_id is None or question.outcome == "dropped":
        return False
    latest = queries.latest_submission(session, question.team_id, question.stage or "")
    return latest is not None and latest.status == SubmissionStatus.HANDED_IN


def _may_correct(question: Question, person: Person) -> bool:
    """A roll-call answered a short while ago can be corrected by whoever answered it."""
    mine = kind_of(question.kind).amend is Amending.CORRECTED and question.answered_by_id == person.id
    return mine and question.closed_at is not None and here().now() <= question.closed_at + _amendable()


def _amendable() -> timedelta:
    return timedelta(hours=here().programme.reminders.readback_hours)


def may_take_back(question: Question, person: Person) -> bool:
    """Hours accepted a short while ago can be taken back by whoever gave them."""
    mine = kind_of(question.kind).amend is Amending.TAKEN_BACK and question.answered_by_id == person.id
    booked = bool((question.answer or {}).get("entries")) or question.outcome == "yes"
    return mine and booked and question.closed_at is not None and here().now() <= question.closed_at + _amendable()


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
    return sessions.dates_facts(season, session, group)


def _meeting(session: Session, question: Question, person: Person) -> dict[str, Any]:
    meeting = session.get(StageSession, question.about.get("session"))
    return {"meeting": meeting, "over": meeting is not None and meeting.starts_at <= here().now()}


def _roll(session: Session, question: Question, person: Person) -> dict[str, Any]:
    found = queries.stage_session(session, question.stage, question.group or EVERYONE)
    return {"teams": queries.on_roll(session, here().season.machine, question), "meeting": found}


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
    known = [session.get_one(HoursRow, i) for i in question.about.get("known", [])]
    return {"entries": rows, "known": known, "left": left, "may_take_back": may_take_back(question, person)}


def _outcomes(session: Session, question: Question, person: Person) -> dict[str, Any]:
    """What is to be rated, and what this person chose before: it is theirs, and shown to nobody else."""
    mine = reflection.given(session, question) if question.answered_by_id == person.id else {}
    return {"outcomes": reflection.outcomes(here().programme), "given": mine, "moment": question.about.get("moment")}


def _further(session: Session, question: Question, person: Person) -> dict[str, Any]:
    return {"address": question.about.get("address", "")}


def _poll(session: Session, question: Question, person: Person) -> dict[str, Any]:
    """How it is answered, and the coordinator's own words as they were mailed."""
    words = [str(one) for one in question.about.get("choices", ())]
    query = sa.select(Message.facts).where(Message.question_id == question.id, Message.person_id == person.id)
    facts = session.scalars(query.where(Message.written_id.is_not(None)).order_by(Message.id).limit(1)).first()
    return {
        "form": question.about.get("form", ""),
        "choices": words,
        "options": [(str(number), word, "") for number, word in enumerate(words)],
        "written": str(facts["values"].get("written", "")) if facts else "",
    }



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
    QuestionKind.REFLECTION: _outcomes,
    QuestionKind.ADDRESS: _further,
    QuestionKind.POLL: _poll,
}


def submission_of(session: Session, question: Question) -> set[int]:
    """The submissions whose files may be fetched through this question's door."""
    if question.kind == QuestionKind.REVIEW:
        return {question.about.get("submission", 0)}
    if question.kind in WORK and question.team_id is not None:
        mine = sa.select(Submission.id).where(
            Submission.team_id == question.team_id, Submission.stage == question.stage
        )
        return set(session.scalars(mine))
    return set()
