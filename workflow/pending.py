"""What one transaction writes together: lines of history, mails, duties, and duties that nobody owes any more.

Who acts on many letters at once hands rows in here, and they are written by one statement a table. Whatever reads
from the database meanwhile writes first what waits (as the ORM's own autoflush does): nothing is ever read that is
no longer so. Must never outlive its transaction, and never commit.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.unitofwork import UOWTransaction

from workflow.database import notify as waking
from workflow.database.engine import among, fresh_salt, insert_all
from workflow.database.models import Duty, HistoryRow, Message
from workflow.gathered import parts
from workflow.security.chain import Head, linked

AHEAD: Final = 128
"""numbers and salts are fetched so many at a time"""
R = TypeVar("R")


def _salts() -> sa.Select[str]:
    few = sa.select(sa.literal(1).label("n")).cte("few", recursive=True)
    few = few.union_all(sa.select(few.c.n + 1).where(few.c.n < AHEAD))
    return sa.select(fresh_salt()).select_from(few)


def _ends() -> sa.Select[int, int, str]:
    last = sa.select(sa.func.max(HistoryRow.number).label("number"), HistoryRow.team_id)
    wanted = among(HistoryRow.team_id, "teams")
    ends = last.where(wanted).group_by(HistoryRow.team_id).subquery()
    return sa.select(HistoryRow.team_id, HistoryRow.number, HistoryRow.hash).join(
        ends, sa.and_(HistoryRow.team_id == ends.c.team_id, HistoryRow.number == ends.c.number)
    )


# put together once: with few letters at a time that takes as long as reading
_SALTS: Final = _salts()
_ENDS: Final = _ends()
_VOID: Final = (
    sa.update(Duty)
    .where(Duty.done_at.is_(None), among(Duty.question_id, "questions"))
    .values(done_at=sa.bindparam("now"), outcome="void")
)


class Pending:
    """Rows that wait to be written; each has its number already where somebody may ask for it."""

    def __init__(self, session: Session, teams: Iterable[int]) -> None:
        self._session = session
        self._history: list[dict[str, Any]] = []
        self._duties: list[dict[str, Any]] = []
        self._void: dict[int, datetime] = {}
        self._messages: dict[str, Message] = {}
        self._numbers: dict[type[Any], Iterator[int]] = {}
        self._last: dict[type[Any], int] = {}
        self._salts: Iterator[str] = iter(())
        self._heads = _heads(session, teams)
        self._flushing = False
        event.listen(session, "do_orm_execute", self._before_reading)
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "before_commit", self._before_commit)

    def close(self) -> None:
        event.remove(self._session, "do_orm_execute", self._before_reading)
        event.remove(self._session, "before_flush", self._before_flush)
        event.remove(self._session, "after_flush", self._after_flush)
        event.remove(self._session, "before_commit", self._before_commit)

    # -- handing in ---------------------------------------------------------------------------------

    def record(self, said: Mapping[str, Any]) -> HistoryRow:
        """A line of history, linked to the one before it; it has its number and is written later."""
        team = said["team_id"]
        if team not in self._heads:
            self._heads |= _heads(self._session, [team])
        row = {"id": self.number(HistoryRow), **linked(said, self._heads.get(team, Head()), self._salt())}
        self._heads[team] = Head(row["number"], row["hash"])
        self._history.append(row)
        return _shown(HistoryRow, row)

    def queue(self, row: Mapping[str, Any]) -> Message:
        """A mail: what is changed in it until it is written is written so."""
        message = self._messages[row["key"]] = _shown(Message, row)
        return message

    def queued(self, key: str) -> bool:
        return key in self._messages

    def owe(self, rows: Iterable[dict[str, Any]]) -> None:
        """Duties; one whose key is known stays as it is."""
        self._duties += rows

    def void(self, question_id: int, now: datetime) -> None:
        """Nobody owes this question's duties any more."""
        self._void[question_id] = now

    def number(self, model: type[Any]) -> int:
        """A number for a row that is written later: nobody else gets it."""
        found = next(self._numbers.get(model, iter(())), None)
        if found is None:
            self._numbers[model] = self._more(model)
            found = next(self._numbers[model])
        return found

    def _more(self, model: type[Any]) -> Iterator[int]:
        """PostgreSQL's own counter gives numbers; on SQLite the one who writes is alone and counts on."""
        connection, table = self._session.connection(), model.__tablename__
        if connection.dialect.name == "postgresql":
            counter = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id')) FROM generate_series(1, {AHEAD})"
            return iter(connection.exec_driver_sql(counter).scalars().all())
        last = self._last.get(model) or connection.exec_driver_sql(f"SELECT max(id) FROM {table}").scalar() or 0
        self._last[model] = last + AHEAD
        return iter(range(last + 1, last + AHEAD + 1))

    def _salt(self) -> str:
        found = next(self._salts, None)
        if found is None:
            self._salts = iter(self._session.connection().scalars(_SALTS).all())
            found = next(self._salts)
        return found

    # -- writing ------------------------------------------------------------------------------------

    def write(self) -> None:
        """Everything that waits, in the order in which rows name each other."""
        self._session.flush()  # history first: see `_before_flush`
        self._write_history()
        self._write_duties()
        self._write_messages()

    def _write_history(self) -> None:
        rows, self._history = self._history, []
        insert_all(self._session.connection(), HistoryRow, rows)

    def _write_duties(self) -> None:
        connection = self._session.connection()
        rows, self._duties = self._duties, []
        insert_all(connection, Duty, rows, unless_there=True)
        void, self._void = self._void, {}
        for now in set(void.values()):
            for some in parts([question for question, at in void.items() if at == now]):
                connection.execute(_VOID, {"questions": some, "now": now})

    def _write_messages(self) -> None:
        messages, self._messages = self._messages, {}
        said = [vars(message) for message in messages.values()]
        rows = [{name: one[key] for key, name in _MESSAGE.items() if key in one} for one in said]
        connection = self._session.connection()
        for some in parts(rows):
            insert_all(connection, Message, some, unless_there=True)
        if rows:
            waking.ring(connection)

    def _before_reading(self, state: ORMExecuteState) -> None:
        """What a flush itself has to look up is older than what waits."""
        if not self._flushing and (self._history or self._duties or self._void or self._messages):
            self.write()

    def _before_flush(self, _session: Session, _context: UOWTransaction, _instances: object) -> None:
        self._write_history()
        self._flushing = True

    def _after_flush(self, _session: Session, _context: UOWTransaction) -> None:
        self._flushing = False

    def _before_commit(self, _session: Session) -> None:
        self.write()


