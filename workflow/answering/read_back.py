"""Telling whoever wrote what became of their answer: read back, unclear, too late, or where things stand.

One mail an answer at most, and none where another mail says it already.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.answering.outcome import Given, Outcome, Result
from workflow.config.loader import Text
from workflow.database.models import Person, Question
from workflow.journey import moves as journey
from workflow.notices import Fact, Minutes, Notice
from workflow.records import open_questions as asking
from workflow.records import queries
from workflow.rules.machine import state_name
from workflow.rules.questions import QuestionKind
from workflow.season import Season


def tell(given: Given, outcome: Outcome) -> None:
    """Answer the letter: read the answer back, unless a mail that does so is on its way already."""
    if outcome.told:
        return
    template, facts = _reply(given, outcome)
    post(given, template, given.person, facts)


def _reply(given: Given, outcome: Outcome) -> tuple[str, dict[str, Fact]]:
    match outcome.result:
        case Result.UNCLEAR:
            return ("form_only" if given.question.kind == QuestionKind.REFLECTION else "unclear"), {}
        case Result.ALREADY:
            return "already", _already(given)
        case Result.LATE:
            return "late", {"closed_at": given.question.closed_at or given.question.due_at}
        case Result.STATUS:
            return "status", status(given.season, given.session, given.person, given.now)
        case Result.HELP:
            return "help", {
                "open": tuple(
                    asking.asked(given.season, q)
                    for q in queries.open_questions(given.session, person_id=given.person.id)
                )
            }
    return "read_back", {"done": outcome.done, "undo_until": outcome.undo_until}


def _already(given: Given) -> dict[str, Fact]:
    by = given.question.answered_by
    return {"who": by.name if by else "", "said": said(given.question), "at": given.question.closed_at}


_SAID = {
    "yes": Text(et="JAH", en="YES"),
    "no": Text(et="EI", en="NO"),
    "submission": Text(et="töö esitatud", en="work handed in"),
    "hours": Text(et="tunnid märgitud", en="hours noted"),
    "names": Text(et="puudujad märgitud", en="absences noted"),
    "return": Text(et="töö tagasi saadetud", en="work returned"),
    "ratings": Text(et="hinnangud antud", en="ratings given"),
    "maybe": Text(et="VÕIB-OLLA", en="MAYBE"),
    "expired": Text(et="tähtaeg läks mööda", en="the time ran out"),
    "dropped": Text(et="küsimus langes ära", en="the question fell away"),
}


def said(question: Question) -> Text:
    """What a question's answer was, in a word or two."""
    return _SAID.get(question.outcome or "", Text(et="", en=""))


def status(season: Season, session: Session, person: Person, now: datetime) -> dict[str, Fact]:
    """Where the person's team stands: place, next date, what is missing, hours left."""
    team = person.team
    if team is None:
        open_now = tuple(asking.asked(season, q) for q in queries.open_questions(session, person_id=person.id))
        return {"state": None, "next_date": None, "next": None, "missing": open_now, "left": None}
    facts = queries.facts(session, season.machine, team)
    ahead = [m for m in queries.sessions_of(session, team.group) if m.starts_at > now]
    mentored = bool(facts.mentors)
    return {
        "state": state_name(season.programme, team.state),
        "next_date": ahead[0].starts_at if ahead else None,
        "next": state_name(season.programme, ahead[0].stage) if ahead else None,
        "missing": tuple(r.says for r in journey.lacking(season, facts, now)),
        "left": Minutes(facts.hours.left) if mentored else None,
    }


def post(given: Given, template: str, person: Person, facts: dict[str, Fact], *, answering: bool = True) -> None:
    letter = given.actor.letter if answering else None
    cause = f"letter{letter.id}" if letter else f"q{given.question.id}:{given.now:%Y%m%dT%H%M%S%f}"
    given.season.post(
        given.session,
        Notice(
            template=template,
            key=f"{template}:{cause}:{person.id}",
            person=person,
            team=given.question.team or person.team,
            question=given.question,
            stage=given.question.stage,
            facts=facts,
            answering=letter,
        ),
        given.now,
    )
