"""Sign-in by mailed link, for coordinators, readers, trainers and mentors.

Whoever asks is answered alike, whether the address is known or not, and as fast: the worker mails the link afterwards.
A link works once, for ten minutes, by a press of its button, and only in a browser that asked for that address. Where a
second factor is asked for, the link leads to half a session only. Must never say who is known here.
"""

import re
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.access import cookies, sessions
from web.access.paths import safe_path
from web.access.roles import anybody, home
from web.access.security_log import event
from web.context import here
from web.i18n import language
from web.sign_in import factors
from workflow.database.models import Person, SignIn, SignInRequest
from workflow.rules.application import NO_ADDRESS, address_key
from workflow.sign_in.links import LONG_MINUTES, MINUTES
from workflow.text.bilingual import Text

blueprint = Blueprint("signin", __name__)

TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")
WHY: Final = ("tries", "everywhere", "directory")
"""what may have led here"""
ASKED: Final = "asked"
ASKED_FOR: Final = timedelta(minutes=LONG_MINUTES)
"""so long a browser that asked may use a link to that address, also one that was mailed before"""


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
def send() -> Response | tuple[str, int]:
    """Notes that a link is wanted; says the same to all."""
    typed = request.form.get("address", "").strip()[:254]
    key = address_key(typed)
    if key is None:
        return _form(typed, {"address": NO_ADDRESS}), 400
    asked = SignInRequest(address_key=key, then=safe_path(request.form.get("next")), at=here().now())
    with here().db.writing() as session:
        session.add(asked)
    event("link asked")
    answer = make_response(render_template("signin_sent.html", address=typed, minutes=MINUTES))
    at = str(int(here().now().timestamp()))
    cookies.write(answer, ASKED, f"{at}.{cookies.signed(f'asked:{at}:{key}')}", ASKED_FOR)
    return answer


def _asked_here(key: str) -> bool:
    """Whether a link for this address was asked for in this browser, not long ago."""
    at, _, signature = cookies.read(ASKED).partition(".")
    if not (at.isascii() and at.isdecimal() and len(at) < 12) or not cookies.is_signed(f"asked:{at}:{key}", signature):
        return False
    return int(at) > here().now().timestamp() - ASKED_FOR.total_seconds()


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
    """The link, if it is unused, in time and in a browser that asked for it."""
    if not TOKEN.fullmatch(token):
        return None
    query = sa.select(SignIn, Person).join(Person, Person.id == SignIn.person_id)
    query = query.where(SignIn.token_hash == cookies.digest(token), SignIn.used_at.is_(None))
    found = session.execute(query.with_for_update(of=SignIn)).first()
    if found is None or found.SignIn.expires_at <= here().now() or found.Person.left_at is not None:
        return None
    row: SignIn = found.SignIn
    return row if _asked_here(found.Person.address_key) else None


@blueprint.post("/signout")
@anybody
def leave() -> Response:
    """Ends the session for good."""
    response = redirect(url_for("public.programme"), 303)
    with here().db.writing() as session:
        sessions.sign_out(session, response)
    language.lang()
    return response
