"""Letters that came: those that wait, with why and with their possible readings as buttons; and all of them.

A letter's text is shown as plain text; the letter itself leaves as a file only, never as HTML.
"""

from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from web import flash as telling
from web.access.gate import require
from web.context import here
from web.files.downloads import handed_out
from web.i18n.labels import OUTCOMES, READINGS, by_name, word
from web.i18n.language import _, lang, minutes, said
from web.office.acting import coordinator, field, found, number
from workflow.answering import held_letters as letters
from workflow.answering import submit as answering
from workflow.config.loader import Text
from workflow.database.models import Letter
from workflow.records import open_questions as asking
from workflow.text import formatting as say
from workflow.views import mail as overview_mail
from workflow.views.mail import About

blueprint = Blueprint("inbox", __name__)

Page = str | Response


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to understand a letter: what the button says, and to which question by whom it answers."""

    says: str
    question: str
    person: str
    open: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A letter that waits."""

    letter: Letter
    why: str
    detail: str
    """what broke, in the service's own words, for whoever runs it"""
    resolved: str
    team: str
    offers: tuple[Offer, ...]
    files: tuple[str, ...]


@blueprint.get("/inbox")
@require("coordinator", "reader")
def page() -> str:
    """Letters that wait; with `show=all` every letter and what became of it."""
    with here().db.reading() as session:
        if request.args.get("show") == "all":
            return _all(session)
        waiting = overview_mail.waiting_letters(session, page=_number_of_page())
        about = overview_mail.about(session, waiting.rows)
        return render_template(
            "office/inbox.html", waiting=[_waiting(letter, about) for letter in waiting.rows], window=waiting.window
        )


def _number_of_page() -> int:
    return number(request.args.get("page")) or 1


def _all(session: Session) -> str:
    """Every letter that came, or those that are looked for."""
    outcome, search = request.args.get("outcome", "")[:30], request.args.get("q", "").strip()[:100]
    team = number(request.args.get("team"))
    came = overview_mail.letters(session, outcome=outcome, team_id=team, search=search, page=_number_of_page())
    kept = {"show": "all", "outcome": outcome, "q": search, "team": team}
    return render_template(
        "office/letters.html",
        letters=came.rows,
        window=came.window,
        teams=overview_mail.named(session, [team, *(letter.team_id for letter in came.rows)]),
        team=team,
        outcome=outcome,
        search=search,
        kept={name: value for name, value in kept.items() if value},
        outcomes=by_name(OUTCOMES, overview_mail.outcomes(session), lang()),
    )


@blueprint.get("/letter/<int:letter_id>")
@require("coordinator", "reader")
def one(letter_id: int) -> str:
    """One letter, whatever became of it."""
    with here().db.reading() as session:
        letter = found(session.get(Letter, letter_id))
        about = overview_mail.about(session, [letter])
        return render_template("office/letter.html", each=_waiting(letter, about), teams=about.teams)


def _waiting(letter: Letter, about: About) -> Waiting:
    return Waiting(
        letter,
        _why(letter),
        letter.reason if letter.status == "parked" else "",
        _as_resolved(letter),
        about.teams.get(letter.team_id or 0, ""),
        tuple(_offer(reading, about) for reading in letters.readings(letter)),
        _files(letter),
    )


def _why(letter: Letter) -> str:
    if letter.status == "parked":
        return _("could not be handled")
    return said(word(letters.REASONS, letter.outcome)) if letter.outcome else letter.reason or _("needs a person")


def _as_resolved(letter: Letter) -> str:
    """Who read it, and as what; a note stays as it was written."""
    name, colon, what = letter.resolution.partition(": ")
    if not colon or what == "-":
        return name
    return f"{name}: {said(READINGS[what]) if what in READINGS else what}"


def _files(letter: Letter) -> tuple[str, ...]:
    return tuple(u.name for u in here().read_uploads(letter))


def _offer(reading: letters.Reading, about: About) -> Offer:
    question, person = about.questions.get(reading.question_id), about.people.get(reading.person_id)
    return Offer(
        _reads(reading),
        said(asking.asked(here().season, question)) if question else "",
        person.name if person else "",
        question is not None and question.closed_at is None,
    )


