"""The programmes of a folder: each is told what is its own; what two would both be is refused to one, in words."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from service import programmes
from service.assembly import database_url
from service.invocation import Invocation
from service.programmes import Sorted
from teekond import main
from tests.laid_books import lay
from tests.paths import ROOT
from workflow.audit import backup
from workflow.database.engine import Database, in_schema, schema_of

DEFAULT = (ROOT / "config.toml").read_text(encoding="utf-8")


class Still:
    def now(self) -> datetime:
        return datetime(2022, 2, 1, tzinfo=UTC)


@pytest.fixture
def told(tmp_path: Path) -> Invocation:
    (tmp_path / "p").mkdir()
    return Invocation(
        config=None, data=tmp_path / "d", share=ROOT, environ={}, clock=Still(), secret=str, key=str,
        programmes=tmp_path / "p",
    )  # fmt: skip


def put(told: Invocation, key: str, **changes: str) -> None:
    """A config that shares nothing with another key's; `changes` are lines of the file by their keys."""
    own = {
        "base_url": f'"http://localhost:8080/p/{key}"', "from_address": f'"{key}@teekond.example.org"', **changes
    }  # fmt: skip
    text = DEFAULT
    for name, value in own.items():
        before = next(line for line in text.splitlines() if line.startswith(f"{name} ="))
        text = text.replace(before, f"{name} = {value}")
    assert told.programmes is not None
    (told.programmes / f"{key}.toml").write_text(text, encoding="utf-8")


def closed(found: Sorted) -> dict[str, str]:
    return {one.key: one.why for one in found.closed}


def test_each_has_a_data_folder_and_tables_of_its_own(told: Invocation) -> None:
    put(told, "koos"), put(told, "noored-2027")
    found = programmes.read_all(told)
    assert closed(found) == {}
    assert {one.key: one.told.data for one in found.read} == {key: told.data / key for key in ("koos", "noored-2027")}
    urls = {one.key: database_url(one.told, one.config) for one in found.read}
    assert urls == {key: f"sqlite:///{told.data / key / 'teekond.sqlite'}" for key in urls}


def test_on_postgresql_each_has_a_schema_where_its_address_names_none(told: Invocation) -> None:
    put(told, "koos"), put(told, "noored-2027"), put(told, "vana")
    url = "postgresql+psycopg://teekond:sala@db.example.org/teekond"
    told = replace(
        told, environ={"TEEKOND_DATABASE__URL": url, "TEEKOND_FOR_VANA__DATABASE__URL": f"{url}?schema=public"}
    )
    found = programmes.read_all(told)
    schemas = {one.key: schema_of(database_url(one.told, one.config)) for one in found.read}
    assert schemas == {"koos": "p_koos", "noored-2027": "p_noored_2027", "vana": "public"}
    taken = replace(told, environ={"TEEKOND_DATABASE__URL": f"{url}?schema=public"})
    assert set(closed(programmes.read_all(taken))) == {"noored-2027", "vana"}
    assert "sala" not in str(closed(programmes.read_all(taken)))


def test_the_tables_of_one_schema_are_not_seen_from_another(postgresql_url: sa.URL, tmp_path: Path) -> None:
    url = postgresql_url.render_as_string(hide_password=False)
    first, second = Database(in_schema(url, "p_first")), Database(in_schema(url, "p_second"))
    first.migrate()
    assert first.at_head() and not second.at_head()
    with first.writing() as session:
        session.execute(sa.text("INSERT INTO settings (key, value) VALUES ('whose', 'first')"))
    with second.engine.connect() as connection, pytest.raises(sa.exc.ProgrammingError, match="does not exist"):
        connection.execute(sa.text("SELECT value FROM settings"))
    second.migrate()
    with second.reading() as session:
        assert session.scalar(sa.text("SELECT value FROM settings WHERE key = 'whose'")) is None
    backup.backup(first, tmp_path / "copy")
    backup.restore(tmp_path / "copy", in_schema(url, "p_third"), Still().now())
    third = Database(in_schema(url, "p_third"))
    with third.reading() as session:
        assert session.scalar(sa.text("SELECT value FROM settings WHERE key = 'whose'")) == "first"
    for one, name in ((first, "p_first"), (second, "p_second"), (third, "p_third")):
        with one.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        one.close()


def test_what_is_for_one_reaches_no_other(told: Invocation) -> None:
    put(told, "koos"), put(told, "noored-2027")
    environ = {
        "TEEKOND_MAIL__RELAY_HOST": "relay.example.org", "TEEKOND_FOR_KOOS__SECRET_KEY": "k" * 32,
        "TEEKOND_FOR_NOORED_2027__MAIL__RELAY_HOST": "other.example.org", "TEEKOND_FOR_KOS__MAIL__RELAY_HOST": "typo",
        "HOME": "/",
    }  # fmt: skip
    found = programmes.read_all(replace(told, environ=environ))
    service = {one.key: one.config.service for one in found.read}
    assert {key: one.mail.relay_host for key, one in service.items()} == {
        "koos": "relay.example.org", "noored-2027": "other.example.org"
    }  # fmt: skip
    assert service["koos"].secret_key is not None and service["noored-2027"].secret_key is None
    assert found.strange == ("TEEKOND_FOR_KOS__MAIL__RELAY_HOST",)


def test_no_two_share_a_secret_key(told: Invocation) -> None:
    put(told, "koos")
    found = programmes.read_all(replace(told, environ={"TEEKOND_SECRET_KEY": "k" * 32}))
    assert "TEEKOND_FOR_KOOS__SECRET_KEY" in closed(found)["koos"]


