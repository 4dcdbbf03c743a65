"""Verification of the whole database (`teekond verify`): every team's state is rebuilt from its history and compared
with its row; the hash chain, the seals of rows, the ledger of hours and the invariants are checked. Reads only. The
database itself (damage, triggers, tables) is looked at first: `workflow/audit/schema_check.py`.

Each difference is told with its place. What was erased at a person's wish is not a difference: it is counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import HistoryEvent, LetterStatus, MessageStatus
from workflow.database.engine import digest_of
from workflow.database.models import (
    Attendance,
    Base,
    HistoryHead,
    HistoryMark,
    HistoryRow,
    HoursRow,
    Letter,
    Message,
    SealedCount,
    Team,
)
from workflow.privacy.erase_rows import left_said
from workflow.privacy.retention import books_gone
from workflow.records import evidence, history_heads, history_marks, queries
from workflow.records.row_seals import SEALED, Sealed, bare, erasures
from workflow.rules import hours
from workflow.rules.machine import APPLIED, OUT, Machine
from workflow.security.chain import ERASABLE, FIXED, KEYED, Head, is_older, links, seal, way_of
from workflow.security.keyed_digest import KeyedDigest, unknown_keys

UNREACHED: Final = ("failed", "bounced", "uncertain")


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
    sealed: int = 0
    """rows of other tables whose seals were looked at"""
    hashes: dict[tuple[int, int], str] = field(default_factory=dict)
    """each row of history by team and number"""
    rests: dict[str, tuple[HistoryRow, str]] = field(default_factory=dict)
    """each row that a step rests on (`table number`): the newest such step, and the row's digest as it was then"""
    marks: dict[str, bool] = field(default_factory=dict)
    """each mark that was mailed, and whether it still holds"""

    @property
    def heads(self) -> dict[int, str]:
        """Each team's newest hash."""
        newest: dict[int, str] = {}
        for team, number in sorted(self.hashes):
            newest[team] = self.hashes[team, number]
        return newest

    @property
    def mark(self) -> str:
        """All of them in one: written down elsewhere, it shows what history was then."""
        return history_marks.of(self.heads)


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
    found, digest = Verified(), digest_of(session)
    teams = {team.id: team for team in session.scalars(sa.select(Team))}
    there = len(teams)
    rows = session.scalars(sa.select(HistoryRow).order_by(HistoryRow.team_id, HistoryRow.number))
    for team_id, of_team in groupby(rows, key=lambda row: row.team_id):
        history = list(of_team)
        found.teams, found.rows = found.teams + 1, found.rows + len(history)
        found.erased += sum(row.salt is None for row in history)
        found.hashes |= {(team_id, row.number): row.hash for row in history}
        _gather(found, history)
        team = teams.pop(team_id, None)
        if team is None:
            found.differences.append(Difference(f"team {team_id}", "has a history, and no row of its own"))
        else:
            found.differences += _team(session, machine, team, history, digest)
    found.differences += [Difference(f"team {i}", "has no history") for i in sorted(teams)]
    for number in session.scalars(sa.select(Message.id).where(Message.status.in_(UNREACHED))):
        found.rests.pop(f"{Message.__tablename__} {number}", None)  # reached nobody, and may be mended and sent again
    found.entries = session.scalar(sa.select(sa.func.count()).select_from(HoursRow)) or 0
    found.differences += [*_letters(session), *_messages(session), *_references(session)]
    if digest is not None:
        found.differences += [*_ends(session, digest, found, there), *_sealed_rows(session, digest, found)]
        found.differences += [*_gone(session, found), *_marks(session, found)]
    return found


def _gather(found: Verified, history: Iterable[HistoryRow]) -> None:
    for row in history:
        for name, made in row.proof.get(evidence.NAME, {}).items():
            if name not in found.rests or found.rests[name][0].id < row.id:
                found.rests[name] = (row, made)


def _team(
    session: Session, machine: Machine, team: Team, history: Sequence[HistoryRow], digest: KeyedDigest | None
) -> Iterator[Difference]:
    place = f"team {team.id} ({team.name})"
    yield from _chain(place, history, digest)
    yield from _undone(place, history)
    yield from _causes(place, history)
    rebuilt = Rebuilt(since=team.applied_at)
    for row in history:
        yield from _step(machine, place, rebuilt, row)
    yield from _compared(place, team, rebuilt)
    if not books_gone(session):
        yield from _ledger(session, machine, place, team, history)
        yield from _roll_calls(session, place, team, history)


# -- the chain ------------------------------------------------------------------------------------


