"""What anybody may see and send: the programme's page, the info day and the application (`applying`).

Everything on the programme's page comes from config.toml, dates from the calendar as it stands today.
Must never show or tell who is known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import forms
from web.context import here
from web.i18n.language import lang
from web.public import apply as applying
from web.public import calendar_file
from workflow.config.loader import EVERYONE, Stage, Text
from workflow.database.models import StageSession
from workflow.journey import guests

blueprint = Blueprint("public", __name__)

Page = str | tuple[str, int] | Response


# -- the programme ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Meeting:
    """When and where a group meets."""

    start: datetime
    end: datetime
    place: Text


@blueprint.get("/")
def programme() -> str:
    """The programme as its organisers publish it."""
    with here().db.reading() as session:
        meetings = _meetings(session)
    return render_template("public/programme.html", meetings=meetings, phase=applying.phase())


def _meetings(session: Session) -> dict[tuple[str, str], Meeting]:
    """(stage, group) -> its meeting: as the calendar has it, else as the config does."""
    found = {
        (stage.key, group): Meeting(one.start, one.end, one.place)
        for stage in here().programme.stages
        for group, one in stage.sessions.items()
    }
    rows = session.scalars(sa.select(StageSession).where(StageSession.cancelled_at.is_(None)))
    return found | {(r.stage, r.group): Meeting(r.starts_at, r.ends_at, Text(**r.place)) for r in rows}


def meeting_of(meetings: Mapping[tuple[str, str], Meeting], stage: Stage, group: str) -> Meeting | None:
    """A group's own meeting, else the one that all share."""
    return meetings.get((stage.key, group)) or meetings.get((stage.key, EVERYONE))


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"meeting_of": meeting_of}


# -- the info day -------------------------------------------------------------------------------------------------


@blueprint.get("/info-day")
def info_day() -> str:
    """When it is, and the form to come."""
    if here().programme.info_day is None:
        abort(404)
    done = request.args.get("done") == "1"
    return render_template("public/info_day.html", typed={}, faults={}, done=done, over=_over())


@blueprint.get("/info-day.ics")
def info_day_file() -> Response:
    """The info day for anybody's own calendar; the link to join comes with the welcome only."""
    info = here().programme.info_day
    if info is None:
        abort(404)
    return Response(
        calendar_file.of_info_day(here().programme, info, lang(), here().now()),
        mimetype="text/calendar",
        headers={"Content-Disposition": 'attachment; filename="infopaev.ics"'},
    )


def _over() -> bool:
    info = here().programme.info_day
    return info is not None and info.end <= here().now()


@blueprint.post("/info-day")
def sign_up() -> Page:
    """Puts a guest down; the answer is the same for every address."""
    if here().programme.info_day is None:
        abort(404)
    name, address = request.form.get("name", "")[:300], request.form.get("address", "")[:300]
    guest, faults = guests.check_guest(name, address, lang())
    if guest is None or _over():
        shown = {"typed": {"name": name, "address": address}, "faults": forms.by_field(faults)}
        return render_template("public/info_day.html", **shown, done=False, over=_over()), 400
    with here().db.writing() as session:
        guests.sign_up(here().season, session, guest, here().now())
    return redirect(url_for("public.info_day", done=1), 303)


# -- the application ----------------------------------------------------------------------------------------------

blueprint.add_url_rule("/apply", "apply", applying.show, methods=["GET"])
blueprint.add_url_rule("/apply", "send", applying.send, methods=["POST"])
blueprint.add_url_rule("/apply/received/<int:number>", "receipt", applying.receipt)
blueprint.add_url_rule("/apply/draft/<secret>", "draft", applying.draft, methods=["GET"])
blueprint.add_url_rule("/apply/draft/<secret>", "mail_draft", applying.mail_draft, methods=["POST"])
