"""Page of the tokens by which other programs read the reports: made for a purpose, listed with their last use, revoked.

A token's secret is shown once, when it is made. Making one asks the coordinator who they are just now.
"""

from datetime import date, datetime, time, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import myself, require
from web.access.security_log import event
from web.context import here
from web.i18n.language import _, lang
from web.office.acting import coordinator
from web.request import field, found
from web.sign_in.my_sign_ins import is_fresh
from workflow.coordinator import report_tokens
from workflow.database.models import ReportToken
from workflow.text.bilingual import Text
from workflow.views import funder_report

blueprint = Blueprint("report_tokens", __name__, url_prefix="/reports/tokens")

Page = str | Response | tuple[str, int]


@blueprint.get("")
@require("coordinator")
def page() -> Page:
    """Every token with its purpose, end and last use."""
    return _page()


def _page(*, faults: dict[str, Text] | None = None, made: str = "") -> str:
    now, first = here().now(), here().now().astimezone(here().programme.tz).date()
    with here().db.reading() as session:
        rows = report_tokens.every(session)
        return render_template(
            "office/report_tokens.html",
            tokens=[(row, report_tokens.holds(row, now)) for row in rows],
            tables=funder_report.tables(here().season, session, lang()),
            faults=faults or {},
            made=made,
            made_for=request.form.getlist("table") if made else (),
            typed=request.form,
            until=first + timedelta(days=365),
            most=first + report_tokens.LONGEST,
            base_url=here().season.base_url,
        )


@blueprint.post("")
@require("coordinator")
def make() -> Page:
    """A new one; its secret stands on this page alone."""
    if not is_fresh():
        return redirect(url_for("second.ask", next=url_for("office.report_tokens.page")), 303)
    purpose, tables, until = field("purpose"), request.form.getlist("table"), _day(field("until"))
    faults = _faults(purpose, tables, until)
    if faults or until is None:
        return _page(faults=faults), 400
    secret = here().token()
    with here().db.writing() as session:
        if report_tokens.for_purpose(session, purpose, here().now()) is not None:
            return flash.go(url_for("office.report_tokens.page"), flash.warn(_("There is a token for this already.")))
        row = _made(session, secret, purpose, tables, until)
    event("report token made", token=row.id, by=myself().id)
    return _page(made=secret)


def _made(session: Session, secret: str, purpose: str, tables: list[str], until: date) -> ReportToken:
    ends = datetime.combine(until + timedelta(days=1), time(0), here().programme.tz)
    by, now = coordinator(session), here().now()
    return report_tokens.make(
        session, secret, purpose=purpose, tables=tables, lang=lang(), ends_at=ends, by=by, now=now
    )


def _faults(purpose: str, tables: list[str], until: date | None) -> dict[str, Text]:
    found, today = {}, here().now().astimezone(here().programme.tz).date()
    if not purpose or len(purpose) > report_tokens.PURPOSE_MAX:
        found["purpose"] = Text(
            et="Kirjutage, milleks ja kelle käes võti on, kuni 200 tähemärki.",
            en="Write what it is for and who has it, up to 200 characters.",
        )
    if not tables or not set(tables) <= set(funder_report.KEYS):
        found["table"] = Text(et="Valige vähemalt üks tabel.", en="Choose one table at least.")
    if until is None or not today <= until <= today + report_tokens.LONGEST:
        found["until"] = Text(
            et="Valige päev, kuni 400 päeva tänasest.", en="Choose a day, up to 400 days from today."
        )  # fmt: skip
    return found


def _day(said: str) -> date | None:
    try:
        return date.fromisoformat(said)
    except ValueError:
        return None


@blueprint.post("/<int:token_id>/revoke")
@require("coordinator")
def revoke(token_id: int) -> Response:
    """From now on it opens nothing."""
    with here().db.writing() as session:
        done = report_tokens.revoke(found(session.get(ReportToken, token_id)), here().now())
    if done:
        event("report token revoked", token=token_id, by=myself().id)
    says = flash.good(_("Revoked: it opens nothing any more.")) if done else flash.warn(_("Revoked before."))
    return flash.go(url_for("office.report_tokens.page"), says)
