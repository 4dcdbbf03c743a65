"""Pages of the demonstration: a clock to move on, mails to read and answer, people to enter as.

Its routes exist only where the root hands over a demonstration. Must never be reachable in a real season.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from web.access import gate
from web.context import DemoPowers, here
from web.front import demo_steps
from web.i18n.labels import OUTCOMES
from web.i18n.language import _, keep, lang
from workflow.database.models import Duty, Letter, Message, Person, Question, Team
from workflow.rules.application import clean, clean_text
from workflow.rules.questions import kind_of
from workflow.text import formatting
from workflow.text.bilingual import Text

blueprint = Blueprint("demo", __name__, url_prefix="/demo")

SHOWN: Final = 200
"""mails in the list"""
MOST_TEAMS: Final = 14
QUIET: Final = 60
"""silent duties that one press of "to the next event" passes over at most"""
FARTHEST: Final = timedelta(days=400)


def _demo() -> DemoPowers:
    demo = here().demo
    if demo is None:
        abort(404)
    return demo


@blueprint.get("")
def start() -> str:
    """What to try first."""
    with here().db.reading() as session:
        teams = session.scalar(sa.select(sa.func.count()).select_from(Team)) or 0
        mails = session.scalar(sa.select(sa.func.count()).select_from(Message)) or 0
        found = demo_steps.steps(session)
    return render_template("demo.html", steps=found, teams=teams, mails=mails, done=request.args.get("done", ""))


# -- the clock ----------------------------------------------------------------------------------------------------


@blueprint.post("/clock")
def clock() -> AnyResponse | tuple[str, int]:
    """Moves the time on: to the next mail, to what a step waits for, by a day, or to a date. It never goes back."""
    back = gate.safe_path(request.form.get("back"), url_for("demo.start"))
    match request.form.get("to"):
        case "next":
            _to_the_next_mail()
        case "until":
            _until(request.form.get("kind", ""))
        case "day":
            _demo().advance_to(_demo().now() + timedelta(days=1))
        case "date":
            moment = _morning(request.form.get("date", ""))
            if moment is None:
                return _cannot()
            _demo().advance_to(moment)
        case _:
            abort(400)
    return redirect(back, 303)


def _to_the_next_mail() -> None:
    """The calendar has much to do in silence; an event that anybody notices is one that writes to somebody."""
    before = _mails_so_far()
    for _turn in range(QUIET):
        _demo().advance_to_next()
        if _mails_so_far() != before:
            return


def _mails_so_far() -> int:
    with here().db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Message)) or 0


def _until(kind: str) -> None:
    """To the next of the calendar's duties of one kind: the end of a session, the asking for work or for hours."""
    if kind not in demo_steps.AWAITED.values():
        abort(400)
    with here().db.reading() as session:
        due = session.scalar(sa.select(sa.func.min(Duty.due_at)).where(Duty.kind == kind, Duty.done_at.is_(None)))
    if due is None or due > _demo().now() + FARTHEST:
        _demo().advance_to_next()
    else:
        _demo().advance_to(due)


def _morning(written: str) -> datetime | None:
    """Nine in the morning of that day, if it lies ahead."""
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return None
    moment = datetime.combine(day, time(9), tzinfo=here().programme.tz)
    return moment if _demo().now() < moment <= _demo().now() + FARTHEST else None


def _cannot() -> tuple[str, int]:
    title = _("The clock cannot go there")
    what_now = _("Choose a day after the simulated today and within a year. The clock never goes back.")
    return render_template("error.html", title=title, what_now=what_now, code=400), 400


# -- mails --------------------------------------------------------------------------------------------------------


@blueprint.get("/mails")
def mails() -> str:
    """The latest mails, and the newest of them opened."""
    with here().db.reading() as session:
        rows = _latest(session)
        return _mails(session, rows, rows[0] if rows else None)


@blueprint.get("/mails/<int:number>")
def mail(number: int) -> str:
    """One mail as it will look, with a box to answer it."""
    with here().db.reading() as session:
        return _mails(session, _latest(session), _message(session, number))


def _latest(session: Session) -> Sequence[Message]:
    return session.scalars(sa.select(Message).order_by(Message.id.desc()).limit(SHOWN)).all()


def _message(session: Session, number: int) -> Message:
    found = session.get(Message, number)
    if found is None:
        abort(404)
    return found


