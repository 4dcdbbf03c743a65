"""Tables of the funder's report: what happened, as typed values; a spreadsheet is made of them elsewhere.

Reads only, a fixed number of queries. Dates are dates and hours are decimals, so that a spreadsheet can count them.
Never names who reflected what: `workflow.views.reflection_report` gives averages only, by team and outcome.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.codes import HistoryEvent, SubmissionStatus
from workflow.config.loader import Programme, Stage, StageKind
from workflow.database.models import Attendance, HistoryRow, HoursRow, Person, StageSession, Submission, Team
from workflow.records import attendance, queries
from workflow.rules import hours
from workflow.rules.hours import EntryKind
from workflow.rules.machine import state_name
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text
from workflow.views.reflection_report import Average, ReflectionReport, report

Value = str | int | Decimal | date | None
Row = TypeVar("Row")
YES, NO = Text(et="jah", en="yes"), Text(et="ei", en="no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One sheet: its file name, its title, its columns' headings and its rows."""

    key: str
    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """Everything the tables are made of, read at once."""

    programme: Programme
    lang: str
    teams: tuple[Team, ...]
    people: Mapping[int, tuple[Person, ...]]
    sessions: tuple[StageSession, ...]
    present: Mapping[tuple[int, str], bool | None]
    """person and stage -> were they there"""
    corrected: Mapping[int, tuple[Attendance, ...]]
    """team -> what stands in the place of an earlier record"""
    works: Mapping[tuple[int, str], Submission]
    ledger: Mapping[int, tuple[HoursRow, ...]]
    completed: Mapping[int, datetime]
    reflected: ReflectionReport

    def day(self, moment: datetime | None) -> date | None:
        return None if moment is None else moment.astimezone(self.programme.tz).date()

    def yes(self, it_is: bool | None) -> str:
        return "" if it_is is None else (YES if it_is else NO).say(self.lang)


KEYS: Final = ("teams", "members", "attendance", "works", "hours", "seminar", "reflection")
"""of the tables, in their order"""


def tables(season: Season, session: Session, lang: str) -> tuple[Table, ...]:
    """Every sheet, in `et` or `en`."""
    known = _read(season, session, lang)
    return (
        _teams(known),
        _members(known),
        _attendance(known),
        _works(known),
        _hours(known),
        _seminar(known),
        _reflection(known),
    )


# -- reading ------------------------------------------------------------------------------------------


def _read(season: Season, session: Session, lang: str) -> _Known:
    teams = session.scalars(sa.select(Team).where(Team.verified_at.is_not(None))).all()
    here = {team.id for team in teams}
    people = (p for p in session.scalars(sa.select(Person).order_by(Person.id)) if p.team_id in here)
    return _Known(
        programme=season.programme,
        lang=lang,
        teams=tuple(sorted(teams, key=lambda t: (formatting.sort_key(t.name), t.id))),
        people=_by(people, lambda p: p.team_id or 0),
        sessions=tuple(session.scalars(sa.select(StageSession).order_by(StageSession.starts_at, StageSession.id))),
        present={(a.person_id, a.stage): a.present for a in session.scalars(attendance.standing())},
        corrected=_by(
            session.scalars(attendance.corrected().options(selectinload(Attendance.person))), lambda row: row.team_id
        ),
        works=_latest(session),
        ledger=_by(
            session.scalars(sa.select(HoursRow).options(selectinload(HoursRow.person)).order_by(HoursRow.id)),
            lambda row: row.team_id,
        ),
        completed=_completed(session),
        reflected=report(season.programme, session),
    )


