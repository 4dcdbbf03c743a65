"""Erasing in the tables: a person's own rows as the register says, and what others' rows say of them.

Knows no programme and no mail: `workflow/privacy/erase_person.py` calls it after the person has left their team. Acts
in the caller's one transaction.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import HistoryRow, Letter, Person
from workflow.privacy.categories import ERASED, Held, How, Someone, empty
from workflow.privacy.register import REGISTER
from workflow.season import CLOCK

SAFE: Final = frozenset(
    {
        "via", "group", "undoes", "person", "entry", "entries", "minutes", "submission", "stage", "until", "part",
        "overridden", "rule", "verdict", "kind", "outcome", "version", "ledger", "booked", "held",
    }
)  # fmt: skip
"""what stays of a step's proof: numbers, rules and keys"""
FORMER: Final = "Endine osaleja"
"""who a row was about, once its time is over"""
AT_ONCE: Final = 200
FOLDED: Final = re.compile(r"\r?\n[ \t]")

Plain = Callable[[bytes], str]
"""the words of a raw letter, however they are encoded; it never raises"""


@dataclass(frozen=True, slots=True)
class Touched:
    """How many rows of one kind were changed, and in which way."""

    held: Held
    rows: int
    spoken_of: bool = False


def own_rows(session: Session, someone: Someone, pseudonym: str) -> Iterator[Touched]:
    """Each of the person's own rows, column by column as the register says."""
    for held in REGISTER:
        if held.whose is None or all(how is How.KEPT for how in held.columns.values()):
            continue
        count = _erase(session, held, held.whose(someone), pseudonym)
        if count:
            yield Touched(held, count)


def _erase(session: Session, held: Held, which: sa.ColumnElement[bool], pseudonym: str) -> int:
    if held.removes:
        return _changed(session, sa.delete(held.model).where(which))
    if How.PROOF in held.columns.values():
        return _erase_history(session, which, pseudonym)
    return _changed(session, sa.update(held.table).where(which).values(emptied(held, pseudonym)))


def _changed(session: Session, statement: sa.Delete | sa.Update) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    return int(getattr(result, "rowcount", 0))


def emptied(held: Held, pseudonym: str) -> dict[str, Any]:
    """What stands in the columns of an erased row."""
    table = held.table
    void = sa.literal("gone") + sa.cast(table.c.id, sa.String) if "id" in table.c else sa.null()
    values = {How.NAME: pseudonym, How.VOID: void, How.WORDS: ERASED}
    found = {c: values[how] if how in values else empty(table.c[c]) for c, how in _emptied(held)}
    return {name: sa.null() if value is None else value for name, value in found.items()}


def _emptied(held: Held) -> Iterator[tuple[str, How]]:
    return ((column, how) for column, how in held.columns.items() if how not in (How.KEPT, How.PROOF))


def _erase_history(session: Session, which: sa.ColumnElement[bool], pseudonym: str) -> int:
    """Who and why go, and the salt with them: the chain holds, and nobody can try what was there."""
    rows = session.execute(sa.select(HistoryRow.id, HistoryRow.proof).where(which)).all()
    for row_id, proof in rows:
        kept = {key: value for key, value in proof.items() if key in SAFE}
        change = sa.update(HistoryRow).where(HistoryRow.id == row_id)
        session.execute(
            change.values(actor=pseudonym, why="", proof=kept, salt=None).execution_options(synchronize_session=False)
        )
    return len(rows)


def anonymous_history(session: Session, which: sa.ColumnElement[bool], pseudonym: str) -> None:
    """As for one person, for all of them; what the service did by itself stays its own."""
    own = HistoryRow.actor == CLOCK.name
    _erase_history(session, sa.and_(which, own), CLOCK.name)
    _erase_history(session, sa.and_(which, sa.not_(own)), pseudonym)


def says_nobody(row: HistoryRow, pseudonyms: Collection[str]) -> bool:
    """Whether a row without a seal is as erasing leaves it: somebody's pseudonym stands in it, or nothing at all."""
    said = json.dumps([row.actor, row.why, row.proof], ensure_ascii=False)
    if any(each in said for each in pseudonyms):
        return True
    return row.actor in (FORMER, CLOCK.name) and not row.why and row.proof.keys() <= SAFE


