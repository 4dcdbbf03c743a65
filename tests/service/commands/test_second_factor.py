"""`teekond reset-second-factor`, as whoever runs the service calls it; and readers, as the config names them."""

import os
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import World, config
from tests.command_line import typed
from tests.laid_books import lay
from tests.paths import ROOT
from tests.web.conftest import build
from workflow.config.faults import ConfigFaults
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Message, Person, RecoveryCode, SecondFactor, WebSession
from workflow.journey import moves
from workflow.sign_in.links import STAFF

READERS = """
[[readers]]
key = "liis"
name = "Liis Lugeja"
address = "liis.lugeja@example.org"

[[coordinators]]"""


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "TEEKOND_SECRET_KEY": "x" * 40}
    where = ["--config", str(ROOT / "config.toml"), "--data", str(data)]
    return typed(*where, "reset-second-factor", *words, cwd=data, env=environ)


def test_who_lost_everything_begins_anew_and_every_coordinator_is_told(tmp_path: Path) -> None:
    lay(tmp_path, environ={"TEEKOND_SECRET_KEY": "x" * 40})
    assert command(tmp_path, "nobody@example.org").returncode == 1
    database = Database(sqlite_url(tmp_path))
    with database.writing() as session:
        person = session.scalars(sa.select(Person).where(Person.role == "coordinator")).one()
        now = person.joined_at
        session.add(SecondFactor(person_id=person.id, kind="totp", label="", seed="0", made_at=now))
        session.add(RecoveryCode(person_id=person.id, code_hash="0" * 64, made_at=now))
        session.add(WebSession(token_hash="0" * 64, person_id=person.id, started_at=now, seen_at=now))
    done = command(tmp_path, "Koordinaator@Example.org")
    assert done.returncode == 0 and "1 taken away" in done.stdout, done
    with database.reading() as session:
        for table in (SecondFactor, RecoveryCode):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        assert session.scalars(sa.select(WebSession)).one().ended_at is not None
        (told,) = session.scalars(sa.select(Message).where(Message.template == "alert"))
        assert told.to_address == "koordinaator@example.org" and "reset-second-factor" in told.body
    database.close()


def test_readers_of_the_config_become_people_who_sign_in(sqlite_db: Database) -> None:
    world = World(sqlite_db, config({"\n[[coordinators]]": READERS}))
    with world.db.reading() as session:
        person = session.scalars(sa.select(Person).where(Person.role == "reader")).one()
    assert person.address == "liis.lugeja@example.org" and person.role in STAFF


def test_who_is_taken_out_of_the_config_has_left_and_their_session_with_them(sqlite_db: Database) -> None:
    pages = build(sqlite_db)
    with pages.db.writing() as session:
        away = Person(
            role="coordinator", key="gone", name="Endine", address="gone@example.org", address_key="gone@example.org",
            lang="et", joined_at=pages.world.now,
        )  # fmt: skip
        session.add(away)
    browser = pages.browser()
    browser.sign_in(pages, "gone@example.org")
    assert browser.get("/office").status_code == 200
    with pages.db.writing() as session:
        moves.open_season(pages.world.season, session, pages.world.now)
    assert browser.get("/office").status_code == 303
    with pages.db.reading() as session:
        coordinators = session.scalars(sa.select(Person).where(Person.role == "coordinator"))
        here = {person.name: person.left_at is None for person in coordinators}
    assert here == {"Endine": False, "Kati-Katri Koppel": True}


def test_the_directorys_secret_may_not_stand_in_the_file() -> None:
    written = '\n[oidc]\nissuer = "https://id.example.org"\nclient_id = "x"\nclient_secret = "y"\n\n[mail]'
    with pytest.raises(ConfigFaults, match="TEEKOND_OIDC__CLIENT_SECRET"):
        config({"\n[mail]": written})
