"""Emergency stop page: hold all outgoing mail at once; see what waits, leave some out, let the rest go."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import require
from web.access.security_log import event
from web.context import here
from web.i18n.language import _
from web.office.acting import coordinator
from workflow.coordinator import mail_hold

blueprint = Blueprint("mail_hold", __name__)


@blueprint.post("/mail-hold")
@require("coordinator")
def begin() -> Response:
    """Nothing leaves from now on."""
    with here().db.writing() as session:
        person = coordinator(session)
        new = mail_hold.begin(session, person.name, here().now())
    if new:
        event("all mail held", person=person.id)
    says = _("All mail is held now. Only links to sign in leave.") if new else _("All mail is held already.")
    return flash.go(url_for("office.mail_hold.page"), flash.good(says))


@blueprint.get("/mail-hold")
@require("coordinator")
def page() -> str:
    """What waits, by kind, and what of it has become stale."""
    with here().db.reading() as session:
        return render_template(
            "office/mail_hold.html", hold=mail_hold.current(session), piles=mail_hold.piles(session, here().now())
        )


@blueprint.post("/mail-hold/release")
@require("coordinator")
def release() -> Response:
    """Let go of what is not left out."""
    drop, stale = request.form.getlist("drop"), request.form.getlist("stale")
    with here().db.writing() as session:
        person_id = coordinator(session).id
        dropped = mail_hold.release(session, here().now(), drop=drop, drop_stale=stale)
    if dropped is None:
        return flash.go(url_for("office.today"), flash.warn(_("No mail was held any more: nothing was done.")))
    event("all mail let go", person=person_id, dropped=dropped)
    says = _("Mail leaves again. Mails left out for good: %(n)s.", n=dropped)
    return flash.go(url_for("office.today"), flash.good(says))
