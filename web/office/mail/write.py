"""Page on which a coordinator writes to people: a team, a group, a state, a session, whoever owes an answer, or all.

Who gets it is named and counted, one mail is shown as it will be sent, and what was shown is what goes. Whatever is
wrong, the words come back.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from flask import Blueprint, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access import csrf
from web.access.gate import require
from web.context import here
from web.forms import EXPIRED, Faults, by_field
from web.i18n.language import _, ngettext
from web.office import acting
from web.request import field, found, number
from workflow.coordinator import audience, writing
from workflow.coordinator.audience import Audience, Recipient, Side
from workflow.coordinator.writing import OwnWords
from workflow.database.models import StageSession, Team
from workflow.records.preview import foresee
from workflow.text.bilingual import LANGUAGES, Text

blueprint = Blueprint("write", __name__)

Page = str | Response | tuple[str, int]
SIDES: Final = tuple(Side)
OF_ONE_SESSION: Final = (Side.MEMBERS, Side.SPEAKERS, Side.CONTACT, Side.TRAINERS)
_NAME: Final = 40
PIECE: Final = 100
"""recipients whose mails are queued in one transaction"""


@dataclass(frozen=True, slots=True)
class DraftMail:
    """The letter as it stands on the page, and who would get it."""

    name: str
    """the same in every form of this letter, so that it goes once"""
    wanted: Audience
    found: list[Recipient]
    words: OwnWords

    def digest(self) -> str:
        """Tells what was shown: these words to these people."""
        people = ",".join(f"{one.person.id}:{one.person.lang}" for one in self.found)
        return sha256(f"{self.name}:{self.words.digest()}:{people}".encode()).hexdigest()[:32]


@blueprint.get("/write")
@require("coordinator")
def page() -> str:
    """An empty letter to whoever the address names."""
    with here().db.reading() as session:
        return _page(session, _draft(session), {})


def again() -> Page:
    """The form that has expired, with what was typed into it."""
    with here().db.reading() as session:
        return _page(session, _draft(session), {"": EXPIRED}), 400


@blueprint.post("/write")
@csrf.keeps(again)
@require("coordinator")
def send() -> Page:
    """Show the mail, send a test of it, or send it to everybody."""
    with here().db.writing() as session:
        draft = _draft(session)
        if field("do") == "count":
            return _page(session, draft, {})
        faults = by_field(writing.faults(here().season, draft.found, draft.words))
        if faults:
            return _page(session, draft, faults)
        if field("do") == "test":
            return _test(session, draft)
        if field("do") != "send" or field("shown") != draft.digest():
            return _page(session, draft, {}, shown=True, changed=field("do") == "send")
    return _sent(draft)


def _sent(draft: DraftMail) -> Response:
    """To everybody whom the page showed and who is still meant, piece by piece: no other work waits long, and sent
    again after a fault it goes to the rest."""
    shown, sent = [one.person.id for one in draft.found], 0
    for first in range(0, len(shown), PIECE):
        with here().db.writing() as session:
            piece, now = set(shown[first : first + PIECE]), here().now()
            meant = audience.recipients(here().season, session, draft.wanted, now)
            found = [one for one in meant if one.person.id in piece]
            sent += writing.send(
                acting.season(session), session, draft.name, found, draft.words, acting.actor(session), now
            )
    if not sent:
        return flash.go(_back(draft), flash.warn(_("These very words were sent to them already.")))
    told = ngettext("The letter leaves for %(num)s person.", "The letter leaves for %(num)s people.", sent)
    return flash.go(_back(draft), flash.good(told))


def _test(session: Session, draft: DraftMail) -> str:
    me = acting.coordinator(session)
    went = writing.test(here().season, session, draft.name, _like(draft), draft.words, me, here().now())
    says = _("A test went to %(address)s.", address=me.address)
    told = flash.good(says) if went else flash.warn(_("Just this test was sent to you already."))
    return _page(session, draft, {}, shown=True, now_told=told)


def _back(draft: DraftMail) -> str:
    if draft.wanted.team is not None:
        return url_for("office.team.page", team_id=draft.wanted.team)
    if draft.wanted.session is not None:
        return url_for("office.calendar.one", session_id=draft.wanted.session)
    return url_for("office.outbox.page", template=writing.LETTER)


# -- what was typed and chosen ------------------------------------------------------------------------


def _draft(session: Session) -> DraftMail:
    wanted = _wanted()
    return DraftMail(
        name=_name(),
        wanted=wanted,
        found=audience.recipients(here().season, session, wanted, here().now()),
        words=OwnWords(
            {lang: request.form.get(f"subject_{lang}", "") for lang in LANGUAGES},
            {lang: request.form.get(f"body_{lang}", "") for lang in LANGUAGES},
        ),
    )


def _name() -> str:
    typed = field("letter")
    return typed if typed.isascii() and typed.isalnum() and len(typed) <= _NAME else here().token()[:_NAME]


def _wanted() -> Audience:
    """Whom the address or the form names; what there is not is left out."""
    chosen, programme = request.values, here().programme
    group, state, said = (chosen.get(name, "") for name in ("group", "state", "said"))
    meeting = number(chosen.get("session"))
    side = chosen.get("side", "")
    return Audience(
        side=Side(side) if side in SIDES else Side.MEMBERS if meeting is not None else Side.CONTACT,
        team=number(chosen.get("team")),
        group=group if any(one.key == group for one in programme.groups) else "",
        state=state if state in here().season.machine.states else "",
        session=meeting,
        said=said if said in audience.OF_A_SESSION else "",
    )


def _like(draft: DraftMail) -> Recipient:
    """The recipient whose mail is shown: the chosen one, else the first."""
    chosen = number(field("like"))
    return next((one for one in draft.found if one.person.id == chosen), draft.found[0])


# -- the page -------------------------------------------------------------------------------------------


def _page(
    session: Session, draft: DraftMail, faults: Faults, *, shown: bool = False, changed: bool = False,
    now_told: flash.FlashMessage | None = None,
) -> str:  # fmt: skip
    wanted, machine = draft.wanted, here().season.machine
    meeting = found(session.get(StageSession, wanted.session)) if wanted.session is not None else None
    team = found(session.get(Team, wanted.team)) if wanted.team is not None else None
    sides = OF_ONE_SESSION if meeting is not None else SIDES
    return render_template(
        "office/write.html",
        draft=draft,
        wanted=wanted,
        team=team,
        meeting=meeting,
        sides=sides,
        states=machine.states,
        said_so=audience.OF_A_SESSION,
        languages=writing.languages(draft.found) or ("et",),
        dead=sum(1 for one in draft.found if one.person.address_state == "dead"),
        left_out=audience.unconfirmed(here().season, session, wanted),
        offered=_offered(draft),
        mail=_mail(session, draft) if shown else None,
        like=_like(draft) if shown else None,
        changed=changed,
        now_told=now_told,
        faults=faults,
    )


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
            season, session, draft.name, [like], draft.words, acting.actor(session), here().now()
        ),
    )  # fmt: skip
    mails = foreseen.mails
    return acting.shown(mails[0]) if mails else None