def _by(rows: Iterable[Row], of: Callable[[Row], int]) -> dict[int, tuple[Row, ...]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[of(row)].append(row)
    return {key: tuple(values) for key, values in found.items()}


def _latest(session: Session) -> dict[tuple[int, str], Submission]:
    query = sa.select(Submission).options(selectinload(Submission.files)).order_by(Submission.id)
    return {(row.team_id, row.stage): row for row in session.scalars(query)}


def _completed(session: Session) -> dict[int, datetime]:
    query = sa.select(HistoryRow.team_id, HistoryRow.at).where(
        HistoryRow.to_state == "completed", HistoryRow.undone_by_id.is_(None), HistoryRow.event != HistoryEvent.UNDO
    )
    return {row.team_id: row.at for row in session.execute(query)}


# -- sheets -------------------------------------------------------------------------------------------


def _table(key: str, title: Text, columns: Iterable[tuple[str, str]], rows: Iterator[tuple[Value, ...]]) -> Table:
    return Table(key=key, title=title, columns=tuple(Text(et=et, en=en) for et, en in columns), rows=tuple(rows))


def _teams(known: _Known) -> Table:
    rule = known.programme.team
    home = rule.home.name.capitalised() if rule.home else None
    columns = (
        ("Meeskond", "Team"),
        *([(home.et, home.en)] if home else []),
        ("Rühm", "Group"),
        ("Seis", "State"),
        ("Taotlus esitatud", "Applied on"),
        *((f"Liikmeid: {kind.name.et}", f"Members, {kind.name.en}") for kind in rule.kinds),
        *([] if rule.kinds else [("Liikmeid", "Members")]),
        ("Osaletud kohtumisi", "Sessions attended"),
        ("Kohtumisi kokku", "Sessions held"),
        ("Vastu võetud töid", "Works accepted"),
        ("Nõustamistunde", "Mentoring hours"),
        ("Lõpetas", "Completed on"),
    )
    return _table("teams", Text(et="Meeskonnad", en="Teams"), columns, (_team(known, team) for team in known.teams))


def _team(known: _Known, team: Team) -> tuple[Value, ...]:
    rule = known.programme.team
    there = [p.side for p in known.people.get(team.id, ()) if p.left_at is None]
    held = [_came(known, team, stage) for stage in _meeting(known.programme)]
    works = [known.works.get((team.id, stage.key)) for stage in known.programme.stages]
    return (
        team.name,
        *([team.home] if rule.home else []),
        team.group,
        state_name(known.programme, team.state).say(known.lang),
        known.day(team.applied_at),
        *(there.count(kind.key) for kind in rule.kinds),
        *([] if rule.kinds else [len(there)]),
        sum(came >= known.programme.attend_at_least for came in held if came is not None),
        sum(came is not None for came in held),
        sum(work is not None and work.status == SubmissionStatus.ACCEPTED for work in works),
        _decimal(sum(minutes for _, minutes in hours.effective(queries.entries(known.ledger.get(team.id, ()))))),
        known.day(known.completed.get(team.id)),
    )


def _meeting(programme: Programme) -> list[Stage]:
    return [stage for stage in programme.stages if stage.sessions]


def _came(known: _Known, team: Team, stage: Stage) -> int | None:
    """How many of the team were there; None before the roll-call."""
    said = [known.present.get((person.id, stage.key)) for person in known.people.get(team.id, ())]
    return None if all(one is None for one in said) else sum(one is True for one in said)


def _decimal(minutes: int) -> Decimal:
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


def _members(known: _Known) -> Table:
    stages = _meeting(known.programme)
    columns = [
        ("Meeskond", "Team"),
        ("Nimi", "Name"),
        *([("Pool", "Side")] if known.programme.team.kinds else []),
        ("Amet või roll", "Post"),
        ("Liitus", "Joined on"),
        ("Lahkus", "Left on"),
        *((stage.name.et, stage.name.en) for stage in stages),
    ]
    rows = (
        (
            team.name,
            person.name,
            *([known.programme.team.kind_name(person.side).say(known.lang)] if known.programme.team.kinds else []),
            person.post,
            known.day(person.joined_at),
            known.day(person.left_at),
            *(known.yes(known.present.get((person.id, stage.key))) for stage in stages),
        )
        for team in known.teams
        for person in sorted(known.people.get(team.id, ()), key=lambda p: formatting.sort_key(p.name))
    )
    return _table("members", Text(et="Osalejad", en="Participants"), columns, rows)


def _attendance(known: _Known) -> Table:
    columns = (
        ("Kohtumine", "Session"),
        ("Päev", "Day"),
        ("Rühm", "Group"),
        ("Meeskond", "Team"),
        ("Kohal", "Present"),
        ("Puudus", "Absent"),
        ("Osales", "Attended"),
        ("Parandatud", "Corrected"),
    )
    return _table("attendance", Text(et="Osalemine", en="Attendance"), columns, _came_rows(known))


def _came_rows(known: _Known) -> Iterator[tuple[Value, ...]]:
    for meeting in known.sessions:
        stage = known.programme.stage(meeting.stage)
        for team in known.teams:
            came = _came(known, team, stage)
            if came is None or meeting.group not in ("*", team.group):
                continue
            told = [known.present.get((p.id, stage.key)) for p in known.people.get(team.id, ())]
            attended = known.yes(came >= known.programme.attend_at_least)
            absent = sum(one is False for one in told)
            day, name = known.day(meeting.starts_at), stage.name.say(known.lang)
            yield name, day, team.group, team.name, came, absent, attended, _corrections(known, team, stage)


def _corrections(known: _Known, team: Team, stage: Stage) -> str:
    """Whose attendance was recorded otherwise at first, and when it was corrected."""
    rows = (row for row in known.corrected.get(team.id, ()) if row.stage == stage.key)
    days = ((row.person.name, row.recorded_at.astimezone(known.programme.tz).date()) for row in rows)
    return ", ".join(f"{name} ({formatting.day(day, known.lang)})" for name, day in days)


def _works(known: _Known) -> Table:
    columns = (
        ("Meeskond", "Team"),
        ("Etapp", "Stage"),
        ("Töö", "Work"),
        ("Esitatud", "Handed in on"),
        ("Faile", "Files"),
        ("Seis", "Status"),
        ("Vaadatud", "Reviewed on"),
    )
    rows = (
        (
            team.name,
            stage.name.say(known.lang),
            stage.work.name.say(known.lang),
            known.day(work.at),
            len(work.files),
            STATUSES[work.status].say(known.lang),
            known.day(work.reviewed_at),
        )
        for team in known.teams
        for stage in known.programme.stages
        if stage.work and (work := known.works.get((team.id, stage.key)))
    )
    return _table("works", Text(et="Tööd", en="Works"), columns, rows)


STATUSES: Mapping[str, Text] = {
    SubmissionStatus.HANDED_IN: Text(et="esitatud", en="handed in"),
    SubmissionStatus.ACCEPTED: Text(et="vastu võetud", en="accepted"),
    SubmissionStatus.RETURNED: Text(et="tagasi saadetud", en="returned"),
    SubmissionStatus.SUPERSEDED: Text(et="asendatud uuega", en="replaced by a newer one"),
}


def _hours(known: _Known) -> Table:
    columns = (
        ("Meeskond", "Team"),
        ("Mentor", "Mentor"),
        ("Kuu", "Month"),
        ("Päev", "Day"),
        ("Tunde", "Hours"),
        ("Teema", "Topic"),
        ("Meeskonna kinnitus", "Confirmed by the team"),
    )
    return _table("hours", Text(et="Nõustamine", en="Mentoring"), columns, _hours_rows(known))


def _hours_rows(known: _Known) -> Iterator[tuple[Value, ...]]:
    for team in known.teams:
        rows = {row.id: row for row in known.ledger.get(team.id, ())}
        kinds = (EntryKind.CONFIRMED, EntryKind.DISPUTED)
        said = {row.about_id: row.kind for row in rows.values() if row.kind in kinds}
        for entry, minutes in hours.effective(queries.entries(tuple(rows.values()))):
            row = rows[entry.id]
            answer = said.get(entry.id)
            confirmed = None if answer is None else answer == EntryKind.CONFIRMED
            yield team.name, row.person.name, row.month, row.day, _decimal(minutes), row.note, known.yes(confirmed)


def _seminar(known: _Known) -> Table:
    columns = (
        ("Meeskond", "Team"),
        ("Seminar", "Seminar"),
        ("Kohal", "Present"),
        ("Osales", "Attended"),
        ("Esitlus", "Presentation"),
    )
    return _table("seminar", Text(et="Lõpuseminar", en="Final seminar"), columns, _seminar_rows(known))


def _seminar_rows(known: _Known) -> Iterator[tuple[Value, ...]]:
    for stage in known.programme.stages:
        if stage.kind is not StageKind.SEMINAR:
            continue
        for team in known.teams:
            came, work = _came(known, team, stage), known.works.get((team.id, stage.key))
            if came is not None or work is not None:
                attended = None if came is None else came >= known.programme.attend_at_least
                status = STATUSES[work.status].say(known.lang) if work else ""
                yield team.name, stage.name.say(known.lang), came, known.yes(attended), status


def _reflection(known: _Known) -> Table:
    columns = (
        ("Õpiväljund", "Learning outcome"),
        ("Meeskond", "Team"),
        ("Alguses (keskmine 1–5)", "Before (mean, 1–5)"),
        ("Vastajaid alguses", "Answers before"),
        ("Lõpus (keskmine 1–5)", "After (mean, 1–5)"),
        ("Vastajaid lõpus", "Answers after"),
    )
    return _table("reflection", Text(et="Enesehinnang", en="Reflection"), columns, _reflected_rows(known))


EVERYBODY = Text(et="kõik", en="all")


def _reflected_rows(known: _Known) -> Iterator[tuple[Value, ...]]:
    for group in (known.reflected.everybody, *known.reflected.teams):
        name = group.team.name if group.team else EVERYBODY.say(known.lang)
        for change in group.changes:
            if change.before or change.after:
                yield change.outcome.says.say(known.lang), name, *_mean(change.before), *_mean(change.after)


def _mean(average: Average | None) -> tuple[Decimal | None, int | None]:
    return (average.mean, average.answers) if average else (None, None)