def _shown(model: type[R], values: Mapping[str, Any]) -> R:
    """A row with these values, for those who look at it: the session never writes it, so it need not see them come.
    It is made as the ORM makes those that it reads."""
    row: R = sa.inspect(model).class_manager.new_instance()
    vars(row).update(values)
    return row


_MESSAGE: Final = {
    one.key: one.columns[0].name for one in sa.inspect(Message).column_attrs if not one.columns[0].primary_key
}


def _heads(session: Session, teams: Iterable[int]) -> dict[int, Head]:
    """Where each team's history ends."""
    newest: dict[int, Head] = {}
    for some in parts(sorted(set(teams))):
        found = session.connection().execute(_ENDS, {"teams": some})
        newest |= {team: Head(number, hashed) for team, number, hashed in found}
    return newest


def begin(session: Session, teams: Iterable[int]) -> Pending:
    """From here on rows are handed in, until `close`; these teams will have most of them."""
    found = session.info[Pending] = Pending(session, teams)
    return found


def close(session: Session) -> None:
    found = session.info.pop(Pending, None)
    if found is not None:
        found.close()


def of(session: Session) -> Pending | None:
    found: Pending | None = session.info.get(Pending)
    return found


def added(session: Session, row: Any) -> None:
    """Add a row that others will name: it has its number afterwards."""
    waiting = of(session)
    if waiting is not None:
        row.id = waiting.number(type(row))
    session.add(row)
    if waiting is None:
        session.flush()
