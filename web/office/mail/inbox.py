"""Inbox pages: held letters, with why and with their possible readings as buttons; and all letters.

A letter's text is shown as plain text; the letter itself leaves as a file only, never as HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash
from web.access.gate import require
from web.access.rate_limits import whence
from web.context import here
from web.files.downloads import handed_out
from web.i18n.labels import OUTCOMES, READINGS, by_name, word
from web.i18n.language import _, lang, minutes, said, size
from web.office import acting
from web.office.acting import coordinator
from web.office.confirm import Plan, confirmed
from web.request import field, found, number
from workflow.answering import corrections, held_letters, own_addresses, submit
from workflow.codes import LETTER_WAITS, LetterOutcome, LetterStatus
from workflow.database.models import Letter, Person, Question
from workflow.journey.submissions import Upload
from workflow.records import open_questions
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.views import mail
from workflow.views.mail import LinkedRows

blueprint = Blueprint("inbox", __name__)

Page = str | Response


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to understand a letter: what the button says, and to which question by whom it answers."""

    says: str
    question: str
    person: str
    open: bool
    corrects: bool
    """the question is answered, and this would count instead"""


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that waits."""

    letter: Letter
    why: str
    detail: str
    """what broke, in the service's own words, for whoever runs it"""
    resolved: str
    team: str
    offers: tuple[Offer, ...]
    files: tuple[str, ...]
    known: str
    """who of the letter's own team has the address that it came from"""
    further: str
    """whose address it may be, too: somebody else than the one who was asked wrote, from an address unknown so far"""


@blueprint.get("/inbox")
@require("coordinator", "reader")
def page() -> str:
    """Letters that wait; with `show=all` every letter and what became of it."""
    with here().db.reading() as session:
        if request.args.get("show") == "all":
            return _all(session)
        waiting = mail.waiting_letters(session, page=_number_of_page())
        about = mail.about(session, waiting.rows)
        return render_template(
            "office/inbox.html", waiting=[shown(letter, about) for letter in waiting.rows], window=waiting.window
        )


def _number_of_page() -> int:
    return number(request.args.get("page")) or 1


def _all(session: Session) -> str:
    """Every letter that came, or those that are looked for."""
    outcome, search = request.args.get("outcome", "")[:30], request.args.get("q", "").strip()[:100]
    team = number(request.args.get("team"))
    came = mail.letters(session, outcome=outcome, team_id=team, search=search, page=_number_of_page())
    kept = {"show": "all", "outcome": outcome, "q": search, "team": team}
    return render_template(
        "office/letters.html",
        letters=came.rows,
        window=came.window,
        teams=mail.named(session, [team, *(letter.team_id for letter in came.rows)]),
        team=team,
        outcome=outcome,
        search=search,
        kept={name: value for name, value in kept.items() if value},
        outcomes=by_name(OUTCOMES, mail.outcomes(session), lang()),
    )


def shown(letter: Letter, about: LinkedRows) -> WaitingLetter:
    """A letter as it stands on a page."""
    known, asked = about.senders.get(letter.id), about.people.get(letter.person_id or 0)
    return WaitingLetter(
        letter,
        _why(letter),
        letter.reason if letter.status == LetterStatus.PARKED else "",
        _as_resolved(letter),
        about.teams.get(letter.team_id or 0, ""),
        tuple(_offer(reading, about) for reading in held_letters.readings(letter)),
        _files(letter),
        known.name if known is not None else "",
        asked.name if asked is not None and known is None and _from_elsewhere(letter) else "",
    )


def _from_elsewhere(letter: Letter) -> bool:
    return letter.outcome == LetterOutcome.WRONG_SENDER and letter.status in LETTER_WAITS


def _why(letter: Letter) -> str:
    if letter.status == LetterStatus.PARKED and letter.outcome != LetterOutcome.OVER_LIMIT:
        return _("could not be handled")
    return said(word(held_letters.REASONS, letter.outcome)) if letter.outcome else letter.reason or _("needs a person")


def _as_resolved(letter: Letter) -> str:
    """Who read it, and as what; a note stays as it was written."""
    name, colon, what = letter.resolution.partition(": ")
    if not colon or what == "-":
        return name
    return f"{name}: {said(READINGS[what]) if what in READINGS else what}"


