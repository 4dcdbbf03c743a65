"""Is what the books say true? Every team's state is rebuilt from its history alone and compared with its row; the
chain of history, the ledger of hours and the rules that must always hold are checked. Reads only.

Each difference is told with its place. What was erased at a person's wish is not a difference: it is counted.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Erasure, HistoryRow, HoursRow, Letter, Message, Setting, Team
from workflow.privacy.erase_rows import says_nobody
from workflow.records import queries
from workflow.rules import hours
from workflow.rules.machine import APPLIED, OUT, Machine
from workflow.security.chain import ERASABLE, FIXED, is_older, link, seal, way_of

BOOKS_GONE: Final = "books_erased_at"
"""set when attendance and hours were erased because their time was over"""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where, and what is not as it should be."""

    place: str
    says: str

    def __str__(self) -> str:
        return f"{self.place}: {self.says}"


@dataclass(slots=True)
class Verified:
    """What was found, and how much was looked at: a check that looked at nothing shows nothing."""

    differences: list[Difference] = field(default_factory=list)
    teams: int = 0
    rows: int = 0
    erased: int = 0
    entries: int = 0
    heads: dict[int, str] = field(default_factory=dict)
    """each team's newest hash"""
    blanked: list[str] = field(default_factory=list)
    """what stands in rows of which somebody was erased: no seal covers it any more"""

    @property
    def mark(self) -> str:
        """All of them in one: written down elsewhere, it shows what history was then."""
        return sha256("\n".join(f"{team} {each}" for team, each in sorted(self.heads.items())).encode()).hexdigest()

    @property
    def blank(self) -> str:
        """The same of those rows: it changes when somebody is forgotten, and at no other time."""
        return sha256("\n".join(self.blanked).encode()).hexdigest()


@dataclass(slots=True)
class Rebuilt:
    """A team as its history tells it."""

    state: str = APPLIED
    version: int = 0
    group: str | None = None
    since: datetime | None = None
    left_from: str | None = None
    steps: list[HistoryRow] = field(default_factory=list)
    """transitions that stand, the oldest first"""


def verify(session: Session, machine: Machine) -> Verified:
    """All of it; `differences` is empty where everything is as it should be."""
    found = Verified()
    teams = {team.id: team for team in session.scalars(sa.select(Team))}
    pseudonyms = frozenset(session.scalars(sa.select(Erasure.pseudonym).distinct()))
    rows = session.scalars(sa.select(HistoryRow).order_by(HistoryRow.team_id, HistoryRow.number))
    for team_id, of_team in groupby(rows, key=lambda row: row.team_id):
        history = list(of_team)
        found.teams, found.rows = found.teams + 1, found.rows + len(history)
        blanked = [row for row in history if row.salt is None]
        found.erased += len(blanked)
        found.blanked += (json.dumps([team_id, r.number, r.actor, r.why, r.proof], sort_keys=True) for r in blanked)
        found.heads[team_id] = history[-1].hash
        found.differences += _team(session, machine, teams.pop(team_id), history, pseudonyms)
    found.differences += [Difference(f"team {i}", "has no history") for i in sorted(teams)]
    found.entries = session.scalar(sa.select(sa.func.count()).select_from(HoursRow)) or 0
    found.differences += [*_letters(session), *_messages(session)]
    return found


def _team(
    session: Session, machine: Machine, team: Team, history: Sequence[HistoryRow], pseudonyms: frozenset[str]
) -> Iterator[Difference]:
    place = f"team {team.id} ({team.name})"
    yield from _chain(place, history, pseudonyms)
    yield from _undone(place, history)
    yield from _causes(place, history)
    rebuilt = Rebuilt(since=team.applied_at)
    for row in history:
        yield from _step(machine, place, rebuilt, row)
    yield from _compared(place, team, rebuilt)
    if session.get(Setting, BOOKS_GONE) is None:
        yield from _ledger(session, machine, place, team, history)


# -- the chain ------------------------------------------------------------------------------------


def _chain(place: str, history: Sequence[HistoryRow], pseudonyms: frozenset[str]) -> Iterator[Difference]:
    """Each row's seal and link, and that none is missing between the first and the last."""
    before, best = "", "sha256"
    for expected, row in enumerate(history, start=1):
        at = f"{place}, history {row.number}"
        if row.number != expected:
            yield Difference(at, f"history {expected} is missing")
            return
        way = way_of(row.hash)
        if way is None or way != way_of(row.seal) or is_older(way, best):
            yield Difference(at, "is linked in a way that this version does not know, or that was given up before")
        else:
            best = way
            yield from (Difference(at, says) for says in _sealed(row, before, way, pseudonyms))
        before = row.hash


def _sealed(row: HistoryRow, before: str, way: str, pseudonyms: frozenset[str]) -> Iterator[str]:
    said = {key: getattr(row, key) for key in (*FIXED, *ERASABLE)}
    if row.hash != link(said, row.seal, before, way):
        yield "what happened was changed: the chain is broken here"
    if row.salt is not None and row.seal != seal(said, row.salt, way):
        yield "who, why or the proof was changed: the seal is broken"
    if row.salt is None and not says_nobody(row, pseudonyms):
        yield "has no seal any more, and nobody who was forgotten stands in it"


