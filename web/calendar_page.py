"""Sessions of all groups in one calendar, and moving one: first who is told, then done."""

from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import telling
from web.confirm import Plan, confirmed
from web.context import here
from web.desk import field, found, moment_of, typed
from web.guard import require
from web.language import _, ngettext, said
from workflow import meetings
from workflow.machine import state_name
from workflow.models import Attendance, StageSession, Team
from workflow.programme import EVERYONE, Text
from workflow.season import Season

blueprint = Blueprint("calendar", __name__)

Page = str | Response


@blueprint.get("/calendar")
@require("coordinator", "reader")
def page() -> str:
    """Every session in order of time, with how many are expected."""
    with here().db.reading() as session:
        found_sessions = list(session.scalars(sa.select(StageSession).order_by(StageSession.starts_at)))
        return render_template(
            "office/calendar.html",
            sessions=found_sessions,
            expected=_expected(session),
            group_name=_group_name,
            stage_name=lambda key: state_name(here().programme, key),
        )


def _group_name(key: str) -> Text:
    if key == EVERYONE:
        return Text(et="kõik rühmad", en="all groups")
    return here().programme.group(key).name


def _expected(session: Session) -> dict[tuple[str, str], dict[str, int]]:
    """(stage, group) -> how many said yes, no or maybe, and how many said nothing."""
    said_so = sa.func.coalesce(Attendance.expected, "none")
    query = (
        sa.select(Attendance.stage, Team.group, said_so, sa.func.count())
        .join(Team, Team.id == Attendance.team_id)
        .group_by(Attendance.stage, Team.group, said_so)
    )
    tallies: dict[tuple[str, str], dict[str, int]] = {}
    for stage, group, answer, count in session.execute(query):
        for key in ((stage, group or EVERYONE), (stage, EVERYONE)):
            tally = tallies.setdefault(key, {})
            tally[answer] = tally.get(answer, 0) + count
    return tallies


@blueprint.get("/calendar/<int:session_id>")
@require("coordinator", "reader")
def one(session_id: int) -> str:
    """The form that moves one session."""
    with here().db.reading() as session:
        meeting = found(session.get(StageSession, session_id))
        return render_template(
            "office/session.html",
            meeting=meeting,
            invited=len(meetings.rsvps_of(session, meeting)),
            group=_group_name(meeting.group),
            stage=state_name(here().programme, meeting.stage),
            typed=typed,
        )


@blueprint.post("/calendar/<int:session_id>")
@require("coordinator")
def move(session_id: int) -> Page:
    """Show who is told of the new time and place; then move it."""
    starts, ends = moment_of(field("starts")), moment_of(field("ends"))
    place = Text(et=field("place_et"), en=field("place_en") or field("place_et"))
    with here().db.writing() as session:
        meeting = found(session.get(StageSession, session_id))
        fault = _fault(meeting, starts, ends, place)
        if fault is not None or starts is None or ends is None:
            back = url_for("office.calendar.one", session_id=session_id)
            return telling.go(back, telling.bad(said(fault)))
        return confirmed(session, _plan(session, meeting, starts, ends, place))


def _plan(session: Session, meeting: StageSession, starts: datetime, ends: datetime, place: Text) -> Plan:
    invited = len(meetings.rsvps_of(session, meeting))

    def act(season: Season, now: datetime) -> Text | None:
        meetings.move_session(season, session, meeting, starts, ends, place, now)
        return None

    name = said(state_name(here().programme, meeting.stage))
    return Plan(
        title=_("%(name)s: a new time and place", name=name),
        lead=ngettext(
            "%(num)s person gets the calendar entry with the new time. What they answered before no longer counts.",
            "%(num)s people get the calendar entry with the new time. What they answered before no longer counts.",
            invited,
        ),
        do=_("Move the session"),
        done=ngettext(
            "%(name)s: moved; %(num)s person was told.",
            "%(name)s: moved; %(num)s people were told.",
            invited,
            name=name,
        ),
        back=url_for("office.calendar.page"),
        act=act,
        about=[meeting.id, meeting.sequence, starts.isoformat(), ends.isoformat(), place.et, place.en],
    )


def _fault(meeting: StageSession, starts: datetime | None, ends: datetime | None, place: Text) -> Text | None:
    if starts is None or ends is None:
        return Text(et="Kirjutage algus ja lõpp.", en="Write when it begins and ends.")
    if starts <= here().now():
        return Text(et="Uus algus peab olema tulevikus.", en="The new time must lie ahead.")
    if ends <= starts:
        return Text(et="Lõpp peab olema pärast algust.", en="It must end after it begins.")
    if not place.et:
        return Text(et="Kirjutage koht.", en="Write the place.")
    if (meeting.starts_at, meeting.ends_at, meeting.place) == (starts, ends, place.model_dump()):
        return Text(et="See aeg ja koht kehtivad juba.", en="That is the time and place already.")
    return None
