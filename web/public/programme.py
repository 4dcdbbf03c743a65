"""Public routes: the programme's page, the info day and the application (`apply`).

Everything on the programme's page comes from config.toml, dates from the calendar as it stands today.
Must never show or tell who is known here.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import forms
from web.access import rate_limits, security_log
from web.context import here
from web.i18n.language import lang
from web.public import apply, calendar_file
from workflow.config.loader import EVERYONE, Stage
from workflow.database.models import StageSession
from workflow.journey import guests
from workflow.records import mail_quota
from workflow.rules.application import FieldFault
from workflow.text.bilingual import Text

blueprint = Blueprint("public", __name__)

Page = str | tuple[str, int] | Response
_LONGEST: Final = mail_quota.DAY.total_seconds() + 1


# -- the programme ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PublicSession:
    """When and where a group meets."""

    start: datetime
    end: datetime
    place: Text


@blueprint.get("/")
def programme() -> str:
    """The programme as its organisers publish it."""
    with here().db.reading() as session:
        meetings = _meetings(session)
    return render_template("public/programme.html", meetings=meetings, phase=apply.phase())


def _meetings(session: Session) -> dict[tuple[str, str], PublicSession]:
    """(stage, group) -> its meeting: as the calendar has it, else as the config does."""
    found = {
        (stage.key, group): PublicSession(one.start, one.end, one.place)
        for stage in here().programme.stages
        for group, one in stage.sessions.items()
    }
    rows = session.scalars(sa.select(StageSession).where(StageSession.cancelled_at.is_(None)))
    return found | {(r.stage, r.group): PublicSession(r.starts_at, r.ends_at, Text(**r.place)) for r in rows}


def meeting_of(meetings: Mapping[tuple[str, str], PublicSession], stage: Stage, group: str) -> PublicSession | None:
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
    return render_template("public/info_day.html", typed={}, faults={}, done=done, waits=_waits(), over=_over())


def _waits() -> datetime | None:
    """Until when the mail waits that whoever just signed up gets, as the path says; None where it says nothing true."""
    at, now = request.args.get("waits", type=int), here().now()
    return datetime.fromtimestamp(at, UTC) if at is not None and 0 < at - now.timestamp() <= _LONGEST else None


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
        return _sign_up_again(name, address, faults), 400
    with here().db.writing() as session:
        waits = guests.sign_up(here().season, session, guest, rate_limits.whence(), here().now())
    security_log.waits(waits)
    return redirect(url_for("public.info_day", done=1, waits=math.ceil(waits.timestamp()) if waits else None), 303)


def _sign_up_again(name: str, address: str, faults: Iterable[FieldFault]) -> str:
    shown = {"typed": {"name": name, "address": address}, "faults": forms.by_field(faults)}
    return render_template("public/info_day.html", **shown, done=False, over=_over())


# -- the application ----------------------------------------------------------------------------------------------

blueprint.add_url_rule("/apply", "apply", apply.show, methods=["GET"])
blueprint.add_url_rule("/apply", "send", apply.send, methods=["POST"])
blueprint.add_url_rule("/apply/received/<int:number>", "receipt", apply.receipt)
blueprint.add_url_rule("/apply/draft/<secret>", "draft", apply.draft, methods=["GET"])
blueprint.add_url_rule("/apply/draft/<secret>", "mail_draft", apply.mail_draft, methods=["POST"])
