"""Looking never makes: what begins books may, every other command opens what is there or ends with one sentence.

A data folder says whose books it holds, and a command that is led elsewhere refuses."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result

import teekond
from service import belonging, environment_file
from service.belonging import Belonging
from tests.case_table import each
from tests.laid_books import lay
from tests.paths import DATA, ROOT
from workflow.database import engine
from workflow.database.engine import Database, sqlite_url

MAKERS: Final = {"serve", "web", "receive", "work", "demo", "restore", "rehearse"}
"""a rehearsal makes its own, in the folder it is told"""
WITHOUT_BOOKS: Final = {"config", "check", "read", "init", "doctor", "schema"}
"""about files, or about what is not there yet"""
COMPOSED: Final = {"daily"}
"""verifies and backs up, each of which stands below; it tells the fault of each"""
ADDRESS: Final = "mari@example.org"
WORDS: Final[dict[str, list[tuple[str, ...]]]] = {
    "change": [("change",), ("change", "--apply")],
    "key": [("key", "list"), ("key", "rotate"), ("key", "drop-old")],
    "backup": [("backup", "copy")],
    "verify": [("verify",)],
    "import": [("import", "guests", str(DATA / "guests.csv"))],
    "person-data": [("person-data", ADDRESS)],
    "forget": [("forget", ADDRESS), ("forget", "--dry-run", ADDRESS)],
    "retention": [("retention",), ("retention", "--dry-run")],
    "reset-second-factor": [("reset-second-factor", ADDRESS)],
    "hold": [("hold",)],
    "release": [("release",), ("release", "--yes")],
}
LOOKS: Final = [words for each_of in WORDS.values() for words in each_of]
TO_BOOKS: Final = [words for words in LOOKS if words[0] != "key"]
"""keys are the folder's, whatever the config"""
OPEN_BOOKS: Final = [words for words in LOOKS if words[0] not in ("backup", "key")]
"""a copy is made of books as they are; a key stands beside them"""
DOCTOR: Final = ("doctor", "--no-dns", "--wait", "0")
SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""that a start takes for itself"""
STARTS: Final = (("serve",), ("web",), ("receive",), ("work",))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to type commands in, with nothing of Teekond's in the environment."""
    for name in [name for name in os.environ if name.startswith("TEEKOND_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def typed(*words: str, **environ: str) -> Result:
    before, handlers = dict(os.environ), {each: signal.getsignal(each) for each in SIGNALS}
    try:
        return CliRunner().invoke(teekond.main, list(words), env=environ)
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)
        os.environ.clear()
        os.environ.update(before)


def one_sentence(done: Result) -> str:
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit), (done.output, done.exception)
    assert done.output.startswith("Error: ") and len(done.output.splitlines()) == 1, done.output
    return done.output


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_each_command_stands_in_one_of_the_lists() -> None:
    assert MAKERS | WITHOUT_BOOKS | COMPOSED | WORDS.keys() == teekond.COMMANDS.keys()


@each("words", [*LOOKS, *STARTS, DOCTOR, ("check",), ("init", "--start", "2027-03-01", "--out", "next.toml")])
def test_without_a_config_nothing_is_begun(words: tuple[str, ...], folder: Path) -> None:
    assert "no config.toml in" in one_sentence(typed(*words))
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("words", LOOKS, ids=" ".join)
def test_without_books_one_sentence_and_no_file(words: tuple[str, ...], folder: Path) -> None:
    (folder / "config.toml").write_text(typed("config").output)
    said = one_sentence(typed(*words))
    assert "yet" in said or "no secret key" in said
    assert [path.name for path in folder.iterdir()] == ["config.toml"]