# -- what others say of them ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A person's addresses and names as they may stand in anybody's words, and what is put in their place."""

    pattern: re.Pattern[str]
    pseudonym: str

    @classmethod
    def of(cls, someone: Someone, pseudonym: str) -> "Words":
        said = "|".join(rf"(?<!\w){re.escape(each)}(?!\w)" for each in someone.said)
        return cls(re.compile(said or r"(?!)", re.IGNORECASE), pseudonym)

    def out_of(self, value: Any) -> Any:
        """The value without them: strings, and whatever holds strings."""
        if isinstance(value, str):
            return self.pattern.sub(lambda _: self.pseudonym, value)
        if isinstance(value, dict):
            return {key: self.out_of(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.out_of(each) for each in value]
        return value

    def stand_in(self, content: bytes) -> bool:
        """Whether the bytes of a calendar file or a letter say them in plain."""
        plain = (FOLDED.sub("", content.decode(charset, "replace")) for charset in ("utf-8", "latin-1"))
        return any(self.pattern.search(each) for each in plain)


def others_words(session: Session, someone: Someone, pseudonym: str, plain: Plain) -> Iterator[Touched]:
    """Their name and addresses in everybody else's rows, replaced; raw letters that say them lose their bytes."""
    words = Words.of(someone, pseudonym)
    for held in REGISTER:
        columns = [held.table.c[name] for name in held.columns if _says(held.table.c[name])]
        if not columns or held.model is Person or held.removes:
            continue
        count = sum(_replace(session, held, columns, words, plain))
        if count:
            yield Touched(held, count, spoken_of=True)


def _says(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, sa.String | sa.JSON | sa.LargeBinary) and not (
        column.table.name == "files" and column.name == "content"
    )


def _replace(
    session: Session, held: Held, columns: list[sa.Column[Any]], words: Words, plain: Plain
) -> Iterator[int]:
    key, which = next(iter(held.table.primary_key)), _free(held)
    for ids in _keys(session, key):
        for row in session.execute(sa.select(key, *columns).where(key.in_(ids), which)).mappings().all():
            changes = dict(_changes(row, columns, words, plain))
            if not changes:
                continue
            if held.model is HistoryRow:
                changes["salt"] = sa.null()
            session.execute(sa.update(held.table).where(key == row[key.name]).values(changes))
            yield 1


def _free(held: Held) -> sa.ColumnElement[bool]:
    """A letter of somebody else that still waits is not touched: it would be lost to them."""
    return Letter.status == "done" if held.model is Letter else sa.true()


def waiting(session: Session, someone: Someone, plain: Plain) -> int:
    """How many letters of others that wait to be handled speak of them: these stay as they are until then."""
    words, count = Words.of(someone, ""), 0
    for raw, text, quoted in session.execute(
        sa.select(Letter.raw, Letter.text, Letter.quoted).where(Letter.status != "done")
    ):
        count += bool(words.pattern.search(f"{text}\n{quoted}\n{plain(raw)}"))
    return count


def _keys(session: Session, key: sa.Column[Any]) -> Iterator[list[Any]]:
    found = list(session.scalars(sa.select(key).order_by(key)))
    return (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))


def _changes(row: Any, columns: list[sa.Column[Any]], words: Words, plain: Plain) -> Iterator[tuple[str, Any]]:
    for column in columns:
        value = row[column.name]
        if isinstance(value, bytes):
            if words.stand_in(value) or (column.name == "raw" and value and words.pattern.search(plain(value))):
                yield column.name, sa.null() if column.nullable else b""
        elif value is not None and (said := words.out_of(value)) != value:
            yield column.name, said


def waiting_letters(session: Session, someone: Someone) -> None:
    """Letters of theirs that nobody has handled: nothing more is done with them."""
    own = next(h for h in REGISTER if h.model is Letter)
    assert own.whose is not None
    change = sa.update(Letter).where(own.whose(someone), Letter.status != "done")
    session.execute(
        change.values(status="done", outcome="erased", leased_until=None).execution_options(synchronize_session=False)
    )
