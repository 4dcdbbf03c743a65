"""Queries for today's page and the board: open work, and every team with its state. Must never write.

The number of queries never depends on the number of teams: facts of all teams are gathered together here,
and are the very facts that `queries.facts` gathers for one (a test compares them).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from workflow.config.loader import EVERYONE, Programme
from workflow.database.engine import UTCDateTime
from workflow.database.models import (
    Extension,
    HoursRow,
    Mentorship,
    Person,
    Question,
    StageSession,
    Submission,
    Team,
)
from workflow.database.paging import Window
from workflow.database.search import by_name, has
from workflow.records import attendance, queries
from workflow.records.queries import entries, mentoring_stage
from workflow.rules.hours import balance
from workflow.rules.machine import APPLIED, WAITLISTED, Decision, Machine, Refusal, Trigger, Who, requirements_of
from workflow.rules.questions import QuestionKind
from workflow.rules.requirements import Facts, Requirement
from workflow.season import Season

PAGE = 30
"""teams on one page of the board"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedStep:
    """A trigger of the table at this team's state: may the coordinator take it, or every reason why not."""

    trigger: Trigger
    decision: Decision | Refusal
    waits: bool
    """an approval of it is open"""

    @property
    def refused(self) -> tuple[Requirement, ...]:
        return self.decision.reasons if isinstance(self.decision, Refusal) else ()

    @property
    def firm(self) -> bool:
        """No reason of the coordinator's passes over what stands in the way."""
        return any(r.firm for r in self.refused)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one team stands."""

    team: Team
    facts: Facts
    requirements: tuple[Requirement, ...]
    steps: tuple[AllowedStep, ...]

    @property
    def missing(self) -> tuple[Requirement, ...]:
        return tuple(r for r in self.requirements if not r.met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """Teams by state in the journey's order: those of one page, and how many there are of each state in all."""

    columns: tuple[tuple[str, tuple[Standing, ...]], ...]
    """states that have teams on this page"""
    counts: Mapping[str, int]
    """of all teams, by every state"""
    found: Mapping[str, int]
    """of those that group and search leave"""
    window: Window

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Which teams a page shows; an empty value leaves out none."""

    group: str = ""
    search: str = ""
    page: int = 1


def board(season: Season, session: Session, now: datetime, sought: Sought | None = None) -> Board:
    """A page of teams with what is missing and the steps that lead on; all counted in the database."""
    sought, states = sought or Sought(), list(season.machine.states)
    which = _which(sought)
    counts = _counted(session, sa.true(), states)
    found = _counted(session, which, states) if sought.group or sought.search else counts
    window = Window(total=sum(found.values()), size=PAGE, page=sought.page)
    teams = session.scalars(_on_page(which, found, window)).all()
    taken = sum(counts.get(state, 0) for state in season.machine.holding)
    by_state: dict[str, list[Standing]] = {}
    for each in _standings(season, session, now, teams, taken):
        by_state.setdefault(each.team.state, []).append(each)
    columns = tuple((state, tuple(some)) for state, some in by_state.items())
    return Board(columns=columns, counts=counts, found=found, window=window)


def _on_page(which: sa.ColumnElement[bool], found: Mapping[str, int], window: Window) -> sa.Select[Team]:
    """The teams of one page, in the journey's order and by name. Only the states that the page shows are put in
    order, and only by their numbers: the rows themselves are read for one page's teams."""
    before, skipped = 0, 0
    shown: list[str] = []
    for state, count in found.items():
        if count and before + count > window.offset and before < window.offset + PAGE:
            skipped = before if not shown else skipped
            shown.append(state)
        before += count
    order = (sa.case({state: place for place, state in enumerate(shown)}, value=Team.state),) if len(shown) > 1 else ()
    by = (*order, by_name(Team.name), Team.id)
    numbers = sa.select(Team.id).where(which, Team.state.in_(shown)).order_by(*by)
    numbers = numbers.limit(PAGE).offset(max(0, window.offset - skipped))
    return sa.select(Team).where(Team.id.in_(numbers.scalar_subquery())).order_by(*by)


def _which(sought: Sought) -> sa.ColumnElement[bool]:
    of_group = sa.func.coalesce(Team.group, Team.wish_group) == sought.group if sought.group else sa.true()
    return sa.and_(of_group, has(sought.search, Team.name, Team.home))


def _counted(session: Session, which: sa.ColumnElement[bool], states: Iterable[str]) -> dict[str, int]:
    rows = session.execute(sa.select(Team.state, sa.func.count()).where(which).group_by(Team.state))
    return dict.fromkeys(states, 0) | {state: count for state, count in rows}  # noqa: C416 (a Row is no pair)


