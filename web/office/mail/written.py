"""Page of a mail that a coordinator wrote and sent: to whom it went, what each answered, and what can be done yet."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template, url_for
from sqlalchemy.orm import Session, selectinload
from werkzeug.wrappers import Response as AnyResponse

from web import flash
from web.access.gate import require
from web.context import here
from web.files.downloads import attachment, handed_out
from web.i18n.language import _, lang, ngettext, said
from web.office import acting
from web.office.mail import draft_mail
from web.office.records.spreadsheet import comma_separated
from web.request import field, found
from workflow.codes import MessageStatus
from workflow.coordinator import polls, writing, written_mails
from workflow.database.models import Message, Team, WrittenFile, WrittenMail
from workflow.text.bilingual import Text
from workflow.views.funder_report import Table

blueprint = Blueprint("written", __name__)
SHOWN = 12
"""mails in the list of those that were sent"""
MOST = 400
"""recipients on one page"""
SHEET: Final = Text(et="Vastused", en="Answers")
COLUMNS: Final = (
    Text(et="Nimi", en="Name"), Text(et="Meeskond", en="Team"), Text(et="Vastus", en="Answer"),
    Text(et="Kirjutas juurde", en="Wrote beside it"),
)  # fmt: skip


def latest(session: Session) -> Sequence[WrittenMail]:
    """Those that were sent, the last one first."""
    query = sa.select(WrittenMail).where(WrittenMail.sent_at.is_not(None)).options(selectinload(WrittenMail.author))
    return session.scalars(query.order_by(WrittenMail.sent_at.desc(), WrittenMail.id.desc()).limit(SHOWN)).all()


def page(session: Session, mail: WrittenMail) -> str:
    """To whom it went, and what became of each mail."""
    each = Message.key.startswith(f"{writing.LETTER}:{mail.name}:", autoescape=True)
    query = sa.select(Message, Team.name).outerjoin(Team, Team.id == Message.team_id)
    query = query.where(Message.written_id == mail.id, each).order_by(Message.to_name, Message.id).limit(MOST)
    rows = session.execute(query).all()
    draft = draft_mail.of(session, mail)
    answers = polls.answers(session, mail.name, draft.poll, lang()) if draft.poll is not None else []
    stays = (MessageStatus.QUEUED, MessageStatus.HELD)
    waits = [one for one, _team in rows if one.status in stays and one.next_at > here().now()]
    return render_template(
        "office/written.html",
        mail=mail,
        rows=rows,
        waits=len(waits),
        words=written_mails.content(mail).words,
        poll=draft.poll,
        answers={one.person.id: one for one in answers},
        tally=Counter(one.said for one in answers),
        subject=next((text for text in mail.subject.values() if text), ""),
    )


@blueprint.post("/write/<int:mail_id>")
@require("coordinator")
def act(mail_id: int) -> AnyResponse:
    """Stop what has not left, write it once more, or throw a draft away."""
    with here().db.writing() as session:
        mail, now = found(session.get(WrittenMail, mail_id)), here().now()
        back = url_for("office.write.one", mail_id=mail_id)
        if field("do") == "stop":
            n = written_mails.stop(session, mail, now)
            says = ngettext("%(num)s mail will not leave.", "%(num)s mails will not leave.", n)
            return flash.go(back, flash.good(says))
        if field("do") == "copy":
            made = written_mails.copy(session, mail, here().token()[:40], acting.coordinator(session), now)
            back = url_for("office.write.one", mail_id=made.id)
            return flash.go(back, flash.good(_("A new draft with the same words.")))
        if field("do") == "discard" and written_mails.discard(session, mail):
            return flash.go(url_for("office.write.page"), flash.good(_("The draft is thrown away.")))
    return flash.go(back, flash.warn(_("Nothing was done.")))


@blueprint.get("/write/<int:mail_id>/answers.csv")
@require("coordinator")
def answers(mail_id: int) -> Response:
    """What everybody answered, as a table."""
    with here().db.reading() as session:
        mail = found(session.get(WrittenMail, mail_id))
        poll = found(draft_mail.of(session, mail).poll)
        rows = [
            (one.person.name, one.team.name if one.team else "", one.said, one.note)
            for one in polls.answers(session, mail.name, poll, lang())
        ]
    table = Table(key="answers", title=SHEET, columns=COLUMNS, rows=tuple(rows))
    return attachment(f"{said(SHEET)}.csv", comma_separated(table, lang()))


@blueprint.get("/write/<int:mail_id>/file/<int:file_id>")
@require("coordinator")
def file(mail_id: int, file_id: int) -> Response:
    """A file that goes with the mail."""
    with here().db.reading() as session:
        kept = found(session.get(WrittenFile, file_id))
        if kept.mail_id != mail_id:
            abort(404)
        return handed_out(kept.name, kept.content, what="written file", number=kept.id)
