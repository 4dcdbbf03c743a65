"""Calendar feeds over HTTP: the file behind a secret address, and the buttons that make and end that address.

Whoever has the address reads the dates; nothing can be changed by it. It is no part of signing in.
"""

from flask import Blueprint, Response, abort, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from web import flash
from web.access.gate import anybody, myself, require
from web.access.security_log import event
from web.context import here
from web.i18n import labels
from web.i18n.language import _
from web.public import calendar_file, own_details
from web.request import field
from workflow.database.models import Person
from workflow.sign_in import feeds

blueprint = Blueprint("feed", __name__)
flash.install(blueprint)
blueprint.context_processor(lambda: {"names": labels})


@blueprint.get("/calendar/<secret>.ics")
@anybody
def read(secret: str) -> Response:
    """The sessions, for a calendar program that asks again every few hours."""
    with here().db.reading() as session:
        person = feeds.opened(session, secret)
        if person is None:
            abort(404)
        rows = feeds.sessions(here().season, session, person)
        link = _pages(person)
        file = calendar_file.of_sessions(here().programme, rows, person.lang, link, here().now())
    return Response(file, mimetype="text/calendar")


def _pages(person: Person) -> str:
    """Where the person reads on, signed in; empty for members, who have no page of their own."""
    at = {"coordinator": "/office/calendar", "trainer": "/staff/trainer", "mentor": "/staff/mentor"}.get(person.role)
    return f"{here().settings.base_url}{at}" if at else ""


@blueprint.get("/calendar")
@require("coordinator", "trainer", "mentor")
def page() -> str:
    """The addresses of whoever is signed in, one for each of their parts."""
    with here().db.reading() as session:
        mine = [(person, address(session, person)) for person in _mine(session)]
        return render_template("feed.html", mine=mine)


@blueprint.post("/calendar")
@require("coordinator", "trainer", "mentor")
def change() -> AnyResponse:
    """A new address, or none any more."""
    with here().db.writing() as session:
        person = next((one for one in _mine(session) if one.role == field("as")), None)
        if person is None:
            abort(404)
        return flash.go(url_for("feed.page"), changed(session, person))


@blueprint.post("/me/<page>/calendar")
@anybody
def of_member(page: str) -> str:
    """The same for a member, behind the link to their own details."""
    with here().db.writing() as session:
        person = own_details.person_of(session, page)
        told = changed(session, person)
        return render_template("public/own_calendar.html", page=page, address=address(session, person), told_now=told)


def _mine(session: Session) -> list[Person]:
    rows = {role: session.get_one(Person, number) for role, number in myself().people.items() if role in feeds.ROLES}
    return [rows[role] for role in feeds.ROLES if role in rows]


def address(session: Session, person: Person) -> str:
    """Where the person's calendar program asks; empty where nothing was made."""
    feed = feeds.current(session, person)
    secret = feeds.secret(feed, here().keys.believed) if feed is not None else None
    return f"{here().settings.base_url}{url_for('feed.read', secret=secret)}" if secret else ""


def changed(session: Session, person: Person) -> flash.FlashMessage:
    """Do what the form wishes: a new address, none any more, or the one that there is; the sentence about it."""
    if field("do") == "end":
        feeds.end(session, person, here().now())
        event("calendar ended", person=person.id)
        return flash.good(_("The address opens nothing any more."))
    if field("do") != "show" or not address(session, person):
        feeds.make(session, person, here().keys.newest, here().now())
        event("calendar made", person=person.id)
    return flash.good(_("Here is the address. Put it into your calendar program."))
