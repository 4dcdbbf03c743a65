"""Pages of trainers and mentors: what is asked of them, their sessions, teams and hours.

Everything here can be done by replying to a mail too. Must never show a team to somebody who has no part in it.
"""

from datetime import date

from flask import Blueprint, abort, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash, kept_form
from web.access.gate import me, myself, require
from web.access.rate_limits import whence
from web.context import here
from web.i18n import labels
from web.i18n.language import lang, prefer
from web.office import mentor_booking, mentoring
from web.office.acting import the_team
from web.request import found
from workflow.database.models import Person, StageSession
from workflow.records import open_questions, queries
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.season import Actor
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.views import session_people, staff

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
flash.install(blueprint)
blueprint.context_processor(
    lambda: {"names": labels, "asked": lambda question: open_questions.asked(here().season, question)}
)


@blueprint.before_request
def _their_language() -> None:
    known = me()
    if known is not None:
        prefer(known.lang)


@blueprint.get("/trainer")
@require("trainer")
def trainer() -> str:
    """Roll-calls and works that wait, and the sessions ahead with their teams."""
    with here().db.reading() as session:
        person = _as(session, "trainer")
        return render_template(
            "staff/trainer.html",
            tasks=staff.tasks(session, person.id),
            meetings=staff.ahead(here().season, session, person, here().now()),
        )


@blueprint.get("/trainer/session/<int:session_id>")
@require("trainer")
def trainer_session(session_id: int) -> str:
    """Who comes to a session that this trainer leads."""
    with here().db.reading() as session:
        meeting = _led(session, session_id)
        seen = session_people.of(here().season, session, meeting)
        return render_template("staff/trainer_session.html", meeting=meeting, seen=seen)


@blueprint.get("/trainer/session/<int:session_id>/sheet")
@require("trainer")
def trainer_sheet(session_id: int) -> str:
    """The same as a list to print, for everybody there to sign."""
    with here().db.reading() as session:
        meeting = _led(session, session_id)
        seen = session_people.of(here().season, session, meeting)
        back = url_for("staff.trainer_session", session_id=session_id)
        return render_template("office/sheet.html", meeting=meeting, seen=seen, back=back)


def _led(session: Session, session_id: int) -> StageSession:
    """The session, where this trainer leads it."""
    meeting = found(session.get(StageSession, session_id))
    if meeting.stage not in queries.stages_led(here().programme, _as(session, "trainer")):
        abort(404)
    return meeting


@blueprint.get("/mentor")
@require("mentor")
def mentor() -> str:
    """The mentor's teams with what they used and have left, and the mentor's own hours by month."""
    with here().db.reading() as session:
        person = _as(session, "mentor")
        return render_template(
            "staff/mentor.html",
            tasks=staff.tasks(session, person.id),
            seen=staff.mentor_page(here().season, session, person.id),
            bar=mentoring.bar,
            month=lambda key: formatting.month(date.fromisoformat(f"{key}-01"), lang()),
        )


@blueprint.post("/mentor/team/<int:team_id>/book")
@require("mentor")
def book(team_id: int) -> Response:
    """Reserve hours for a session ahead with a team of one's own."""
    with here().db.writing() as session:
        team, person = the_team(session, team_id), _as(session, "mentor")
        if person.id not in {m.person_id for m in queries.mentorships(session, team.id)}:
            abort(404)
        actor = Actor(who=Who.CONTACT, name=person.name, person=person, via=Door.PAGE, place=whence())
        told = mentor_booking.book(session, team, person, actor)
    if isinstance(told, Text):
        return kept_form.back(f"{url_for('staff.mentor')}#team-{team_id}", {"starts": told})
    return flash.go(url_for("staff.mentor"), told)


def _as(session: Session, role: str) -> Person:
    """Whoever is signed in, in this role of theirs."""
    return session.get_one(Person, myself().people[role])