def standings(season: Season, session: Session, now: datetime, *, states: Iterable[str] = ()) -> list[Standing]:
    """Where each team stands, by name; of the given states, where some are given."""
    wanted = set(states)
    which = Team.state.in_(wanted) if wanted else sa.true()
    teams = session.scalars(sa.select(Team).where(which).order_by(by_name(Team.name), Team.id)).all()
    return _standings(season, session, now, teams, queries.places_taken(session, season.machine))


def _standings(season: Season, session: Session, now: datetime, teams: Sequence[Team], taken: int) -> list[Standing]:
    """taken: how many places all teams hold."""
    gathered = _gather(session, [team.id for team in teams])
    waiting = _waiting(gathered.questions)
    return [_standing(season, gathered, team, taken, waiting, now) for team in teams]


# -- choosing -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Applications that wait for a decision: those of one page, and how many there are."""

    found: tuple[Standing, ...]
    window: Window
    decided: int
    """how many of all have a decision noted"""


def candidates(season: Season, session: Session, now: datetime, *, page: int = 1, size: int) -> Candidates:
    """Best ranked first, then as they applied."""
    waits = Team.state.in_((APPLIED, WAITLISTED))
    decided = sa.func.sum(sa.case((Team.provisional.is_not(None), 1), else_=0))
    total, noted = session.execute(sa.select(sa.func.count(), decided).where(waits)).one()
    window = Window(total=total, size=size, page=page)
    order = (Team.rank.is_(None), Team.rank, Team.applied_at, Team.id)
    teams = session.scalars(sa.select(Team).where(waits).order_by(*order).limit(size).offset(window.offset)).all()
    found = _standings(season, session, now, teams, queries.places_taken(session, season.machine))
    return Candidates(found=tuple(found), window=window, decided=int(noted or 0))


def compared(season: Season, session: Session, now: datetime, ids: Iterable[int]) -> tuple[Standing, ...]:
    """These teams, best ranked first."""
    query = sa.select(Team).where(Team.id.in_(set(ids)))
    teams = session.scalars(query.order_by(Team.rank.is_(None), Team.rank, Team.applied_at, Team.id)).all()
    return tuple(_standings(season, session, now, teams, queries.places_taken(session, season.machine)))


def planned(session: Session) -> dict[str | None, int]:
    """How many teams are to be selected by decisions not yet applied, by group."""
    query = sa.select(Team.provisional_group, sa.func.count()).where(
        Team.state.in_((APPLIED, WAITLISTED)), Team.provisional == Trigger.SELECT
    )
    return {group: count for group, count in session.execute(query.group_by(Team.provisional_group))}  # noqa: C416


def _standing(
    season: Season, gathered: "_Gathered", team: Team, taken: int, waiting: set[tuple[int, str, int]], now: datetime
) -> Standing:
    facts = gathered.facts(season.machine, team, taken - (team.state in season.machine.holding))
    steps = tuple(
        AllowedStep(
            trigger=trigger,
            decision=season.machine.decide(facts, trigger, now, who=Who.COORDINATOR),
            waits=(team.id, trigger.value, team.version) in waiting,
        )
        for trigger in season.machine.triggers(team.state)
    )
    return Standing(team=team, facts=facts, requirements=requirements_of(season.programme, facts, now), steps=steps)


def _waiting(questions: Iterable[Question]) -> set[tuple[int, str, int]]:
    """(team, trigger, version) of the approvals that are open."""
    return {
        (q.team_id, str(q.about["trigger"]), int(q.about["version"]))
        for q in questions
        if q.kind == QuestionKind.APPROVE and q.closed_at is None and q.team_id is not None and "trigger" in q.about
    }


# -- facts of all teams at once -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """The rows that facts are made of, by team."""

    people: Mapping[int, Sequence[Person]]
    questions: Sequence[Question]
    attended: Mapping[int, Mapping[str, int]]
    works: Mapping[int, Mapping[str, str]]
    sessions: Sequence[StageSession]
    extensions: Mapping[int, Mapping[str, datetime]]
    mentors: Mapping[int, Sequence[str]]
    hours: Mapping[int, Sequence[HoursRow]]
    places: Mapping[int, Question] = field(default_factory=dict)

    def facts(self, machine: Machine, team: Team, taken: int) -> Facts:
        programme = machine.programme
        at = team.left_from if team.left_from and team.state not in machine.live else team.state
        place = self.places.get(team.id)
        meeting = self._meeting(at, team.group)
        return Facts(
            team_id=team.id,
            name=team.name,
            state=team.state,
            version=team.version,
            applied_at=team.applied_at,
            verified=team.verified_at is not None,
            late_pass=team.late_pass,
            group=team.group,
            members=queries.as_members(self.people.get(team.id, ())),
            place_accepted={"yes": True, "no": False}.get(place.outcome or "") if place else None,
            place_due=place.due_at if place else None,
            attended=dict(self.attended.get(team.id, {})),
            works=dict(self.works.get(team.id, {})),
            session=(meeting.starts_at, meeting.ends_at) if meeting else None,
            work_due=self.extensions.get(team.id, {}).get(at) or queries.planned_due(programme, at, team.group),
            mentors=tuple(self.mentors.get(team.id, ())),
            hours=self._balance(programme, team),
            left_from=team.left_from,
            places_taken=taken,
        )

    def _meeting(self, stage: str, group: str | None) -> StageSession | None:
        groups = (group or EVERYONE, EVERYONE)
        return next((s for s in self.sessions if s.stage == stage and s.group in groups), None)

    def _balance(self, programme: Programme, team: Team) -> Any:
        key = mentoring_stage(programme, team.state)
        if key is None:
            return balance((), 0)
        rows = [r for r in self.hours.get(team.id, ()) if r.stage == key]
        return balance(entries(rows), programme.stage(key).minutes)


