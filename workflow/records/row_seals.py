"""Row seals: an HMAC in each row that evidence rests on, over the columns that say what happened.

Who has the database's own tools can change such a row, and not make the seal that fits: the key is not in the database.
The ORM seals what it writes; whoever writes such columns by a statement of their own uses `changed`, `with_seal` or
`reseal` (a test looks for those who do not). Without a key nothing is sealed. A row in which the service erased
something says so in its seal, and how often: between two erasures its versions are told apart as those of any other
row. Must never decide what is true: `workflow/audit/verify.py` does.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import LoaderCallableStatus, Mapper, Session, object_session
from sqlalchemy.orm.unitofwork import UOWTransaction

from workflow.database.engine import digest_of
from workflow.database.models import (
    Attendance,
    Base,
    Erasure,
    File,
    Import,
    Invitation,
    Letter,
    Message,
    MessageFile,
    Person,
    Question,
    RecoveryCode,
    ReportToken,
    SecondFactor,
    Submission,
    Team,
    WrittenFile,
)
from workflow.security.keyed_digest import KeyedDigest

Plain = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table and its sealed columns: those by which people would be deceived, and that nobody changes in passing."""

    model: type[Base]
    plain: Mapping[str, Plain]
    """how each column's value stands in the digest"""

    @property
    def table(self) -> sa.Table:
        found = self.model.__table__
        assert isinstance(found, sa.Table)
        return found

    @property
    def columns(self) -> list[sa.Column[Any]]:
        return [self.table.c[name] for name in self.plain]

    def said(self, row: Any, erasures: int = 0) -> str:
        """What the seal covers, of a row by its columns' names. Not the row's number, which a new row does not have
        yet: what sets it apart stands in its columns. Of a row in which the service erased something, its number too
        and how often it did: nothing else of that kind can be put in its place."""
        name = self.table.name
        whose = [name, "erased", row["id"], erasures] if erasures else [name]
        return json.dumps([*whose, *(plain(row.get(column)) for column, plain in self.plain.items())])

    def seal(self, digest: KeyedDigest, row: Any, erasures: int = 0) -> str:
        return marked(digest.make(self.said(row, erasures)), erasures)

    def fitting(self, digest: KeyedDigest, seal: str, row: Any) -> str | None:
        """What the seal was made of, as the row stands; None where it does not fit."""
        said = self.said(row, erasures(seal))
        return said if digest.holds(bare(seal), said) else None


_MARK: Final = "~"
_MOST: Final = 99
"""a seal has room for two digits: later erasures of one row are not told apart"""


def erasures(seal: str) -> int:
    """How often the service had erased something in the row when this seal, or digest of a row, was made."""
    number = seal.partition(_MARK)[2]
    return int(number) if number.isdecimal() and len(number) <= len(str(_MOST)) else 0


def bare(seal: str) -> str:
    """The keyed digest itself."""
    return seal.partition(_MARK)[0]


def marked(made: str, erased: int) -> str:
    return f"{made}{_MARK}{erased}" if erased else made


def _sealed(model: type[Base], columns: str) -> Sealed:
    table: Any = model.__table__
    return Sealed(model, {name: _plain(table.c[name]) for name in columns.split()})


def _plain(column: sa.Column[Any]) -> Plain:
    """As the value is after it was stored and read again; what was left out is the column's default."""
    default: Any = column.default
    unsaid = None if default is None else default.arg if default.is_scalar else default.arg(None)
    if isinstance(column.type, sa.LargeBinary):
        return lambda value: None if value is None else sha256(value).hexdigest()
    if isinstance(column.type, sa.JSON):
        return lambda value: _json(unsaid if value is None else value)
    return lambda value: _simple(unsaid if value is None else value)


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(json.loads(json.dumps(value)), sort_keys=True)


