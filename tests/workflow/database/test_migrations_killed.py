"""A start after an update that is killed in the middle of migrating: the books are old or new, and never between."""

import shutil
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.conftest import own_database
from tests.fast_sqlite import swift
from tests.workflow.database import killed_migration, next_migration
from workflow.database.engine import Database, newest_shape

OLD = newest_shape()
"""and `next_migration` after it, which changes rows too"""
WANTED = 50
ROWS = (
    "INSERT INTO teams (id, name, home, lang, state, state_since, version, applied_at, late_pass, application, "
    "note) VALUES (1, 'Võru', 'Võru', 'et', 'applied', '2022-02-01 10:00:00.000000', 0, '2022-02-01 10:00:00.000000', "
    "FALSE, '{}', '')",
    *(
        "INSERT INTO history (team_id, number, at, event, to_state, actor, why, proof) "
        f"VALUES (1, {n}, '2022-02-0{n} 10:00:00.000000', 'noted', 'applied', 'Mari', 'jah', '{{}}')"
        for n in range(1, 6)
    ),
)


def fill(db: Database) -> None:
    """A team with a history."""
    db.migrate()
    with db.engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)


@dataclass(frozen=True)
class Old:
    """Books on SQLite that the next version migrates."""

    file: Path
    migrations: Path

    def copied(self, number: int) -> str:
        copy = shutil.copy(self.file, self.file.with_name(f"copy{number}.sqlite"))
        return f"sqlite:///{copy}"


@pytest.fixture
def old(tmp_path: Path) -> Old:
    db = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    fill(db)
    db.close()
    assert [one.name for one in tmp_path.iterdir()] == ["old.sqlite"], "all of it is in the one file that is copied"
    return Old(tmp_path / "old.sqlite", next_migration.folder(tmp_path))


def whole(url: str) -> None:
    """Every row of history is there and brought up to date; the books themselves are sound."""
    db = Database(url)
    try:
        with db.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT number, why, was_there FROM history ORDER BY number").all()
            assert [tuple(row) for row in rows] == [(n, "jah", "before") for n in range(1, 6)]
            assert connection.exec_driver_sql(next_migration.COUNTED).scalar() == 6
            if db.engine.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    finally:
        db.close()


def finished(url: str, new: str, migrations: Path) -> None:
    """The next start brings the books to the new shape, whatever the one before left."""
    db = swift(Database(url, migrations=migrations))
    db.migrate()
    db.close()
    assert killed_migration.tables(url) == new
    whole(url)


def test_killed_at_any_of_fifty_points_the_books_are_old_or_new(old: Old) -> None:
    url = old.copied(0)
    there_are = killed_migration.points(url, old.migrations)
    assert there_are >= WANTED, "fewer points than are to be tried"
    before, new = killed_migration.tables(f"sqlite:///{old.file}"), killed_migration.tables(url)
    assert f"shape {OLD}" in before and f"shape {next_migration.REVISION}" in new
    left = {"old": 0, "new": 0}
    for point in range(1, there_are + 1):
        url = old.copied(point)
        assert killed_migration.killed_at(url, point, old.migrations), f"nobody died at point {point}"
        after = killed_migration.tables(url)
        assert after in (before, new), f"between old and new at point {point}"
        left["old" if after == before else "new"] += 1
        if point % 6 == 0 or point == there_are:
            finished(url, new, old.migrations)
    print(f"{there_are} kills: {left['old']} left the old books, {left['new']} the new ones")
    assert left["old"] >= WANTED - 5 and left["new"] >= 1, "both ends must have been seen"


def test_on_postgresql_too(postgresql_server: sa.URL, tmp_path: Path) -> None:
    """Each database costs more to make there: every twentieth point, and both ends of the commit."""
    with own_database(postgresql_server) as url:
        address = url.render_as_string(hide_password=False)
        db, migrations = Database(address), next_migration.folder(tmp_path)
        fill(db)
        db.close()
        old, seen = killed_migration.tables(address), 0
        for point in count(3, 20):
            if not killed_migration.killed_at(address, point, migrations):
                break
            seen += 1
            assert killed_migration.tables(address) == old, f"between old and new at point {point}"
        assert seen >= 5
        db = Database(address, migrations=migrations)
        assert db.at_head(), "the one that nobody killed"
        db.close()
        whole(address)
