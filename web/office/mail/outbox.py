"""Outbox pages: mails found by status, template and team; previewed; held ones edited, released, dropped.

A mail's HTML is shown in a frame that can do nothing. Nothing ticked means nothing is done, and it is said.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import framed, require
from web.context import here
from web.files.downloads import attachment
from web.i18n.labels import MAILS, by_name
from web.i18n.language import _, lang, said
from web.office.acting import coordinator
from web.request import field, found, number, numbers
from workflow.coordinator import adjustments, rerender, sending_again, trial_mail
from workflow.database.models import Message
from workflow.text.bilingual import Text
from workflow.views import mail
from workflow.views.mail import Filter

blueprint = Blueprint("outbox", __name__)

Page = str | Response
Act = Callable[[Session, Message, datetime], Text | None]


def _anew(session: Session, message: Message, _now: datetime) -> Text | None:
    return rerender.regenerate(session, message, here().composer.again)


ACTS: Final[dict[str, Act]] = {
    "release": adjustments.release,
    "drop": adjustments.drop,
    "retry": adjustments.retry,
    "anew": _anew,
}


@blueprint.get("/outbox")
@require("coordinator", "reader")
def page() -> str:
    """Outgoing mails, newest first."""
    chosen = Filter(
        status=request.args.get("status", "")[:10],
        template=request.args.get("template", "")[:40],
        team_id=number(request.args.get("team")),
        search=request.args.get("q", "").strip()[:100],
        page=number(request.args.get("page")) or 1,
    )
    with here().db.reading() as session:
        mails = mail.messages(session, chosen)
        return render_template(
            "office/outbox.html",
            chosen=chosen,
            kept=_kept(chosen),
            mails=mails,
            counts=mail.counts(session),
            templates=by_name(MAILS, mail.templates(session), lang()),
            teams=mail.named(session, [chosen.team_id, *(m.team_id for m in mails.rows)]),
            all=request.args.get("tick") == "all",
        )


def _kept(chosen: Filter) -> dict[str, object]:
    """What every link of the list keeps."""
    found = {"status": chosen.status, "template": chosen.template, "team": chosen.team_id, "q": chosen.search}
    return {name: value for name, value in found.items() if value}


@blueprint.get("/outbox/<int:message_id>")
@require("coordinator", "reader")
def one(message_id: int) -> str:
    """One mail as it will look, and the form to change it while it is held."""
    with here().db.reading() as session:
        return _one(session, message_id, {})


def _one(session: Session, message_id: int, faults: dict[str, Text]) -> str:
    message = found(mail.message(session, message_id))
    text, _html = here().composer.shown(message.subject, message.body, message.lang)
    return render_template(
        "office/message.html",
        mail=message,
        text=text,
        faults=faults,
        files=message.files,
        remakable=bool(message.files) and message.status in rerender.WAITS,
        renewable=message.status in rerender.WAITS and message.facts is not None,
        subject=request.form.get("subject", message.subject),
        body=request.form.get("body", message.body),
        teams=mail.named(session, [message.team_id]),
    )


@blueprint.get("/outbox/<int:message_id>/html")
@require("coordinator", "reader")
def html(message_id: int) -> Response:
    """The HTML part, for a frame that runs nothing and loads nothing."""
    with here().db.reading() as session:
        message = found(mail.message(session, message_id))
        return framed(here().composer.shown(message.subject, message.body, message.lang)[1])


@blueprint.get("/outbox/<int:message_id>/calendar")
@require("coordinator")
def calendar(message_id: int) -> Response:
    """The calendar file that goes with the mail."""
    with here().db.reading() as session:
        message = found(mail.message(session, message_id))
        return attachment("invite.ics", found(message.calendar))


@blueprint.get("/outbox/<int:message_id>/file")
@require("coordinator")
def file(message_id: int) -> Response:
    """The file that goes with the mail."""
    with here().db.reading() as session:
        enclosed = found(mail.message(session, message_id)).files
        if not enclosed:
            abort(404)
        return attachment(enclosed[0].name, enclosed[0].content)


@blueprint.post("/outbox/<int:message_id>/file")
@require("coordinator")
def file_anew(message_id: int) -> Response:
    """The certificate made anew, after a name was corrected or an attendance."""
    with here().db.writing() as session:
        message = found(mail.message(session, message_id))
        refused = rerender.enclose_again(session, here().programme, message, here().composer.enclosed, here().now())
    back = url_for("office.outbox.one", message_id=message_id)
    if refused is not None:
        return flash.go(back, flash.warn(said(refused)))
    return flash.go(back, flash.good(_("The certificate was made anew. Open it to see how it looks.")))


@blueprint.post("/outbox/<int:message_id>/edit")
@require("coordinator")
def edit(message_id: int) -> Page:
    """Other words for a held mail."""
    with here().db.writing() as session:
        message = found(mail.message(session, message_id))
        refused = adjustments.edit(session, message, field("subject"), request.form.get("body", ""), here().now())
        if refused is not None:
            return _one(session, message_id, {"body": refused})
    says = _("The mail is changed and waits to be sent.")
    return flash.go(url_for("office.outbox.one", message_id=message_id), flash.good(says))


@blueprint.post("/outbox/<int:message_id>/test")
@require("coordinator")
def test(message_id: int) -> Response:
    """A copy to the coordinator who looks at it; nobody else gets anything."""
    domain = here().settings.mail.from_address.rpartition("@")[2]
    with here().db.writing() as session:
        message, person = found(mail.message(session, message_id)), coordinator(session)
        refused = trial_mail.to_me(session, message, person, domain, here().now())
        address = person.address
    back = url_for("office.outbox.one", message_id=message_id)
    if refused is not None:
        return flash.go(back, flash.warn(said(refused)))
    return flash.go(back, flash.good(_("A test went to %(address)s.", address=address)))


@blueprint.post("/outbox/<int:message_id>/again")
@require("coordinator")
def again(message_id: int) -> Response:
    """A mail that has left, once more."""
    domain = here().settings.mail.from_address.rpartition("@")[2]
    with here().db.writing() as session:
        message = found(mail.message(session, message_id))
        sent = sending_again.again(session, message, domain, here().composer.invitation, here().now())
        if isinstance(sent, Text):
            return flash.go(url_for("office.outbox.one", message_id=message_id), flash.warn(said(sent)))
        where, told = url_for("office.outbox.one", message_id=sent.id), sent.to_address
    return flash.go(where, flash.good(_("The mail leaves once more for %(address)s.", address=told)))


@blueprint.post("/outbox/<int:message_id>/anew")
@require("coordinator")
def anew(message_id: int) -> Page:
    """The words of the template as it stands now; somebody's own words go only after both were seen side by side."""
    with here().db.writing() as session:
        message = found(mail.message(session, message_id))
        refused = rerender.regenerate(session, message, here().composer.again, over=field("over"))
        if refused is rerender.BY_HAND:
            return _both(message)
    back = url_for("office.outbox.one", message_id=message_id)
    if refused is not None:
        return flash.go(back, flash.warn(said(refused)))
    return flash.go(back, flash.good(_("The mail says what its template says now.")))


