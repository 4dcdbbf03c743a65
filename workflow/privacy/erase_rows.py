"""Row-level erasure: a person's own rows as the register says, and what others' rows say of them.

Knows no programme and no mail: `workflow/privacy/erase_person.py` calls it after the person has left their team. Acts
in the caller's one transaction.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import LetterOutcome, LetterStatus
from workflow.database.engine import digest_of
from workflow.database.models import HistoryRow, Letter, Person
from workflow.privacy.categories import ERASED, ErasureMethod, HeldColumns, Someone, empty
from workflow.privacy.register import REGISTER
from workflow.records import history_heads, row_seals
from workflow.season import CLOCK

SAFE: Final = frozenset(
    {
        "via", "group", "undoes", "person", "entry", "entries", "minutes", "submission", "stage", "until", "part",
        "overridden", "rule", "verdict", "kind", "outcome", "version", "ledger", "booked", "held", "addressee",
        "present", "of", "attendance", "replaces", "rests", "trigger", "corrects", "undecided",
        "waived",
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

    held: HeldColumns
    rows: int
    spoken_of: bool = False


def own_rows(session: Session, someone: Someone, pseudonym: str) -> Iterator[Touched]:
    """Each of the person's own rows, column by column as the register says."""
    for held in REGISTER:
        if held.whose is None or all(how is ErasureMethod.KEPT for how in held.columns.values()):
            continue
        count = _erase(session, held, held.whose(someone), pseudonym)
        if count:
            yield Touched(held, count)


def _erase(session: Session, held: HeldColumns, which: sa.ColumnElement[bool], pseudonym: str) -> int:
    if held.removes:
        return removed(session, held, which)
    if ErasureMethod.PROOF in held.columns.values():
        return _erase_history(session, which, pseudonym)
    return row_seals.erased(session, held.table, which, emptied(held, pseudonym))


def removed(session: Session, held: HeldColumns, which: sa.ColumnElement[bool]) -> int:
    """DELETE, and where such rows are counted the count goes with them."""
    result = session.execute(sa.delete(held.table).where(which).execution_options(synchronize_session=False))
    gone = int(getattr(result, "rowcount", 0))
    if held.table.name in history_heads.COUNTED:
        history_heads.fewer(session, held.table.name, gone)
    return gone


def emptied(held: HeldColumns, pseudonym: str) -> dict[str, Any]:
    """What stands in the columns of an erased row."""
    table = held.table
    void = sa.literal("gone") + sa.cast(table.c.id, sa.String) if "id" in table.c else sa.null()
    values = {ErasureMethod.NAME: pseudonym, ErasureMethod.VOID: void, ErasureMethod.WORDS: ERASED}
    found = {c: values[how] if how in values else empty(table.c[c]) for c, how in _emptied(held)}
    return {name: sa.null() if value is None else value for name, value in found.items()}


def _emptied(held: HeldColumns) -> Iterator[tuple[str, ErasureMethod]]:
    return (
        (column, how) for column, how in held.columns.items() if how not in (ErasureMethod.KEPT, ErasureMethod.PROOF)
    )


def _erase_history(session: Session, which: sa.ColumnElement[bool], pseudonym: str) -> int:
    """Who and why go, and the salt with them: the chain holds, and nobody can try what was there."""
    rows = session.execute(sa.select(HistoryRow.id, HistoryRow.proof).where(which)).all()
    for row_id, proof in rows:
        kept = {key: value for key, value in proof.items() if key in SAFE}
        change = sa.update(HistoryRow).where(HistoryRow.id == row_id)
        session.execute(
            change.values(actor=pseudonym, why="", proof=kept, salt=None).execution_options(synchronize_session=False)
        )
        seal_erased(session, HistoryRow.id == row_id)
    return len(rows)


def anonymous_history(session: Session, which: sa.ColumnElement[bool], pseudonym: str) -> None:
    """As for one person, for all of them; what the service did by itself stays its own."""
    own = HistoryRow.actor == CLOCK.name
    _erase_history(session, sa.and_(which, own), CLOCK.name)
    _erase_history(session, sa.and_(which, sa.not_(own)), pseudonym)


def left_said(row: Any) -> str:
    """What the keyed digest of an erased row covers: what is left of it, and which row it is."""
    return json.dumps(["erased", row["hash"], row["actor"], row["why"], row["proof"]], sort_keys=True)


def seal_erased(session: Session, which: sa.ColumnElement[bool]) -> None:
    """Of these rows those whose salt is gone, as they are now: only the service can erase a row unseen."""
    digest = digest_of(session)
    if digest is None:
        return
    row = HistoryRow
    query = sa.select(row.id, row.hash, row.actor, row.why, row.proof).where(which, row.salt.is_(None))
    rows = session.connection().execute(query).mappings().all()
    change = sa.update(row).where(row.id == sa.bindparam("row")).values(erased=sa.bindparam("fresh"))
    if rows:
        fresh = [{"row": one["id"], "fresh": digest.make(left_said(one))} for one in rows]
        session.connection().execute(change, fresh)


# -- what others say of them ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PersonWords:
    """A person's addresses and names as they may stand in anybody's words, and what is put in their place."""

    pattern: re.Pattern[str]
    pseudonym: str

    @classmethod
    def of(cls, someone: Someone, pseudonym: str) -> "PersonWords":
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
    words = PersonWords.of(someone, pseudonym)
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
    session: Session, held: HeldColumns, columns: list[sa.Column[Any]], words: PersonWords, plain: Plain
) -> Iterator[int]:
    key, which = next(iter(held.table.primary_key)), _free(held)
    for ids in _keys(session, key):
        for row in session.execute(sa.select(key, *columns).where(key.in_(ids), which)).mappings().all():
            changes = dict(_changes(row, columns, words, plain))
            if not changes:
                continue
            if held.model is HistoryRow:
                changes["salt"] = sa.null()
            yield row_seals.erased(session, held.table, key == row[key.name], changes)
            if held.model is HistoryRow:
                seal_erased(session, key == row[key.name])


def _free(held: HeldColumns) -> sa.ColumnElement[bool]:
    """A letter of somebody else that still waits is not touched: it would be lost to them."""
    return Letter.status == LetterStatus.DONE if held.model is Letter else sa.true()


def waiting(session: Session, someone: Someone, plain: Plain) -> int:
    """How many letters of others that wait to be handled speak of them: these stay as they are until then."""
    words, count = PersonWords.of(someone, ""), 0
    for raw, text, quoted in session.execute(
        sa.select(Letter.raw, Letter.text, Letter.quoted).where(Letter.status != LetterStatus.DONE)
    ):
        count += bool(words.pattern.search(f"{text}\n{quoted}\n{plain(raw)}"))
    return count


def _keys(session: Session, key: sa.Column[Any]) -> Iterator[list[Any]]:
    found = list(session.scalars(sa.select(key).order_by(key)))
    return (found[start : start + AT_ONCE] for start in range(0, len(found), AT_ONCE))


def _changes(row: Any, columns: list[sa.Column[Any]], words: PersonWords, plain: Plain) -> Iterator[tuple[str, Any]]:
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
    change = sa.update(Letter).where(own.whose(someone), Letter.status != LetterStatus.DONE)
    session.execute(
        change.values(status=LetterStatus.DONE, outcome=LetterOutcome.ERASED, leased_until=None).execution_options(
            synchronize_session=False
        )
    )
