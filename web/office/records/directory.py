"""Directory of people: found by name, address or team; their details and address put right, and what did not reach
them sent again.
"""

from datetime import datetime

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import require
from web.context import here
from web.i18n.language import _
from web.office.acting import actor
from web.office.confirm import Plan, confirmed
from web.request import field, found, number
from workflow.answering import own_addresses
from workflow.coordinator import addresses
from workflow.database.models import Alias, Message, Person
from workflow.journey import details
from workflow.records import aliases
from workflow.season import Season
from workflow.text.bilingual import Text
from workflow.views import people

blueprint = Blueprint("people", __name__)


@blueprint.get("/people")
@require("coordinator", "reader")
def page() -> str:
    """Those that the search and the kind leave; nothing typed means everybody who is here."""
    search, show = request.args.get("q", "").strip()[:100], request.args.get("show", "all")
    kind = show if show in people.SHOWN else "all"
    with here().db.reading() as session:
        seen = people.people(session, search=search, show=kind, page=number(request.args.get("page")) or 1)
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
            unsent=addresses.unsent(here().season, session, person, here().now()),
            mails=people.mails_to(session, person),
            known_as=aliases.of(session, [person.id]),
            correctable=person.role in details.ROLES and person.left_at is None,
        )


@blueprint.post("/people/<int:person_id>/details")
@require("coordinator")
def correct(person_id: int) -> Response | str:
    """Name, language, phone, post and side: the old and the new value first, then exactly that."""
    with here().db.writing() as session:
        person, who, why = found(session.get(Person, person_id)), actor(session), field("why")
        wanted = details.typed(person, {name: field(name) for name in details.FIELDS if name in request.form})

        def act(season: Season, now: datetime) -> tuple[Text, ...] | Text:
            return details.correct(season, session, person, wanted, who, now, why=why)

        plan = Plan(
            title=_("%(person)s: details", person=person.name),
            do=_("Save the details"),
            done=_("The details are saved."),
            back=url_for("office.people.one", person_id=person_id),
            act=act,
            about=[person.id, details.of(person)],
            field="name",
        )
        return confirmed(session, plan)


@blueprint.post("/people/<int:person_id>/address")
@require("coordinator")
def mend(person_id: int) -> Response | str:
    """Another address, or the same one tried anew: the mails that leave first, then exactly that."""
    with here().db.writing() as session:
        person, who, wanted = found(session.get(Person, person_id)), actor(session), field("address")

        def act(season: Season, now: datetime) -> tuple[Text, ...] | Text:
            done = addresses.mend(season, session, person, wanted, who, now, here().composer.invitation)
            return done if isinstance(done, Text) else (*map(_again, done.again), *map(_past, done.past))

        plan = Plan(
            title=_("%(person)s: mail address", person=person.name),
            do=_("Save the address"),
            done=_("The address is saved."),
            back=url_for("office.people.one", person_id=person_id),
            act=act,
            about=[person.id, person.address, person.address_state, wanted],
            field="address",
        )
        return confirmed(session, plan)


def _again(message: Message) -> Text:
    """One of the mails that did not arrive, as they stand on the page."""
    return Text(et=f"Uuesti läheb: „{message.subject}“", en=f"Sent again: “{message.subject}”")


def _past(message: Message) -> Text:
    return Text(
        et=f"Ei lähe enam, sest see, millest kiri räägib, on läbi: „{message.subject}“",
        en=f"Not sent, for what it is about is over: “{message.subject}”",
    )


@blueprint.post("/people/<int:person_id>/addresses/<int:alias_id>/remove")
@require("coordinator")
def remove_address(person_id: int, alias_id: int) -> Response:
    """One of their further addresses is theirs no more."""
    with here().db.writing() as session:
        alias = found(session.get(Alias, alias_id))
        if alias.person_id != person_id:
            abort(404)
        done = own_addresses.remove(session, alias, actor(session), here().now())
    back = url_for("office.people.one", person_id=person_id)
    return flash.go(back, flash.good(_("The address is removed.")) if done else flash.warn(_("It was removed before.")))
