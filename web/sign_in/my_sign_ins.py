"""Account page: my sessions, each to be ended, or all at once; my second factors and recovery codes."""

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access import sessions
from web.access.roles import require
from web.access.security_log import event
from web.context import here
from web.i18n.language import _
from web.request import found, number
from web.sign_in import factors, recovery_codes
from web.sign_in.second_step import FRESH
from workflow.database.models import Person, SecondFactor, WebSession
from workflow.sign_in import second_factors

blueprint = Blueprint("mine", __name__, url_prefix="/sign-ins")
flash.install(blueprint)


def _rows(session: Session) -> list[int]:
    return second_factors.rows_of(session, session.get_one(Person, sessions.myself().id))


@blueprint.get("")
@require()
def page() -> str:
    """Everything about how I get in."""
    with here().db.reading() as session:
        people = _rows(session)
        return render_template(
            "sign_ins.html",
            standing=sessions.standing_of(session, people),
            mine=sessions.myself().session_id,
            factors=second_factors.of(session, people),
            codes=recovery_codes.left(session, people),
            must=factors.must(session, session.get_one(Person, sessions.myself().id)),
        )


@blueprint.post("/end")
@require()
def end() -> Response:
    """One of my sessions, or all of them: this one too."""
    with here().db.writing() as session:
        people = _rows(session)
        if request.form.get("which") == "all":
            ended = sessions.end(session, WebSession.person_id.in_(people))
            response = redirect(url_for("signin.ask", why="everywhere"), 303)
            sessions.sign_out(session, response)
            event("signed out everywhere", person=people[0], sessions=ended)
            return response
        which = number(request.form.get("which"))
        ended = sessions.end(session, WebSession.id == which, WebSession.person_id.in_(people))
    says = flash.good(_("Signed out there.")) if ended else flash.warn(_("That sign-in was over already."))
    return flash.go(url_for("mine.page"), says)


@blueprint.post("/codes")
@require()
def codes() -> str | Response:
    """New codes on paper; the old ones are void."""
    if not is_fresh():
        return _confirm_first()
    with here().db.writing() as session:
        fresh = recovery_codes.fresh(session, sessions.myself().id, _rows(session))
        me = session.get_one(Person, sessions.myself().id)
        factors.tell(session, me, "codes renewed", here().now().isoformat())
        event("recovery codes renewed", person=sessions.myself().id)
        return render_template("second_codes.html", codes=fresh, onward=url_for("mine.page"))


@blueprint.post("/factor/<int:factor_id>/remove")
@require()
def remove(factor_id: int) -> Response:
    """One of my second factors; never the last where one is required."""
    if not is_fresh():
        return _confirm_first()
    with here().db.writing() as session:
        people = _rows(session)
        factor = found(session.get(SecondFactor, factor_id))
        mine = second_factors.of(session, people)
        if factor not in mine:
            found(None)
        me = session.get_one(Person, sessions.myself().id)
        if len(mine) == 1 and factors.must(session, me):
            told = flash.warn(_("This is the only one. Set another one up first."))
            return flash.go(url_for("mine.page"), told)
        factors.tell(session, me, f"{factor.kind} removed", f"{factor.id}")
        session.delete(factor)
        event("second factor removed", person=sessions.myself().id)
    return flash.go(url_for("mine.page"), flash.good(_("Removed.")))


def is_fresh() -> bool:
    return here().demo is not None or here().now() - sessions.myself().since <= FRESH


def _confirm_first() -> Response:
    return redirect(url_for("second.ask", next=url_for("mine.page")), 303)