def _mails(session: Session, rows: Sequence[Message], opened: Message | None, problem: str = "") -> str:
    question = session.get(Question, opened.question_id) if opened and opened.question_id else None
    kind = kind_of(question.kind) if question else None
    return render_template(
        "demo_mails.html",
        mails=rows,
        opened=opened,
        kind=kind,
        quick=_quick(question, opened.lang) if question and opened else (),
        secret=opened.addressee.secret if opened and opened.addressee else "",
        reply_to=here().composer.sent(opened)[1] if opened else "",
        answers=_answers(session, opened),
        outcomes=OUTCOMES,
        waiting=question is not None and question.closed_at is None,
        done=request.args.get("done", ""),
        problem=problem,
        tab=request.args.get("tab", ""),
    )


def _answers(session: Session, opened: Message | None) -> Sequence[Letter]:
    """What its reader has replied so far, and what became of it."""
    if opened is None or opened.question_id is None:
        return ()
    query = sa.select(Letter).where(Letter.question_id == opened.question_id, Letter.person_id == opened.person_id)
    return session.scalars(query.order_by(Letter.id)).all()


WORK: Final = Text(
    et="Kaardistasime oma piirkonna ühendused. Kokku on neid kaheksa: viis külaseltsi, kaks noorteühendust ja üks "
    "eakate klubi. Igaühel on oma eestvedaja ja kokkusaamise koht.",
    en="We mapped the associations of our region. There are eight of them: five village societies, two youth groups "
    "and a club of elderly people. Each has a leader and a meeting place of its own.",
)
"""a work that is plainly one"""
_QUICK: Final[dict[str, tuple[Text, ...]]] = {
    "hours": (Text(et="2,5", en="2.5"), Text(et="JAH", en="YES")),
    "roll_call": (Text(et="KÕIK", en="ALL"),),
    "review": (Text(et="JAH", en="YES"), Text(et="TAGASI: lisage allikad", en="RETURN: add the sources")),
    "homework": (WORK,),
    "presentation": (),
}
_YES_NO: Final = (Text(et="JAH", en="YES"), Text(et="EI", en="NO"))


def _quick(question: Question, language: str) -> list[str]:
    """Answers that go with one press."""
    return [one.say(language) for one in _QUICK.get(question.kind, _YES_NO)]


@blueprint.get("/mails/<int:number>/html")
def html(number: int) -> Response:
    """The mail's HTML part, for the frame."""
    with here().db.reading() as session:
        found = _message(session, number)
        return gate.framed(here().composer.sent(found)[0])


@blueprint.post("/mails/<int:number>/reply")
def reply(number: int) -> AnyResponse | tuple[str, int]:
    """Answers a mail as its addressee would: by a real mail to our own receiver."""
    text = clean_text((request.form.get("quick") or request.form.get("text", ""))[:20_000])
    with here().db.reading() as session:
        found = _message(session, number)
        if not text:
            return _mails(session, _latest(session), found, _("Write an answer.")), 400
        sender, recipient = found.to_address, here().composer.sent(found)[1]
        subject, message_id = clean(f"Re: {found.subject}"), found.message_id
    _demo().reply(sender, recipient, subject, text, message_id)
    return redirect(url_for("demo.mail", number=number, done="replied"), 303)


# -- people -------------------------------------------------------------------------------------------------------


@blueprint.get("/people")
def people() -> str:
    """Whom one can enter as."""
    with here().db.reading() as session:
        rows = session.scalars(
            sa.select(Person).where(Person.role.in_(gate.ROLES), Person.left_at.is_(None)).order_by(Person.id)
        )
        staff = sorted(rows, key=lambda p: (gate.ROLES.index(p.role), formatting.sort_key(p.name)))
        return render_template("demo_people.html", staff=staff)


@blueprint.post("/people")
def enter() -> AnyResponse:
    """Enters as one of the staff, without a link; the pages go on in the language of whoever tries them out."""
    number = request.form.get("person", "")
    with here().db.writing() as session:
        person = session.get(Person, int(number)) if number.isdecimal() and len(number) < 9 else None
        if person is None or person.role not in gate.ROLES or person.left_at is not None:
            abort(400)
        response = redirect(gate.safe_path(request.form.get("next"), gate.home(person.role)), 303)
        gate.sign_in(session, person, response)
    keep(response, lang())
    return response


# -- invented teams -----------------------------------------------------------------------------------------------


@blueprint.post("/teams")
def teams() -> AnyResponse:
    """Invents some teams that apply."""
    wanted = request.form.get("n", "12")
    n = int(wanted) if wanted.isdecimal() and len(wanted) < 3 else 12
    _demo().invent_teams(max(1, min(n, MOST_TEAMS)))
    return redirect(url_for("demo.start", done="teams"), 303)
