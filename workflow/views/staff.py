"""Queries for trainers and mentors: their open questions, sessions ahead, teams and hours. Must never write.

A trainer sees the teams of the sessions they lead, a mentor the teams they stand beside, and nobody sees more.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.config.loader import EVERYONE
from workflow.database.models import (
    Addressee,
    HoursRow,
    Invitation,
    Mentorship,
    Person,
    Question,
    StageSession,
    Submission,
    Team,
)
from workflow.records import queries
from workflow.rules.hours import EntryKind
from workflow.rules.questions import QuestionKind
from workflow.season import Season
from workflow.text.formatting import sort_key
from workflow.views.mentoring import TeamHours, of_teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A question that waits for this person, with their own door to it; a review comes with the work."""

    question: Question
    secret: str
    work: Submission | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """A session ahead: its teams with their members, and what those said about coming (yes, no, maybe, none)."""

    session: StageSession
    teams: tuple[tuple[Team, tuple[Person, ...]], ...]
    tally: Mapping[str, int]


def tasks(session: Session, person_id: int) -> tuple[Task, ...]:
    """What is asked of this person and not answered yet, soonest due first; three queries."""
    query = (
        sa.select(Addressee)
        .join(Addressee.question)
        .where(Addressee.person_id == person_id, Question.closed_at.is_(None))
        .options(selectinload(Addressee.question).selectinload(Question.team))
        .order_by(Question.due_at.is_(None), Question.due_at, Question.id)
    )
    mine = session.scalars(query).all()
    works = _works(session, (a.question for a in mine))
    return tuple(Task(question=a.question, secret=a.secret, work=works.get(a.question_id)) for a in mine)


def _works(session: Session, asked: Iterable[Question]) -> dict[int, Submission]:
    """The work that each review is about, by the question's id."""
    about = {q.id: q.about.get("submission") for q in asked if q.kind == QuestionKind.REVIEW}
    query = sa.select(Submission).where(Submission.id.in_(set(about.values()) - {None}))
    rows = session.scalars(query.options(selectinload(Submission.files), selectinload(Submission.person)))
    found = {row.id: row for row in rows}
    return {question: found[work] for question, work in about.items() if work in found}


# -- trainers -------------------------------------------------------------------------------------


def ahead(season: Season, session: Session, trainer: Person, now: datetime) -> list[StaffSession]:
    """The sessions that this trainer leads and that are not over; four queries."""
    led = queries.stages_led(season.programme, trainer)
    query = sa.select(StageSession).where(StageSession.stage.in_(led), StageSession.cancelled_at.is_(None))
    query = query.where(StageSession.ends_at > now)
    meetings = session.scalars(query.order_by(StageSession.starts_at, StageSession.id)).all()
    teams = queries.travelling(session, season.machine, EVERYONE)
    people, said = _people(session, [t.id for t in teams]), _said(session, led)
    return [_meeting(meeting, teams, people, said) for meeting in meetings]


def _meeting(
    meeting: StageSession,
    teams: Sequence[Team],
    people: Mapping[int, list[Person]],
    said: Mapping[tuple[int, str], str | None],
) -> StaffSession:
    mine = [t for t in sorted(teams, key=lambda t: sort_key(t.name)) if meeting.group in (EVERYONE, t.group)]
    tally: dict[str, int] = {}
    for person in (p for team in mine for p in people.get(team.id, ())):
        answer = said.get((person.id, meeting.stage)) or "none"
        tally[answer] = tally.get(answer, 0) + 1
    return StaffSession(session=meeting, teams=tuple((t, tuple(people.get(t.id, ()))) for t in mine), tally=tally)


def _people(session: Session, teams: list[int]) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = {}
    query = sa.select(Person).where(Person.team_id.in_(teams), Person.left_at.is_(None)).order_by(Person.id)
    for person in session.scalars(query):
        found.setdefault(person.team_id or 0, []).append(person)
    return found


def _said(session: Session, stages: list[str]) -> dict[tuple[int, str], str | None]:
    query = sa.select(Invitation.person_id, Invitation.stage, Invitation.expected).where(Invitation.stage.in_(stages))
    return {(person, stage): expected for person, stage, expected in session.execute(query)}


# -- mentors --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEntry:
    """One line of a mentor's own ledger. `stands`: reported, confirmed, disputed, reserved or held."""

    team: Team
    row: HoursRow
    minutes: int
    stands: str

    @property
    def counts(self) -> bool:
        return self.stands not in (EntryKind.RESERVED, EntryKind.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """`2022-07` with what the mentor gave, booked or reported in it, by day."""

    key: str
    entries: tuple[OwnEntry, ...]

    @property
    def given(self) -> int:
        """Minutes that count."""
        return sum(e.minutes for e in self.entries if e.counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class MentorPage:
    teams: tuple[tuple[TeamHours, Person | None], ...]
    """those at whose side the mentor stands now, with whom to write to"""
    months: tuple[Month, ...]
    """newest first; hours given to former teams stay in it"""


def mentor_page(season: Season, session: Session, person_id: int) -> MentorPage:
    """A mentor's teams and hours; a fixed number of queries."""
    now_with = set(
        session.scalars(
            sa.select(Mentorship.team_id).where(Mentorship.person_id == person_id, Mentorship.until.is_(None))
        )
    )
    ever = now_with | set(session.scalars(sa.select(HoursRow.team_id).where(HoursRow.person_id == person_id)))
    found = of_teams(season, session, ever)
    people = _people(session, list(now_with))
    mine = tuple((each, queries.contact_of(people.get(each.team.id, ()))) for each in found if each.team.id in now_with)
    return MentorPage(teams=mine, months=_months(session, found, person_id))


def _months(session: Session, teams: Iterable[TeamHours], person_id: int) -> tuple[Month, ...]:
    said = _checked(session, person_id)
    by_month: dict[str, list[OwnEntry]] = {}
    for each in teams:
        for entry in _own(each, said):
            if entry.row.person_id == person_id:
                by_month.setdefault(entry.row.month, []).append(entry)
    return tuple(
        Month(key=key, entries=tuple(sorted(by_month[key], key=_in_order)))
        for key in sorted(by_month, reverse=True)
    )


def _in_order(entry: OwnEntry) -> tuple[bool, date, int]:
    """By day; what has none comes last."""
    return entry.row.day is None, entry.row.day or entry.row.at.date(), entry.row.id


def _own(each: TeamHours, said: Mapping[int, str]) -> Iterable[OwnEntry]:
    for row, minutes in each.counted:
        yield OwnEntry(team=each.team, row=row, minutes=minutes, stands=said.get(row.id, EntryKind.REPORTED))
    for row in (*each.reserved, *each.held):
        yield OwnEntry(team=each.team, row=row, minutes=row.minutes, stands=row.kind)


def _checked(session: Session, person_id: int) -> dict[int, str]:
    """What the team last said of each entry."""
    kinds = (EntryKind.CONFIRMED, EntryKind.DISPUTED)
    query = sa.select(HoursRow.about_id, HoursRow.kind).where(HoursRow.kind.in_(kinds)).order_by(HoursRow.id)
    rows = session.execute(query.where(HoursRow.person_id == person_id))
    return {about: kind for about, kind in rows if about is not None}
