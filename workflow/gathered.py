"""Rows of many teams, read together by few questions and kept for the length of one transaction.

Who acts on many letters at once gathers their teams first; the reads of `queries.py` then find a team's rows here
instead of asking the database for each. The rows are the session's own objects: what is changed in them is seen at
once, and what is added joins them. Must never outlive its transaction, and never be used for pages.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session, joinedload, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from workflow.database.engine import among
from workflow.database.models import (
    Addressee,
    Attendance,
    Extension,
    HoursRow,
    Mentorship,
    Person,
    Question,
    StageSession,
    Submission,
    Team,
)
from workflow.rules.questions import QuestionKind

R = TypeVar("R")
AT_ONCE: Final = 500
"""so many keys go into one question to the database"""

MANY: Final = frozenset({QuestionKind.RSVP, QuestionKind.CONSENT, QuestionKind.REFLECTION})
"""kinds of which a team has one a member and session: they are not gathered"""

WITH_PEOPLE: Final = selectinload(Question.addressees).joinedload(Addressee.person)
_TABLES: Final[Mapping[type[Any], sa.Select[Any]]] = {
    Person: sa.select(Person),
    Question: sa.select(Question).where(Question.kind.not_in(MANY)).options(WITH_PEOPLE),
    Attendance: sa.select(Attendance),
    Submission: sa.select(Submission),
    Extension: sa.select(Extension),
    Mentorship: sa.select(Mentorship).options(joinedload(Mentorship.person)),
    HoursRow: sa.select(HoursRow),
}
_ROWS: Final = {
    model: query.where(among(model.team_id, "teams")).order_by(model.id) for model, query in _TABLES.items()
}
"""put together once: with few teams at a time that takes as long as reading them"""
_OF_ALL: Final = frozenset({Person, StageSession})


@dataclass(frozen=True, slots=True)
class ToTell:
    """Who will be told something, about which questions: whoever writes the mails looks up what they follow at once."""

    people: Collection[int]
    questions: Collection[int]
    since: datetime


class Gathered:
    """The rows of some teams, by table; each table is read when it is first asked for."""

    def __init__(self, session: Session) -> None:
        self.session, self.teams = session, frozenset[int]()
        self.to_tell: ToTell | None = None
        self._rows: dict[type[Any], dict[int, list[Any]]] = {}
        self._of_all: dict[Any, Any] = {}
        self._locked: set[tuple[type[Any], int]] = set()
        self._teams: list[Team] = []  # the session itself holds rows by weak references only
        event.listen(session, "transient_to_pending", self._added)
        event.listen(session, "do_orm_execute", self._changed)

    def close(self) -> None:
        event.remove(self.session, "transient_to_pending", self._added)
        event.remove(self.session, "do_orm_execute", self._changed)

    def gather(self, teams: Iterable[int]) -> None:
        """These teams; they are read and held."""
        self.teams |= frozenset(teams)
        self._teams = self.lock(Team, self.teams)
        self._rows.clear()

    def join(self, questions: Iterable[Question]) -> None:
        """Each question knows its team without asking for it."""
        teams = {team.id: team for team in self._teams}
        for question in questions:
            if question.team_id in teams:
                set_committed_value(question, "team", teams[question.team_id])

    def tell(self, people: Collection[int], questions: Collection[int], since: datetime) -> None:
        """These people will be told something about these questions; `since`: whatever else they were told matters."""
        self.to_tell = ToTell(people, questions, since)

    def members(self) -> set[int]:
        """The numbers of all members of these teams."""
        return {person.id for team in self.teams for person in self.rows(Person, team)}

    def read_ahead(self) -> None:
        """Every table at once: asked later, each question to the database would first write what was done till then."""
        for model in _ROWS.keys() - self._rows.keys():
            self._rows[model] = self._read(model)

    def rows(self, model: type[R], team_id: int) -> list[R]:
        """The team's rows of a table, in the order in which they came."""
        if model not in self._rows:
            self._rows[model] = self._read(model)
        return self._rows[model].get(team_id, [])

    def of_all(self, key: Any, read: Callable[[], R]) -> R:
        """What belongs to no team, read once."""
        if key not in self._of_all:
            self._of_all[key] = read()
        found: R = self._of_all[key]
        return found

    def lock(self, model: Any, ids: Iterable[int]) -> list[Any]:
        """Read these rows and hold them until the transaction ends, in one order everywhere: two who want the same
        rows then wait for each other instead of both."""
        found: list[Any] = []
        for part in parts(sorted(set(ids))):
            found += self.session.scalars(_locking(model), {"ids": part})
        self._locked |= {(model, row.id) for row in found}
        return found

    def lock_people(self, people: Iterable[int]) -> None:
        """Hold these people until the transaction ends; others may still name them."""
        ids = sorted(set(people))
        if self.session.get_bind().dialect.name == "postgresql":  # SQLite's writer is alone as it is
            for part in parts(ids):
                self.session.execute(_HOLDING_PEOPLE, {"ids": part})
        self._locked |= {(Person, number) for number in ids}

    def held(self, model: type[Any], number: int) -> bool:
        return (model, number) in self._locked

    def _read(self, model: type[Any]) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for part in parts(sorted(self.teams)):
            for row in self.session.scalars(_ROWS[model], {"teams": part}):
                found.setdefault(row.team_id, []).append(row)
        return found

    def _added(self, _session: Session, row: Any) -> None:
        model = type(row)
        if model in _OF_ALL:
            self._of_all.clear()
        if model not in self._rows:
            return
        if row.team_id is None:  # it may be joined to its team in another way: read the table again
            del self._rows[model]
        elif row.team_id in self.teams:
            self._rows[model].setdefault(row.team_id, []).append(row)

    def _changed(self, state: ORMExecuteState) -> None:
        """A statement that changes rows of a table makes what was read of it old."""
        if (state.is_update or state.is_delete or state.is_insert) and state.bind_mapper is not None:
            self._rows.pop(state.bind_mapper.class_, None)
            if state.bind_mapper.class_ in _OF_ALL:
                self._of_all.clear()


