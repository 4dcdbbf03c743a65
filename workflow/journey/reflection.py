"""Self-assessment: members rate themselves on the programme's learning outcomes, at the start and at the end.

Nobody has to answer, and nobody sees whose a rating is: it is shown on the member's own form alone, and otherwise
only in the averages of `workflow/views/reflection_report.py`. Must never put a rating into history, mail or the
question's own answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme
from workflow.database.models import HistoryRow, Person, Question, Reflection, Team
from workflow.records import open_questions, queries
from workflow.rules.duties import end_of_day
from workflow.rules.questions import QuestionKind
from workflow.season import Season
from workflow.text.bilingual import Text

LOWEST, HIGHEST = 1, 5
DROPPED = "dropped"


class Moment(StrEnum):
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class LearningOutcome:
    """One learning outcome: `key` is its place in the config, `part` is know or can."""

    key: str
    part: str
    says: Text


def outcomes(programme: Programme) -> tuple[LearningOutcome, ...]:
    """What members rate themselves on, in the order of the config."""
    parts = {"know": programme.about.outcomes_know, "can": programme.about.outcomes_can}
    return tuple(
        LearningOutcome(f"{part}_{number}", part, says)
        for part, all_of_it in parts.items()
        for number, says in enumerate(all_of_it, start=1)
    )


def ask(
    season: Season, session: Session, team: Team, moment: Moment, now: datetime, *,
    history: HistoryRow | None = None, in_a_mail: bool = False,
) -> list[Question]:  # fmt: skip
    """Ask each present member, unless they were asked for this moment before; those newly asked. in_a_mail: another
    mail leads to the form."""
    wanted = season.programme.reflection
    if wanted is None or not outcomes(season.programme):
        return []
    before, asked = _asked(session, team, moment), []
    for person in queries.members(session, team.id):
        if person.id not in before:
            question = open_questions.ask(
                season,
                session,
                open_questions.Ask(
                    kind=QuestionKind.REFLECTION,
                    key=f"reflection:{moment}:{person.id}:{team.version}",
                    people=(person,),
                    template="" if in_a_mail else "reflection",
                    team=team,
                    about={"moment": moment.value},
                    due=end_of_day(now, wanted.days, season.programme.tz),
                    facts={"end": moment is Moment.END, "again": False},
                    history=history,
                ),
                now,
            )
            asked.append(question)
    return asked


def _asked(session: Session, team: Team, moment: Moment) -> set[int]:
    """Who was asked for this moment; a question that fell away before it was answered counts for nothing."""
    before = queries.questions_of(session, team.id, (QuestionKind.REFLECTION,))
    stands = (q for q in before if q.outcome != DROPPED or q.answered_by_id is not None)
    return {a.person_id for q in stands if q.about.get("moment") == moment for a in q.addressees}


def note(session: Session, question: Question, person: Person, ratings: Iterable[tuple[str, int]]) -> int:
    """Keep these ratings in the place of those given before; how many there are."""
    session.execute(sa.delete(Reflection).where(Reflection.question_id == question.id))
    rows = [
        Reflection(
            question_id=question.id,
            person_id=person.id,
            team_id=question.team_id,
            moment=question.about["moment"],
            outcome=key,
            rating=rating,
        )
        for key, rating in ratings
    ]
    session.add_all(rows)
    session.flush()
    return len(rows)


def given(session: Session, question: Question) -> Mapping[str, int]:
    """What was answered so far: for the one who answered, on their own form."""
    query = sa.select(Reflection.outcome, Reflection.rating).where(Reflection.question_id == question.id)
    return {row.outcome: row.rating for row in session.execute(query)}
