"""Backup and restore (`teekond backup`, `teekond restore`): one file format for SQLite and PostgreSQL.

A copy is a SQLite file, whichever database it was taken from: it can be looked into anywhere, and brings the books
from one kind to the other. It is one moment's state, taken while the service runs. What is restored sends nothing
by itself: mails that waited are held, and no other leaves until the coordinator has settled the alert that says
so. Must never write over books that are there.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, DeliveryFault, LetterStatus, MessageStatus
from workflow.database.engine import Database, newest_shape, shape
from workflow.database.models import Alert, Base, Letter, Message, Setting, SignIn, SignInRequest, Team, WebSession

RESTORED: Final = AlertKind.RESTORED
"""the kind of the alert under which nothing leaves but sign-in links"""
_PENDING: Final = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNCERTAIN)
_RUNNING: Final = ("relay_pause",)
"""settings that speak of the service as it was running, not of the books"""


class BackupError(Exception):
    """The copy cannot be made or taken; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    teams: int
    letters: int
    held: int


# -- making a copy ------------------------------------------------------------------------------


def backup(db: Database, file: Path) -> int:
    """Write a copy to `file`, which must not exist; its size in bytes. It appears only when it is whole."""
    if file.exists():
        raise BackupError(f"{file} is there already; name a new file")
    if not db.exists():
        where = db.engine.url.render_as_string(hide_password=True)
        raise BackupError(
            f"there are no books in {where} yet, so nothing was copied. Check --data and [database] url; a new service "
            "makes its database when it is first started"
        )
    if not file.parent.is_dir():
        raise BackupError(f"there is no folder {file.parent}: make it, or name a file in another")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    part.touch(0o600)  # as private as the books themselves
    try:
        _vacuum(db, part) if db.engine.dialect.name == "sqlite" else _dump(db, part)
        _sound(part)
        _to_disk(part)
        os.link(part, file)
    except FileExistsError as error:
        raise BackupError(f"{file} is there already; name a new file") from error
    finally:
        for left in (part, *(part.with_name(part.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
    _to_disk(file.parent)
    return file.stat().st_size


def _vacuum(db: Database, part: Path) -> None:
    with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None, timeout=30)) as connection:
        connection.execute("VACUUM INTO ?", (str(part),))


def _dump(db: Database, part: Path) -> None:
    with db.engine.connect() as source:
        source = source.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        if shape(source) != newest_shape():
            raise BackupError("the database is not as new as this program: start the service once, then make the copy")
        copy = Database(f"sqlite:///{part}")
        try:
            copy.migrate()
            with copy.engine.begin() as target:
                _copy(source, target)
        finally:
            _in_one_file(copy)


# -- taking it back -----------------------------------------------------------------------------


def restore(file: Path, url: str, now: datetime) -> Restored:
    """Make the copy the books at `url`, where no books are yet. The copy stays as it is."""
    _sound(file)
    target = sa.make_url(url)
    on_sqlite = target.get_backend_name() == "sqlite"
    destination = Path(target.database or "") if on_sqlite else file
    work = destination.with_name(f"{destination.name}.restoring")
    try:
        shutil.copyfile(file, work)
        work.chmod(0o600)
        done = _prepared(work, file, now)
        _put(work, destination) if on_sqlite else _load(work, url)
    finally:
        for left in (work, *(work.with_name(work.name + end) for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)
    return done


def _prepared(work: Path, file: Path, now: datetime) -> Restored:
    """Brought to today's tables and made quiet."""
    db = Database(f"sqlite:///{work}")
    try:
        db.migrate()
        with db.writing() as session:
            return _quieten(session, file.name, now)
    finally:
        _in_one_file(db)


def _quieten(session: Session, name: str, now: datetime) -> Restored:
    """Nothing leaves, nobody is signed in, and the coordinator is told."""
    pending = Message.status.in_(_PENDING)
    held = session.scalar(sa.select(sa.func.count()).select_from(Message).where(pending)) or 0
    held_back = {"status": MessageStatus.HELD, "leased_until": None, "fault": DeliveryFault.RESTORED}
    session.execute(sa.update(Message).where(pending).values(held_back))
    session.execute(sa.update(Letter).where(Letter.status == LetterStatus.NEW).values(leased_until=None))
    session.execute(sa.update(WebSession).where(WebSession.ended_at.is_(None)).values(ended_at=now))
    session.execute(sa.update(SignIn).where(SignIn.used_at.is_(None)).values(used_at=now))
    session.execute(sa.delete(SignInRequest))
    session.execute(sa.delete(Setting).where(Setting.key.in_(_RUNNING)))
    session.add(Alert(key=f"restored:{now.isoformat()}", kind=RESTORED, says=_says(name, held), at=now))
    teams, letters = (session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in (Team, Letter))
    return Restored(teams, letters, held)


def _says(name: str, held: int) -> dict[str, str]:
    return {
        "et": f"Andmed on taastatud koopiast {name}. Kirju ei lähe välja enne, kui märgite selle teate korras olevaks. "
        f"Ootel olnud kirjad ({held}) hoiame kinni väljuvate kirjade hulgas: vaadake, mis läks välja pärast koopia "
        "tegemist, ja laske ülejäänud teele.",
        "en": f"The data was restored from the copy {name}. No mail leaves before you mark this as settled. "
        f"The mails that waited ({held}) are held among the outgoing mails: see which of them left after the copy "
        "was made, and release the others.",
    }


def on_hold(session: Session) -> bool:
    """Whether mail stays here because nobody has looked at what was restored."""
    waits = sa.select(Alert.id).where(Alert.kind == RESTORED, Alert.standing()).limit(1)
    return session.scalar(waits) is not None


def _put(work: Path, destination: Path) -> None:
    _to_disk(work)
    try:
        os.link(work, destination)
    except FileExistsError as error:
        raise BackupError(
            f"{destination} is there already; move it away first, with its -wal and -shm files"
        ) from error
    _to_disk(destination.parent)


def _load(work: Path, url: str) -> None:
    db, copy = Database(url), Database(f"sqlite:///{work}")
    try:
        db.migrate()
        with copy.engine.connect() as source, db.engine.begin() as target:
            if any(target.scalar(sa.select(table.c.id).limit(1)) for table in _numbered()):
                raise BackupError("the database holds books already; make a new one and name it in the configuration")
            target.execute(sa.delete(Setting))
            _copy(source, target)
            for table in _numbered():
                last = sa.select(sa.func.coalesce(sa.func.max(table.c.id), 1)).scalar_subquery()
                target.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), last)))
    finally:
        copy.close()
        db.close()


