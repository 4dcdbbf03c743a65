"""Queries for the people of one session: who comes, who is silent, and what they wrote beside their answer.

Must never write. Three queries, whatever the number of people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Addressee, Invitation, Person, Question, StageSession, Team
from workflow.database.search import by_name
from workflow.records import queries
from workflow.replies.answers import AnswerKind
from workflow.rules.machine import COMPLETED
from workflow.rules.questions import QuestionKind
from workflow.season import Season

SAID = (AnswerKind.YES, AnswerKind.MAYBE, AnswerKind.NO)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPerson:
    """One member. said: yes, maybe, no or none. note: what they wrote beside their answer: a need, a reason."""

    person: Person
    team: Team
    said: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPeople:
    """Everybody expected at a session, by team and name."""

    people: tuple[SessionPerson, ...]

    @property
    def tally(self) -> Mapping[str, int]:
        """How many said what."""
        said = [one.said for one in self.people]
        return {answer: said.count(answer) for answer in dict.fromkeys(said)}

    @property
    def teams(self) -> list[tuple[Team, list[SessionPerson]]]:
        """The same team by team."""
        return [(team, list(some)) for team, some in groupby(self.people, key=lambda one: one.team)]

    @property
    def to_sign(self) -> list[SessionPerson]:
        """Whom a sheet to sign has room for: all but those who said that they do not come."""
        return [one for one in self.people if one.said != AnswerKind.NO]


def of(season: Season, session: Session, meeting: StageSession) -> SessionPeople:
    """The people of one session: members of the teams that travel in its group, or have completed."""
    said = sa.and_(Invitation.person_id == Person.id, Invitation.stage == meeting.stage)
    query = sa.select(Person, Team, Invitation.expected).join(Team, Team.id == Person.team_id)
    query = query.outerjoin(Invitation, said).where(Person.left_at.is_(None), queries.in_group(meeting.group))
    query = query.where(Team.state.in_((*season.machine.stages, COMPLETED)))
    notes = _notes(session, meeting)
    rows = session.execute(query.order_by(by_name(Team.name), Team.id, by_name(Person.name), Person.id))
    return SessionPeople(
        people=tuple(
            SessionPerson(person=person, team=team, said=expected or "none", note=notes.get(person.id, ""))
            for person, team, expected in rows
        )
    )


def _notes(session: Session, meeting: StageSession) -> dict[int, str]:
    """What each wrote beside their last answer about this session."""
    query = sa.select(Addressee.person_id, Question.answer).join(Question, Question.id == Addressee.question_id)
    query = query.where(Question.kind == QuestionKind.RSVP, Question.stage == meeting.stage)
    rows = session.execute(query.where(Question.outcome.in_(SAID)).order_by(Question.id))
    return {person: " ".join(str((answer or {}).get("text", "")).split()) for person, answer in rows}
