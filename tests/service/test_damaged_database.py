"""A database that is damaged or away, and files that are nobody else's: what an operator sees."""

import os
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import World
from tests.command_line import typed
from tests.fast_sqlite import swift
from tests.laid_books import lay
from tests.ports import free_port
from tests.web.conftest import build
from workflow.database.engine import Database, sqlite_url

OPENING = ("web", "serve", "receive", "work", "verify", "retention")
AWAY = "postgresql+psycopg://teekond@127.0.0.1:{}/x"


def _one_sentence(code: int, said: str, word: str) -> None:
    assert code == 1 and word in said, said
    assert "Traceback" not in said and len(said.splitlines()) == 1, said


def _environ(**more: str) -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith("TEEKOND_")} | more


@pytest.mark.parametrize("command", [*OPENING, "backup"])
def test_a_database_that_is_away_is_told_in_one_sentence(tmp_path: Path, command: str) -> None:
    words = [command, *([str(tmp_path / "copy")] if command == "backup" else [])]
    words += ["--web", f"127.0.0.1:{free_port()}"] if command in ("web", "serve") else []
    done = typed("--data", str(tmp_path), *words, env=_environ(TEEKOND_DATABASE__URL=AWAY.format(free_port())))
    _one_sentence(done.returncode, done.stderr, "does not answer")


def _damage(file: Path) -> None:
    """The pages of the tables' rows, but not the first ones: the file still opens."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with file.open("r+b") as out:
        out.seek(4096 * 8)
        out.write(b"\xff" * 4096 * 40)


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    _made(tmp_path)
    world = World(swift(Database(sqlite_url(tmp_path))))
    world.apply()
    world.db.close()
    (tmp_path / "secret_key").write_text("1" * 64)
    _damage(tmp_path / "teekond.sqlite")
    return tmp_path


def _made(folder: Path) -> None:
    with closing(swift(Database(sqlite_url(folder)))) as db:
        db.migrate()


@pytest.mark.parametrize("command", ["verify", "backup"])
def test_a_damaged_file_is_told_in_a_sentence(damaged: Path, command: str) -> None:
    words = [command, *([str(damaged / "copy")] if command == "backup" else [])]
    done = typed("--data", str(damaged), *words, env=_environ())
    said = done.stdout + done.stderr
    assert done.returncode == 1 and "damaged" in said and "Traceback" not in said, said


@pytest.mark.parametrize("command", OPENING)
def test_tables_of_a_newer_version_are_told_in_one_sentence_and_left_alone(tmp_path: Path, command: str) -> None:
    _made(tmp_path)
    file = tmp_path / "teekond.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = file.read_bytes()
    words = [command, *(["--web", f"127.0.0.1:{free_port()}"] if command in ("web", "serve") else [])]
    done = typed("--data", str(tmp_path), *words, env=_environ())
    _one_sentence(done.returncode, done.stderr, "of version 9999")
    assert file.read_bytes() == before


def test_readiness_tells_of_a_damaged_file(tmp_path: Path) -> None:
    _made(tmp_path)
    pages = build(swift(Database(sqlite_url(tmp_path))))
    assert pages.browser().get("/readyz").json["database"] == "ok"
    _damage(tmp_path / "teekond.sqlite")
    pages.world.now += timedelta(minutes=11)
    assert "damaged" in pages.browser().get("/readyz").json["database"]


def test_what_is_written_is_its_owners_alone_in_a_folder_of_others_too(tmp_path: Path) -> None:
    """Made by the operator for everybody to look into, with files from an older version in it."""
    data = tmp_path / "data"
    (data / "sending").mkdir(parents=True, mode=0o755)
    data.chmod(0o755)
    with closing(Database(sqlite_url(data))) as db:
        db.migrate()
    (data / "teekond.sqlite").chmod(0o644)
    (data / "sending" / "old.sending").write_text("")
    before = os.umask(0o022)
    try:
        os.umask(0o077)  # as the root does before any command
        lay(data)
        assert typed("--data", str(data), "backup", str(data / "copy"), env=_environ()).returncode == 0
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in data.rglob("*")}
    assert {"teekond.sqlite", "secret_key", "copy", "sending"} <= modes.keys()
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_a_mark_of_other_books_is_told(tmp_path: Path) -> None:
    lay(tmp_path)
    assert typed("--data", str(tmp_path), "verify", env=_environ()).returncode == 0
    done = typed("--data", str(tmp_path), "verify", "--mark", "0" * 64, env=_environ())
    assert done.returncode == 1 and "of other books, or taken out of these" in done.stdout


def test_a_backup_says_where_the_key_is(tmp_path: Path) -> None:
    given = {"TEEKOND_SECRET_KEY": "k" * 64}
    for environ, where in (({}, str(tmp_path / "a" / "secret_key")), (given, "environment")):
        data = tmp_path / ("b" if environ else "a")
        lay(data, environ=environ)
        done = typed("--data", str(data), "backup", str(data / "copy"), env=_environ(**environ))
        assert where in done.stdout, done.stdout
