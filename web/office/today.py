"""Today page, the coordinator's start page, and the blueprint of all the office's pages.

Today says what waits for the coordinator, what waits for others and since when, and what comes next.
"""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import me, require
from web.context import here
from web.i18n import labels
from web.i18n.language import _, prefer
from web.office import approval, board, calendar, duty, mentoring, risk_lines, season_line, selection, team
from web.office.mail import hold, inbox, outbox, reply, templates, write, written
from web.office.mail.delivery_errors import delivery
from web.office.records import archive, directory, dossier, imports, report_tokens, rights, sign_ins, tables
from web.request import found
from workflow.coordinator import adjustments, mail_hold
from workflow.database.models import Alert
from workflow.records import on_duty, open_questions
from workflow.schedule import alert_pages, heartbeat
from workflow.views import mail, phase, risks

blueprint = Blueprint("office", __name__, url_prefix="/office")
for _part in (
    approval, archive, board, calendar, dossier, duty, inbox, hold, templates, mentoring, outbox, directory, imports,
    reply, report_tokens, sign_ins, tables, rights, selection, team, write, written,
):  # fmt: skip
    blueprint.register_blueprint(_part.blueprint)
flash.install(blueprint)
blueprint.add_app_template_filter(delivery)
blueprint.context_processor(lambda: {"names": labels})


@blueprint.before_request
def _their_language() -> None:
    known = me()
    if known is not None:
        prefer(known.lang)


@blueprint.get("")
@require("coordinator", "reader")
def today() -> str:
    """What waits, and for whom."""
    with here().db.reading() as session:
        seen = mail.today(here().season, session, here().now())
        season = season_line.line(phase.season_now(here().season, session, here().now()))
        lines = [risk_lines.line(one, here().now()) for one in risks.risks(here().season, session, here().now())]
        return render_template(
            "office/today.html", seen=seen, season=season, risks=lines,
            asked=lambda question: open_questions.asked(here().season, question),
            stopped=None if here().demo else heartbeat.stopped_since(session, here().now()),
            hold=mail_hold.current(session), watch=on_duty.look(session, on_duty.today(here().programme, here().now())),
            page_of=_page,
        )  # fmt: skip


def _page(alert: Alert) -> str:
    """The page where it is seen to; empty where that is Today itself."""
    page = alert_pages.page(alert)
    return f"{request.script_root}{page}" if page != alert_pages.HOME else ""


@blueprint.post("/alert/<int:alert_id>/settle")
@require("coordinator")
def settle(alert_id: int) -> Response:
    """The coordinator has seen to it."""
    with here().db.writing() as session:
        done = adjustments.settle_alert(session, found(session.get(Alert, alert_id)), here().now())
    says = _("Marked as settled.") if done else _("Settled before.")
    return flash.go(url_for("office.today"), flash.good(says))