def _chain(place: str, history: Sequence[HistoryRow], digest: KeyedDigest | None) -> Iterator[Difference]:
    """Each row's seal and link, and that none is missing between the first and the last."""
    before, best = "", "sha256"
    for expected, row in enumerate(history, start=1):
        at = f"{place}, history {row.number}"
        if row.number != expected:
            yield Difference(at, f"history {expected} is missing")
            return
        way, sealing = way_of(row.hash), way_of(row.seal)
        if way is None or sealing is None or is_older(way, best) or sealing == KEYED:
            yield Difference(at, "is linked in a way that this version does not know, or that was given up before")
        elif way == KEYED and not (digest and digest.knows(row.hash)):
            best = way
            yield Difference(at, "is linked with a secret key that is not here: put the service's keys back")
        else:
            best = way
            yield from (Difference(at, says) for says in _sealed(row, before, sealing, digest))
        before = row.hash


def _sealed(row: HistoryRow, before: str, sealing: str, digest: KeyedDigest | None) -> Iterator[str]:
    said = {key: getattr(row, key) for key in (*FIXED, *ERASABLE, "seal", "hash")}
    if not links(said, before, digest):
        yield "what happened was changed: the chain is broken here"
    if row.salt is not None and row.seal != seal(said, row.salt, sealing):
        yield "who, why or the proof was changed: the seal is broken"
    if row.salt is None and digest and not (row.erased and digest.holds(row.erased, left_said(said))):
        yield "has no seal any more, and it was not the service that erased somebody in it"


def _undone(place: str, history: Sequence[HistoryRow]) -> Iterator[Difference]:
    """Each undo undoes one step, its own; and no step is undone without one."""
    by_id = {row.id: row for row in history}
    undoing: dict[int, list[HistoryRow]] = {}
    for row in history:
        if row.undone_by_id is not None:
            undoing.setdefault(row.undone_by_id, []).append(row)
    for undo_id, undone in undoing.items():
        back = by_id.get(undo_id)
        fits = back is not None and back.event == HistoryEvent.UNDO and len(undone) == 1 and _fits(back, undone[0])
        if not fits:
            yield Difference(f"{place}, history {undone[0].number}", "is marked as undone by a row that did not do so")
    for row in history:
        if row.event == HistoryEvent.UNDO and row.id not in undoing:
            yield Difference(f"{place}, history {row.number}", "undoes a step that is not marked as undone")


def _fits(back: HistoryRow, undone: HistoryRow) -> bool:
    there_and_back = (undone.from_state, undone.to_state) == (back.to_state, back.from_state)
    return there_and_back and back.proof.get("undoes", undone.number) == undone.number


def _causes(place: str, history: Sequence[HistoryRow]) -> Iterator[Difference]:
    """A letter, and an answered question, cause one transition at most, unless a coordinator corrected the answer."""
    corrections = {row.number for row in history if row.event == HistoryEvent.ANSWER_CORRECTED}
    for name in ("letter_id", "question_id"):
        seen: dict[int, int] = {}
        for row in history:
            cause = getattr(row, name)
            if cause is None or not _moves(row) or row.undone_by_id is not None or row.event == HistoryEvent.UNDO:
                continue
            if row.proof.get("corrects") in corrections:
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
    if row.event == HistoryEvent.UNDO:
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
    which = Letter.status.not_in(list(LetterStatus))
    for letter_id, status in session.execute(sa.select(Letter.id, Letter.status).where(which)):
        yield Difference(f"letter {letter_id}", f"{status} is no place where a letter can be")


def _messages(session: Session) -> Iterator[Difference]:
    """Each mail that a step caused names a step that there is; what was sent has its moment."""
    sent = sa.select(Message.id).where(Message.status == MessageStatus.SENT, Message.sent_at.is_(None))
    for message_id in session.scalars(sent):
        yield Difference(f"mail {message_id}", "is marked as sent and has no moment")


def _roll_calls(session: Session, place: str, team: Team, history: Sequence[HistoryRow]) -> Iterator[Difference]:
    """As many came as the history of each roll-call and correction says."""
    of_team = Attendance.team_id == team.id
    present = {row.id: row.present for row in session.scalars(sa.select(Attendance).where(of_team))}
    for row in history:
        if "attendance" in row.proof:
            called = [present[number] for number in row.proof["attendance"] if number in present]
            told, stands = (row.proof["present"], row.proof["of"]), (sum(called), len(called))
            if stands != told:
                says = "{} of {} came, history {} says {} of {}".format(*stands, row.number, *told)
                yield Difference(f"{place}, attendance in {row.proof['stage']}", says)


# -- seals, ends and marks ------------------------------------------------------------------------


