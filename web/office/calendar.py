"""Calendar page: sessions of all groups, and moving one: first who is told, then done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Blueprint, render_template, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import kept_form
from web.access.gate import require
from web.context import here
from web.forms import Faults
from web.i18n.language import _, day, lang, ngettext, said
from web.office import drawings
from web.office.acting import actor
from web.office.confirm import Plan, confirmed
from web.request import field, found, moment_of, typed
from workflow.config.loader import EVERYONE
from workflow.database.models import Invitation, Person, StageSession, Team
from workflow.journey import attendance, sessions
from workflow.rules.application import clean
from workflow.rules.machine import state_name
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text, in_each
from workflow.views import session_people

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
            picture=_picture(found_sessions) if found_sessions else "",
            sessions=found_sessions,
            expected=_expected(session),
            group_name=_group_name,
            stage_name=lambda key: state_name(here().programme, key),
        )


def _picture(found_sessions: Sequence[StageSession]) -> Markup:
    """Each group's dates on one line, what all groups share on each; and today."""
    keys = [g.key for g in here().programme.groups] or [EVERYONE]
    lanes = [_lane(key, [s for s in found_sessions if s.group in (key, EVERYONE)]) for key in keys]
    now = here().now()
    words = " ".join(
        f"{lane.name}: " + ", ".join(f"{m.sign} {day(m.at)}" for m in lane.marks if not m.void) + "." for lane in lanes
    )
    today = _("Today, %(day)s", day=formatting.day(now.astimezone(here().programme.tz).date(), lang()))
    months = _months(min(now, *(s.starts_at for s in found_sessions)), found_sessions[-1].starts_at)
    return drawings.dates(lanes, months, now, today, _("The groups' dates"), f"{words} {today}.")


def _lane(key: str, some: Sequence[StageSession]) -> drawings.Lane:
    return drawings.Lane(name=said(_group_name(key)), marks=tuple(map(_mark, some)))


def _mark(meeting: StageSession) -> drawings.DateMark:
    """A workshop by its number, the seminar by its first word."""
    name = said(state_name(here().programme, meeting.stage))
    local = meeting.starts_at.astimezone(here().programme.tz)
    short = f"{local.day}.{local.month:02d}." if lang() == "et" else f"{local.day}/{local.month}"
    roman = next((word for word in name.split() if word.isascii() and set(word) <= set("IVX")), "")
    return drawings.DateMark(at=meeting.starts_at, sign=roman or name, day=short, void=meeting.cancelled_at is not None)