def _files(letter: Letter) -> tuple[str, ...]:
    """What is attached, as it was noted: no page reads a letter."""
    if letter.files is None and letter.status in LETTER_WAITS:
        return (_("not known; they are in the letter as it came"),)
    return tuple(f"{file['name']} ({size(file['size'])})" for file in letter.files or ())


def _offer(reading: held_letters.Reading, about: LinkedRows) -> Offer:
    question, person = about.questions.get(reading.question_id), about.people.get(reading.person_id)
    return Offer(
        _reads(reading),
        said(open_questions.asked(here().season, question)) if question else "",
        person.name if person else "",
        question is not None and question.closed_at is None,
        question is not None and corrections.may_correct(question),
    )


def _reads(reading: held_letters.Reading) -> str:
    """`JAH` · `tunnid: 1,5 h` · `puudusid: Mari Maasikas`."""
    answer, name = reading.answer, said(word(READINGS, reading.answer.kind))
    lengths = ", ".join(_entry(e.minutes, e.day) for e in answer.entries)
    return ": ".join(part for part in (name, lengths or answer.choice or ", ".join(answer.names)) if part)


def _entry(length: int, day: object) -> str:
    return f"{formatting.day(day, lang())} {minutes(length)}" if hasattr(day, "year") else minutes(length)  # type: ignore[arg-type]


@blueprint.post("/letter/<int:letter_id>/read")
@require("coordinator")
def read(letter_id: int) -> Page:
    """Take the letter as one of its readings. Its files are read before anything is held for writing."""
    with here().db.reading() as session:
        letter = found(session.get(Letter, letter_id))
        uploads = () if letter.files == [] else here().read_uploads(letter.raw)
    if uploads is None:
        says = _("The letter's files cannot be read here. Nothing changed; download the letter and open it yourself.")
        return flash.go(url_for("office.reply.page", letter_id=letter_id), flash.warn(says))
    with here().db.writing() as session:
        letter = found(session.get(Letter, letter_id))
        offered, chosen = held_letters.readings(letter), number(field("reading"))
        if chosen is None or chosen >= len(offered):
            abort(400)
        question = session.get_one(Question, offered[chosen].question_id)
        waits = letter.status in LETTER_WAITS
        if waits and corrections.may_correct(question):
            return confirmed(session, _correcting(session, letter, offered[chosen], question, uploads))
        told = _resolved(session, letter, offered[chosen], uploads)
    return flash.go(url_for("office.inbox.page"), told)


def _resolved(
    session: Session, letter: Letter, chosen: held_letters.Reading, uploads: Sequence[Upload]
) -> flash.FlashMessage:
    outcome = held_letters.resolve(
        acting.season(session), session, letter, chosen, coordinator(session), here().now(), uploads, place=whence()
    )
    return _said(outcome) if outcome is not None else flash.warn(said(_BEFORE))


_BEFORE = Text(et="Selle kirja üle on juba otsustatud.", en="This letter was resolved before.")


def _correcting(
    session: Session, letter: Letter, chosen: held_letters.Reading, question: Question, uploads: Sequence[Upload]
) -> Plan:
    """The letter's answer in the place of the one on record: shown with what it takes back and brings."""
    who = coordinator(session)

    def act(season: Season, now: datetime) -> Text | None:
        outcome = held_letters.resolve(season, session, letter, chosen, who, now, uploads, place=whence())
        if outcome is None:
            return _BEFORE
        if outcome.result is submit.AnswerResult.ACCEPTED:
            return None
        words = outcome.done or (_NOTHING[outcome.result],)
        return Text(et=" ".join(one.et for one in words), en=" ".join(one.en for one in words))

    asks = said(open_questions.asked(here().season, question))
    return Plan(
        title=_("Correct the answer"),
        lead=asks,
        do=_("Correct the answer"),
        done=_("The answer is noted: %(asks)s", asks=asks),
        back=url_for("office.reply.page", letter_id=letter.id),
        act=act,
        about=[letter.id, question.id, question.closed_at, question.outcome],
        danger=True,
    )


