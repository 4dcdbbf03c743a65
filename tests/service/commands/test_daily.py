"""Each day: verified, copied, the oldest copies gone; the coordinators are told where it fails, until it goes well."""

import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import World, config
from tests.command_line import typed
from tests.laid_books import lay
from tests.paths import ROOT
from workflow.codes import AlertKind
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Alert, Message
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys

KEY = "7" * 64


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret_key").write_text(KEY)
    db = Database(sqlite_url(lay(folder, environ={"TEEKOND_SECRET_KEY": KEY})))
    World(db, digest=KeyedDigest.of(Keys(KEY))).apply()
    db.close()
    return folder


def daily(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    to = str(data.parent / "copies")
    return typed("--config", str(ROOT / "config.toml"), "--data", str(data), "daily", to, *words)


def copies(data: Path) -> list[str]:
    return sorted(one.name for one in (data.parent / "copies").glob("*.teekond-copy"))


@pytest.fixture
def books(data: Path) -> Iterator[Database]:
    db = Database(sqlite_url(data))
    yield db
    db.close()


def told(books: Database) -> list[tuple[str, bool]]:
    with books.reading() as session:
        alerts = session.scalars(sa.select(Alert).where(Alert.kind == AlertKind.DAILY).order_by(Alert.id))
        return [(one.says["en"], one.mended_at is not None) for one in alerts]


def test_the_newest_copies_stay_and_can_be_restored(data: Path) -> None:
    folder = data.parent / "copies"
    folder.mkdir()
    key = config().programme.key
    for day in range(1, 6):
        (folder / f"{key}-2022010{day}-032000.teekond-copy").write_bytes(b"old")
    (folder / "other-20220101-032000.teekond-copy").write_bytes(b"another programme's")
    (folder / "notes.txt").write_text("mine")
    done = daily(data, "--keep", "3")
    assert done.returncode == 0, done.stderr + done.stdout
    own = [name for name in copies(data) if name.startswith(key)]
    assert len(own) == 3 and len(copies(data)) == 4 and (folder / "notes.txt").exists()
    drill = data.parent / "drill"
    drill.mkdir()
    (drill / "secret_key").write_text(KEY)
    back = typed("--config", str(ROOT / "config.toml"), "--data", str(drill), "restore", str(folder / own[-1]))
    assert back.returncode == 0, back.stderr
    assert typed("--config", str(ROOT / "config.toml"), "--data", str(drill), "verify").returncode == 0


def test_a_copy_that_cannot_be_made_is_told_by_mail_until_it_goes_well(data: Path, books: Database) -> None:
    (data.parent / "copies").write_text("a file where the folder should be")
    assert daily(data).returncode == 1
    ((says, mended),) = told(books)
    assert "backup of the database could not be made" in says and not mended
    with books.reading() as session:
        assert session.scalars(sa.select(Message).where(Message.template == "alert")).all() != []
    (data.parent / "copies").unlink()
    assert daily(data).returncode == 0
    assert [mended for _, mended in told(books)] == [True]


def test_while_something_differs_no_old_copy_goes(data: Path, books: Database) -> None:
    assert daily(data).returncode == 0
    (first,) = (data.parent / "copies").glob("*.teekond-copy")
    before = first.with_name(f"{first.name[:-27]}20220101-032000.teekond-copy")
    first.rename(before)
    with sqlite3.connect(data / "teekond.sqlite") as connection:
        connection.execute("UPDATE teams SET name = 'Teine'")
    done = daily(data, "--keep", "1")
    assert done.returncode == 1 and "seal is broken" in done.stdout
    assert before.exists() and len(copies(data)) == 2
    assert [mended for _, mended in told(books)] == [False]
    assert "differences: 1" in told(books)[0][0]


def test_where_there_are_no_books_one_sentence_says_so(tmp_path: Path) -> None:
    done = typed("--config", str(ROOT / "config.toml"), "--data", str(tmp_path / "none"), "daily", str(tmp_path / "x"))
    assert done.returncode == 1 and "Traceback" not in done.stderr and not (tmp_path / "none").exists()
