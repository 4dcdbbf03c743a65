"""Page on which a coordinator writes to people: a team, a group, a state, a session, whoever owes an answer, or all.

Who gets it is named and counted, one mail is shown as it will be sent, and what was shown is what goes. What is typed
is kept as a draft, and every form leads to a page of its own: Back and reload lose nothing.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from web import flash, uploads
from web.access import csrf
from web.access.gate import me, require
from web.access.headers import POLICY
from web.context import ScanVerdict, here
from web.forms import EXPIRED, Faults, by_field
from web.i18n.language import _, ngettext, said
from web.office import acting
from web.office.mail import draft_mail, written
from web.office.mail.draft_mail import DraftMail
from web.request import field, found, number, numbers
from workflow.coordinator import audience, polls, writing, written_mails
from workflow.coordinator.audience import Recipient, Side
from workflow.database.models import StageSession, Team, WrittenMail
from workflow.journey.submissions import Upload
from workflow.records.preview import foresee
from workflow.rules.questions import PollForm
from workflow.text.bilingual import Text

blueprint = Blueprint("write", __name__)

Page = str | AnyResponse
SIDES: Final = tuple(Side)
OF_ONE_SESSION: Final = (Side.MEMBERS, Side.SPEAKERS, Side.CONTACT, Side.TRAINERS)
A_WEEK: Final = timedelta(days=7)
"""so long is there to answer, unless somebody says otherwise"""
PIECE: Final = 100
"""recipients whose mails are queued in one transaction"""
ROOM: Final = written_mails.BYTES * 3
"""bytes of a form with files: more than is taken, so that what is too large is told and the text is kept"""
MAY_SAVE: Final = f"{POLICY}; connect-src 'self'"
"""the page's script saves the draft while it is typed"""


