"""Migrations that are killed: what a process of its own does, so that the killing is a real one (SIGKILL, no goodbye).

`python -m tests.workflow.database.killed_migration FOLDER` takes numbers on its input. For each it copies the
old books of the folder, lets a child migrate them that dies at that point, and says what the copy's tables are
afterwards.
"""

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command, config

from workflow.database.engine import MIGRATIONS, Database, shape

TRIGGERS = {
    "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
}


def migrate_to(db: Database, revision: str) -> None:
    """As an installation was brought to this shape once."""
    settings = config.Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    with db.engine.connect() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
        connection.commit()


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


def points(url: str) -> int:
    """How many there are where nobody dies."""
    db = Database(url)
    dying = Dying(db, at=0)
    db.migrate()
    db.close()
    return dying.seen


def killed_at(url: str, point: int) -> bool:
    """Whether a child that migrates died there."""
    child = os.fork()
    if child == 0:
        db = Database(url)
        Dying(db, at=point)
        db.migrate()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


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


def main(folder: Path) -> None:
    print(points(f"sqlite:///{_copy(folder, 0)}"), flush=True)
    for line in sys.stdin:
        url = f"sqlite:///{_copy(folder, int(line))}"
        died = killed_at(url, int(line))
        print(f"{int(died)} {url}", flush=True)


def _copy(folder: Path, number: int) -> Path:
    return Path(shutil.copy(folder / "old.sqlite", folder / f"copy{number}.sqlite"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
