"""Second step of signing in (MFA): a passkey, a code from an app, or a recovery code; at first, setting one up.

Whoever comes with half a session finds nothing else open. Whoever is signed in comes here again before touching
their ways of signing in: a session older than ten minutes is confirmed anew, and gets a new id.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.access import rate_limits, sessions
from web.access.paths import safe_path
from web.access.roles import anybody, home
from web.access.security_log import event
from web.context import here
from web.i18n.language import _, prefer
from web.sign_in import factors, recovery_codes, totp
from workflow.codes import AlertKind
from workflow.database.models import Person, SecondFactor, WebSession
from workflow.records.history import alert
from workflow.sign_in import second_factors
from workflow.text.bilingual import Text

blueprint = Blueprint("second", __name__, url_prefix="/signin/second")

FRESH: Final = timedelta(minutes=10)
LABEL: Final = 60
Page = str | Response | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStepVisitor:
    """Whoever is at this step. `half`: they are not in yet."""

    who: sessions.Me
    person: Person
    people: list[int]
    there: list[SecondFactor]
    half: bool

    @property
    def fresh(self) -> bool:
        """Whether they confirmed who they are just now."""
        return not self.half and here().now() - self.who.since <= FRESH

    @property
    def may_add(self) -> bool:
        """Somebody with a factor shows it before adding another."""
        return not self.there or self.fresh


def _coming(session: Session) -> SecondStepVisitor | None:
    """Nobody, where there is neither half a session nor a whole one."""
    whole = sessions.me()
    who = whole or sessions.halfway()
    if who is None:
        return None
    prefer(who.lang)
    person = session.get_one(Person, who.id)
    people = second_factors.rows_of(session, person)
    return SecondStepVisitor(
        who=who, person=person, people=people, there=second_factors.of(session, people), half=whole is None
    )


def _anew() -> Response:
    return redirect(url_for("signin.ask", next=_next() or None), 303)


def _next() -> str:
    return safe_path(request.values.get("next"))


@blueprint.get("")
@anybody
def ask() -> Page:
    """Asks for the factor; or how to set one up, where there is none."""
    with here().db.reading() as session:
        found = _coming(session)
        if found is None:
            return _anew()
        return _asked(found) if found.there else _setting_up(found)


def _asked(found: SecondStepVisitor, **more: Any) -> str:
    return render_template(
        "second.html",
        passkey=factors.passkey_to_ask(found.there),
        app=any(one.kind == "totp" for one in found.there),
        half=found.half,
        next=_next(),
        **more,
    )


@blueprint.get("/new")
@anybody
def new() -> Page:
    """Sets another one up."""
    with here().db.reading() as session:
        found = _coming(session)
        if found is None:
            return _anew()
        if not found.may_add:
            return redirect(url_for("second.ask", next=url_for("second.new")), 303)
        return _setting_up(found)


def _setting_up(found: SecondStepVisitor, **more: Any) -> str:
    shared = factors.offered(found.there)[0]
    told = totp.address(shared, found.who.address, here().programme.short_name.say("en"))
    return render_template(
        "second_new.html",
        first=not found.there,
        must=found.half,
        shared=" ".join(shared[at : at + 4] for at in range(0, len(shared), 4)),
        address=told,
        picture=totp.picture(told),
        passkey=factors.passkey_to_make(found.person, found.there),
        next=_next(),
        **more,
    )


# -- showing it ---------------------------------------------------------------------------------------------------


@blueprint.post("/code")
@anybody
def code() -> Page:
    """A code from the app, or from paper."""
    return _confirm(
        lambda session, found: factors.fits(session, found.people, found.there, request.form.get("code", "")[:100])
    )


@blueprint.post("/passkey")
@anybody
def passkey() -> Page:
    """What the passkey signed."""
    return _confirm(
        lambda session, found: "passkey" if factors.fits_passkey(found.there, request.form.get("passkey", "")) else ""
    )


def _confirm(fits: Callable[[Session, SecondStepVisitor], str]) -> Page:
    with here().db.reading() as session:
        found = _coming(session)
    if found is None:
        return _anew()
    if _too_often(found):
        return _start_over(found)
    with here().db.writing() as session:
        found = _coming(session)
        how = fits(session, found) if found else ""
        if found is None or not how:
            event("second factor wrong", person=found.who.id if found else None)
            wrong = _("That was not right. Codes change every half a minute and work once; try the next one.")
            return (_asked(found, problem=wrong), 400) if found else _anew()
        event("second factor", person=found.who.id, how=how)
        to = _next() or home(found.person.role)
        if how == "recovery" and not recovery_codes.left(session, found.people):
            to = url_for("mine.page")
        response = redirect(to, 303)
        sessions.sign_in(session, found.person, response)
        return response


def _too_often(found: SecondStepVisitor) -> bool:
    """A few tries a link; and not too many an hour for one person's app, whoever tries: then all coordinators know."""
    if rate_limits.left(rate_limits.HALVES, f"{found.who.session_id}"):
        return True
    typed = "".join(request.form.get("code", "").split())
    if len(typed) == 6 and rate_limits.left(rate_limits.CODES, f"{found.who.id}"):
        _tell(found)
        return True
    return False


