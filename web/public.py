"""What anybody may see and send: the programme's page, the info day and the application.

Everything on the programme's page comes from config.toml, dates from the calendar as it stands today.
Must never show or tell who is known here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import forms, guard
from web.context import here
from web.forms import Faults, Typed
from web.language import lang
from workflow import guests, queries
from workflow.application import check
from workflow.models import LatePass, StageSession
from workflow.programme import EVERYONE, Stage, Text

blueprint = Blueprint("public", __name__)

FORM: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")
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
    met = [stage for stage in here().programme.stages if stage.sessions]
    return render_template("public/programme.html", meetings=meetings, met=met, phase=_phase())


def _meetings(session: Session) -> dict[tuple[str, str], Meeting]:
    """(stage, group) -> its meeting: as the calendar has it, else as the config does."""
    found = {
        (stage.key, group): Meeting(one.start, one.end, one.place)
        for stage in here().programme.stages
        for group, one in stage.sessions.items()
    }
    rows = session.scalars(sa.select(StageSession).where(StageSession.cancelled_at.is_(None)))
    return found | {(r.stage, r.group): Meeting(r.starts_at, r.ends_at, Text(**r.place)) for r in rows}


def _phase() -> str:
    """`before`, `open` or `closed`: whether applications are taken now."""
    now, rules = here().now(), here().programme.apply
    return "before" if now < rules.opens_at else "open" if now < rules.closes_at else "closed"


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


@blueprint.get("/apply")
def apply() -> Page:
    """The form, or why there is none today."""
    with here().db.reading() as session:
        leave = _leave(session)
        if _phase() != "open" and leave is None:
            return render_template("public/apply_closed.html", phase=_phase(), had_pass="pass" in request.values)
        until = leave.until if leave else here().programme.apply.closes_at
    return _form(forms.blank(here().programme, lang()), {}, here().token(), until)


def _leave(session: Session) -> LatePass | None:
    return guests.late_pass(session, request.values.get("pass", ""), here().now())


def _form(now: Typed, faults: Faults, form: str, until: datetime, focus: int = -1) -> str:
    have = forms.counted(now.members)
    return render_template(
        "public/apply.html",
        typed=now,
        faults=faults,
        form=form,
        have=have,
        until=until,
        focus=focus,
        first_dates=_first_dates(),
        keep_days=here().settings.retention.people_days,
    )


def _first_dates() -> dict[str, str]:
    """The days on which each group meets, in a line."""
    met = {g.key: [s.session(g.key) for s in here().programme.stages] for g in here().programme.groups}
    tz = here().programme.tz
    return {key: ", ".join(f"{one.start.astimezone(tz):%-d.%m}" for one in all_ if one) for key, all_ in met.items()}


@blueprint.post("/apply")
def send() -> Page:
    """Adds or removes a row, or takes the application in: once, however often it is sent."""
    now, form = forms.typed(here().programme, request.form), request.form.get("form", "")
    if not FORM.fullmatch(form):
        abort(400)
    changed = _rows_changed(now)
    if changed is not None:
        until = here().programme.apply.closes_at
        return _form(changed, {}, form, until, len(changed.members) - 1 if "add" in request.form else -1)
    try:
        return _take_in(now, form)
    except IntegrityError:  # the same form twice at the same moment: the other one was first
        return redirect(url_for("public.receipt", form=form), 303)


def _rows_changed(now: Typed) -> Typed | None:
    if "add" in request.form:
        return forms.with_row(now, here().programme.limits.members)
    gone = request.form.get("remove", "")
    return forms.without_row(now, int(gone)) if gone.isdecimal() and len(gone) < 4 else None


def _take_in(now: Typed, form: str) -> Page:
    with here().db.writing() as session:
        if guests.received(session, _mine(form)) is None:
            leave = _leave(session)
            built, found = check(here().programme, now.fields, now.rows(), here().now(), late_pass=leave is not None)
            faults = forms.by_field((*found, *forms.speakers(now)))
            if built is None or faults:
                until = leave.until if leave else here().programme.apply.closes_at
                return _form(now, faults, form, until), 400
            guests.apply_once(here().season, session, _mine(form), built, here().now(), leave)
    return redirect(url_for("public.receipt", form=form), 303)


def _mine(form: str) -> str:
    """The form's key: of no use in any other browser."""
    return guard.digest(f"{form}:{guard.browser()}")


@blueprint.get("/apply/received/<form>")
def receipt(form: str) -> str:
    """The full copy of what came in, in the browser that sent it."""
    with here().db.reading() as session:
        team = guests.received(session, _mine(form)) if FORM.fullmatch(form) else None
        if team is None:
            abort(404)
        return render_template("public/receipt.html", team=team, members=queries.members(session, team.id))