def _months(start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """The first of each month from the one in which it starts."""
    tz, found = here().programme.tz, []
    at = start.astimezone(tz).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while at <= end:
        found.append((at, formatting.month(at.date(), lang()).split()[0]))
        at = (at + timedelta(days=32)).replace(day=1)
    return found


def _group_name(key: str) -> Text:
    if key == EVERYONE:
        return Text(et="kõik rühmad", en="all groups")
    return here().programme.group(key).name


def _expected(session: Session) -> dict[tuple[str, str], dict[str, int]]:
    """(stage, group) -> how many said yes, no or maybe, and how many said nothing."""
    said_so = sa.func.coalesce(Invitation.expected, "none")
    query = (
        sa.select(Invitation.stage, Team.group, said_so, sa.func.count())
        .join(Team, Team.id == Invitation.team_id)
        .group_by(Invitation.stage, Team.group, said_so)
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
    """One session: who comes, who was there, and the form that moves it."""
    with here().db.reading() as session:
        meeting = found(session.get(StageSession, session_id))
        return render_template(
            "office/session.html",
            meeting=meeting,
            invited=len(sessions.rsvps_of(session, meeting)),
            seen=session_people.of(here().season, session, meeting),
            called=attendance.called(session, meeting),
            rolls=attendance.unanswered(session, meeting),
            group=_group_name(meeting.group),
            stage=state_name(here().programme, meeting.stage),
            typed=typed,
        )


@blueprint.get("/calendar/<int:session_id>/sheet")
@require("coordinator", "reader")
def sheet(session_id: int) -> str:
    """The list to print, for everybody there to sign."""
    with here().db.reading() as session:
        meeting = found(session.get(StageSession, session_id))
        seen = session_people.of(here().season, session, meeting)
        back = url_for("office.calendar.one", session_id=session_id)
        return render_template("office/sheet.html", meeting=meeting, seen=seen, back=back)


@blueprint.post("/calendar/<int:session_id>")
@require("coordinator")
def move(session_id: int) -> Page:
    """Show who is told of the new time and place; then move it."""
    starts, ends = moment_of(field("starts")), moment_of(field("ends"))
    first = field(f"place_{here().programme.languages[0]}")
    place = in_each(lambda lang: field(f"place_{lang}") or first)
    with here().db.writing() as session:
        meeting = found(session.get(StageSession, session_id))
        faults = _faults(meeting, starts, ends, place)
        if faults or starts is None or ends is None:
            return kept_form.back(url_for("office.calendar.one", session_id=session_id), faults)
        return confirmed(session, _plan(session, meeting, starts, ends, place))


def _plan(session: Session, meeting: StageSession, starts: datetime, ends: datetime, place: Text) -> Plan:
    told = len(sessions.to_be_told(session, meeting, starts, ends))
    same_time = sessions.same_time(meeting, starts, ends)

    def act(season: Season, now: datetime) -> Text | None:
        sessions.move_session(season, session, meeting, starts, ends, place, now)
        return None

    name = said(state_name(here().programme, meeting.stage))
    return Plan(
        title=_("%(name)s: a new venue", name=name) if same_time else _("%(name)s: a new time", name=name),
        lead=_new_venue(told) if same_time else _new_time(told),
        do=_("Change the venue") if same_time else _("Move the session"),
        done=ngettext(
            "%(name)s: changed; %(num)s person was told.",
            "%(name)s: changed; %(num)s people were told.",
            told,
            name=name,
        ),
        back=url_for("office.calendar.page"),
        form=url_for("office.calendar.one", session_id=meeting.id),
        act=act,
        about=[meeting.id, meeting.sequence, starts.isoformat(), ends.isoformat(), place.et, place.en],
    )


def _new_time(told: int) -> str:
    return ngettext(
        "%(num)s person gets the calendar entry with the new time. What they answered before no longer counts.",
        "%(num)s people get the calendar entry with the new time. What they answered before no longer counts.",
        told,
    )


def _new_venue(told: int) -> str:
    return ngettext(
        "%(num)s invited person gets the new venue. Answers stay; to the others the invitation says it.",
        "%(num)s invited people get the new venue. Answers stay; to the others the invitation says it.",
        told,
    )


@blueprint.post("/calendar/<int:session_id>/cancel")
@require("coordinator")
def cancel(session_id: int) -> Page:
    """Show who is told that the session falls away; then cancel it."""
    reason = clean(field("why"))[:300]
    with here().db.writing() as session:
        meeting = found(session.get(StageSession, session_id))
        session.refresh(meeting, with_for_update=True)
        fault = _cannot_cancel(meeting, reason)
        if fault is not None:
            return kept_form.back(url_for("office.calendar.one", session_id=session_id), {"why_cancel": fault})
        return confirmed(session, _cancelling(session, meeting, reason))


def _cancelling(session: Session, meeting: StageSession, reason: str) -> Plan:
    def act(season: Season, now: datetime) -> Text | None:
        sessions.cancel_session(season, session, meeting, Text(et=reason, en=reason), now)
        return None

    name = said(state_name(here().programme, meeting.stage))
    return Plan(
        title=_("%(name)s is cancelled", name=name),
        lead=_("The entry disappears from calendars, and nobody is reminded of it. The reason goes into the mails."),
        do=_("Cancel the session"),
        done=_("%(name)s is cancelled; those invited were told.", name=name),
        back=url_for("office.calendar.page"),
        act=act,
        about=[meeting.id, meeting.sequence, reason],
        danger=True,
    )


@blueprint.post("/calendar/<int:session_id>/attendance")
@require("coordinator")
def correct(session_id: int) -> Page:
    """Show what a corrected attendance changes; then record it."""
    reason = clean(field("why"))[:300]
    with here().db.writing() as session:
        meeting = found(session.get(StageSession, session_id))
        called = [person for _, people in attendance.called(session, meeting) for person, _ in people]
        came = {person: field(f"came-{person.id}") == "yes" for person in called if field(f"came-{person.id}")}
        if not reason:
            says = Text(et="Kirjutage paranduse põhjus.", en="Write the reason for the correction.")
            return kept_form.back(url_for("office.calendar.one", session_id=session_id), {"why": says})
        return confirmed(session, _correcting(session, meeting, came, reason))


def _correcting(session: Session, meeting: StageSession, came: dict[Person, bool], reason: str) -> Plan:
    who = actor(session)

    def act(season: Season, now: datetime) -> Text | tuple[Text, ...]:
        changed = attendance.correct(season, session, meeting.stage, came, who, now, why=reason)
        return changed or Text(et="Nii on juba kirjas.", en="That is what is recorded already.")

    name = said(state_name(here().programme, meeting.stage))
    return Plan(
        title=_("%(name)s: attendance", name=name),
        do=_("Correct the attendance"),
        done=_("%(name)s: the attendance is corrected.", name=name),
        back=url_for("office.calendar.one", session_id=meeting.id),
        act=act,
        about=[meeting.id, sorted((person.id, present) for person, present in came.items())],
    )


def _cannot_cancel(meeting: StageSession, reason: str) -> Text | None:
    if meeting.cancelled_at is not None:
        return Text(et="See kohtumine on juba ära jäetud.", en="This session is cancelled already.")
    if meeting.starts_at <= here().now():
        return Text(et="Kohtumine on juba alanud või läbi.", en="The session has begun or is over.")
    if not reason:
        return Text(
            et="Kirjutage põhjus: see läheb kirja osalejatele.", en="Write the reason: it goes to those invited."
        )
    return None


def _faults(meeting: StageSession, starts: datetime | None, ends: datetime | None, place: Text) -> Faults:
    if meeting.cancelled_at is not None:
        return {"": Text(et="See kohtumine on ära jäetud.", en="This session is cancelled.")}
    found: Faults = {}
    if starts is None:
        found["starts"] = Text(et="Kirjutage, millal algab.", en="Write when it begins.")
    elif starts <= here().now():
        found["starts"] = Text(et="Uus algus peab olema tulevikus.", en="The new time must lie ahead.")
    if ends is None:
        found["ends"] = Text(et="Kirjutage, millal lõpeb.", en="Write when it ends.")
    elif starts is not None and ends <= starts:
        found["ends"] = Text(et="Lõpp peab olema pärast algust.", en="It must end after it begins.")
    if not place.et:
        found[f"place_{here().programme.languages[0]}"] = Text(et="Kirjutage koht.", en="Write the place.")
    if not found and (meeting.starts_at, meeting.ends_at, meeting.place) == (starts, ends, place.as_dict()):
        return {"": Text(et="See aeg ja koht kehtivad juba.", en="That is the time and place already.")}
    return found