def test_the_doctor_says_what_is_made_at_the_first_start_and_makes_nothing(folder: Path) -> None:
    (folder / "config.toml").write_text(typed("config").output)
    done = typed(*DOCTOR, "--lang", "en")
    assert "ok  Database: will be made at the first start" in done.output
    assert "ok  Secret key: will be made at the first start" in done.output
    assert [path.name for path in folder.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("tables", ["older", "newer"])
def test_tables_of_another_version_are_left_as_they_are(
    tables: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "config.toml").write_text(typed("config").output)
    db = Database(sqlite_url(lay(folder / "data", config=folder / "config.toml")))
    if tables == "newer":
        with db.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0099_future'")
    else:
        monkeypatch.setattr(engine, "newest_shape", lambda *_: "0002")
    monkeypatch.setattr(Database, "migrate", lambda _: pytest.fail("migrated"))
    wrong = {words: said for words in OPEN_BOOKS if tables not in (said := one_sentence(typed(*words)))}
    db.close()
    assert not wrong


@each("words", [*TO_BOOKS, *STARTS, DOCTOR])
def test_a_command_with_another_programmes_config_refuses(words: tuple[str, ...], folder: Path) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    assert text.count('\nkey = "koosloome-2022"') == 1
    (folder / "other.toml").write_text(text.replace('\nkey = "koosloome-2022"', '\nkey = "other"'))
    if not (folder / "data").exists():
        lay(folder / "data")
    before = files(folder)
    said = one_sentence(typed("--config", "other.toml", *words))
    assert "koosloome-2022" in said and "describes other" in said
    assert files(folder) == before


@each("words", [*TO_BOOKS, *STARTS, DOCTOR])
def test_a_command_led_to_another_database_refuses(words: tuple[str, ...], folder: Path) -> None:
    if not (folder / "data").exists():
        lay(folder / "data")
    before = files(folder)
    elsewhere = f"sqlite:///{folder}/elsewhere.sqlite"
    said = one_sentence(typed("--config", str(ROOT / "config.toml"), *words, TEEKOND_DATABASE__URL=elsewhere))
    assert "TEEKOND_ENV_FILE" in said and "elsewhere.sqlite" in said
    assert files(folder) == before


URLS = [
    ("sqlite:////srv/t/teekond.sqlite", "teekond.sqlite"),
    ("sqlite:////srv/other.sqlite", "/srv/other.sqlite"),
    ("postgresql+psycopg://teekond:hunter2@db.example.org/koos", "postgresql://db.example.org:5432/koos"),
    ("postgresql+psycopg://x@db.example.org:5432/koos?sslmode=verify-full", "postgresql://db.example.org:5432/koos"),
    ("postgresql+psycopg:///koos?host=/run/pg&schema=p_a", "postgresql:///run/pg:5432/koos?schema=p_a"),
]


@each("url, said", URLS)
def test_an_address_is_said_without_the_account(url: str, said: str) -> None:
    assert Belonging.of(Path("/srv/t"), "koos", url).database == said


def test_what_a_folder_says_moves_with_it_and_nonsense_says_nothing(folder: Path) -> None:
    lay(folder / "data")
    (folder / "data").rename(folder / "moved")
    assert typed("--config", str(ROOT / "config.toml"), "--data", "moved", "verify").exit_code == 0
    (folder / "moved" / belonging.FILE).write_text("nonsense")
    assert typed("--config", str(ROOT / "config.toml"), "--data", "moved", "verify").exit_code == 0


# -- where things are, from the environment -------------------------------------------------------------------------


def test_the_environment_says_where_config_and_data_are(folder: Path) -> None:
    (folder / "c").mkdir()
    (folder / "c" / "mine.toml").write_text(typed("config").output)
    lay(folder / "d", config=folder / "c" / "mine.toml")
    where = {"TEEKOND_CONFIG": "c/mine.toml", "TEEKOND_DATA": "d"}
    assert "0 teams" in typed("verify", **where).output
    assert "no faults" in typed("check", **where).output, "and they are no keys of the file"
    assert "holds no books yet" in one_sentence(typed("--data", "e", "verify", **where)), "an option goes before"
    (folder / "environment").write_text(
        "# as systemd has it\n\nTEEKOND_CONFIG=c/mine.toml\nTEEKOND_DATA='d'\n"
        'TEEKOND_MAIL__ONLY_TO=["@example.org"]\n'
    )
    assert "0 teams" in typed("verify", TEEKOND_ENV_FILE="environment").output
    assert "holds no books yet" in one_sentence(typed("verify", TEEKOND_ENV_FILE="environment", TEEKOND_DATA="e"))


def test_a_database_named_in_the_services_environment_is_found_by_a_typed_command(folder: Path) -> None:
    """The trap of a command typed without it: empty books, praised."""
    url = f"sqlite:///{folder}/books.sqlite"
    lay(folder / "data", environ={"TEEKOND_DATABASE__URL": url})
    (folder / "environment").write_text(f"TEEKOND_DATABASE__URL={url}\n")
    config = str(ROOT / "config.toml")
    assert "books.sqlite" in one_sentence(typed("--config", config, "verify"))
    assert "0 teams" in typed("--config", config, "verify", TEEKOND_ENV_FILE="environment").output


@each("line", ["hunter2", "=hunter2", "A B=hunter2", 'A="hunter2', "export A=hunter2"])
def test_a_wrong_line_is_told_by_its_number_alone(line: str, folder: Path) -> None:
    (folder / "environment").write_text(f"A=1\n{line}\n")
    said = one_sentence(typed("check", TEEKOND_ENV_FILE="environment"))
    assert "line 2" in said and "hunter2" not in said


def test_an_environment_file_that_is_missing_is_told(folder: Path) -> None:
    assert "TEEKOND_ENV_FILE" in one_sentence(typed("check", TEEKOND_ENV_FILE="away"))


def test_values_are_read_as_systemd_reads_them(folder: Path) -> None:
    (folder / "e").write_text('A=\nB=two words \nC="x \\" y"\nD=\'a # b\'\nE=["k", "l"]\n; no\n')
    assert environment_file.read(folder / "e") == {
        "A": "", "B": "two words", "C": 'x " y', "D": "a # b", "E": '["k", "l"]',
    }  # fmt: skip


def test_the_folder_of_programmes_is_named_by_the_environment(folder: Path) -> None:
    (folder / "p").mkdir()
    (folder / "p" / "koos.toml").write_text(typed("config").output)
    assert "-- koos" in typed("check", TEEKOND_PROGRAMMES="p").output
    assert typed("check", TEEKOND_PROGRAMMES="p", TEEKOND_CONFIG="x").exit_code == 2
    assert typed("--config", "p/koos.toml", "check", TEEKOND_PROGRAMMES="p").exit_code == 0
