"""Page of one letter, and the coordinator's reply beneath it: typed, shown as it will be sent, and then sent.

What was typed comes back with whatever was wrong with it, and from the page that shows the mail.
"""

from typing import Final

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web.access import csrf
from web.access.gate import require
from web.context import here
from web.forms import EXPIRED
from web.i18n.language import _, lang
from web.office import acting
from web.office.confirm import Plan, confirmed
from web.office.mail import inbox
from web.request import field, found
from workflow.codes import LETTER_WAITS
from workflow.coordinator import replying
from workflow.database.models import Letter
from workflow.rules.questions import words_to_reply
from workflow.text.bilingual import Text
from workflow.views import mail

blueprint = Blueprint("reply", __name__)

Page = str | Response | tuple[str, int]
_NO_FAULTS: Final[dict[str, Text]] = {}


@blueprint.get("/letter/<int:letter_id>")
@require("coordinator", "reader")
def page(letter_id: int) -> str:
    """One letter, whatever became of it, what was replied to it, and the form to reply."""
    with here().db.reading() as session:
        return _page(session, found(session.get(Letter, letter_id)), _NO_FAULTS)


def _page(session: Session, letter: Letter, faults: dict[str, Text]) -> str:
    about = mail.about(session, [letter])
    to = replying.reply_to(session, letter)
    return render_template(
        "office/letter.html",
        each=inbox.shown(letter, about),
        to=to,
        words=words_to_reply(to.question.kind, to.question.about) if to is not None and to.question else None,
        subject=replying.subject(letter),
        replies=replying.replies(session, letter),
        waits=letter.status in LETTER_WAITS,
        aside=bool(field("aside")) if request.method == "POST" else not letter.readings,
        typed=request.form.get("words", ""),
        faults=faults,
    )


def again(letter_id: int) -> Page:
    """The form that has expired, with what was typed into it."""
    with here().db.reading() as session:
        return _page(session, found(session.get(Letter, letter_id)), {"": EXPIRED}), 400


@blueprint.post("/letter/<int:letter_id>/reply")
@csrf.keeps(again)
@require("coordinator")
def send(letter_id: int) -> Page:
    """Show the mail; the second time, send it."""
    words = request.form.get("words", "")
    with here().db.writing() as session:
        letter = found(session.get(Letter, letter_id))
        to, fault = replying.reply_to(session, letter), replying.fault(words)
        if field("change") or fault is not None or to is None:
            return _page(session, letter, {"words": fault} if fault is not None and not field("change") else {})
        who, language = acting.actor(session), lang()
        plan = Plan(
            title=replying.subject(letter),
            do=_("Send the reply"),
            done=_("The reply leaves for %(address)s.", address=to.address),
            back=url_for("office.reply.page", letter_id=letter_id),
            act=lambda season, now: replying.reply(
                season, session, letter, words, language, who, now, aside=bool(field("aside"))
            ),
            about=[letter.id, letter.status, to.address, field("aside")],
            typed=f"reply:{letter_id}",
        )
        return confirmed(session, plan)