@blueprint.url_value_preprocessor
def _room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Room for files, for whoever may write at all."""
    known = me()
    if uploads.is_large() and known is not None and known.coordinator:
        request.max_content_length = ROOM


@blueprint.get("/write")
@require("coordinator")
def page() -> Page:
    """An empty letter to whoever the address names; the draft that was begun to them, where there is one."""
    with here().db.reading() as session:
        draft = draft_mail.typed(session, None)
        mine = written_mails.begun_to(session, acting.coordinator(session), draft.wanted)
        if mine is not None and not request.args.get("new"):
            return redirect(url_for("office.write.one", mail_id=mine.id), 303)
        return _page(session, draft, {})


@blueprint.get("/write/<int:mail_id>")
@require("coordinator")
def one(mail_id: int) -> Page:
    """A draft; `show`: as it will be sent, or what is wrong with it. A mail that was sent has a page of its own."""
    with here().db.reading() as session:
        mail = found(session.get(WrittenMail, mail_id))
        if mail.sent_at is not None:
            return written.page(session, mail)
        draft = draft_mail.of(session, mail)
        if not request.args.get("show"):
            return _page(session, draft, {})
        faults = _faults(draft)
        return _page(session, draft, faults, shown=not faults)


def again() -> Response:
    """The form that has expired, with what was typed into it."""
    with here().db.reading() as session:
        mail = written_mails.named(session, draft_mail.name())
        answer = _page(session, draft_mail.typed(session, mail), {"": EXPIRED})
    answer.status_code = 400
    return answer


@blueprint.post("/write")
@csrf.keeps(again)
@require("coordinator")
def send() -> Page:
    """Keep the mail as it was typed; then show it, send a test of it, or send it to everybody."""
    with here().db.writing() as session:
        before, given, do = written_mails.named(session, draft_mail.name()), draft_mail.content(), field("do")
        files = uploads.given(written_mails.FILES, written_mails.BYTES)
        if before is not None and before.sent_at is not None:
            return _sent_before(before)
        if before is None and given.empty and not files and do not in ("show", "test", "send"):
            return redirect(draft_mail.address(given.wanted), 303)
        mail = written_mails.keep(session, draft_mail.name(), given, acting.coordinator(session), here().now())
        if do == "keep":
            return Response(status=204)
        here_again = url_for("office.write.one", mail_id=mail.id)
        refused = _attached(session, mail, files)
        if refused is not None:
            return flash.go(here_again, flash.bad(said(refused)))
        draft = draft_mail.of(session, mail)
        if do == "save":
            return flash.go(here_again, flash.good(_("Kept as a draft. You find it under Write.")))
        if do not in ("show", "test", "send"):
            return redirect(here_again, 303)
        look = url_for("office.write.one", mail_id=mail.id, show=1, like=draft_mail.like() or None)
        if _faults(draft):
            return redirect(look, 303)
        if do == "test":
            return flash.go(look, _test(session, draft, mail))
        if do != "send":
            return redirect(look, 303)
        if field("shown") != draft.digest(here().season):
            return flash.go(look, flash.warn(said(CHANGED)))
        mail.leave_at = draft.leave_at
    return _sent(draft)


CHANGED: Final = Text(
    et="Kiri või selle saajad on muutunud pärast seda, kui vaatasite: midagi ei saadetud. Praegu läheks see nii.",
    en="The letter or its recipients changed since you looked: nothing was sent. This is how it goes now.",
)


def _attached(session: Session, mail: WrittenMail, files: Sequence[Upload]) -> Text | None:
    """Files off and on, as ticked and chosen; what a virus scanner does not let pass goes with no mail."""
    written_mails.detach(session, mail, numbers("off"))
    scan = here().scan
    for one in files:
        if scan is not None and scan(one.content) is not ScanVerdict.CLEAN:
            return Text(et=f"Viirusekontroll ei lasknud faili läbi: {one.name}.",
                        en=f"The virus scanner did not let this file pass: {one.name}.")  # fmt: skip
    return written_mails.attach(session, mail, files)


def _sent_before(mail: WrittenMail) -> AnyResponse:
    if field("do") == "keep":
        return Response(status=204)
    told = flash.warn(_("These very words were sent to them already."))
    return flash.go(url_for("office.write.one", mail_id=mail.id), told)


def _sent(draft: DraftMail) -> AnyResponse:
    """To everybody whom the page showed and who is still meant, piece by piece: no other work waits long, and sent
    again after a fault it goes to the rest. Whose mail would read otherwise by now gets none, and that is said."""
    season, shown, queued, changed = here().season, draft.filled(here().season), 0, 0
    for first in range(0, len(draft.found), PIECE):
        with here().db.writing() as session:
            piece, now = {one.person.id for one in draft.found[first : first + PIECE]}, here().now()
            meant = audience.recipients(season, session, draft.wanted, now)
            same = [
                one for one in meant
                if one.person.id in piece and writing.filled(season, one, draft.words) == shown[one.person.id]
            ]  # fmt: skip
            changed += len(piece) - len(same)
            mail = found(written_mails.named(session, draft.name))
            queued += writing.send(
                acting.season(session), session, draft.name, same, draft.words, acting.actor(session), now, mail,
                draft.poll,
            )  # fmt: skip
    with here().db.writing() as session:
        mail = found(written_mails.named(session, draft.name))
        mail.sent_at, where = here().now(), url_for("office.write.one", mail_id=mail.id)
    return flash.go(where, *_told(draft, queued, changed))


def _told(draft: DraftMail, queued: int, changed: int) -> list[flash.FlashMessage]:
    says = ngettext("The letter leaves for %(num)s person.", "The letter leaves for %(num)s people.", queued)
    told = [flash.good(says)]
    if changed:
        says = ngettext("%(num)s person got none: what it would say changed just now.",
                        "%(num)s people got none: what it would say changed just now.", changed)  # fmt: skip
        told.append(flash.warn(says))
    return told


def _test(session: Session, draft: DraftMail, mail: WrittenMail) -> flash.FlashMessage:
    mine = acting.coordinator(session)
    went = writing.test(here().season, session, draft.name, _like(draft), draft.words, mine, here().now(), mail)
    if not went:
        return flash.warn(_("Just this test was sent to you already."))
    return flash.good(_("A test went to %(address)s.", address=mine.address))


def _faults(draft: DraftMail) -> Faults:
    found = by_field(writing.faults(here().season, draft.found, draft.words))
    when = written_mails.when_fault(draft.leave_at, draft.content.typed.get("leave", ""), here().now())
    return {**found, **({"leave": when} if when is not None else {}), **_faults_of_poll(draft)}


def _faults_of_poll(draft: DraftMail) -> Faults:
    if draft.poll is None:
        return {}
    if draft.wanted.side is Side.OWING:
        says = Text(et="Kes juba millegi vastuse võlgneb, sellelt korraga muud ei küsita.",
                    en="Who owes an answer already is not asked something else in the same mail.")  # fmt: skip
        return {"ask": says}
    now = here().now()
    langs = writing.languages(draft.found)
    return by_field(polls.faults(draft.poll, langs, draft.leave_at or now, now))


def _like(draft: DraftMail) -> Recipient:
    """The recipient whose mail is shown: the chosen one, else the first."""
    chosen = number(draft_mail.like())
    return next((one for one in draft.found if one.person.id == chosen), draft.found[0])


# -- the page -------------------------------------------------------------------------------------------


def _page(session: Session, draft: DraftMail, faults: Faults, *, shown: bool = False) -> Response:
    wanted, machine = draft.wanted, here().season.machine
    meeting = found(session.get(StageSession, wanted.session)) if wanted.session is not None else None
    team = found(session.get(Team, wanted.team)) if wanted.team is not None else None
    answer = Response(render_template(
        "office/write.html",
        draft=draft,
        typed=draft.content.typed,
        wanted=wanted,
        team=team,
        meeting=meeting,
        sides=OF_ONE_SESSION if meeting is not None else SIDES,
        states=machine.states,
        said_so=audience.OF_A_SESSION,
        languages=writing.languages(draft.found) or here().programme.languages[:1],
        dead=sum(1 for one in draft.found if one.person.address_state == "dead"),
        left_out=audience.unconfirmed(here().season, session, wanted),
        offered=_offered(draft),
        mail=_mail(session, draft) if shown else None,
        like=_like(draft) if shown else None,
        digest=draft.digest(here().season) if shown else "",
        faults=faults,
        begun=[] if draft.id else written_mails.begun(session),
        past=[] if draft.id else written.latest(session),
        again=draft_mail.address(wanted, new=True),
        week_on=f"{(here().now() + A_WEEK).astimezone(here().programme.tz):%Y-%m-%d}",
        forms_of_poll=[one.value for one in PollForm],
        most=(written_mails.FILES, written_mails.BYTES),
    ))  # fmt: skip
    answer.headers["Content-Security-Policy"] = MAY_SAVE
    return answer


def _offered(draft: DraftMail) -> dict[str, Text]:
    """The names that are known of everybody, and so can be used."""
    known = [writing.values(here().season, one, one.person.lang) for one in draft.found]
    return {name: says for name, says in writing.OFFERED.items() if known and all(one[name] for one in known)}


def _mail(session: Session, draft: DraftMail) -> Any:
    """The mail to one of them, as it will be queued."""
    like = _like(draft)
    foreseen = foresee(
        acting.season(session), session,
        lambda season: writing.send(
            season, session, draft.name, [like], draft.words, acting.actor(session), here().now(), poll=draft.poll
        ),
    )  # fmt: skip
    mails = foreseen.mails
    return acting.shown(mails[0]) if mails else None