def _both(message: Message) -> str:
    """What is there and what would come in its place."""
    words = found(here().composer.again(message))
    return render_template(
        "office/anew.html",
        mail=message,
        now_says=here().composer.shown(message.subject, message.body, message.lang)[0],
        words=words,
        would_say=here().composer.shown(words.subject, words.body, message.lang)[0],
        mark=rerender.mark(words),
        changed=bool(field("over")),
    )


@blueprint.post("/outbox")
@require("coordinator")
def ticked() -> Page:
    """Release, drop or retry the mails that are ticked; a result for each."""
    act, ids = ACTS.get(field("do")), numbers("mail")
    where = url_for("office.outbox.page", status=field("status") or None)
    if act is None:
        abort(400)
    if not ids:
        nothing = _("No mail was ticked: nothing was done.")
        return flash.go(where, flash.warn(nothing))
    with here().db.writing() as session:
        done = [(m.to_name, m.subject, refused) for m, refused in adjustments.each(session, ids, act, here().now())]
    return flash.go(where, *_results(field("do"), done))


def _results(act: str, done: list[tuple[str, str, Text | None]]) -> list[flash.FlashMessage]:
    """One sentence for those that went well, one for each that did not."""
    well = sum(1 for *_rest, refused in done if refused is None)
    summary = said(_WELL[act]).format(well)
    told = [flash.good(summary)] if well else []
    bad = [flash.bad(f"{name}: {said(refused)}") for name, *_rest, refused in done if refused is not None]
    return told + bad or [flash.warn(_("These mails are no more."))]


_WELL: Final = {
    "release": Text(et="Saatmiseks vabastatud kirju: {}.", en="Mails released: {}."),
    "drop": Text(et="Saatmata jäetud kirju: {}.", en="Mails dropped: {}."),
    "retry": Text(et="Uuesti saatmisel kirju: {}.", en="Mails tried again: {}."),
    "anew": Text(et="Kirjapõhja järgi uuesti tehtud kirju: {}.", en="Mails made anew from their template: {}."),
}


@blueprint.post("/outbox/<int:message_id>")
@require("coordinator")
def single(message_id: int) -> Page:
    """Release, drop or retry one mail."""
    act = ACTS.get(field("do"))
    if act is None:
        abort(400)
    with here().db.writing() as session:
        message = found(mail.message(session, message_id))
        done = [(message.to_name, message.subject, act(session, message, here().now()))]
    return flash.go(url_for("office.outbox.one", message_id=message_id), *_results(field("do"), done))
