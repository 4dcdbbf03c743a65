"""The commands for people's rights and for the books, as an operator types them."""

import json
import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import FEBRUARY, Crew, World
from tests.command_line import typed
from tests.laid_books import lay
from tests.paths import ROOT
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Person, StageSession, Team
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys

KEY = "7" * 64


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with one team on its way."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "secret_key").write_text(KEY)
    return folder


@pytest.fixture
def crew(data: Path) -> Crew:
    db = Database(sqlite_url(lay(data, environ={"TEEKOND_SECRET_KEY": KEY})))
    crew = World(db, digest=KeyedDigest.of(Keys(KEY))).apply(members=5).confirmed()
    people = crew.people()
    db.close()
    assert len(people) == 5
    return crew


def teekond(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--config", str(ROOT / "config.toml"), "--data", str(data), *words)


def bytes_of(folder: Path) -> bytes:
    return b"".join(p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()).lower()


def test_what_is_held_of_a_person_lies_in_a_folder(data: Path, crew: Crew, tmp_path: Path) -> None:
    done = teekond(data, "person-data", "voru2@example.org", "--out", str(tmp_path / "out"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out").stat().st_mode & 0o077 == 0
    told = json.loads((tmp_path / "out" / "person-data.json").read_text())
    assert told["data"][0]["rows"][0]["address"] == "voru2@example.org"
    assert teekond(data, "person-data", "nobody@example.org").returncode == 1


def test_forgetting_is_tried_then_done_and_leaves_no_byte(data: Path, crew: Crew) -> None:
    tried = teekond(data, "forget", "voru2@example.org", "--dry-run", "--lang", "en")
    assert tried.returncode == 0 and "Pseudonym in the books: Endine liige 1" in tried.stdout, tried.stderr
    assert b"voru2@example.org" in bytes_of(data)
    done = teekond(data, "forget", "voru2@example.org")
    assert done.returncode == 0 and "Kustutatud: Nimed ja kontaktid (1)" in done.stdout, done.stderr
    left = bytes_of(data)
    assert len(left) > 100_000
    assert b"voru2@example.org" not in left and "Võru Tiina Lepp".lower().encode() not in left
    assert teekond(data, "forget", "voru2@example.org").returncode == 1
    verified = teekond(data, "verify")
    assert verified.returncode == 0, verified.stdout


def test_a_restored_backup_forgets_again(data: Path, crew: Crew, tmp_path: Path) -> None:
    copy = tmp_path / "copy.sqlite"
    assert teekond(data, "backup", str(copy)).returncode == 0
    assert teekond(data, "forget", "voru2@example.org").returncode == 0
    for file in data.glob("teekond.sqlite*"):
        file.unlink()
    done = teekond(data, "restore", str(copy))
    assert done.returncode == 0 and "1 people erased since" in done.stdout, done.stderr + done.stdout
    assert b"voru2@example.org" not in bytes_of(data)
    assert b"voru3@example.org" in bytes_of(data)


def test_verify_is_content_with_honest_books_and_names_what_differs(data: Path, crew: Crew) -> None:
    honest = teekond(data, "verify")
    assert honest.returncode == 0 and "1 teams" in honest.stdout and "no differences" in honest.stdout, honest.stderr
    db = Database(sqlite_url(data))
    with db.writing() as session:
        session.execute(sa.update(Team).values(state="completed"))
    db.close()
    told = teekond(data, "verify")
    assert told.returncode == 1
    assert "team 1 (Võru): state is completed, its history says workshop_1" in told.stdout


def test_retention_says_what_would_go_and_then_does_it(data: Path, crew: Crew) -> None:
    """The programme of 2022 is long over by the clock of whoever runs this."""
    assert datetime.now(FEBRUARY.tzinfo) > FEBRUARY + timedelta(days=1200)
    tried = teekond(data, "retention", "--dry-run", "--lang", "en")
    assert tried.returncode == 0 and "Names and contacts: 5" in tried.stdout, tried.stderr
    assert b"voru2@example.org" in bytes_of(data)
    assert "rows erased." in teekond(data, "retention").stdout
    assert b"voru2@example.org" not in bytes_of(data)
    assert teekond(data, "retention").stdout.startswith("0 rows erased.")
    db = Database(sqlite_url(data))
    with db.reading() as session:
        assert session.scalars(sa.select(StageSession)).first() is not None
        names = session.scalars(sa.select(Person.name).where(Person.role == "member").distinct())
        assert names.all() == ["Endine osaleja"]
    db.close()
