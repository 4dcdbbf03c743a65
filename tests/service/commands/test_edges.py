"""Every fault at the edge is one sentence with what to do: addresses of databases, drivers, ports, folders, keys."""

import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from click.testing import Result

from service import preflight
from tests.case_table import each
from tests.laid_books import lay
from tests.paths import ROOT
from tests.service.commands.test_looking import folder, one_sentence, typed  # noqa: F401
from workflow.config.loader import load

SECRET: Final = "hunter2"
NO_DATABASES: Final = (
    "nonsense",
    "sqlite://",
    f"mysql://teekond:{SECRET}@db.example.org/koos",
    f"oracle://teekond:{SECRET}@db.example.org/koos",
    f"postgresql://teekond:{SECRET}@db.example.org:port/koos",
    f"postgresql://teekond:{SECRET}/x@db.example.org/koos",
)
BY_NAME: Final = {"postgres", "postgresql", "postgresql+psycopg"}
LOOK: Final = (("verify",), ("retention",), ("doctor", "--no-dns", "--wait", "0"), ("serve",), ("work",))


@pytest.fixture
def here(folder: Path) -> Path:  # noqa: F811
    """A folder with the example config."""
    (folder / "config.toml").write_text(typed("config").output)
    return folder


@each("url", NO_DATABASES)
def test_an_address_that_is_no_databases_is_told_by_check_and_by_each_command(url: str, here: Path) -> None:
    checked = typed("check", TEEKOND_DATABASE__URL=url)
    assert checked.exit_code == 1 and "This is no database's address" in checked.output
    for words in LOOK:
        done = typed(*words, TEEKOND_DATABASE__URL=url)
        said = done.output.splitlines()
        assert done.exit_code == 1 and "This is no database's address" in said[0] and len(said) == 2, done.output
        assert SECRET not in done.output
    assert [path.name for path in here.iterdir()] == ["config.toml"]


def test_an_address_as_hosters_write_it_is_taken(here: Path) -> None:
    text = (here / "config.toml").read_text()
    for name in BY_NAME:
        url = f"{name}://teekond:{SECRET}@db.example.org:5432/koos?sslmode=verify-full"
        taken = load(text, {"TEEKOND_DATABASE__URL": url}).service.database.url
        assert taken == f"postgresql+psycopg://teekond:{SECRET}@db.example.org:5432/koos?sslmode=verify-full"
    socket_folder = load(text, {"TEEKOND_DATABASE__URL": "postgresql:///koos?host=/run/postgresql"})
    assert socket_folder.service.database.url == "postgresql+psycopg:///koos?host=/run/postgresql"


def test_a_missing_driver_is_told_by_check_and_by_each_command(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.check_driver, "__defaults__", (lambda _: None,))
    url = f"postgres://teekond:{SECRET}@127.0.0.1:1/koos"
    checked = typed("check", TEEKOND_DATABASE__URL=url)
    assert checked.exit_code == 1 and "teekond[postgresql]" in checked.output
    for words in LOOK:
        assert "teekond[postgresql]" in one_sentence(typed(*words, TEEKOND_DATABASE__URL=url))


def test_missing_libraries_of_a_directory_are_told_before_anything_is_served(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight.check_directory, "__defaults__", (lambda _: None,))
    with (here / "config.toml").open("a") as file:
        file.write('\n[oidc]\nissuer = "https://id.example.org"\nclient_id = "x"\n')
    checked = typed("check")
    assert checked.exit_code == 1 and "teekond[oidc]" in checked.output
    done = typed("web", "--web", "127.0.0.1:0")
    assert done.exit_code == 1 and "Error: [oidc] needs requests, authlib, joserfc" in done.output
    assert isinstance(done.exception, SystemExit)


def test_a_missing_typesetter_is_told_before_anything_is_served(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight.check_certificates, "__defaults__", (lambda _: None,))
    checked = typed("check")
    assert checked.exit_code == 1 and "teekond[certificates]" in checked.output
    done = typed("web", "--web", "127.0.0.1:0")
    assert done.exit_code == 1 and "Error: [certificates] needs typst" in done.output


def test_a_rehearsal_without_its_library_is_one_sentence() -> None:
    script = "import sys; sys.modules |= {'rich': None, 'rich.console': None}; import teekond; teekond.main()"
    words = [sys.executable, "-c", script, "rehearse"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and "teekond[rehearsal]" in done.stderr, done.stderr


@each("words", [("serve", "--smtp", "127.0.0.1:0", "--web"), ("web", "--web"), ("receive", "--smtp"),
                ("serve", "--web", "127.0.0.1:0", "--smtp")])  # fmt: skip
def test_a_busy_port_and_an_address_of_another_machine_are_told(words: tuple[str, ...], here: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        assert f"{at} is taken: end what listens there" in told(typed(*words, at))
    assert "no address of this machine" in told(typed(*words, "192.0.2.1:8080"))


def told(done: Result) -> str:
    """The one sentence behind what the log says of this Python."""
    said = [line for line in done.output.splitlines() if " WARNING teekond Python " not in line]
    assert done.exit_code == 1 and isinstance(done.exception, SystemExit) and len(said) == 1, done.output
    return said[0]


FILES: Final = (
    ("[mail]", 'dkim_selector = "t"\ndkim_key_file = "away.pem"', "dkim_key_file"),
    ("[receive]", 'certificate_file = "away.pem"\nkey_file = "away.pem"', "certificate_file"),
    ("[receive]", 'certificate_file = "away.pem"', "both or none"),
)


@each("table, keys, says", FILES)
def test_check_looks_at_the_files_that_a_start_needs(table: str, keys: str, says: str, here: Path) -> None:
    text = typed("config").output
    assert text.count(f"\n{table}\n") == 1
    (here / "config.toml").write_text(text.replace(f"\n{table}\n", f"\n{table}\n{keys}\n"))
    for words in (("check",), ("web", "--web", "127.0.0.1:0")):
        done = typed(*words)
        assert done.exit_code == 1 and says in done.output and isinstance(done.exception, SystemExit), done.output


def test_check_looks_at_a_service_accounts_key(here: Path) -> None:
    with (here / "config.toml").open("a") as file:
        file.write('\n[oauth]\nprovider = "google"\ngrant = "service_account"\nkey_file = "away.json"\n')
    checked = typed("check")
    assert checked.exit_code == 1 and "key_file away.json" in checked.output


@each("where", ["none/data", "file/data", "file"])
def test_a_data_folder_that_cannot_be_is_told(where: str, here: Path) -> None:
    (here / "file").write_text("x")
    for words in (("verify",), ("retention",), ("backup", "copy")):
        done = typed("--data", where, *words)
        assert done.exit_code in (1, 2) and isinstance(done.exception, SystemExit), (words, done.exception)
    assert not (here / "none").exists()


def test_books_that_are_there_are_opened_after_all(here: Path) -> None:
    lay(here / "data", config=here / "config.toml")
    assert typed("verify").exit_code == 0 and typed("retention").exit_code == 0