def _gather(session: Session, ids: Sequence[int]) -> _Gathered:
    """Seven queries, whatever the number of teams."""
    questions, (works, extensions) = _questions(session, ids), _dated(session, ids)
    return _Gathered(
        people=_people(session, ids),
        questions=questions,
        places={q.team_id: q for q in questions if q.kind == QuestionKind.CONFIRM_PLACE and q.team_id is not None},
        attended=attendance.numbers(session, ids),
        works=works,
        sessions=_sessions(session),
        extensions=extensions,
        mentors=_mentors(session, ids),
        hours=_hours(session, ids),
    )


def _people(session: Session, ids: Sequence[int]) -> dict[int, list[Person]]:
    """Present members by team: contact, deputy, then as they came."""
    rows = session.scalars(
        sa.select(Person).where(Person.team_id.in_(ids), Person.left_at.is_(None)).order_by(Person.id)
    )
    return {team: queries.contact_first(people) for team, people in _lists((p.team_id, p) for p in rows).items()}


def _lists(pairs: Iterable[tuple[Any, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for team, row in pairs:
        found.setdefault(team, []).append(row)
    return found


def _questions(session: Session, ids: Sequence[int]) -> list[Question]:
    """Places asked for, and approvals that are open; the latest last."""
    open_approval = sa.and_(Question.kind == QuestionKind.APPROVE, Question.closed_at.is_(None))
    wanted = sa.or_(Question.kind == QuestionKind.CONFIRM_PLACE, open_approval)
    query = sa.select(Question).where(Question.team_id.in_(ids), wanted)
    return list(session.scalars(query.order_by(Question.id)))


def _tables(triples: Iterable[tuple[int, str, Any]]) -> dict[int, dict[str, Any]]:
    """team -> key -> the last value."""
    found: dict[int, dict[str, Any]] = {}
    for team, key, value in triples:
        found.setdefault(team, {})[key] = value
    return found


def _dated(session: Session, ids: Sequence[int]) -> tuple[dict[int, dict[str, str]], dict[int, dict[str, datetime]]]:
    """What was handed in, and until when due dates were extended: each latest, by team and stage; one query."""
    nothing, never = sa.type_coerce(sa.null(), sa.String), sa.type_coerce(sa.null(), UTCDateTime)
    works = sa.select(Submission.team_id, Submission.stage, Submission.id, Submission.status, never)
    later = sa.select(Extension.team_id, Extension.stage, Extension.id, nothing, Extension.until)
    both = works.where(Submission.team_id.in_(ids)).union_all(later.where(Extension.team_id.in_(ids)))
    rows = session.execute(both.order_by("id")).all()
    return (
        _tables((team, stage, status) for team, stage, _, status, until in rows if until is None),
        _tables((team, stage, until) for team, stage, _, _, until in rows if until is not None),
    )


def _sessions(session: Session) -> list[StageSession]:
    query = sa.select(StageSession).where(StageSession.cancelled_at.is_(None)).order_by(StageSession.starts_at)
    return list(session.scalars(query))


def _mentors(session: Session, ids: Sequence[int]) -> dict[int, list[str]]:
    query = sa.select(Mentorship).join(Mentorship.person).options(contains_eager(Mentorship.person))
    query = query.where(Mentorship.until.is_(None), Mentorship.team_id.in_(ids))
    rows = session.scalars(query.order_by(Mentorship.id))
    return _lists((m.team_id, m.person.name) for m in rows)


def _hours(session: Session, ids: Sequence[int]) -> dict[int, list[HoursRow]]:
    query = sa.select(HoursRow).where(HoursRow.team_id.in_(ids))
    return _lists((r.team_id, r) for r in session.scalars(query.order_by(HoursRow.id)))
