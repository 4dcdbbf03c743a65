"""Signing in by a link: for coordinators, trainers and mentors.

Whoever asks is answered alike, whether the address is known or not. A link works once, for ten minutes, by a
press of its button, and only in the browser that asked. Must never say who is known here.
"""

import hmac
import re
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import guard, language
from web.context import here
from workflow.application import Fault, address_key
from workflow.models import Person, SignIn
from workflow.notices import Notice
from workflow.programme import Text

blueprint = Blueprint("signin", __name__)

MINUTES: Final = 10
WINDOW: Final = timedelta(minutes=15)
MOST: Final = 5
"""links within the window to one address"""
TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")


@blueprint.get("/signin")
def ask() -> str:
    """Asks for the address, and lists everybody in the demonstration."""
    guard.browser()
    return _form("", {})


def _form(typed: str, faults: dict[str, Text]) -> str:
    return render_template(
        "signin.html", typed=typed, faults=faults, next=guard.safe_path(request.values.get("next")), minutes=MINUTES
    )


@blueprint.post("/signin")
def send() -> str | tuple[str, int]:
    """Sends a link to an address that is known; says the same to all."""
    typed = request.form.get("address", "").strip()[:254]
    key = address_key(typed)
    if key is None:
        fault = Fault(
            "address",
            Text(
                et="Kirjutage meiliaadress kujul nimi@asutus.ee.", en="Write a mail address such as name@example.org."
            ),
        )
        return _form(typed, {fault.field: fault.says}), 400
    with here().db.writing() as session:
        people = guard.of_address(session, key)
        if people and not _too_many(session, people[0]):
            _post_link(session, people[0], guard.safe_path(request.form.get("next")))
    return render_template("signin_sent.html", address=typed, minutes=MINUTES)


def _too_many(session: Session, person: Person) -> bool:
    since = here().now() - WINDOW + timedelta(minutes=MINUTES)
    query = sa.select(sa.func.count()).where(SignIn.person_id == person.id, SignIn.expires_at > since)
    return (session.scalar(query) or 0) >= MOST


def _post_link(session: Session, person: Person, then: str) -> None:
    token, now = here().token(), here().now()
    row = SignIn(
        token_hash=guard.digest(token),
        browser_hash=guard.digest(guard.browser()),
        person_id=person.id,
        expires_at=now + timedelta(minutes=MINUTES),
    )
    session.add(row)
    session.flush()
    link = f"{here().settings.base_url}/signin/{token}" + (f"?next={then}" if then else "")
    here().season.post(
        session,
        Notice(
            template="sign_in",
            key=f"sign_in:{row.id}",
            person=person,
            facts={"sign_in_link": link, "minutes": MINUTES},
        ),
        now,
    )


@blueprint.get("/signin/<token>")
def link(token: str) -> str | tuple[str, int]:
    """The link's page: a button. Programs that fetch links from mails do not press it for long enough to matter."""
    with here().db.reading() as session:
        row = _usable(session, token)
        name = session.get_one(Person, row.person_id).name if row else ""
    if not name:
        return render_template("signin_link.html", name="", token=""), 410
    return render_template("signin_link.html", name=name, token=token, next=guard.safe_path(request.args.get("next")))


@blueprint.post("/signin/<token>")
def enter(token: str) -> str | tuple[str, int] | Response:
    """Uses the link up and signs its person in."""
    with here().db.writing() as session:
        row = _usable(session, token)
        if row is None:
            return render_template("signin_link.html", name="", token=""), 410
        row.used_at = here().now()
        person = session.get_one(Person, row.person_id)
        response = redirect(guard.safe_path(request.form.get("next"), guard.home(person.role)), 303)
        guard.sign_in(session, person, response)
    return response


def _usable(session: Session, token: str) -> SignIn | None:
    """The link, if it is unused, in time and in the browser that asked for it."""
    if not TOKEN.fullmatch(token):
        return None
    query = sa.select(SignIn).where(SignIn.token_hash == guard.digest(token), SignIn.used_at.is_(None))
    row = session.scalars(query.with_for_update()).first()
    if row is None or row.expires_at <= here().now():
        return None
    mine = hmac.compare_digest(row.browser_hash, guard.digest(guard.browser()))
    return row if mine and session.get_one(Person, row.person_id).left_at is None else None


@blueprint.post("/signout")
def leave() -> Response:
    """Ends the session for good."""
    response = redirect(url_for("public.programme"), 303)
    with here().db.writing() as session:
        guard.sign_out(session, response)
    language.lang()
    return response
