"""Signing in by a link: for coordinators, readers, trainers and mentors.

Whoever asks is answered alike, whether the address is known or not, and as fast: the worker mails the link afterwards.
A link works once, for ten minutes, by a press of its button, and only in the browser that asked. Where a second factor
is asked for, the link leads to half a session only. Must never say who is known here.
"""

import hmac
import re
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.access import cookies, sessions
from web.access import gate as guard
from web.access import rate_limits as limits
from web.access.paths import safe_path
from web.access.roles import anybody, home
from web.access.security_log import event
from web.context import here
from web.i18n import language
from web.sign_in import factors
from workflow.config.loader import Text
from workflow.database.models import Person, SignIn, SignInRequest
from workflow.rules.application import Fault, address_key
from workflow.sign_in.links import MINUTES

blueprint = Blueprint("signin", __name__)

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")
WHY: Final = ("tries", "everywhere", "directory")
"""what may have led here"""


@blueprint.get("/signin")
@anybody
def ask() -> str:
    """Asks for the address, and lists everybody in the demonstration."""
    cookies.browser()
    return _form("", {})


def _form(typed: str, faults: dict[str, Text]) -> str:
    why = request.args.get("why", "")
    return render_template(
        "signin.html", typed=typed, faults=faults, next=safe_path(request.values.get("next")), minutes=MINUTES,
        why=why if why in WHY else "", directory=here().settings.oidc,
    )  # fmt: skip


@blueprint.post("/signin")
@anybody
def send() -> str | tuple[str, int]:
    """Notes that a link is wanted; says the same to all."""
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
    guard.count(limits.ASKING, "signin")
    if not limits.left(limits.LINKS, f"{key}:{sessions.is_known(key)}"):
        _note(key, safe_path(request.form.get("next")))
    return render_template("signin_sent.html", address=typed, minutes=MINUTES)


def _note(key: str, then: str) -> None:
    asked = SignInRequest(address_key=key, browser_hash=cookies.digest(cookies.browser()), then=then, at=here().now())
    with here().db.writing() as session:
        session.add(asked)
    event("link asked")


@blueprint.get("/signin/<token>")
@anybody
def link(token: str) -> str | tuple[str, int]:
    """The link's page: a button. Programs that fetch links from mails do not press it for long enough to matter."""
    with here().db.reading() as session:
        row = _usable(session, token)
        name = session.get_one(Person, row.person_id).name if row else ""
    if not name:
        return render_template("signin_link.html", name="", token=""), 410
    return render_template("signin_link.html", name=name, token=token, next=safe_path(request.args.get("next")))


@blueprint.post("/signin/<token>")
@anybody
def enter(token: str) -> str | tuple[str, int] | Response:
    """Uses the link up and signs its person in, or leads them to the second step."""
    with here().db.writing() as session:
        row = _usable(session, token)
        if row is None:
            event("link refused")
            return render_template("signin_link.html", name="", token=""), 410
        row.used_at = here().now()
        return let_in(session, session.get_one(Person, row.person_id), safe_path(request.form.get("next")))


def let_in(session: Session, person: Person, then: str, *, confirmed: bool = False) -> Response:
    """Signed in; or half, where a second factor is asked for and was not `confirmed` elsewhere."""
    half = not confirmed and factors.asked_of(session, person)
    to = url_for("second.ask", next=then or None) if half else then or home(person.role)
    response = redirect(to, 303)
    sessions.sign_in(session, person, response, half=half)
    return response


def _usable(session: Session, token: str) -> SignIn | None:
    """The link, if it is unused, in time and in the browser that asked for it."""
    if not TOKEN.fullmatch(token):
        return None
    query = sa.select(SignIn).where(SignIn.token_hash == cookies.digest(token), SignIn.used_at.is_(None))
    row = session.scalars(query.with_for_update()).first()
    if row is None or row.expires_at <= here().now():
        return None
    mine = hmac.compare_digest(row.browser_hash, cookies.digest(cookies.browser()))
    return row if mine and session.get_one(Person, row.person_id).left_at is None else None


@blueprint.post("/signout")
@anybody
def leave() -> Response:
    """Ends the session for good."""
    response = redirect(url_for("public.programme"), 303)
    with here().db.writing() as session:
        sessions.sign_out(session, response)
    language.lang()
    return response
