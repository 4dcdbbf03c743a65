"""Mentoring page: hours of each team against its cap, of each mentor by month; assigning, booking, held hours.

The ledger is only ever added to; what would cross the cap waits here with its three choices.
"""

from datetime import date, datetime

from flask import Blueprint, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash, kept_form
from web.access.gate import require
from web.context import here
from web.forms import Faults
from web.i18n.language import _, lang, minutes, said
from web.office import acting, drawings, mentor_booking
from web.office.acting import actor, the_team
from web.office.confirm import Plan, confirmed
from web.request import field, found, length_of, number
from workflow.coordinator import adjustments, mentors
from workflow.database.models import HoursRow, Mentorship, Person
from workflow.database.paging import cut
from workflow.journey import mentoring
from workflow.records import queries
from workflow.rules import hours
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.views import mentoring as mentoring_view
from workflow.views.mentoring import TeamHours

blueprint = Blueprint("mentoring", __name__)

Page = str | Response
PAGE = 12
CHOICES = ("left", "grant", "drop")


@blueprint.get("/mentoring")
@require("coordinator", "reader")
def page() -> str:
    """Who used what, and who gave what when."""
    with here().db.reading() as session:
        seen = mentoring_view.mentoring(here().season, session)
        most = max(seen.given.values(), default=0)
        teams = cut(seen.teams, page=number(request.args.get("page")) or 1, size=PAGE)
        return render_template(
            "office/mentoring.html",
            seen=seen,
            teams=teams,
            mentors=_mentors(seen),
            month_name=_month_name,
            bar=bar,
            small=lambda value: _small(value, most),
        )


def _mentors(seen: mentoring_view.Mentoring) -> list[tuple[str, int, Markup]]:
    """(name, minutes in all, the bar) of each mentor."""
    whole = {p.id: sum(seen.given.get((p.id, month), 0) for month in seen.months) for p in seen.mentors}
    most = max(whole.values(), default=0)
    return [
        (p.name, whole[p.id], drawings.share_bar(whole[p.id], most, f"{p.name}: {minutes(whole[p.id])}"))
        for p in seen.mentors
    ]


def _month_name(month: str) -> str:
    """`2022-07` as people say it."""
    return formatting.month(date.fromisoformat(f"{month}-01"), lang())


def bar(each: TeamHours) -> Markup:
    """A team's hours against its cap, as a picture with its words."""
    used, booked, cap = each.balance.used, each.balance.reserved, each.balance.cap
    words = _(
        "%(team)s: %(used)s of %(cap)s used, %(booked)s of it booked",
        team=each.team.name,
        used=minutes(used),
        cap=minutes(cap),
        booked=minutes(booked),
    )
    return drawings.hours_bar(used, booked, cap, words)


def _small(value: int, most: int) -> Markup:
    return drawings.small_bar(value, most, minutes(value))


def _home(*told: flash.FlashMessage) -> Response:
    return flash.go(url_for("office.mentoring.page"), *told)


def _mentor(session: Session) -> Person | None:
    chosen = number(field("mentor"))
    return adjustments.person_of(session, chosen, "mentor") if chosen else None


_CHOOSE = Text(et="Valige mentor.", en="Choose a mentor.")


@blueprint.post("/team/<int:team_id>/mentor")
@require("coordinator")
def assign(team_id: int) -> Page:
    """Put a mentor at a team's side; both are told."""
    with here().db.writing() as session:
        team, mentor, who = the_team(session, team_id), _mentor(session), actor(session)
        if mentor is None:
            return _again(team_id, {f"mentor-{team_id}": _CHOOSE})

        def act(season: Season, now: datetime) -> Text | None:
            row = mentors.assign(season, session, team, mentor, who, now)
            return _ALREADY if row is None else None

        plan = Plan(
            title=_("%(team)s: mentor %(mentor)s", team=team.name, mentor=mentor.name),
            do=_("Assign the mentor"),
            done=_("%(team)s: the mentor is %(mentor)s.", team=team.name, mentor=mentor.name),
            back=url_for("office.mentoring.page"),
            act=act,
            about=[team.id, mentor.id],
        )
        return confirmed(session, plan)


_ALREADY = Text(et="Ta on selle meeskonna mentor juba.", en="They are this team's mentor already.")


@blueprint.post("/mentorship/<int:mentorship_id>/end")
@require("coordinator")
def release(mentorship_id: int) -> Page:
    """The mentor steps back; booked hours are let go, given ones stay."""
    with here().db.writing() as session:
        row = found(session.get(Mentorship, mentorship_id))
        name = row.person.name
        session.refresh(row, with_for_update=True)
        if row.until is not None:
            return _home(flash.warn(_("%(name)s is released already.", name=name)))
        mentoring.release(acting.season(session), session, row, actor(session), here().now())
    return _home(flash.good(_("%(name)s is released.", name=name)))


@blueprint.post("/team/<int:team_id>/book")
@require("coordinator")
def book(team_id: int) -> Page:
    """Reserve hours for a session ahead."""
    with here().db.writing() as session:
        team, mentor = the_team(session, team_id), _mentor(session)
        if mentor is None:
            return _again(team_id, {"": _CHOOSE})
        told = mentor_booking.book(session, team, mentor, actor(session))
    return _again(team_id, {"starts": told}) if isinstance(told, Text) else _home(told)


def _again(team_id: int, faults: Faults) -> Response:
    """The page with the team's form as it was typed."""
    return kept_form.back(f"{url_for('office.mentoring.page')}#team-{team_id}", faults)


@blueprint.post("/hours/<int:row_id>/settle")
@require("coordinator")
def settle(row_id: int) -> Page:
    """One of the three choices for hours that were held."""
    choice = field("choice")
    with here().db.writing() as session:
        row = found(session.get(HoursRow, row_id))
        if choice not in CHOICES:
            return _home(flash.warn(_("Choose one of the three.")))
        refused = adjustments.settle_hours(acting.season(session), session, row, choice, actor(session), here().now())
    if refused is not None:
        return _home(flash.warn(said(refused)))
    return _home(flash.good(_("Settled. The mentor was told.")))


@blueprint.post("/hours/<int:row_id>/correct")
@require("coordinator")
def correct(row_id: int) -> Page:
    """A reported entry counts for another length from now on; the ledger keeps both."""
    length, why = length_of(field("hours")), field("why")
    with here().db.writing() as session:
        row = found(session.get(HoursRow, row_id))
        told, team_id = _corrected(session, row, length, why), row.team_id
    return _again(team_id, {"hours": told}) if isinstance(told, Text) else _home(told)


def _corrected(session: Session, row: HoursRow, length: int | None, why: str) -> flash.FlashMessage | Text:
    plain = queries.entries(queries.ledger(session, row.team_id))
    counts = {e.id: m for e, m in hours.effective(plain)}
    if row.kind != hours.EntryKind.REPORTED or length is None or not why:
        return Text(et="Kirjutage tunnid (näiteks 1,5) ja põhjus.", en="Write the hours (such as 1.5) and why.")
    if counts.get(row.id, 0) == length:
        return flash.warn(_("That is what it counts for already."))
    if not mentoring.correct(acting.season(session), session, row, length, why, actor(session), here().now()):
        return flash.warn(_("The mentor took these hours back."))
    return flash.good(_("Corrected; the ledger keeps both."))