# -- rows ---------------------------------------------------------------------------------------


def _copy(source: Connection, target: Connection) -> None:
    """Every row of every table. References that run in a ring are filled in when all rows are there."""
    for table in Base.metadata.sorted_tables:
        later = dict.fromkeys(_later(table))
        for rows in _rows(source, sa.select(table), 4 if _heavy(table) else 500):
            target.execute(sa.insert(table), [{**row, **later} for row in rows])
    for table in Base.metadata.sorted_tables:
        for name in _later(table):
            column = table.c[name]
            change = sa.update(table).where(table.c.id == sa.bindparam("row")).values({name: sa.bindparam("refers")})
            query = sa.select(table.c.id.label("row"), column.label("refers")).where(column.is_not(None))
            for rows in _rows(source, query, 500):
                target.execute(change, rows)


def _rows(source: Connection, query: sa.Select[*tuple[object, ...]], at_once: int) -> Iterator[list[dict[str, object]]]:
    result = source.execution_options(stream_results=True, yield_per=at_once).execute(query)
    for rows in result.mappings().partitions():
        yield [dict(row) for row in rows]


def _later(table: sa.Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.use_alter or key.column.table is table]


def _heavy(table: sa.Table) -> bool:
    return any(isinstance(column.type, sa.LargeBinary) for column in table.columns)


def _numbered() -> list[sa.Table]:
    return [table for table in Base.metadata.sorted_tables if "id" in table.c]


# -- files --------------------------------------------------------------------------------------


def _sound(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
            connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    except (sqlite3.DatabaseError, TypeError) as error:
        raise BackupError(f"{file} is no copy that Teekond made: {error}") from error
    if not whole:
        raise BackupError(f"{file} is damaged; take another copy")


def _in_one_file(db: Database) -> None:
    """What stands in the log goes into the file itself."""
    with closing(db.engine.raw_connection()) as connection:
        for statement in ("PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA journal_mode=DELETE"):
            connection.cursor().execute(statement).fetchall()
    db.close()


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
