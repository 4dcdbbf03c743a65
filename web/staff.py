"""What trainers and mentors see when they are signed in: what is asked of them, their sessions, teams and hours.

Everything here can be done by replying to a mail too. Must never show a team to somebody who has no part in it.
"""

from datetime import date

from flask import Blueprint, abort, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash as telling
from web.access.gate import me, myself, require
from web.context import here
from web.i18n import labels as words
from web.i18n.language import lang, prefer
from web.office import mentor_booking as booking
from web.office import mentoring as mentoring_page
from web.office.acting import the_team
from workflow.database.models import Person
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.rules.machine import Who
from workflow.season import Actor
from workflow.text import formatting as say
from workflow.views import staff as overview_staff

blueprint = Blueprint("staff", __name__, url_prefix="/staff")
telling.install(blueprint)
blueprint.context_processor(lambda: {"names": words, "asked": lambda question: asking.asked(here().season, question)})


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
            tasks=overview_staff.tasks(session, person.id),
            meetings=overview_staff.ahead(here().season, session, person, here().now()),
        )


@blueprint.get("/mentor")
@require("mentor")
def mentor() -> str:
    """The mentor's teams with what they used and have left, and the mentor's own hours by month."""
    with here().db.reading() as session:
        person = _as(session, "mentor")
        return render_template(
            "staff/mentor.html",
            tasks=overview_staff.tasks(session, person.id),
            seen=overview_staff.mentor_page(here().season, session, person.id),
            bar=mentoring_page.bar,
            month=lambda key: say.month(date.fromisoformat(f"{key}-01"), lang()),
        )


@blueprint.post("/mentor/team/<int:team_id>/book")
@require("mentor")
def book(team_id: int) -> Response:
    """Reserve hours for a session ahead with a team of one's own."""
    with here().db.writing() as session:
        team, person = the_team(session, team_id), _as(session, "mentor")
        if person.id not in {m.person_id for m in queries.mentorships(session, team.id)}:
            abort(404)
        told = booking.book(session, team, person, Actor(who=Who.CONTACT, name=person.name, person=person, via="form"))
    return telling.go(url_for("staff.mentor"), told)


def _as(session: Session, role: str) -> Person:
    """Whoever is signed in, in this role of theirs."""
    return session.get_one(Person, myself().people[role])
