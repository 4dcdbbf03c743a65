"""The coordinator's desk: today's page, and the blueprint that all the office's pages hang on.

Today says what waits for the coordinator, what waits for others and since when, and what comes next.
"""

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from web import flash as telling
from web.access.gate import me, require
from web.context import here
from web.i18n import labels as words
from web.i18n.language import _, prefer
from web.office import approval, board, selection, team
from web.office import calendar as calendar_page
from web.office import mentoring as mentoring_page
from web.office.acting import found
from web.office.mail import inbox, outbox
from web.office.mail import templates as mails
from web.office.mail.delivery_errors import delivery
from web.office.records import directory as people
from web.office.records import dossier, rights
from web.office.records import sign_ins as person_sign_ins
from web.office.records import tables as reports
from workflow.coordinator import adjustments as office
from workflow.database.models import Alert
from workflow.records import open_questions as asking
from workflow.schedule import heartbeat as pulse
from workflow.views import mail as overview_mail

blueprint = Blueprint("office", __name__, url_prefix="/office")
for _part in (
    approval, board, calendar_page, dossier, inbox, mails, mentoring_page, outbox, people, person_sign_ins, reports,
    rights, selection, team,
):  # fmt: skip
    blueprint.register_blueprint(_part.blueprint)
telling.install(blueprint)
blueprint.add_app_template_filter(delivery)
blueprint.context_processor(lambda: {"names": words})


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
        seen = overview_mail.today(session, here().now())
        return render_template(
            "office/today.html", seen=seen, asked=lambda question: asking.asked(here().season, question),
            stopped=None if here().demo else pulse.stopped_since(session, here().now()),
        )  # fmt: skip


@blueprint.post("/alert/<int:alert_id>/settle")
@require("coordinator")
def settle(alert_id: int) -> Response:
    """The coordinator has seen to it."""
    with here().db.writing() as session:
        done = office.settle_alert(session, found(session.get(Alert, alert_id)), here().now())
    says = _("Marked as settled.") if done else _("Settled before.")
    return telling.go(url_for("office.today"), telling.good(says))