def _simple(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


SEALED: Final = {
    sealed.model: sealed
    for sealed in (
        _sealed(Team, "name home applied_at verified_at late_pass"),
        _sealed(Person, "role name address address_key team_id side part"),
        _sealed(
            Question,
            "key kind team_id stage about asked_at due_at closed_at outcome answer answered_by_id answered_via "
            "letter_id",
        ),
        _sealed(Invitation, "team_id person_id stage expected"),
        _sealed(Attendance, "team_id person_id stage present recorded_at recorded_by_id via why replaces_id"),
        _sealed(
            Submission,
            "team_id stage question_id person_id text at status comment reviewed_by_id reviewed_at letter_id",
        ),
        _sealed(File, "submission_id name media_type size sha256 content"),
        _sealed(Letter, "received_at via envelope_from raw"),
        _sealed(Message, "key person_id team_id addressee_id link_seed to_name to_address subject body"),
        _sealed(MessageFile, "message_id name media_type content"),
        _sealed(WrittenFile, "mail_id name media_type size sha256 content"),
        _sealed(SecondFactor, "person_id kind seed sealed credential_id public_key made_at"),
        _sealed(RecoveryCode, "person_id code_hash made_at"),
        _sealed(Erasure, "mark pseudonym at"),
        _sealed(Import, "kind sha256 left_out at by_id via"),
        _sealed(ReportToken, "token_hash purpose tables lang made_at made_by_id ends_at"),
    )
}
BY_TABLE: Final = {sealed.table.name: sealed for sealed in SEALED.values()}
AT_ONCE: Final = 200
HEAVY: Final = 10
"""rows with bytes in them are read so few at a time"""


def with_seal(digest: KeyedDigest | None, model: type[Base], row: Mapping[str, Any]) -> dict[str, Any]:
    """A new row, by its columns' names, with its seal: for an INSERT."""
    return {**row, "seal": SEALED[model].seal(digest, row) if digest else None}


def erased(session: Session, table: sa.Table, which: sa.ColumnElement[bool], values: Mapping[str, Any]) -> int:
    """UPDATE these rows with what is left of them, and seal anew those that were; how many there were."""
    key = next(iter(table.primary_key))
    statement = sa.update(table).where(which).values(values).returning(key)
    rows = session.scalars(statement.execution_options(synchronize_session=False)).all()
    if table.name in BY_TABLE and values.keys() & BY_TABLE[table.name].plain.keys():
        reseal(session, BY_TABLE[table.name], rows, erasing=True)
    return len(rows)


def current(digest: KeyedDigest, row: Base) -> str:
    """The digest of a row as it is in this transaction, written or not yet."""
    sealed, state, seal = SEALED[type(row)], sa.inspect(row), row.seal  # type: ignore[attr-defined]
    if state.persistent and seal and state.committed_state.keys().isdisjoint(sealed.plain):
        return str(seal)
    return sealed.seal(digest, _values(row, sealed), _erasures(digest, sealed, row))


def reseal(session: Session, sealed: Sealed, ids: Sequence[int], *, erasing: bool = False) -> None:
    """Seal these rows as they are now; erasing: as ones in which something was erased once more. Only for whoever has
    just written them in this transaction."""
    digest, table = digest_of(session), sealed.table
    if digest is None:
        return
    connection = session.connection()
    change = sa.update(table).where(table.c.id == sa.bindparam("row")).values(seal=sa.bindparam("fresh"))
    for some in _parts(ids, sealed):
        query = sa.select(table.c.id, table.c.seal, *sealed.columns).where(table.c.id.in_(some))
        stale = [
            {"row": row["id"], "fresh": sealed.seal(digest, row, min(erasures(row["seal"] or "") + erasing, _MOST))}
            for row in connection.execute(query).mappings()
            if sealed.fitting(digest, row["seal"] or "", row) is None
        ]
        if stale:
            connection.execute(change, stale)


def _parts(ids: Sequence[int], sealed: Sealed) -> Iterable[Sequence[int]]:
    heavy = any(isinstance(column.type, sa.LargeBinary) for column in sealed.columns)
    step = HEAVY if heavy else AT_ONCE
    return (ids[start : start + step] for start in range(0, len(ids), step))


# -- what the ORM writes --------------------------------------------------------------------------


def _before_insert(_mapper: Mapper[Any], _connection: Connection, target: Base) -> None:
    _seal(target)


def _before_update(_mapper: Mapper[Any], _connection: Connection, target: Base) -> None:
    state, sealed = sa.inspect(target), SEALED[type(target)]
    if not state.committed_state.keys().isdisjoint(sealed.plain) and _seal(target) is not None:
        session = object_session(target)
        assert session is not None
        session.info.setdefault(_WRITTEN, {}).setdefault(type(target), []).append(target.id)  # type: ignore[attr-defined]


def _seal(target: Base) -> str | None:
    session, sealed = object_session(target), SEALED[type(target)]
    digest = digest_of(session) if session else None
    if digest is None:
        return None
    seal = sealed.seal(digest, _values(target, sealed), _erasures(digest, sealed, target))
    target.seal = seal  # type: ignore[attr-defined]
    return seal


def _values(row: Base, sealed: Sealed) -> dict[str, Any]:
    return {"id": row.id, **{name: getattr(row, name) for name in sealed.plain}}  # type: ignore[attr-defined]


def _erasures(digest: KeyedDigest, sealed: Sealed, row: Base) -> int:
    """How often something was erased in it before: that stays said, whatever else becomes of it."""
    state, seal = sa.inspect(row), row.seal or ""  # type: ignore[attr-defined]
    if not state.persistent or not erasures(seal):
        return 0
    before = {**_values(row, sealed), **state.committed_state}
    if any(isinstance(value, LoaderCallableStatus) for value in before.values()):  # set without having been read
        session = object_session(row)
        assert session is not None
        stored = sa.select(sealed.table.c.id, *sealed.columns).where(sealed.table.c.id == before["id"])
        before = dict(session.connection().execute(stored).mappings().one())
    return erasures(seal) if sealed.fitting(digest, seal, before) is not None else 0


_WRITTEN: Final = "row_seals.written"


def _after_flush(session: Session, _context: UOWTransaction) -> None:
    """On PostgreSQL somebody else may have changed another column of a row since it was read here. Now that it was
    written nobody else can: the seal is compared with what stands there."""
    written = session.info.pop(_WRITTEN, {})
    if written and session.get_bind().dialect.name == "postgresql":
        for model, ids in written.items():
            reseal(session, SEALED[model], ids)


for _model in SEALED:
    event.listen(_model, "before_insert", _before_insert)
    event.listen(_model, "before_update", _before_update)
event.listen(Session, "after_flush", _after_flush)
