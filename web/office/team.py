"""Team page: who they are, what is missing, which steps lead on, and all that was said and done.

Every form here shows first whom it mails (see `web.office.confirm`). Files leave as attachments only.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import kept_form
from web.access.gate import require
from web.context import here
from web.files.downloads import handed_out
from web.forms import Faults, by_field
from web.i18n.language import _, minutes
from web.office import drawings
from web.office.acting import actor, the_team
from web.office.confirm import Plan, confirmed
from web.request import field, found, moment_of, number, typed
from workflow.answering import read_back
from workflow.coordinator import adjustments
from workflow.database.models import File, Person, Submission, Team
from workflow.journey import details, members, moves
from workflow.records import open_questions, queries
from workflow.rules.application import NewMember, address_key, clean, member_faults
from workflow.season import Actor, Season
from workflow.text.bilingual import Text
from workflow.views import team as team_view

blueprint = Blueprint("team", __name__)

Page = str | Response
Do = Callable[[Season, Session, Team, Actor, datetime], Text | tuple[Text, ...] | None]


@blueprint.get("/team/<int:team_id>")
@require("coordinator", "reader")
def page(team_id: int) -> str:
    """Everything about one team."""
    with here().db.reading() as session:
        team = the_team(session, team_id)
        mails, events = (number(request.args.get(name)) or 1 for name in ("mails", "events"))
        seen = team_view.team_page(here().season, session, team, here().now(), mails=mails, events=events)
        return render_template(
            "office/team.html",
            seen=seen,
            team=team,
            bar=_bar(seen),
            said_so=read_back.said,
            asked=lambda question: open_questions.asked(here().season, question),
            typed=typed,
            show=request.args.get("show", ""),
        )


def _bar(seen: team_view.TeamPage) -> Any:
    hours = seen.standing.facts.hours
    if not hours.cap:
        return None
    words = _("%(used)s of %(cap)s used", used=minutes(hours.used), cap=minutes(hours.cap))
    return drawings.hours_bar(hours.used, hours.reserved, hours.cap, words)


def _planned(
    team_id: int, title: Callable[[Team], str], do: str, done: str, act: Do, about: list[Any], *, danger: bool = False,
    of: str = "",
) -> Page:  # fmt: skip
    """Show what the act brings, or do it; `about` must still be the same then. of: the field that decides whether it
    can be done."""
    with here().db.writing() as session:
        team, who = the_team(session, team_id), actor(session)
        plan = Plan(
            title=title(team),
            do=do,
            done=f"{team.name}: {done}",
            back=url_for("office.team.page", team_id=team_id),
            act=lambda season, now: act(season, session, team, who, now),
            about=[team.id, team.version, *about],
            danger=danger,
            field=of,
        )
        return confirmed(session, plan)


def _back(team_id: int, faults: Faults) -> Response:
    return kept_form.back(url_for("office.team.page", team_id=team_id), faults)


def _member(session: Session, team: Team, person_id: int) -> Person | None:
    person = session.get(Person, person_id)
    return person if person is not None and person.team_id == team.id and person.left_at is None else None


_GONE = Text(et="See inimene ei ole enam meeskonna liige.", en="This person is no longer on the team.")


# -- members --------------------------------------------------------------------------------------


@blueprint.post("/team/<int:team_id>/members")
@require("coordinator")
def add(team_id: int) -> Page:
    """A new member; with `instead` in the place of another."""
    row = {key: field(key) for key in ("name", "address", "side", "part", "post", "phone")}
    faults = member_faults(here().programme, row)
    if faults:
        return _back(team_id, by_field(faults))
    new, instead = _new(row), number(field("instead"))
    return _planned(
        team_id,
        lambda team: _("%(team)s: new member %(new)s", team=team.name, new=new.name),
        _("Add the member"),
        _("%(new)s is on the team.", new=new.name),
        lambda season, session, team, who, now: _join(season, session, team, new, instead, who, now),
        [],
        of="address",
    )


def _new(row: dict[str, str]) -> NewMember:
    part = row["part"] if row["part"] in ("contact", "deputy") else "member"
    return NewMember(
        name=clean(row["name"]),
        address=row["address"],
        side=row["side"],
        part=part,
        post=clean(row["post"]),
        phone=clean(row["phone"])[:40],
    )


def _join(
    season: Season, session: Session, team: Team, new: NewMember, instead: int | None, who: Actor, now: datetime
) -> Text | None:
    present = queries.members(session, team.id)
    if any(p.address_key == address_key(new.address) for p in present):
        return Text(et=f"{new.address} on juba meeskonnas.", en=f"{new.address} is on the team already.")
    if len(present) >= season.programme.most_members:
        return Text(et="Meeskond on täis.", en="The team is full.")
    members.join(season, session, team, new, who, now)
    why = _("replaced by: %(new)s", new=new.name)
    gone = _leave(season, session, team, instead, who, now, why) if instead is not None else None
    moves.settle(season, session, team, now)  # a team that was too small may have been held back by that alone
    return gone


@blueprint.post("/team/<int:team_id>/members/<int:person_id>/leave")
@require("coordinator")
def leave(team_id: int, person_id: int) -> Page:
    """A member leaves the team."""
    return _planned(
        team_id,
        lambda team: _("%(team)s: a member leaves", team=team.name),
        _("Remove from the team"),
        _("the member is removed."),
        lambda season, session, team, who, now: _leave(season, session, team, person_id, who, now, field("why")),
        [person_id],
        danger=True,
    )


def _leave(
    season: Season, session: Session, team: Team, person_id: int, who: Actor, now: datetime, why: str
) -> Text | None:
    person = _member(session, team, person_id)
    if person is None:
        return _GONE
    members.leave(season, session, person, who, now, why=why)
    return None


@blueprint.post("/team/<int:team_id>/members/<int:person_id>/appoint")
@require("coordinator")
def appoint(team_id: int, person_id: int) -> Page:
    """Make a member the contact or the deputy."""
    part = field("part")
    if part not in ("contact", "deputy"):
        return _back(team_id, {"": Text(et="Valige kontaktisik või asendaja.", en="Choose contact or deputy.")})

    def act(season: Season, session: Session, team: Team, who: Actor, now: datetime) -> Text | None:
        person = _member(session, team, person_id)
        if person is None or person.part == part:
            return _GONE if person is None else Text(et="Ta on seda juba.", en="They are that already.")
        members.appoint(season, session, person, part, who, now)
        return None

    return _planned(
        team_id,
        lambda team: _("%(team)s: a new spokesperson", team=team.name),
        _("Appoint"),
        _("the spokesperson is changed."),
        act,
        [person_id, part],
    )


@blueprint.post("/team/<int:team_id>/name")
@require("coordinator")
def rename(team_id: int) -> Page:
    """Another name for the team."""
    name, why = field("team_name"), field("why_name")
    return _planned(
        team_id,
        lambda team: _("%(team)s: another name", team=team.name),
        _("Change the name"),
        _("the name is changed."),
        lambda season, session, team, who, now: details.rename(season, session, team, name, who, now, why=why),
        [name],
        of="team_name",
    )


# -- due dates ------------------------------------------------------------------------------------


@blueprint.post("/team/<int:team_id>/extend")
@require("coordinator")
def extend(team_id: int) -> Page:
    """A later due date for one work."""
    until, stage, why = moment_of(field("until"), end_of_day=True), field("stage"), field("why")
    if until is None:
        return _back(team_id, {"until": Text(et="Valige uus tähtaeg.", en="Choose the new due date.")})
    return _planned(
        team_id,
        lambda team: _("%(team)s: a later due date", team=team.name),
        _("Extend"),
        _("the due date is extended."),
        lambda season, session, team, who, now: adjustments.extend(season, session, team, stage, until, why, who, now),
        [stage, until.isoformat()],
        of="until",
    )


# -- files ----------------------------------------------------------------------------------------


@blueprint.get("/file/<int:file_id>")
@require("coordinator", "reader")
def file(file_id: int) -> Response:
    """A file of a submission, as it was handed in."""
    with here().db.reading() as session:
        row = found(session.get(File, file_id))
        if session.get(Submission, row.submission_id) is None:
            abort(404)
        return handed_out(row.name, row.content, what="file", number=row.id)
