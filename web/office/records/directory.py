"""Everybody there is: found by name, address or team; an address put right, and what did not reach it sent again."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from web import flash as telling
from web.access.gate import require
from web.context import here
from web.i18n.language import ngettext, said
from web.office.acting import actor, field, found, number
from workflow.config.loader import Text
from workflow.coordinator import addresses
from workflow.database.models import Person
from workflow.views import people as overview_people

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
@require("coordinator", "reader")
def page() -> str:
    """Those that the search and the kind leave; nothing typed means everybody who is here."""
    search, show = request.args.get("q", "").strip()[:100], request.args.get("show", "all")
    kind = show if show in overview_people.SHOWN else "all"
    with here().db.reading() as session:
        seen = overview_people.people(session, search=search, show=kind, page=number(request.args.get("page")) or 1)
        return render_template("office/people.html", seen=seen, search=search, show=kind)


@blueprint.get("/people/<int:person_id>")
@require("coordinator", "reader")
def one(person_id: int) -> str:
    """One person: their address and what became of the mails to it."""
    with here().db.reading() as session:
        person = found(session.get(Person, person_id))
        return render_template(
            "office/person.html",
            person=person,
            unsent=addresses.unsent(here().season, session, person),
            mails=overview_people.mails_to(session, person),
        )


@blueprint.post("/people/<int:person_id>/address")
@require("coordinator")
def mend(person_id: int) -> Response:
    """Another address, or the same one tried anew."""
    with here().db.writing() as session:
        person = found(session.get(Person, person_id))
        done = addresses.mend(
            here().season, session, person, field("address"), actor(session), here().now(), here().composer.invitation
        )
    back = url_for("office.people.one", person_id=person_id)
    if isinstance(done, Text):
        return telling.go(back, telling.warn(said(done)))
    says = ngettext(
        "The address is mended. %(num)s mail is sent again.",
        "The address is mended. %(num)s mails are sent again.",
        len(done),
    )
    return telling.go(back, telling.good(says))
