"""Question page, behind a secret link: shows any question's form and submits the answer. What a reply by mail can do,
this can, and no more.

Looking never answers: a choice has no default, and counts when its form is sent. Whoever comes with a secret
that opens nothing sees the same page always.
"""

import re
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session, undefer
from werkzeug.datastructures import MultiDict

from web.access import csrf
from web.access.rate_limits import whence
from web.context import here
from web.files.downloads import handed_out
from web.forms import Faults
from web.i18n import language
from web.public import question_forms, question_input
from web.public.question_page import OpenedQuestion, door, may_take_back, submission_of
from web.uploads import is_large
from workflow.answering import read_back, submit
from workflow.database.models import Addressee, File, Question
from workflow.journey.submissions import Upload
from workflow.records import queries
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.doors import Door, open_to
from workflow.rules.machine import state_name
from workflow.rules.questions import WORK, QuestionKind

blueprint = Blueprint("door", __name__)

SECRET: Final = re.compile(r"[a-z0-9]{16,60}")
Page = str | tuple[str, int]


@blueprint.url_value_preprocessor
def _room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Room for files: said here because the gate before every view reads the form already; and only for a secret that
    asks for work, so that strangers cannot fill the disk."""
    if is_large() and _asks_for_work((values or {})["secret"]):
        question_input.make_room()


def _asks_for_work(secret: str) -> bool:
    with here().db.reading() as session:
        found = queries.addressee_by_secret(session, secret) if SECRET.fullmatch(secret.lower()) else None
        return found is not None and found.question.kind in WORK


def _addressee(session: Session, secret: str) -> Addressee:
    """Whose door it is; sent on to the signed-in page where nothing may be decided behind a secret."""
    found = queries.addressee_by_secret(session, secret) if SECRET.fullmatch(secret.lower()) else None
    if found is None:
        abort(404)
    if not open_to(found.question.kind, found.person.role, Door.LINK):
        abort(redirect(_signed_in(found.question), 303))
    return found


def _signed_in(question: Question) -> str:
    """The page on which it is decided; links to doors stand in mails that were sent before there was only that."""
    if question.kind == QuestionKind.APPROVE and question.team_id is not None:
        return url_for("office.approval.step", team_id=question.team_id, trigger=question.about["trigger"])
    return url_for("office.today")


@blueprint.get("/q/<secret>")
def show(secret: str) -> str:
    """The question with its form; or where things stand with it."""
    with here().db.reading() as session:
        return _page(session, _addressee(session, secret), MultiDict(), {})


def again(secret: str) -> Page:
    """An expired form: nothing is answered, and what was typed stands in a new one."""
    with here().db.reading() as session:
        return _page(session, _addressee(session, secret), request.form, {}, stale=True), 400


def _page(session: Session, addressee: Addressee, typed: MultiDict[str, str], faults: Faults, **more: Any) -> str:
    language.prefer(addressee.person.lang)
    found = door(session, addressee)
    name = "door_closed.html" if found.stands in ("closed", "gone") else "door.html"
    return render_template(
        name,
        **question_input.shown(found, typed, faults),
        said=read_back.said(found.question),
        file_at=lambda number: url_for("door.file", secret=addressee.secret, number=number),
        team_now=state_name(here().programme, found.team.state) if found.team else None,
        **more,
    )


@blueprint.post("/q/<secret>")
@csrf.keeps(again)
def give(secret: str) -> Page:
    """Gives the answer, and reads it back."""
    with here().db.writing() as session:
        addressee = _addressee(session, secret)
        language.prefer(addressee.person.lang)
        found = door(session, addressee)
        if found.stands == "closed" and request.form.get("answer") == "take_back":
            return _take_back(session, addressee, found)
        if found.stands not in ("open", "again"):
            return _page(session, addressee, request.form, {}, second=True)
        uploads = question_input.uploads()
        said, faults = question_forms.read(found.kind, request.form, question_input.given(found, uploads))
        if said is not None and not faults:
            faults = question_input.too_much(session, found, uploads)
        if said is None or faults:
            return _page(session, addressee, request.form, faults), 400
        return _answered(session, addressee, found, said, uploads)


_OVER = (submit.AnswerResult.ALREADY, submit.AnswerResult.LATE, submit.AnswerResult.AFTERWARDS)


def _answered(
    session: Session, addressee: Addressee, found: OpenedQuestion, said: Answer, uploads: tuple[Upload, ...]
) -> Page:
    now: datetime = here().now()
    actor = submit.actor_for(
        found.person, via=Door.LINK, place=whence(), question=found.question,
        proof={"rule": said.rule, "words": said.words},
    )  # fmt: skip
    outcome = submit.answer(here().season, session, found.question, found.person, said, actor, now, uploads)
    if outcome.result in _OVER:
        heard = outcome.result is submit.AnswerResult.AFTERWARDS
        return _page(session, addressee, MultiDict(), {}, second=True, heard=heard)
    return render_template(
        "door_done.html", door=found, outcome=outcome, result=outcome.result.value, person=found.person,
        team=found.team, secret=addressee.secret,
    )  # fmt: skip


def _take_back(session: Session, addressee: Addressee, found: OpenedQuestion) -> Page:
    if not may_take_back(found.question, found.person):
        return _page(session, addressee, MultiDict(), {}, second=True)
    taken_back = Answer(kind=AnswerKind.NO, rule=question_forms.RULE, words="take_back")
    return _answered(session, addressee, found, taken_back, ())


# -- files --------------------------------------------------------------------------------------------------------


@blueprint.get("/q/<secret>/file/<int:number>")
def file(secret: str, number: int) -> Response:
    """A file of the work in question: to be saved, never to be run or shown here."""
    with here().db.reading() as session:
        addressee = _addressee(session, secret)
        found = session.get(File, number, options=[undefer(File.content)])
        mine = submission_of(session, addressee.question) if addressee.person.left_at is None else set()
        if found is None or found.submission_id not in mine:
            abort(404)
        return handed_out(found.name, found.content, what="file", number=found.id, to=addressee.person_id)
