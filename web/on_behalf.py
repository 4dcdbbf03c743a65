"""Page on which a coordinator answers a question for whoever was asked, or corrects an answer: the question's own form,
with a note on who said it and how.

Shown first with all that it brings, then done; a work with files is handed in at once, for its files come but once.
What was typed stands in the form again wherever it has a fault.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from web import flash
from web.access import csrf
from web.access.gate import me, require
from web.context import here
from web.forms import Faults
from web.i18n import labels
from web.i18n.language import _, prefer, said
from web.office import acting
from web.office.acting import actor
from web.office.confirm import Plan, confirmed
from web.public import question_forms, question_input
from web.public.question_page import OpenedQuestion, opened
from web.request import field, found, number
from web.uploads import is_large
from workflow.answering import corrections, on_behalf, read_back
from workflow.config.loader import EVERYONE
from workflow.database.models import Person, Question
from workflow.journey.submissions import Upload
from workflow.records import queries
from workflow.replies.answers import Answer
from workflow.rules.application import clean
from workflow.rules.questions import WORK
from workflow.season import Season
from workflow.text.bilingual import Text

blueprint = Blueprint("on_behalf", __name__, url_prefix="/office/question")
flash.install(blueprint)
blueprint.context_processor(lambda: {"names": labels})

NOTE = 300
Page = str | Response | tuple[str, int]


@blueprint.url_value_preprocessor
def _room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Room for the files of a work, for whoever is signed in as somebody who may answer."""
    known = me()
    if is_large() and known is not None and known.coordinator:
        question_input.make_room()


@blueprint.before_request
def _their_language() -> None:
    known = me()
    if known is not None:
        prefer(known.lang)


@blueprint.get("/<int:question_id>")
@require("coordinator")
def form(question_id: int) -> str:
    """The question's form; with the answer on record above it, where there is one."""
    with here().db.reading() as session:
        return _page(session, _question(session, question_id), MultiDict(), {})


def again(question_id: int) -> Page:
    """An expired form: nothing is answered, and what was typed stands in a new one."""
    with here().db.reading() as session:
        return _page(session, _question(session, question_id), request.form, {}, stale=True), 400


def _question(session: Session, question_id: int) -> Question:
    question = found(session.get(Question, question_id))
    if not (on_behalf.may_answer(question) or corrections.may_correct(question)):
        abort(404)
    return question


def _page(session: Session, question: Question, typed: MultiDict[str, str], faults: Faults, **more: Any) -> str:
    people = on_behalf.people(session, question)
    door = opened(session, question, _person(people) or people[0])
    return render_template(
        "office/answer.html",
        **question_input.shown(door, typed, faults),
        people=people,
        before=read_back.said(question) if question.answered_by_id is not None else None,
        corrects=question.closed_at is not None,
        works=door.kind in WORK,
        back=_back(session, question),
        file_at=lambda number: url_for("office.team.file", file_id=number),
        **more,
    )


def _person(people: list[Person]) -> Person | None:
    """For whom it is, as chosen; where only one can be meant, that one."""
    chosen = number(request.form.get("person"))
    return next((one for one in people if one.id == chosen), people[0] if len(people) == 1 else None)


def _back(session: Session, question: Question) -> str:
    """The team's page; of a roll-call the session's."""
    if question.team_id is not None:
        return url_for("office.team.page", team_id=question.team_id)
    meeting = queries.stage_session(session, question.stage, question.group or EVERYONE)
    return url_for("office.calendar.one", session_id=meeting.id) if meeting else url_for("office.today")


@blueprint.post("/<int:question_id>")
@require("coordinator")
@csrf.keeps(again)
def give(question_id: int) -> Page:
    """Show what the answer brings; then give it."""
    note = clean(field("note"))[:NOTE]
    with here().db.writing() as session:
        question = _question(session, question_id)
        people = on_behalf.people(session, question)
        person = _person(people)
        door = opened(session, question, person or people[0])
        uploads = question_input.uploads()
        answer, faults = question_forms.read(door.kind, request.form, question_input.given(door, uploads))
        faults = {**faults, **question_input.too_much(session, door, uploads), **_owed(person, note)}
        if answer is None or person is None or faults:
            return _page(session, question, request.form, faults), 400
        return _confirmed(session, _plan(session, door, answer, note, uploads), uploads)


def _owed(person: Person | None, note: str) -> Faults:
    """What this form asks beside the question's own."""
    faults: Faults = {}
    if person is None:
        faults["person"] = Text(et="Valige, kelle eest vastate.", en="Choose for whom you answer.")
    if not note:
        faults["note"] = Text(
            et="Kirjutage, kes seda ütles ja kuidas: see jääb ajalukku.",
            en="Write who said so, and how: it stays in the history.",
        )
    return faults


def _plan(session: Session, door: OpenedQuestion, answer: Answer, note: str, uploads: tuple[Upload, ...]) -> Plan:
    question, person, who = door.question, door.person, actor(session)
    corrects = question.closed_at is not None

    def act(season: Season, now: datetime) -> Text | None:
        return on_behalf.give(season, session, question, person, answer, who, note, now, uploads)

    return Plan(
        title=_("Correct the answer") if corrects else _("Answer for %(name)s", name=person.name),
        lead=said(door.asks),
        do=_("Correct the answer") if corrects else _("Note the answer"),
        done=_("The answer is noted: %(asks)s", asks=said(door.asks)),
        back=_back(session, question),
        act=act,
        about=[question.id, question.closed_at, question.outcome, person.id],
        danger=corrects,
    )


def _confirmed(session: Session, plan: Plan, uploads: tuple[Upload, ...]) -> Page:
    """A browser sends chosen files once, so a work with files is not shown first."""
    if not uploads:
        return confirmed(session, plan)
    refused = plan.act(acting.season(session), here().now())
    if isinstance(refused, Text):
        session.rollback()
        return flash.go(plan.back, flash.bad(said(refused)))
    return flash.go(plan.back, flash.good(plan.done))
