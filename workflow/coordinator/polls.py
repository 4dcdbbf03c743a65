"""Polls: a question of a coordinator's own that goes with her mail, and what everybody answered.

Yes or no, one of listed words, or a text. Each recipient has a question of their own and may change the answer until
it is due. Acts in the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Person, Question, Team
from workflow.records import open_questions
from workflow.replies.answers import AnswerKind
from workflow.rules.application import FieldFault, clean
from workflow.rules.questions import PollForm, QuestionKind
from workflow.season import Season
from workflow.text.bilingual import Text

MOST: Final = 12
"""listed words"""
LONGEST: Final = 60
"""characters of one"""
AHEAD: Final = timedelta(days=180)


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """What is asked beside the mail: its form, the listed words by language, and until when it may be answered."""

    form: PollForm
    choices: Mapping[str, tuple[str, ...]]
    due: datetime | None


def listed(typed: str) -> tuple[str, ...]:
    """The words that stand one a line."""
    return tuple(word for line in typed.splitlines() if (word := clean(line)))


def faults(poll: Poll, langs: Sequence[str], leaves: datetime, now: datetime) -> list[FieldFault]:
    """Whatever keeps it from being asked, field by field. leaves: when the mail does."""
    found = []
    if poll.due is None or poll.due <= max(leaves, now):
        says = Text(et="Valige päev, mis on pärast kirja saatmist.", en="Choose a day after the mail has left.")
        found.append(FieldFault("due", says))
    elif poll.due > now + AHEAD:
        found.append(FieldFault("due", Text(et="See päev on liiga kaugel.", en="This day is too far ahead.")))
    if poll.form is not PollForm.CHOICE:
        return found
    for lang in langs:
        wrong = _wrong(poll.choices.get(lang, ()))
        found += [FieldFault(f"choices_{lang}", wrong)] if wrong is not None else []
    if len({len(poll.choices.get(lang, ())) for lang in langs}) > 1:
        says = Text(
            et="Mõlemas keeles peab olema sama palju valikuid, samas järjekorras.",
            en="Both languages need as many choices, in the same order.",
        )
        found.append(FieldFault(f"choices_{langs[-1]}", says))
    return found


def _wrong(words: Sequence[str]) -> Text | None:
    if not 2 <= len(words) <= MOST:
        return Text(et=f"Kirjutage valikud, 2 kuni {MOST}, igaüks eraldi reale.",
                    en=f"Write the choices, 2 to {MOST}, each on a line of its own.")  # fmt: skip
    if max(map(len, words)) > LONGEST:
        return Text(et=f"Valik on kõige rohkem {LONGEST} tähemärki.", en=f"A choice has at most {LONGEST} characters.")
    if len({word.casefold() for word in words}) < len(words):
        return Text(et="Üks valik on kirjas kaks korda.", en="One choice stands there twice.")
    return None


def ask(
    season: Season, session: Session, poll: Poll, name: str, person: Person, team: Team | None, heading: str,
    leaves: datetime,
) -> Question:  # fmt: skip
    """Put it to one recipient; the mail that tells of it is the caller's. name: of the mail."""
    wanted = open_questions.Ask(
        kind=QuestionKind.POLL,
        key=key(name, person.id),
        people=(person,),
        team=team,
        about={"heading": heading, "form": poll.form.value, "choices": list(poll.choices.get(person.lang, ()))},
        due=poll.due,
    )
    return open_questions.ask(season, session, wanted, leaves)


def key(name: str, person_id: int) -> str:
    """The cause of the question to one recipient of the mail of this name."""
    return f"poll:{name}:{person_id}"


# -- what was answered --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PollAnswer:
    """One recipient's. said: in the words of the page's language; empty while nothing was answered."""

    question: Question
    person: Person
    team: Team | None
    said: str
    note: str
    """what else they wrote"""


def answers(session: Session, name: str, poll: Poll, lang: str) -> list[PollAnswer]:
    """Everybody who was asked, by team and name."""
    query = sa.select(Question).where(Question.key.startswith(f"poll:{name}:", autoescape=True))
    rows = session.scalars(query.order_by(Question.team_id.is_(None), Question.team_id, Question.id)).all()
    return [_answer(question, poll, lang) for question in rows]


def _answer(question: Question, poll: Poll, lang: str) -> PollAnswer:
    given, person = question.answer or {}, question.addressees[0].person
    note = " ".join(str(given.get("text", "")).split())
    if question.outcome == AnswerKind.WORDS:
        return PollAnswer(question, person, question.team, note, "")
    if question.outcome == AnswerKind.CHOICE:
        said = _in(str(given.get("choice", "")), question.about.get("choices", ()), poll.choices.get(lang, ()))
        return PollAnswer(question, person, question.team, said, "" if note.casefold() == said.casefold() else note)
    words = {AnswerKind.YES: Text(et="jah", en="yes"), AnswerKind.NO: Text(et="ei", en="no")}
    said = words[AnswerKind(question.outcome)].say(lang) if question.outcome in words else ""
    return PollAnswer(question, person, question.team, said, note)


def _in(chosen: str, asked: Sequence[str], shown: Sequence[str]) -> str:
    """The chosen word as the page's language lists it."""
    at = list(asked).index(chosen) if chosen in asked else -1
    return shown[at] if 0 <= at < len(shown) else chosen


def close(session: Session, name: str, people: Sequence[int], now: datetime) -> None:
    """Nobody is asked any more whose mail never leaves."""
    keys = [key(name, number) for number in people]
    rows = session.scalars(sa.select(Question).where(Question.key.in_(keys), Question.closed_at.is_(None))).all()
    for question in rows:
        open_questions.close(session, question, "dropped", now)