def _ends(session: Session, digest: KeyedDigest, found: Verified, teams: int) -> Iterator[Difference]:
    """That no history was cut off at its end, and that nothing that is counted is gone."""
    ends = found.heads
    for head in session.scalars(sa.select(HistoryHead).order_by(HistoryHead.team_id)):
        place, end = f"team {head.team_id}", ends.pop(head.team_id, None)
        if not digest.holds(head.seal, history_heads.said(head.team_id, Head(head.number, head.hash))):
            yield Difference(place, "the seal over the end of its history is broken")
        elif end is None:
            yield Difference(place, "its history is gone")
        elif found.hashes.get((head.team_id, head.number)) != head.hash or end != head.hash:
            yield Difference(place, f"its history does not end with {head.number}, as the seal over its end says")
    for team in sorted(ends):
        yield Difference(f"team {team}", "there is no seal over the end of its history")
    factors = session.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[history_heads.FACTORS])) or 0
    there = {history_heads.TEAMS: teams, history_heads.FACTORS: factors}
    counts = {row.what: row for row in session.scalars(sa.select(SealedCount))}
    for what, number in there.items():
        row = counts.get(what)
        if row is None or not digest.holds(row.seal, history_heads.count_said(what, row.number)):
            yield Difference(what, "there is no sealed count of them, or its seal is broken")
        elif row.number != number:
            yield Difference(what, f"there are {number}, and the sealed count says {row.number}")


def _sealed_rows(session: Session, digest: KeyedDigest, found: Verified) -> Iterator[Difference]:
    for sealed in SEALED.values():
        yield from _seals(session, digest, sealed, found)


def _seals(session: Session, digest: KeyedDigest, sealed: Sealed, found: Verified) -> Iterator[Difference]:
    """Each row of a table against its seal. Of keys that are not here one line is enough."""
    strange: Counter[str] = Counter()
    query = sa.select(sealed.table.c.id, sealed.table.c.seal, *sealed.columns).order_by(sealed.table.c.id)
    for row in session.execute(query.execution_options(yield_per=50)).mappings():
        found.sealed += 1
        if row["seal"] is None:
            yield Difference(f"{sealed.table.name} {row['id']}", "is not sealed: the service did not write it")
        elif unknown := unknown_keys(digest, [row["seal"]]):
            strange.update(unknown)
        elif (said := sealed.fitting(digest, row["seal"], row)) is None:
            columns = ", ".join(sealed.plain)
            yield Difference(f"{sealed.table.name} {row['id']}", f"was changed, the seal is broken (over {columns})")
        else:
            yield from _as_it_was(digest, f"{sealed.table.name} {row['id']}", said, erasures(row["seal"]), found)
        found.rests.pop(f"{sealed.table.name} {row['id']}", None)
    for key, number in strange.items():
        yield Difference(sealed.table.name, f"{number} rows are sealed with the key {key}, which is not here")


def _as_it_was(digest: KeyedDigest, name: str, said: str, erased: int, found: Verified) -> Iterator[Difference]:
    """That a row, in which something was erased so often, is the version that the newest step rests on. What was erased
    since belies nothing."""
    step, made = found.rests.get(name, (None, ""))
    if step is None or erased > erasures(made):
        return
    if not digest.knows(made):
        yield Difference(name, f"{_step_of(step)} rests on it by a key that is not here")
    elif not digest.holds(bare(made), said, retired=True):
        yield Difference(name, f"is not what {_step_of(step)} rests on: another version was put in its place")


def _gone(session: Session, found: Verified) -> Iterator[Difference]:
    """Rows that steps rest on and that are not there any more: those left over when all that is there was looked at."""
    over = books_gone(session)
    for name, (step, _) in sorted(found.rests.items()):
        if not (over and name.startswith(f"{Attendance.__tablename__} ")):
            yield Difference(name, f"is gone, and {_step_of(step)} rests on it")


def _step_of(row: HistoryRow) -> str:
    return f"team {row.team_id}, history {row.number} ({row.event})"


def _marks(session: Session, found: Verified) -> Iterator[Difference]:
    """Each mark that was mailed can be made again."""
    now = history_marks.counts(session)
    for row in session.scalars(sa.select(HistoryMark).order_by(HistoryMark.id)):
        found.marks[row.mark] = history_marks.still_holds(row, found.hashes)
        if not found.marks[row.mark]:
            yield Difference(f"mark of {row.at:%Y-%m-%d}", "the histories that it is about were changed")
        for what, number in _fewer(row.upto["rows"], now):
            yield Difference(f"mark of {row.at:%Y-%m-%d}", f"there were {number} {what} then, now {now[what]}")


def _fewer(then: Mapping[str, int], now: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    return ((what, number) for what, number in then.items() if number > now.get(what, 0))


def _references(session: Session) -> Iterator[Difference]:
    """What a row names is there: the databases see to it, unless they were told not to."""
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            named = key.column.table.alias("named")
            there = sa.exists().where(named.c[key.column.name] == key.parent)
            lost = sa.select(sa.func.count()).select_from(table).where(key.parent.is_not(None), sa.not_(there))
            if number := session.scalar(lost):
                yield Difference(
                    table.name, f"{number} rows name {key.column.table.name} that are gone ({key.parent.name})"
                )