def _undone(place: str, history: Sequence[HistoryRow]) -> Iterator[Difference]:
    """Each undo undoes one step, its own; and no step is undone without one."""
    by_id = {row.id: row for row in history}
    undoing: dict[int, list[HistoryRow]] = {}
    for row in history:
        if row.undone_by_id is not None:
            undoing.setdefault(row.undone_by_id, []).append(row)
    for undo_id, undone in undoing.items():
        back = by_id.get(undo_id)
        fits = back is not None and back.event == "undo" and len(undone) == 1 and _fits(back, undone[0])
        if not fits:
            yield Difference(f"{place}, history {undone[0].number}", "is marked as undone by a row that did not do so")
    for row in history:
        if row.event == "undo" and row.id not in undoing:
            yield Difference(f"{place}, history {row.number}", "undoes a step that is not marked as undone")


def _fits(back: HistoryRow, undone: HistoryRow) -> bool:
    there_and_back = (undone.from_state, undone.to_state) == (back.to_state, back.from_state)
    return there_and_back and back.proof.get("undoes", undone.number) == undone.number


def _causes(place: str, history: Iterable[HistoryRow]) -> Iterator[Difference]:
    """A letter, and an answered question, cause one transition at most."""
    for name in ("letter_id", "question_id"):
        seen: dict[int, int] = {}
        for row in history:
            cause = getattr(row, name)
            if cause is None or not _moves(row) or row.undone_by_id is not None or row.event == "undo":
                continue
            if cause in seen:
                says = f"has the same cause ({name} {cause}) as history {seen[cause]}"
                yield Difference(f"{place}, history {row.number}", says)
            seen[cause] = row.number


# -- the state ------------------------------------------------------------------------------------


def _moves(row: HistoryRow) -> bool:
    return row.from_state is not None and row.to_state is not None


def _step(machine: Machine, place: str, rebuilt: Rebuilt, row: HistoryRow) -> Iterator[Difference]:
    """One row told on; a step that the table does not have, or from elsewhere, is a difference."""
    if not _moves(row):
        return
    at = f"{place}, history {row.number}"
    if row.from_state != rebuilt.state:
        yield Difference(at, f"leaves {row.from_state}, but the team was in {rebuilt.state}")
    if row.event == "undo":
        _take_back(rebuilt)
    else:
        if not any((r.trigger, s, t) == (row.event, row.from_state, row.to_state) for r, s, t in machine.lines):
            yield Difference(at, f"{row.event} does not lead from {row.from_state} to {row.to_state}")
        rebuilt.steps.append(row)
    rebuilt.state, rebuilt.version, rebuilt.since = str(row.to_state), rebuilt.version + 1, row.at
    rebuilt.group = row.proof.get("group") or rebuilt.group
    rebuilt.left_from = _left_from(rebuilt)


def _take_back(rebuilt: Rebuilt) -> None:
    if rebuilt.steps:
        rebuilt.steps.pop()


def _left_from(rebuilt: Rebuilt) -> str | None:
    if rebuilt.state not in OUT:
        return None
    return next((row.from_state for row in reversed(rebuilt.steps) if row.to_state == rebuilt.state), None)


def _compared(place: str, team: Team, rebuilt: Rebuilt) -> Iterator[Difference]:
    for name, says, told in (
        ("state", team.state, rebuilt.state),
        ("version", team.version, rebuilt.version),
        ("group", team.group, rebuilt.group or team.group),
        ("state_since", team.state_since, rebuilt.since),
        ("left_from", team.left_from, rebuilt.left_from),
    ):
        if says != told:
            yield Difference(place, f"{name} is {says}, its history says {told}")


# -- hours, letters and mails ---------------------------------------------------------------------


def _ledger(
    session: Session, machine: Machine, place: str, team: Team, history: Sequence[HistoryRow]
) -> Iterator[Difference]:
    """The entries are those that history saw written, they add up, and none goes over the hours there are."""
    entries = queries.entries(queries.ledger(session, team.id))
    newest: Any = next((row for row in reversed(history) if "ledger" in row.proof), None)
    if newest is not None:
        told = newest.proof["ledger"]
        if hours.fingerprint(entries, told["upto"]) != told:
            yield Difference(f"{place}, hours", f"the entries are not those that history {newest.number} saw")
        for entry in entries:
            if entry.id > told["upto"] and entry.minutes:
                yield Difference(f"{place}, hours entry {entry.id}", "no step of history wrote it")
    for stage in machine.programme.stages:
        if stage.kind == "mentoring":
            balance = queries.ledger_balance(session, machine.programme, team.id, stage.key)
            if balance.left < 0:
                yield Difference(f"{place}, hours", f"{-balance.left} minutes over what there is in {stage.key}")


def _letters(session: Session) -> Iterator[Difference]:
    """Each letter is in exactly one place."""
    known = ("new", "done", "held", "parked")
    for letter_id, status in session.execute(sa.select(Letter.id, Letter.status).where(Letter.status.not_in(known))):
        yield Difference(f"letter {letter_id}", f"{status} is no place where a letter can be")


def _messages(session: Session) -> Iterator[Difference]:
    """Each mail that a step caused names a step that there is; what was sent has its moment."""
    sent = sa.select(Message.id).where(Message.status == "sent", Message.sent_at.is_(None))
    for message_id in session.scalars(sent):
        yield Difference(f"mail {message_id}", "is marked as sent and has no moment")
