"""A colleague's sign-in sessions, for the coordinator: ended when a computer is lost, the second factor reset when a
phone is.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access import sessions
from web.access.roles import require
from web.access.security_log import event
from web.context import here
from web.i18n.language import _
from web.office.acting import coordinator
from web.request import found
from web.sign_in.my_sign_ins import is_fresh
from workflow.database.models import Person, WebSession
from workflow.sign_in import second_factors

blueprint = Blueprint("person_sign_ins", __name__)


def _colleague(session: Session, person_id: int) -> Person:
    """Somebody who signs in at all."""
    person = found(session.get(Person, person_id))
    return found(person if person.role in sessions.ROLES else None)


@blueprint.get("/people/<int:person_id>/sign-ins")
@require("coordinator")
def page(person_id: int) -> str:
    """Where they are signed in, and whether they have a second factor."""
    with here().db.reading() as session:
        person = _colleague(session, person_id)
        people = second_factors.rows_of(session, person)
        return render_template(
            "office/person_sign_ins.html",
            person=person,
            own=sessions.myself().id in people,
            standing=sessions.standing_of(session, people),
            factors=second_factors.of(session, people),
        )


@blueprint.post("/people/<int:person_id>/sign-ins/end")
@require("coordinator")
def end(person_id: int) -> Response:
    """All of their sessions."""
    with here().db.writing() as session:
        people = second_factors.rows_of(session, _colleague(session, person_id))
        ended = sessions.end(session, WebSession.person_id.in_(people))
    event("signed out by another", person=person_id, by=sessions.myself().id, sessions=ended)
    says = flash.good(_("They are signed out everywhere."))
    return flash.go(url_for("office.person_sign_ins.page", person_id=person_id), says)


@blueprint.post("/people/<int:person_id>/sign-ins/reset")
@require("coordinator")
def reset(person_id: int) -> Response:
    """Their second factors away; never one's own, and never by a press alone."""
    back = url_for("office.person_sign_ins.page", person_id=person_id)
    if not is_fresh():
        return redirect(url_for("second.ask", next=back), 303)
    with here().db.writing() as session:
        person, by = _colleague(session, person_id), coordinator(session)
        if by.id in second_factors.rows_of(session, person):
            return flash.go(back, flash.warn(_("Your own you change under “My sign-ins”.")))
        if request.form.get("sure") != "yes":
            return flash.go(back, flash.warn(_("Speak with them first, then tick the box.")))
        second_factors.reset(here().season, session, person, by.name, here().now())
    event("second factor reset", person=person_id, by=sessions.myself().id)
    return flash.go(back, flash.good(_("Reset. Every coordinator was told by mail.")))
