"""`teekond key`, as whoever runs the service calls it: a new key, the end of an old one, and what goes on meanwhile."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from mail.identity import Identity
from mail.receiving.recipients import Known
from service import secret_keys
from teekond import main
from tests.builders import SECRET, World
from tests.laid_books import lay
from tests.workflow.journey.test_members import bounce
from web.sign_in import sealed_secrets
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Person, SecondFactor
from workflow.security import keys
from workflow.security.keys import Keys

FIRST = "1" * 64


class Service:
    """A data folder with a key from the old days, and the commands on it."""

    def __init__(self, data: Path, db: Database) -> None:
        self.data, self.db = data, db
        self.file = data / "secret_key"
        self.file.write_text(FIRST)
        self.file.chmod(0o600)

    def call(self, *words: str, **environ: str) -> Result:
        known = {name: value for name, value in os.environ.items() if not name.startswith("TEEKOND_")}
        url = self.db.engine.url.render_as_string(hide_password=False)
        given = known | {"TEEKOND_DATABASE__URL": url} | environ
        done = CliRunner(env={name: given.get(name) for name in os.environ.keys() | given.keys()}).invoke(
            main, ["--data", str(self.data), *words]
        )
        assert not any(key.key in done.output for key in self.kept()), "a key was shown"
        return done

    def kept(self) -> tuple[keys.StoredKey, ...]:
        return keys.read(self.file.read_text()) if self.file.exists() else ()

    def replaced_long_ago(self) -> None:
        """As if the newest but one had been replaced two months ago."""
        text, (before,) = self.file.read_text(), [one.replaced for one in self.kept() if one.replaced]
        assert before is not None
        self.file.write_text(text.replace(before.isoformat(), (before - timedelta(days=60)).isoformat()))


@pytest.fixture
def service(db: Database, tmp_path: Path) -> Iterator[Service]:
    data = tmp_path / "data"
    data.mkdir()
    yield Service(data, db)
    shutil.rmtree(data)


def app(db: Database, shared: str, keys: Keys) -> None:
    with db.writing() as session:
        person = session.scalars(sa.select(Person).where(Person.role == "coordinator")).first()
        assert person is not None
        session.add(
            SecondFactor(person_id=person.id, kind="totp", label="", sealed=sealed_secrets.seal(shared, keys),
                         made_at=person.joined_at)
        )  # fmt: skip


def the_app(db: Database) -> SecondFactor:
    with db.reading() as session:
        return session.scalars(sa.select(SecondFactor)).one()


def test_a_new_key_signs_and_the_one_before_is_believed(service: Service) -> None:
    made = datetime.fromtimestamp(int(service.file.stat().st_mtime), UTC)
    done = service.call("key", "rotate")
    assert done.exit_code == 0, done.output
    new, old = service.kept()
    assert (old.key, old.made) == (FIRST, made) and new.key != FIRST and len(new.key) == 64
    assert old.replaced == new.made and old.retired is None
    assert service.file.stat().st_mode & 0o077 == 0
    assert keys.fingerprint(new.key) in done.output and "started anew" in done.output
    told = service.call("key", "list").output.splitlines()
    assert [line.split()[0] for line in told] == [keys.fingerprint(new.key), keys.fingerprint(FIRST)]
    assert "signs since" in told[0] and "still believed" in told[1]


def test_a_new_key_may_sign_in_another_way_and_what_was_signed_before_is_good(service: Service) -> None:
    """No digest is for ever: the next one is taken up by a command, and nothing has to be signed anew."""
    world = World(service.db)
    app(service.db, "S" * 32, Keys(FIRST))
    done = service.call("key", "rotate", "--way", "sha3-256")
    assert done.exit_code == 0, done.output
    new, old = service.kept()
    assert new.key.startswith("sha3-256:") and len(new.key) > 64 and old.key == FIRST
    identity = replace(world.identity, secret=new.key.encode(), older=(FIRST.encode(),))
    before, after = (replace(world.identity, secret=each.key.encode()).return_address("m1") for each in (old, new))
    assert before != after and [identity.returned_to(each) for each in (before, after)] == ["m1", "m1"]
    assert sealed_secrets.opened(the_app(service.db), keys.joined(service.kept())) == "S" * 32
    service.replaced_long_ago()
    assert "1 apps of codes and" in service.call("key", "drop-old").output
    assert sealed_secrets.opened(the_app(service.db), Keys(new.key)) == "S" * 32
    assert sealed_secrets.opened(the_app(service.db), Keys(FIRST)) is None
    assert service.call("key", "rotate", "--way", "md5").exit_code == 2


def test_an_old_key_is_dropped_after_its_time_and_what_it_sealed_sealed_anew(service: Service) -> None:
    World(service.db)
    app(service.db, "S" * 32, Keys(FIRST))
    service.call("key", "rotate")
    waits = service.call("key", "drop-old")
    assert waits.exit_code == 0 and re.search(r"Nothing to drop: \w{12} can go on \d{4}-", waits.output)
    assert sealed_secrets.opened(the_app(service.db), Keys(FIRST)) == "S" * 32
    service.replaced_long_ago()
    done = service.call("key", "drop-old")
    assert done.exit_code == 0 and "1 apps of codes and" in done.output, done.output
    new, old = service.kept()
    assert old.key == FIRST and old.retired is not None
    assert sealed_secrets.opened(the_app(service.db), Keys(FIRST)) is None
    assert sealed_secrets.opened(the_app(service.db), Keys(new.key)) == "S" * 32
    assert "there is no older key" in service.call("key", "drop-old", "--older-than", "0").output
    assert "retired" in service.call("key", "list").output.splitlines()[1]


def test_where_sealing_anew_fails_every_key_stays(service: Service) -> None:
    service.call("key", "rotate")
    before = service.file.read_text()
    with service.db.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE second_factors RENAME TO elsewhere"))
    try:
        done = service.call("key", "drop-old", "--older-than", "0")
    finally:
        with service.db.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO second_factors"))
    assert done.exit_code == 1 and "Nothing was changed" in done.output
    assert service.file.read_text() == before


def test_a_bounce_of_a_mail_sent_before_still_finds_it(service: Service) -> None:
    world = World(service.db)
    team = world.apply().verified()
    verify = team.got("verify")[0]
    back = world.identity.return_address(str(verify.id))
    newer = Identity.of(world.config.programme, world.config.service, b"n" * 40)
    assert not Known(world.db, newer)(back)
    newer = secret_keys.identity(world.config.programme, world.config.service, Keys("n" * 40, (SECRET.decode(),)))
    assert newer.return_address(str(verify.id)) != back and Known(world.db, newer)(back)
    world.inbox = replace(world.inbox, identity=newer)
    assert bounce(world, verify.to_address, back) == "bounce"
    assert team.got("verify")[0].status == "bounced"


def test_a_key_from_the_environment_is_changed_there(service: Service) -> None:
    World(service.db)
    old, new = "o" * 40, "n" * 40
    app(service.db, "S" * 32, Keys(old))
    told = service.call("key", "rotate", TEEKOND_SECRET_KEY=old)
    assert told.exit_code == 1 and "TEEKOND_OLDER_SECRET_KEYS" in told.output and service.file.read_text() == FIRST
    both = {"TEEKOND_SECRET_KEY": new, "TEEKOND_OLDER_SECRET_KEYS": f'["{old}"]'}
    listed = service.call("key", "list", **both, TEEKOND_RETIRED_SECRET_KEYS=f'["{FIRST}"]').output
    assert [line.split()[0] for line in listed.splitlines()] == [keys.fingerprint(k) for k in (new, old, FIRST)]
    done = service.call("key", "drop-old", **both)
    assert done.exit_code == 0 and "TEEKOND_RETIRED_SECRET_KEYS" in done.output, done.output
    assert sealed_secrets.opened(the_app(service.db), Keys(new)) == "S" * 32


def test_a_key_in_the_environment_that_is_too_short_is_a_fault_without_its_words(service: Service) -> None:
    done = service.call("key", "list", TEEKOND_SECRET_KEY="n" * 40, TEEKOND_OLDER_SECRET_KEYS='["shorty"]')
    assert done.exit_code == 1 and "32" in done.output and "shorty" not in done.output


def test_two_commands_do_not_change_the_keys_at_once(service: Service) -> None:
    (service.data / "secret_key.new").write_text("")
    done = service.call("key", "rotate")
    assert done.exit_code == 1 and "delete it" in done.output
    assert service.file.read_text() == FIRST


@pytest.mark.parametrize("text", ["", f"{FIRST} rubbish", "\xff"])
def test_a_file_that_holds_no_key_is_told_and_left(service: Service, text: str) -> None:
    service.file.write_bytes(text.encode("latin-1"))
    for words in (["key", "rotate"], ["key", "list"], ["forget", "nobody@example.org"]):
        done = CliRunner().invoke(main, ["--data", str(service.data), *words])
        assert done.exit_code == 1 and "secret_key" in done.output, done.output
        assert FIRST not in done.output and done.exception.__class__ is SystemExit
    assert service.file.read_bytes() == text.encode("latin-1") and not (service.data / "secret_key.new").exists()


def test_without_a_key_or_a_database_nothing_is_made(tmp_path: Path) -> None:
    call = CliRunner()
    assert "first start" in call.invoke(main, ["--data", str(tmp_path), "key", "list"]).output
    assert call.invoke(main, ["--data", str(tmp_path), "key", "rotate"]).exit_code == 1
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "secret_key").write_text(FIRST)
    call.invoke(main, ["--data", str(tmp_path), "key", "rotate"])
    done = call.invoke(main, ["--data", str(tmp_path), "key", "drop-old", "--older-than", "0"])
    assert done.exit_code == 1 and "holds no books yet" in done.output
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_whoever_was_forgotten_stays_so_when_a_copy_returns_after_the_key_was_dropped(
    sqlite_db: Database, tmp_path: Path
) -> None:
    World(sqlite_db).apply(members=5).confirmed()
    data, copy, other = tmp_path, tmp_path / "monday.backup", tmp_path / "other"
    call = lambda *words, at=data: CliRunner().invoke(main, ["--data", str(at), *words])  # noqa: E731
    with sqlite_db.reading() as session:
        gone, stays = session.scalars(sa.select(Person.address).where(Person.team_id.is_not(None)).limit(2))
    lay(data)
    assert call("backup", str(copy)).exit_code == 0
    assert call("forget", gone).exit_code == 0
    assert call("key", "rotate").exit_code == 0
    dropped = call("key", "drop-old", "--older-than", "0")
    assert dropped.exit_code == 0 and "know again who was erased" in dropped.output, dropped.output
    other.mkdir()
    for name in ("secret_key", "erased.jsonl"):
        shutil.copy(data / name, other)
    back = call("restore", str(copy), at=other)
    assert back.exit_code == 0 and "1 people erased since are erased again" in back.output, back.output
    restored = Database(sqlite_url(other))
    with restored.reading() as session:
        there = set(session.scalars(sa.select(Person.address)))
    restored.close()
    assert gone not in there and stays in there
    shutil.rmtree(other)
