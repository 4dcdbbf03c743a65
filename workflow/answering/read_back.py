"""Acknowledgement mails: what became of an answer (done, unclear, too late, where things stand).

One mail an answer at most, and none where another mail says it already.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.answering.outcome import AnswerInProgress, AnswerOutcome, AnswerResult
from workflow.codes import LetterOutcome
from workflow.database.models import Letter, Person, Question, Team
from workflow.journey import moves
from workflow.notices import Fact, Minutes, Notice
from workflow.records import open_questions, queries
from workflow.replies.answers import AnswerKind
from workflow.rules.machine import state_name
from workflow.rules.questions import QuestionKind, kind_of
from workflow.season import Season
from workflow.text.bilingual import Text


def tell(given: AnswerInProgress, outcome: AnswerOutcome) -> None:
    """Answer the letter: read the answer back, unless a mail that does so is on its way already."""
    if outcome.told:
        return
    template, facts = _reply(given, outcome)
    post(given, template, given.person, facts)


def _reply(given: AnswerInProgress, outcome: AnswerOutcome) -> tuple[str, dict[str, Fact]]:
    match outcome.result:
        case AnswerResult.UNCLEAR:
            return _unclear(given)
        case AnswerResult.LATE | AnswerResult.AFTERWARDS if given.question.outcome == "dropped":
            heard = outcome.result is AnswerResult.AFTERWARDS
            return "fell_away", {"at": given.question.closed_at, "heard": heard}
        case AnswerResult.ALREADY:
            return "already", _already(given)
        case AnswerResult.LATE:
            return "late", _late(given)
        case AnswerResult.AFTERWARDS:
            over = given.question.answered_by_id is None
            return ("late", _late(given, heard=True)) if over else ("already", _already(given, heard=True))
        case AnswerResult.STATUS:
            return "status", status(given.season, given.session, given.person, given.now, about=given.question.team)
        case AnswerResult.HELP:
            return "help", owed(given.season, given.session, given.person)
    behalf = given.on_behalf
    return "read_back", {
        "done": outcome.done,
        "undo_until": outcome.undo_until,
        "noted_by": behalf.by if behalf else "",
        "note": behalf.note if behalf else "",
    }


_LIKELY = {
    QuestionKind.VERIFY: Text(et="taotluse saatsite teie", en="the application came from you"),
    QuestionKind.CONSENT: Text(et="kuulute meeskonda ja olete nõus", en="you belong to the team and agree"),
    QuestionKind.CONFIRM_PLACE: Text(et="teie meeskond võtab koha vastu", en="your team takes the place"),
    QuestionKind.RSVP: Text(et="te tulete", en="you are coming"),
    QuestionKind.REVIEW: Text(et="võtate töö vastu", en="you accept the work"),
    QuestionKind.HOURS_CHECK: Text(et="tunnid on õiged", en="the hours are right"),
}
"""what a likely yes to each kind of question says; no other answer is ever presumed"""


def _unclear(given: AnswerInProgress) -> tuple[str, dict[str, Fact]]:
    """What was probably meant is asked back in so many words, once; else which words are sure to be understood."""
    if kind_of(given.question.kind).form_only:
        return "form_only", {}
    likely = _LIKELY.get(QuestionKind(given.question.kind)) if given.answer.likely is AnswerKind.YES else None
    return ("asked_back", {"likely": likely}) if likely and not _unclear_before(given) else ("unclear", {})


def _unclear_before(given: AnswerInProgress) -> bool:
    """Whether an earlier letter of this person to this question was not understood either."""
    query = sa.select(Letter.id).where(
        Letter.question_id == given.question.id,
        Letter.person_id == given.person.id,
        Letter.outcome == LetterOutcome.UNCLEAR,
    )
    return given.session.scalar(query.limit(1)) is not None


def _late(given: AnswerInProgress, *, heard: bool = False) -> dict[str, Fact]:
    return {"closed_at": given.question.closed_at or given.question.due_at, "heard": heard}


def _already(given: AnswerInProgress, *, heard: bool = False) -> dict[str, Fact]:
    """heard: the coordinator reads what was written."""
    by = given.question.answered_by
    who = by.name if by is not None and by is not given.person else ""
    return {"who": who, "said": said(given.question), "at": given.question.closed_at, "heard": heard}


_SAID = {
    "yes": Text(et="JAH", en="YES"),
    "no": Text(et="EI", en="NO"),
    "submission": Text(et="töö esitatud", en="work handed in"),
    "hours": Text(et="tunnid märgitud", en="hours noted"),
    "names": Text(et="puudujad märgitud", en="absences noted"),
    "return": Text(et="töö tagasi saadetud", en="work returned"),
    "ratings": Text(et="hinnangud antud", en="ratings given"),
    "words": Text(et="teie kirjutatu on kirjas", en="what you wrote"),
    "maybe": Text(et="VÕIB-OLLA", en="MAYBE"),
    "expired": Text(et="tähtaeg läks mööda", en="the time ran out"),
    "dropped": Text(et="küsimus langes ära", en="the question fell away"),
}


def said(question: Question) -> Text:
    """What a question's answer was, in a word or two; of a poll the word that was chosen."""
    chosen = str((question.answer or {}).get("choice", "")) if question.outcome == AnswerKind.CHOICE else ""
    if chosen:
        return Text(et=chosen, en=chosen)
    return _SAID.get(question.outcome or "", Text(et="", en=""))


def owed(season: Season, session: Session, person: Person) -> dict[str, Fact]:
    """What is open to the person, as a mail lists it."""
    found = queries.open_questions(session, person_id=person.id)
    return {"open": tuple(open_questions.asked(season, one) for one in found)}


def status(
    season: Season, session: Session, person: Person, now: datetime, *, about: Team | None = None
) -> dict[str, Fact]:
    """Where the person's team stands, or the team that they were asked about: place, next date, what is missing, hours
    left. Of people without either, what is open to them."""
    team = person.team or about
    if team is None:
        open_now = owed(season, session, person)["open"]
        return {"state": None, "next_date": None, "next": None, "missing": open_now, "left": None}
    facts = queries.facts(session, season.machine, team)
    ahead = [m for m in queries.sessions_of(session, team.group) if m.starts_at > now]
    mentored = bool(facts.mentors)
    return {
        "state": state_name(season.programme, team.state),
        "next_date": ahead[0].starts_at if ahead else None,
        "next": state_name(season.programme, ahead[0].stage) if ahead else None,
        "missing": tuple(r.says for r in moves.lacking(season, facts, now)),
        "left": Minutes(facts.hours.left) if mentored else None,
    }


def post(
    given: AnswerInProgress, template: str, person: Person, facts: dict[str, Fact], *, answering: bool = True
) -> None:
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
