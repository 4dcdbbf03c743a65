"""The door: any question's form, behind its secret address. What a reply by mail can do, this can, and no more.

Looking never answers: a choice has no default, and counts when its form is sent. Whoever comes with a secret
that opens nothing sees the same page always.
"""

import re
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.orm import Session, undefer
from werkzeug.datastructures import MultiDict

from web.access import csrf
from web.context import here
from web.files.downloads import handed_out
from web.forms import Faults
from web.i18n import language
from web.public import question_forms as door_forms
from web.public.question_page import WORKS, Door, door, may_take_back, submission_of
from workflow.answering import read_back
from workflow.answering import submit as answering
from workflow.config.loader import Text
from workflow.database.models import Addressee, File, Submission
from workflow.journey.submissions import Upload
from workflow.records import queries
from workflow.replies.understand import Answer, AnswerKind
from workflow.rules.application import clean
from workflow.rules.machine import state_name
from workflow.rules.questions import QuestionKind

blueprint = Blueprint("door", __name__)

SECRET: Final = re.compile(r"[a-z0-9]{16,60}")
FILES: Final = 10
"""files one form may carry"""
MARGIN: Final = 1024 * 1024
Page = str | tuple[str, int]


@blueprint.url_value_preprocessor
def _room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Work comes with files: its form may be larger than the others. Said here because the gate before every view
    reads the form already; and only for a secret that asks for work, so that strangers cannot fill the disk.
    There is room for more than is taken, so that what is too large is told without losing the text beside it."""
    if request.method == "POST" and (request.content_length or 0) > MARGIN and _asks_for_work((values or {})["secret"]):
        request.max_content_length = FILES * here().programme.limits.upload_bytes + MARGIN


def _asks_for_work(secret: str) -> bool:
    with here().db.reading() as session:
        found = queries.addressee_by_secret(session, secret) if SECRET.fullmatch(secret.lower()) else None
        return found is not None and found.question.kind in WORKS


def _addressee(session: Session, secret: str) -> Addressee:
    found = queries.addressee_by_secret(session, secret) if SECRET.fullmatch(secret.lower()) else None
    if found is None:
        abort(404)
    return found


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
        door=found,
        kind=found.kind.value,
        question=found.question,
        person=found.person,
        team=found.team,
        stage=found.stage,
        seen=found.seen,
        typed=typed,
        rows=door_forms.rows(typed),
        files=FILES,
        faults=faults,
        said=read_back.said(found.question),
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
            return _take_back(session, found)
        if found.stands not in ("open", "again"):
            return _page(session, addressee, request.form, {}, second=True)
        if _changed(found):
            return _page(session, addressee, request.form, {}, changed=True), 409
        uploads = _uploads()
        said, faults = door_forms.read(found.kind, request.form, _given(found, uploads))
        if said is not None and not faults:
            faults = _too_much(session, found, uploads)
        if said is None or faults:
            return _page(session, addressee, request.form, faults), 400
        return _answered(session, found, said, uploads)


def _given(found: Door, uploads: tuple[Upload, ...]) -> door_forms.Given:
    people = [(p.id, p.name) for _, members in found.seen.get("teams", ()) for p in members]
    return door_forms.Given(
        today=here().now().astimezone(here().programme.tz).date(),
        names=people,
        outcomes=[one.key for one in found.seen.get("outcomes", ())],
        listed=bool(found.seen.get("entries")),
        uploads=uploads,
        largest=here().programme.limits.upload_bytes,
        number=FILES,
    )


def _changed(found: Door) -> bool:
    """What is approved is what was shown: if anything would be different now, it is shown again."""
    if found.kind is not QuestionKind.APPROVE or request.form.get("answer") != "yes":
        return False
    return bool(request.form.get("shown") != found.seen["foreseen"].digest)


def _uploads() -> tuple[Upload, ...]:
    """The files that came, each name a label only. Of what is too large or too many just enough is read to show it."""
    files = [one for one in request.files.getlist("files") if one.filename]
    most = here().programme.limits.upload_bytes + 1
    return tuple(
        Upload(clean(one.filename or "")[-150:] or "fail", (one.mimetype or "")[:120], one.read(most))
        for one in files[: FILES + 1]
    )


def _too_much(session: Session, found: Door, uploads: tuple[Upload, ...]) -> Faults:
    """What a team's files may come to in all."""
    if found.kind not in WORKS or not uploads or found.team is None:
        return {}
    query = sa.select(sa.func.sum(File.size)).join(Submission, Submission.id == File.submission_id)
    before = session.scalar(query.where(Submission.team_id == found.team.id)) or 0
    most = here().programme.limits.team_bytes
    if before + sum(len(one.content) for one in uploads) <= most:
        return {}
    size = f"{most // (1024 * 1024)} MB"
    says = Text(
        et=f"Meeskonna failide maht ({size}) saab täis. Saatke väiksem fail või kirjutage koordinaatorile.",
        en=f"The team's files would come to more than {size}. Send a smaller file or write to the coordinator.",
    )
    return {"files": says}


def _answered(session: Session, found: Door, said: Answer, uploads: tuple[Upload, ...]) -> Page:
    now: datetime = here().now()
    actor = answering.actor_for(
        found.person, via="form", question=found.question, proof={"rule": said.rule, "words": said.words}
    )
    outcome = answering.answer(here().season, session, found.question, found.person, said, actor, now, uploads)
    if outcome.result in (answering.Result.ALREADY, answering.Result.LATE):
        return _page(session, found.addressee, MultiDict(), {}, second=True)
    return render_template(
        "door_done.html", door=found, outcome=outcome, result=outcome.result.value, person=found.person,
        team=found.team, secret=found.addressee.secret,
    )  # fmt: skip


def _take_back(session: Session, found: Door) -> Page:
    if not may_take_back(found.question, found.person):
        return _page(session, found.addressee, MultiDict(), {}, second=True)
    return _answered(session, found, Answer(kind=AnswerKind.NO, rule=door_forms.RULE, words="take_back"), ())


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