def test_a_broken_config_closes_itself_alone_and_every_fault_is_told(told: Invocation) -> None:
    put(told, "koos"), put(told, "katki", capacity="-1", timezone='"Europe/Tallin"'), put(told, "Suur Nimi")
    found = programmes.read_all(told)
    assert [one.key for one in found.read] == ["koos"]
    assert "capacity" in closed(found)["katki"] and "timezone" in closed(found)["katki"]
    assert "small letters" in closed(found)["Suur Nimi"]


@pytest.mark.parametrize(
    ("shared", "says"),
    [
        ({"from_address": '"koos@teekond.example.org"'}, "from_address: koos@teekond.example.org is taken by koos"),
        ({"base_url": '"http://localhost:8080/p/koos"'}, "its path is /p/uus"),
        ({"base_url": '"https://example.org/teekond"'}, "its path is /p/uus"),
    ],
)
def test_what_another_has_is_refused_with_what_to_do(told: Invocation, shared: dict[str, str], says: str) -> None:
    put(told, "koos"), put(told, "uus", **shared)
    found = programmes.read_all(told)
    assert [one.key for one in found.read] == ["koos"]
    assert says in closed(found)["uus"]


def test_a_host_belongs_to_one_programme_whatever_names_it_goes_by(told: Invocation) -> None:
    put(told, "koos", base_url='"https://koos.example.org"'), put(told, "uus", base_url='"http://KOOS.example.org:81"')
    assert "base_url: koos.example.org is taken by koos" in closed(programmes.read_all(told))["uus"]


def test_who_ran_before_keeps_what_a_new_one_wants_too(told: Invocation) -> None:
    put(told, "vana", base_url='"https://t.example.org"'), put(told, "uus", base_url='"https://t.example.org"')
    assert [one.key for one in programmes.read_all(told).read] == ["uus"]
    (told.data / "vana").mkdir(parents=True)
    assert [one.key for one in programmes.read_all(told).read] == ["vana"]


def test_one_without_a_way_in_for_mail_is_closed(told: Invocation) -> None:
    put(told, "koos")
    found = programmes.read_all(replace(told, environ={"TEEKOND_RECEIVE__PROTOCOL": "none"}))
    assert "needs a [mailbox]" in closed(found)["koos"]


def test_one_port_speaks_one_protocol(told: Invocation) -> None:
    put(told, "koos")
    put(told, "uus")
    found = programmes.read_all(replace(told, environ={"TEEKOND_FOR_UUS__RECEIVE__PROTOCOL": "lmtp"}))
    assert "speaks smtp for koos" in closed(found)["uus"]


def test_commands_are_about_one_that_is_named(told: Invocation, tmp_path: Path) -> None:
    put(told, "koos"), put(told, "uus")
    words = ["--programmes", str(told.programmes), "--data", str(tmp_path / "d")]
    unnamed = CliRunner().invoke(main, [*words, "person-data", "mari@example.org"])
    assert unnamed.exit_code == 1 and "--programme KEY" in unnamed.output
    unknown = CliRunner().invoke(main, [*words, "--programme", "kous", "check"])
    assert unknown.exit_code == 1 and "there are: koos, uus" in unknown.output
    looked = CliRunner().invoke(main, [*words, "--programme", "uus", "verify"])
    assert looked.exit_code == 1 and "holds no books yet" in looked.output and not (tmp_path / "d").exists()
    for key in ("uus", "koos"):
        lay(tmp_path / "d" / key, config=tmp_path / "p" / f"{key}.toml")
    looked = CliRunner().invoke(main, [*words, "--programme", "uus", "retention"])
    assert looked.exit_code == 0, looked.output
    all_of_them = CliRunner().invoke(main, [*words, "verify"])
    assert all_of_them.exit_code == 0 and "-- koos" in all_of_them.output and "-- uus" in all_of_them.output
    copied = CliRunner().invoke(main, [*words, "--programme", "uus", "backup", str(tmp_path / "copy")])
    assert copied.exit_code == 0 and (tmp_path / "copy").exists()
    assert CliRunner().invoke(main, ["--programme", "uus", "check"]).exit_code == 2


def test_check_tells_of_all_and_of_what_they_would_both_be(told: Invocation) -> None:
    put(told, "koos"), put(told, "uus", from_address='"koos@teekond.example.org"')
    words = ["--programmes", str(told.programmes), "--data", str(told.data), "check"]
    found = CliRunner().invoke(main, words)
    assert found.exit_code == 1 and "uus would be closed" in found.output and "is taken by koos" in found.output
    put(told, "uus")
    assert CliRunner().invoke(main, words).exit_code == 0


def test_what_goes_through_all_goes_on_behind_a_broken_one(told: Invocation) -> None:
    put(told, "koos"), put(told, "aia-katki", capacity="-1")
    words = ["--programmes", str(told.programmes), "--data", str(told.data)]
    assert told.programmes is not None
    lay(told.data / "koos", config=told.programmes / "koos.toml")
    found = CliRunner().invoke(main, [*words, "verify"])
    assert found.exit_code == 1
    assert "capacity" in found.output and "0 teams" in found.output.partition("-- koos")[2]


def test_an_empty_folder_serves_nothing_and_says_so(told: Invocation) -> None:
    with pytest.raises(click.ClickException, match=r"KEY\.toml"):
        programmes.read_all(told)