@lru_cache(maxsize=16)  # put together once, as `_ROWS`
def _locking(model: Any) -> sa.Select[Any]:
    query = sa.select(model).where(among(model.id, "ids")).order_by(model.id)
    return query.with_for_update(of=model).execution_options(populate_existing=True)


_HOLDING_PEOPLE: Final = (
    sa.select(Person.id).where(among(Person.id, "ids")).order_by(Person.id).with_for_update(key_share=True)
)


def begin(session: Session) -> Gathered:
    """Keep what is read from here on, until `close`."""
    found = session.info[Gathered] = Gathered(session)
    return found


def close(session: Session) -> None:
    found = session.info.pop(Gathered, None)
    if found is not None:
        found.close()


def of(session: Session) -> Gathered | None:
    found: Gathered | None = session.info.get(Gathered)
    return found


def rows(session: Session, model: type[R], team_id: int | None) -> list[R] | None:
    """The team's gathered rows; None where it was not gathered: then the database is asked."""
    found = of(session)
    return found.rows(model, team_id) if found is not None and team_id in found.teams else None


def held(session: Session, model: type[Any], number: int) -> bool:
    """Whether this row was read and is held already."""
    found = of(session)
    return found is not None and found.held(model, number)


def hold(session: Session, row: Any) -> None:
    """Read a row anew and hold it until the transaction ends, unless it is held already."""
    found = of(session)
    if found is None or not found.held(type(row), row.id):
        session.refresh(row, with_for_update=True)


def parts(keys: Collection[R]) -> Iterable[list[R]]:
    """The keys in parts of which each fits into one question."""
    every = list(keys)
    return (every[i : i + AT_ONCE] for i in range(0, len(every), AT_ONCE))