def _reads(reading: letters.Reading) -> str:
    """`JAH` · `tunnid: 1,5 h` · `puudusid: Mari Maasikas`."""
    answer, name = reading.answer, said(word(READINGS, reading.answer.kind))
    lengths = ", ".join(_entry(e.minutes, e.day) for e in answer.entries)
    return ": ".join(part for part in (name, lengths or ", ".join(answer.names)) if part)


def _entry(length: int, day: object) -> str:
    return f"{say.day(day, lang())} {minutes(length)}" if hasattr(day, "year") else minutes(length)  # type: ignore[arg-type]


@blueprint.post("/letter/<int:letter_id>/read")
@require("coordinator")
def read(letter_id: int) -> Page:
    """Take the letter as one of its readings."""
    with here().db.writing() as session:
        letter = found(session.get(Letter, letter_id))
        told = _resolved(session, letter)
    return telling.go(url_for("office.inbox.page"), told)


def _resolved(session: Session, letter: Letter) -> telling.Told:
    offered, chosen = letters.readings(letter), number(field("reading"))
    if chosen is None or chosen >= len(offered):
        abort(400)
    uploads = here().read_uploads(letter)
    outcome = letters.resolve(
        here().season, session, letter, offered[chosen], coordinator(session), here().now(), uploads
    )
    if outcome is None:
        return telling.warn(_("This letter was resolved before."))
    return _said(outcome)


def _said(outcome: answering.Outcome) -> telling.Told:
    """What became of it, in the words that the sender gets."""
    words = " ".join(said(w) for w in outcome.done)
    if outcome.result in (answering.Result.ACCEPTED, answering.Result.WITHDRAW):
        return telling.good(words or _("Taken into account."))
    return telling.warn(words or said(_NOTHING[outcome.result]))


_NOTHING = {
    answering.Result.UNCLEAR: Text(
        et="Seda ei saanud vastusena võtta; saatjale läks kiri täpsete sõnadega.",
        en="It could not be taken as an answer; the sender was mailed the exact words.",
    ),
    answering.Result.ALREADY: Text(
        et="Sellele küsimusele oli juba vastatud; midagi ei muutunud.", en="Answered before; nothing changed."
    ),
    answering.Result.LATE: Text(et="Vastus tuli liiga hilja; midagi ei muutunud.", en="Too late; nothing changed."),
    answering.Result.REFUSED: Text(
        et="See ei olnud võimalik; midagi ei muutunud.", en="Not possible; nothing changed."
    ),
    answering.Result.STATUS: Text(et="Saatjale läks meeskonna seis.", en="The sender was told where the team stands."),
    answering.Result.HELP: Text(et="Saatjale läks abikiri.", en="The sender was mailed the words that help."),
}


@blueprint.post("/letter/<int:letter_id>/dismiss")
@require("coordinator")
def dismiss(letter_id: int) -> Page:
    """Nothing follows from it."""
    with here().db.writing() as session:
        letter = found(session.get(Letter, letter_id))
        done = letters.dismiss(session, letter, coordinator(session), here().now(), why=field("why"))
    says = _("The letter is put aside.")
    again = _("This letter was resolved before.")
    return telling.go(url_for("office.inbox.page"), telling.good(says) if done else telling.warn(again))


@blueprint.post("/letter/<int:letter_id>/again")
@require("coordinator")
def again(letter_id: int) -> Page:
    """Once more through the whole handling."""
    with here().db.writing() as session:
        tried = letters.again(session, found(session.get(Letter, letter_id)), here().now())
    good = _("The letter is being read again. In a moment you will see what came of it.")
    told = telling.good(good) if tried else telling.warn(_("It is read already."))
    return telling.go(url_for("office.inbox.page"), told)


@blueprint.get("/letter/<int:letter_id>/raw")
@require("coordinator")
def raw(letter_id: int) -> Response:
    """The letter as it came, to be opened in a mail program."""
    with here().db.reading() as session:
        letter = found(session.get(Letter, letter_id))
        return handed_out(f"kiri-{letter.id}.eml", letter.raw, what="letter", number=letter.id)
