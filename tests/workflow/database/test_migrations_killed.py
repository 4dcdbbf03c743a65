"""A start after an update that is killed in the middle of migrating: the books are old or new, and never between."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import ROOT
from tests.conftest import own_database
from tests.fast_sqlite import swift
from tests.workflow.database import killed_migration as migrating
from workflow.database.engine import Database, newest_shape

OLD = "0005"
"""before history was chained: the migration after it changes rows too"""
WANTED = 50
ROWS = (
    "INSERT INTO teams (id, name, municipality, lang, state, state_since, version, applied_at, late_pass, application, "
    "note) VALUES (1, 'Võru', 'Võru', 'et', 'applied', '2022-02-01 10:00:00.000000', 0, '2022-02-01 10:00:00.000000', "
    "FALSE, '{}', '')",
    *(
        "INSERT INTO history (team_id, number, at, event, to_state, actor, why, proof) "
        f"VALUES (1, {n}, '2022-02-0{n} 10:00:00.000000', 'noted', 'applied', 'Mari', 'jah', '{{}}')"
        for n in range(1, 6)
    ),
)


def fill(db: Database) -> None:
    """A team with a history, in the tables of those days."""
    with db.engine.begin() as connection:
        for row in ROWS:
            connection.exec_driver_sql(row)


@pytest.fixture
def dying(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    db = Database(f"sqlite:///{tmp_path / 'old.sqlite'}")
    migrating.migrate_to(db, OLD)
    fill(db)
    db.close()
    assert [one.name for one in tmp_path.iterdir()] == ["old.sqlite"], "all of it is in the one file that is copied"
    command = [sys.executable, "-m", "tests.workflow.database.killed_migration", str(tmp_path)]
    born = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    yield born
    born.kill()
    born.communicate()


def whole(url: str) -> None:
    """Every row of history is there and linked; the books themselves are sound."""
    db = Database(url)
    try:
        with db.engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT number, why, hash FROM history ORDER BY number").all()
            assert [(number, why) for number, why, _ in rows] == [(n, "jah") for n in range(1, 6)]
            assert all(len(linked) == 64 for *_, linked in rows) and len({linked for *_, linked in rows}) == 5
            if db.engine.dialect.name == "sqlite":
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    finally:
        db.close()


def finished(url: str, new: str) -> None:
    """The next start brings the books to today's shape, whatever the one before left."""
    db = swift(Database(url))
    db.migrate()
    db.close()
    assert migrating.tables(url) == new
    whole(url)


def test_killed_at_any_of_fifty_points_the_books_are_old_or_new(dying: subprocess.Popen[str], tmp_path: Path) -> None:
    assert dying.stdin is not None and dying.stdout is not None
    there_are = int(dying.stdout.readline())
    assert there_are >= WANTED, "fewer points than are to be tried"
    old, new = (
        migrating.tables(f"sqlite:///{tmp_path / 'old.sqlite'}"),
        migrating.tables(f"sqlite:///{tmp_path / 'copy0.sqlite'}"),
    )
    assert f"shape {OLD}" in old and f"shape {newest_shape()}" in new
    left = {"old": 0, "new": 0}
    for point in range(1, there_are + 1):
        dying.stdin.write(f"{point}\n")
        dying.stdin.flush()
        died, _, url = dying.stdout.readline().strip().partition(" ")
        assert died == "1", f"nobody died at point {point}"
        after = migrating.tables(url)
        assert after in (old, new), f"between old and new at point {point}"
        left["old" if after == old else "new"] += 1
        if point % 6 == 0 or point == there_are:
            finished(url, new)
    print(f"{there_are} kills: {left['old']} left the old books, {left['new']} the new ones")
    assert left["old"] >= WANTED - 5 and left["new"] >= 1, "both ends must have been seen"


def test_on_postgresql_too(postgresql_server: sa.URL) -> None:
    """Each database costs more to make there: every tenth point, and both ends of the commit."""
    with own_database(postgresql_server) as url:
        address = url.render_as_string(hide_password=False)
        db = Database(address)
        migrating.migrate_to(db, OLD)
        fill(db)
        db.close()
        old, seen = migrating.tables(address), 0
        for point in range(3, 200, 10):
            if not migrating.killed_at(address, point):
                break
            seen += 1
            assert migrating.tables(address) == old, f"between old and new at point {point}"
        assert seen >= 5
        db = Database(address)
        assert db.at_head(), "the one that nobody killed"
        db.close()
        whole(address)