def _said(outcome: submit.AnswerOutcome) -> flash.FlashMessage:
    """What became of it, in the words that the sender gets."""
    words = " ".join(said(w) for w in outcome.done)
    if outcome.result in (submit.AnswerResult.ACCEPTED, submit.AnswerResult.WITHDRAW):
        return flash.good(words or _("Taken into account."))
    return flash.warn(words or said(_NOTHING[outcome.result]))


_NOTHING = {
    submit.AnswerResult.UNCLEAR: Text(
        et="Seda ei saanud vastusena võtta; saatjale läks kiri täpsete sõnadega.",
        en="It could not be taken as an answer; the sender was mailed the exact words.",
    ),
    submit.AnswerResult.ALREADY: Text(
        et="Sellele küsimusele oli juba vastatud; midagi ei muutunud.", en="Answered before; nothing changed."
    ),
    submit.AnswerResult.AFTERWARDS: Text(
        et="Küsimusele oli juba vastatud ja sellest on juba midagi järgnenud; midagi ei muutunud.",
        en="The question was answered, and something followed from it already; nothing changed.",
    ),
    submit.AnswerResult.LATE: Text(
        et="Vastus tuli liiga hilja; midagi ei muutunud.", en="Too late; nothing changed."
    ),
    submit.AnswerResult.REFUSED: Text(
        et="See ei olnud võimalik; midagi ei muutunud.", en="Not possible; nothing changed."
    ),
    submit.AnswerResult.STATUS: Text(
        et="Saatjale läks meeskonna seis.", en="The sender was told where the team stands."
    ),
    submit.AnswerResult.SIGN_IN: Text(
        et="Seda otsustatakse meeskonna lehel, mitte kirjaga; midagi ei muutunud.",
        en="This is decided on the team's page, not by mail; nothing changed.",
    ),
    submit.AnswerResult.HELP: Text(et="Saatjale läks abikiri.", en="The sender was mailed the words that help."),
}


@blueprint.post("/letter/<int:letter_id>/own-address")
@require("coordinator")
def own_address(letter_id: int) -> Page:
    """Ask the person, at the address on file, whether the one that the letter came from is theirs too."""
    with here().db.writing() as session:
        letter = found(session.get(Letter, letter_id))
        person = found(session.get(Person, letter.person_id)) if _from_elsewhere(letter) else abort(404)
        plan = Plan(
            title=_("%(person)s: another address", person=person.name),
            lead=letter.sender,
            do=_("Ask whether it is theirs"),
            done=_("%(person)s is asked. Letters from there count once they reply YES.", person=person.name),
            back=url_for("office.reply.page", letter_id=letter.id),
            act=lambda season, now: own_addresses.ask(season, session, person, letter.sender, now),
            about=[letter.id, person.id],
        )
        return confirmed(session, plan)


@blueprint.post("/letter/<int:letter_id>/dismiss")
@require("coordinator")
def dismiss(letter_id: int) -> Page:
    """Nothing follows from it."""
    with here().db.writing() as session:
        letter = found(session.get(Letter, letter_id))
        done = held_letters.dismiss(session, letter, coordinator(session), here().now(), why=field("why"))
    says = _("The letter is put aside.")
    again = _("This letter was resolved before.")
    return flash.go(url_for("office.inbox.page"), flash.good(says) if done else flash.warn(again))


@blueprint.post("/letter/<int:letter_id>/again")
@require("coordinator")
def again(letter_id: int) -> Page:
    """Once more through the whole handling."""
    with here().db.writing() as session:
        tried = held_letters.again(session, found(session.get(Letter, letter_id)), here().now())
    good = _("The letter is being read again. In a moment you will see what came of it.")
    told = flash.good(good) if tried else flash.warn(_("It is read already."))
    return flash.go(url_for("office.inbox.page"), told)


@blueprint.get("/letter/<int:letter_id>/raw")
@require("coordinator")
def raw(letter_id: int) -> Response:
    """The letter as it came, to be opened in a mail program."""
    with here().db.reading() as session:
        letter = found(session.get(Letter, letter_id))
        return handed_out(f"kiri-{letter.id}.eml", letter.raw, what="letter", number=letter.id)