def _tell(found: SecondStepVisitor) -> None:
    now, name = here().now(), found.who.name
    says = Text(
        et=f"{name}: keegi on lühikese aja jooksul korduvalt proovinud sisselogimise koode. Tema postkast võib olla "
        "võõrastes kätes.",
        en=f"{name}: somebody has tried sign-in codes again and again within a short time. Their mailbox may be in "
        "the wrong hands.",
    )
    with here().db.writing() as session:
        alert(here().season, session, f"codes:{found.who.id}:{now:%Y%m%d}", AlertKind.SIGN_IN, says, now, urgent=True)


def _start_over(found: SecondStepVisitor) -> Response:
    with here().db.writing() as session:
        if found.half:
            sessions.end(session, WebSession.id == found.who.session_id)
    event("second factor too often", person=found.who.id)
    return redirect(url_for("signin.ask", why="tries"), 303)


# -- setting it up ------------------------------------------------------------------------------------------------


@blueprint.post("/new/app")
@anybody
def new_app() -> Page:
    """The app that shows the right code is set up."""
    typed = "".join(request.form.get("code", "")[:20].split())
    return _add(
        "totp",
        lambda session, found, label: factors.add_app(session, found.person.id, found.there, typed, label),
        _("The code did not fit. Type the six figures that the app shows now; the phone's clock must be right."),
    )


@blueprint.post("/new/passkey")
@anybody
def new_passkey() -> Page:
    """The passkey that the browser made is kept."""
    answer = request.form.get("passkey", "")
    return _add(
        "passkey",
        lambda session, found, label: factors.add_passkey(session, found.person.id, found.there, answer, label),
        _("The passkey was not made. Try again, or use an app that shows codes."),
    )


def _add(kind: str, keep: Callable[[Session, SecondStepVisitor, str], bool], problem: str) -> Page:
    with here().db.writing() as session:
        found = _coming(session)
        if found is None:
            return _anew()
        if not found.may_add or len(found.there) >= factors.MOST:
            abort(403)
        if not keep(session, found, " ".join(request.form.get("label", "").split())[:LABEL]):
            return _setting_up(found, problem=problem), 400
        newest = second_factors.of(session, found.people)[-1]
        factors.tell(session, found.person, f"{kind} made", f"{newest.id}")
        event("second factor set up", person=found.who.id)
        return _done(session, found)


def _done(session: Session, found: SecondStepVisitor) -> Response:
    """With the first one come the codes for paper: shown here and never again."""
    if found.there:
        back = redirect(url_for("mine.page"), 303)
        sessions.sign_in(session, found.person, back)
        return back
    codes = recovery_codes.fresh(session, found.person.id, found.people)
    response = make_response()
    sessions.sign_in(session, found.person, response)
    onward = _next() or home(found.person.role)
    response.set_data(render_template("second_codes.html", codes=codes, onward=onward))
    return response
