"""Migrations that are killed in a process of their own, so that the killing is a real one (SIGKILL, no goodbye)."""

import os
import signal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.forked_processes import BORN
from workflow.database.engine import Database, shape

TRIGGERS = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


class Dying:
    """Dies at the n-th point: before each statement, after it, before the commit and after it. `seen`: how many."""

    def __init__(self, db: Database, at: int) -> None:
        self.at, self.seen = at, 0
        for name in ("before_cursor_execute", "after_cursor_execute"):
            sa.event.listen(db.engine, name, self._point)
        dialect: Any = db.engine.dialect
        commits = dialect.do_commit

        def commit(connection: Any) -> None:
            self._point()
            commits(connection)
            self._point()

        dialect.do_commit = commit

    def _point(self, *_: object) -> None:
        self.seen += 1
        if self.seen == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


def points(url: str, migrations: Path) -> int:
    """How many there are where nobody dies."""
    db = Database(url, migrations=migrations)
    dying = Dying(db, at=0)
    db.migrate()
    db.close()
    return dying.seen


def killed_at(url: str, point: int, migrations: Path) -> bool:
    """Whether a process that migrates died there."""
    process = BORN.Process(target=_migrated, args=(url, point, migrations))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def _migrated(url: str, point: int, migrations: Path) -> None:
    db = Database(url, migrations=migrations)
    Dying(db, at=point)
    db.migrate()


def tables(url: str) -> str:
    """The shape that the tables say they have, and all their definitions: what is there, not what should be."""
    db = Database(url)
    try:
        with db.engine.connect() as connection:
            found = sa.inspect(connection)
            columns = [
                f"{table}.{c['name']} {c['type']}"
                for table in found.get_table_names()
                for c in found.get_columns(table)
            ]
            triggers = connection.exec_driver_sql(TRIGGERS[db.engine.dialect.name]).scalars().all()
            return "\n".join([f"shape {shape(connection)}", *sorted(columns), *sorted(triggers)])
    finally:
        db.close()
