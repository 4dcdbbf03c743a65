"""A member's own details behind the link in their mails: name, phone and language of mails, old and new shown first.

Looking changes nothing; address and side are changed by the coordinator alone. The link may be forwarded, so of a phone
number on file no more than its end is shown.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Blueprint, abort, render_template, request
from sqlalchemy.orm import Session

from web.access import csrf
from web.access.rate_limits import whence
from web.context import here
from web.i18n import language
from web.i18n.language import said
from workflow.answering.submit import actor_for
from workflow.database.models import Person
from workflow.journey import details
from workflow.rules.doors import Door
from workflow.season import Actor
from workflow.security import own_links
from workflow.text.bilingual import LANGUAGE_NAMES, Text

blueprint = Blueprint("own_details", __name__)

ASKED: Final = ("name", "lang", "phone")
SHOWN: Final = 2
"""so many digits at the end of a phone number tell its owner which it is, and nobody else the number"""
Page = str | tuple[str, int]


def person_of(session: Session, page: str) -> Person:
    """Whose details this link opens."""
    number = own_links.owner(page)
    person = session.get(Person, number) if number is not None else None
    if person is None or person.team_id is None or person.left_at is not None:
        abort(404)
    if not here().composer.identity.opens_page(page, person.id, person.address_key):
        abort(404)
    language.prefer(person.lang)
    return person


def _masked(phone: str) -> str:
    return f"… {phone[-SHOWN:]}" if phone else ""


def _actor(person: Person) -> Actor:
    return actor_for(person, via=Door.LINK, place=whence(), question=None)


@blueprint.get("/me/<page>")
def show(page: str) -> str:
    """The form."""
    with here().db.reading() as session:
        person = person_of(session, page)
        return _form(person, {})


def again(page: str) -> Page:
    """An expired form: nothing is saved, and what was typed stands in a new one."""
    with here().db.reading() as session:
        return _form(person_of(session, page), request.form, stale=True), 400


def _form(person: Person, typed: Mapping[str, str], *, fault: Text | None = None, stale: bool = False) -> str:
    return render_template(
        "public/own_details.html", page=(request.view_args or {})["page"], person=person, typed=typed, fault=fault,
        stale=stale, on_file=_masked(person.phone),
        languages=[(key, said(LANGUAGE_NAMES[key]), "") for key in here().programme.languages],
    )  # fmt: skip


@blueprint.post("/me/<page>")
@csrf.keeps(again)
def give(page: str) -> Page:
    """What was typed, beside what is on file; then exactly that."""
    with here().db.writing() as session:
        person = person_of(session, page)
        typed = {name: request.form[name] for name in ASKED if name in request.form}
        if not typed.get("phone", "").strip():
            typed.pop("phone", None)  # left empty: the number on file stays
        wanted = details.typed(person, typed)
        if "sure" not in request.form:
            refused = details.refusal(here().season, person, wanted)
            if refused is not None:
                return _form(person, typed, fault=refused), 400
            before = replace(details.of(person), phone=_masked(person.phone))
            shown = details.changes(here().programme, before, wanted)
            return render_template("public/own_details_sure.html", person=person, typed=typed, changes=shown)
        done = details.correct_own(here().season, session, person, wanted, _actor(person), here().now())
        if isinstance(done, Text):
            return _form(person, typed, fault=done), 400
        language.prefer(person.lang)
        return render_template("public/own_details_done.html", person=person, team=person.team)
