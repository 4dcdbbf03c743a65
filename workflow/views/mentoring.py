"""Queries for the mentoring page: hours of each team against its cap, of each mentor by month. Must never write."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from workflow.database.models import HoursRow, Mentorship, Person, Team
from workflow.records import queries
from workflow.rules import hours
from workflow.rules.hours import Balance, EntryKind
from workflow.season import Season
from workflow.text.formatting import sort_key


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamHours:
    """One team's mentoring: what it used, who mentors it, what was reported (with what it counts for now)."""

    team: Team
    balance: Balance
    mentorships: tuple[Mentorship, ...]
    counted: tuple[tuple[HoursRow, int], ...]
    reserved: tuple[HoursRow, ...]
    held: tuple[HoursRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentoring:
    teams: tuple[TeamHours, ...]
    mentors: tuple[Person, ...]
    months: tuple[str, ...]
    """`2022-07`, those in which anything was given"""
    given: Mapping[tuple[int, str], int]
    """(mentor's id, month) -> minutes"""

    @property
    def held(self) -> tuple[HoursRow, ...]:
        return tuple(row for team in self.teams for row in team.held)


def mentoring(season: Season, session: Session) -> Mentoring:
    """Every travelling team, and the others that have anything in the ledger; four queries."""
    found = _teams(season, session, lambda rows: sa.or_(Team.state.in_(season.machine.stages), Team.id.in_(rows)))
    given = _given(found)
    return Mentoring(
        teams=found,
        mentors=tuple(sorted(queries.staff(session, "mentor"), key=lambda mentor: sort_key(mentor.name))),
        months=tuple(sorted({month for _, month in given})),
        given=given,
    )


def of_teams(season: Season, session: Session, ids: Collection[int]) -> tuple[TeamHours, ...]:
    """The same of these teams."""
    return _teams(season, session, lambda rows: Team.id.in_(ids))


def _teams(
    season: Season, session: Session, which: Callable[[Collection[int]], sa.ColumnElement[bool]]
) -> tuple[TeamHours, ...]:
    rows, mentorships = _ledger(session), _mentorships(session)
    teams = sorted(session.scalars(sa.select(Team).where(which(rows))), key=lambda team: (sort_key(team.name), team.id))
    return tuple(_team(season, t, rows.get(t.id, []), mentorships.get(t.id, [])) for t in teams)


def _ledger(session: Session) -> dict[int, list[HoursRow]]:
    found: dict[int, list[HoursRow]] = {}
    for row in session.scalars(sa.select(HoursRow).options(selectinload(HoursRow.person)).order_by(HoursRow.id)):
        found.setdefault(row.team_id, []).append(row)
    return found


def _mentorships(session: Session) -> dict[int, list[Mentorship]]:
    query = sa.select(Mentorship).join(Mentorship.person).options(contains_eager(Mentorship.person))
    found: dict[int, list[Mentorship]] = {}
    for row in session.scalars(query.where(Mentorship.until.is_(None)).order_by(Mentorship.id)):
        found.setdefault(row.team_id, []).append(row)
    return found


def _team(season: Season, team: Team, ledger: list[HoursRow], mentorships: list[Mentorship]) -> TeamHours:
    key = queries.mentoring_stage(season.programme, team.state)
    rows = {r.id: r for r in ledger if r.stage == key}
    plain = queries.entries(list(rows.values()))
    cap = season.programme.stage(key).minutes if key else 0
    return TeamHours(
        team=team,
        balance=hours.balance(plain, cap),
        mentorships=tuple(mentorships),
        counted=tuple((rows[e.id], minutes) for e, minutes in hours.effective(plain)),
        reserved=tuple(rows[e.id] for e in hours.open_entries(plain, EntryKind.RESERVED)),
        held=tuple(rows[e.id] for e in hours.open_entries(plain, EntryKind.HELD)),
    )


def _given(teams: tuple[TeamHours, ...]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for team in teams:
        for row, minutes in team.counted:
            key = (row.person_id, row.month)
            found[key] = found.get(key, 0) + minutes
    return found
