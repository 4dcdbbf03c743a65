"""What the documents say is so: each command line in them runs, each key, target, option and link in them exists.

A fenced block marked `console` or `sh` holds commands. Those of `teekond` are run in the order of the document, in a
folder of its own that holds what a reader has there: a config, another programme's, a letter. Those that serve are
started, asked once and ended. Whole command lines in sentences and tables are run too. What is no command of
teekond's is run by the test that `OTHERS` names; of `make`, which sets up and measures for minutes, the targets are
looked up.
"""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import tomllib
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa

from teekond import main
from tests.command_line import typed
from tests.paths import ROOT
from tests.sample_programme import another
from workflow.config import reference
from workflow.config.environment import ELSEWHERE, PREFIX
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Person

GENERATED = ("configuration.md", "record-of-processing.md", "states.md")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMES = [path.relative_to(ROOT).as_posix() for path in DOCUMENTS]
BLOCK = re.compile(r"^ *```(console|sh)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SERVING = ("serve", "demo", "web", "receive", "work")
TAKES_MAIL, SHOWS_PAGES = ("serve", "demo", "receive"), ("serve", "demo", "web")
MARI, MOMENT = "mari@example.org", datetime(2022, 2, 10, 12, tzinfo=UTC)
LETTER = b"From: mari@example.org\r\nTo: r-x@teekond.example.org\r\nSubject: Re: koht\r\n\r\nJAH\r\n"


def commands(path: Path) -> list[str]:
    """The document's commands in order, without prompts and remarks."""
    blocks = (match[2] for match in BLOCK.finditer(path.read_text(encoding="utf-8")))
    lines = (line.strip().removeprefix("$ ") for block in blocks for line in block.splitlines())
    return [re.sub(r"\s{2,}#.*", "", line) for line in lines if line]


def of_teekond(line: str) -> list[str] | None:
    """A command's words after `teekond`; None where it is another program's."""
    words = shlex.split(line)
    return words[1:] if words and words[0] in ("teekond", ".venv/bin/teekond") else None


OTHERS = {
    "make ": "tests/docs/test_docs.py",
    "cp ": "tests/docs/test_docs.py",
    "swaks ": "tests/real/test_clients.py",
    ".venv/bin/python -m build ": "tests/service/test_wheel.py",
    "python3 -m venv /opt/teekond": "tests/service/test_wheel.py",
    "/opt/teekond/bin/pip install ": "tests/service/test_wheel.py",
}
"""how the commands of other programs begin, and the tests that run them as they stand in the document"""
TYPED = {"teekond", "make", "cp", "pip", "swaks", "podman", "apt-get", "systemctl", "curl", "$"}
REHEARSED = "rehearse --teams 14 --seed 7"
"""tests/rehearsal lives through that season"""

WITH_TEEKOND = [path for path in DOCUMENTS if any(of_teekond(line) is not None for line in commands(path))]


@pytest.mark.parametrize("path", WITH_TEEKOND, ids=lambda path: path.name)
def test_every_teekond_command_in_a_document_runs(path: Path, tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.toml", tmp_path)
    (tmp_path / "letter.eml").write_bytes(LETTER)
    _put_programmes(tmp_path / "programmes")
    ran = 0
    for line in commands(path):
        words = of_teekond(line)
        if words is None:
            _copy(line, tmp_path)
            continue
        if MARI in words:
            _meet_mari(tmp_path)
        (_serve if set(words) & set(SERVING) else _run)(words, tmp_path)
        ran += 1
    assert ran


def _copy(line: str, folder: Path) -> None:
    """Of other programs' commands the copying is done here, and then what the document says to do to the copy."""
    if line.startswith("cp "):
        subprocess.run(shlex.split(line), cwd=folder, check=True)
        (folder / "another.toml").write_text(another(), encoding="utf-8")


def inline() -> list[str]:
    """Whole command lines of teekond in sentences and tables, with what they are given; a word in capitals or with
    three dots stands for something else, and a bare name is no command line."""
    blocks = {line.removeprefix(".venv/bin/") for path in DOCUMENTS for line in commands(path)}
    found = {line.removeprefix(".venv/bin/") for path in DOCUMENTS for line in spoken(path)}
    whole = {line for line in found if line.startswith("teekond ") and not re.search(r"\b[A-Z]{2,}|[…\[]", line)}
    return sorted(line for line in whole - blocks if len(line.split()) > 2 and REHEARSED not in line)


def test_whole_command_lines_in_sentences_run_too(tmp_path: Path) -> None:
    shutil.copy(ROOT / "config.toml", tmp_path)
    for name in ("letter.eml", "mail.eml"):
        (tmp_path / name).write_bytes(LETTER)
    _serve(["serve"], tmp_path)  # the season that `change` looks at
    db = Database(sqlite_url(tmp_path / "data"))
    assert len(inline()) > 2
    for line in inline():
        _run(line.split()[1:], tmp_path)
    db.close()


def test_no_command_line_escapes_its_test() -> None:
    for path in DOCUMENTS:
        text = path.read_text(encoding="utf-8")
        for kind, block in re.findall(r"^ *```(\w*)\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
            words = {line.split()[0] for line in block.splitlines() if line.strip()}
            assert kind in ("console", "sh") or not words & TYPED, f"{path.name}: what stands here is not run: {block}"
        for line in commands(path):
            if of_teekond(line) is None:
                test = next((where for begins, where in OTHERS.items() if line.startswith(begins)), None)
                assert test is not None, f"{path.name}: nothing runs: {line}"
    assert all((ROOT / where).is_file() for where in OTHERS.values())


def _put_programmes(folder: Path) -> None:
    """Two configs that share nothing."""
    folder.mkdir()
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    for key in ("koos", "noored"):
        own = text.replace('base_url = "http://localhost:8080"', f'base_url = "http://localhost:8080/p/{key}"')
        (folder / f"{key}.toml").write_text(own.replace('"koosloome@', f'"{key}@'), encoding="utf-8")


def _meet_mari(folder: Path) -> None:
    """Somebody stands in the books whom a document asks about."""
    if not (folder / "data" / "teekond.sqlite").exists():
        return
    db = Database(sqlite_url(folder / "data"))
    with db.writing() as session:
        if session.scalar(sa.select(Person).where(Person.address == MARI)) is None:
            session.add(
                Person(role="guest", name="Mari Näidis", address=MARI, address_key=MARI, lang="et", joined_at=MOMENT)
            )
    db.close()


def _run(words: list[str], folder: Path) -> None:
    done = typed(*_in_here(_fewer_teams(words)), cwd=folder)
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
    assert done.stdout.strip(), f"{words} said nothing"


def _in_here(words: list[str]) -> list[str]:
    """What a document puts into the machine's own folders stays in this one."""
    return [word.removeprefix("/var/lib/") for word in words]


def _fewer_teams(words: list[str]) -> list[str]:
    """A season is rehearsed with one team, however many the document lets take part."""
    return ["1" if before == "--teams" else word for before, word in zip(["", *words], words, strict=False)]


def _serve(words: list[str], folder: Path) -> None:
    """Started on free ports whatever the document says, asked once, and ended in good order."""
    what = next(word for word in words if word in SERVING)
    plain = words[: words.index(what) + 1]
    plain += ["--web", "127.0.0.1:0"] if what in SHOWS_PAGES else []
    plain += ["--smtp", "127.0.0.1:0"] if what in TAKES_MAIL else []
    command = [sys.executable, str(ROOT / "teekond.py"), *plain]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("teekond"), line
            if what in SHOWS_PAGES:
                found = re.search(r"http://localhost:(\d+)", line)
                assert found, line
                with urllib.request.urlopen(f"http://localhost:{found[1]}/healthz", timeout=20) as answer:
                    assert answer.status == 200
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, f"{words} did not end in good order"


# -- what is only named -------------------------------------------------------------------------------------------


def targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def spoken(path: Path) -> Iterator[str]:
    """Commands in the middle of a sentence or in a table, as `teekond check`, and those in blocks."""
    yield from commands(path)
    yield from re.findall(r"`((?:\.venv/bin/)?teekond [^`\n]+|make [^`\n]+)`", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_make_target_that_is_named_is_there(path: Path) -> None:
    named = {line.split()[1] for line in spoken(path) if line.startswith("make ")}
    assert named <= targets(), path


def test_make_targets_are_named_somewhere() -> None:
    named = {line.split()[1] for path in DOCUMENTS for line in spoken(path) if line.startswith("make ")}
    assert {"run", "test", "setup", "site"} <= named


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_command_and_option_that_is_named_is_there(path: Path) -> None:
    for line in spoken(path):
        if re.match(r"(\.venv/bin/)?teekond ", line):
            assert unknown(line.split()[1:]) == [], f"{path.name}: {line}"


def unknown(words: list[str]) -> list[str]:
    """Commands and options among the words that the command line does not have."""
    context, bare = click.Context(main), [word.strip("[],.") for word in words]
    found = [main.get_command(context, word) for word in bare if word in main.list_commands(context)]
    if not found and "COMMAND" not in bare and bare not in (["--version"], ["--help"]):
        return bare[:1]
    options = {name for one in (main, *found) if one is not None for name in _options(one)}
    return [word for word in bare if word.startswith("--") and word not in options]


def _options(command: click.Command) -> Iterator[str]:
    yield "--help"
    for each in command.params:
        yield from each.opts


def test_a_command_or_option_that_is_not_there_is_noticed() -> None:
    assert unknown(["chekc"]) == ["chekc"]
    assert unknown(["change", "--aply"]) == ["--aply"]
    assert unknown(["--config", "FILE", "--data", "DIR", "COMMAND"]) == []


# -- keys ---------------------------------------------------------------------------------------------------------

KEY = re.compile(r"`\[([a-z_.]+)\](?: ([a-z_]+)(?: = [^`]*)?)?`|`([a-z_]+)(?: = [^`]*)?` in `\[([a-z_.]+)\]`")
VARIABLE = re.compile(r"`TEEKOND_([A-Z_]+?)(?:=[^`]*)?`")
WHEEL_EXTRAS = {"postgresql", "oidc", "dev"}


def keys() -> dict[str, set[str]]:
    """The config's tables and their keys, as the generated page has them."""
    found: dict[str, set[str]] = {}
    table = ""
    for line in reference.page().splitlines():
        heading = re.match(r"#+ .*?\[+([a-z_.…]+)\]+", line)
        table = heading[1].removesuffix(".…") if heading else table if not line.startswith("#") else ""
        row = re.match(r"\| `([a-z_]+)`", line)
        found.setdefault(table, set())
        if row:
            found[table].add(row[1])
    return found


def test_every_key_that_a_document_names_is_there() -> None:
    there, named = keys(), 0
    for path in DOCUMENTS:
        if path.name in GENERATED or path.name == "asvs.md":
            continue
        for match in KEY.finditer(path.read_text(encoding="utf-8")):
            table, key = (match[1], match[2]) if match[1] else (match[4], match[3])
            if table in WHEEL_EXTRAS - {"oidc"} and not key:
                continue
            named += 1
            assert table in there or table in there[""], f"{path.name}: [{table}]"
            assert not key or key in there[table], f"{path.name}: [{table}] {key}"
    assert named > 15


def test_every_variable_that_a_document_names_is_a_key() -> None:
    there, named = keys(), set()
    for path in DOCUMENTS:
        for name in VARIABLE.findall(path.read_text(encoding="utf-8")):
            table, _, key = name.lower().rpartition("__")
            named.add(name)
            assert key in there[table] or name == "SECRET_KEY" or PREFIX + name in ELSEWHERE, f"{path.name}: {name}"
    assert {"SECRET_KEY", "MAIL__RELAY_PASSWORD", "DATABASE__URL"} <= named


def test_the_default_config_has_what_another_programme_is_told_to_change() -> None:
    told: dict[str, Any] = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "another-programme.md").read_text(encoding="utf-8")
    stages = {stage["key"] for stage in told["stages"]}
    assert set(re.findall(r"`(workshop_\d|mentoring)`", text)) <= stages
    assert {"key", "name", "short_name", "organisers", "capacity", "attend_at_least"} <= set(told)
    assert {"home", "kinds"} <= set(told["team"])


# -- links --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_link_and_picture_of_a_document_is_there(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(<?([^)\s>]+)>?\)", text):
        if re.match(r"[a-z]+:|#", target):
            continue
        assert (path.parent / target.partition("#")[0]).exists(), f"{path.name}: {target}"


# -- files --------------------------------------------------------------------------------------------------------

NAMED_FILE = re.compile(
    r"(?<![\w./-])((?:workflow|mail|web|service|rehearsal|tests|bench|docs|templates|\.ci)/[\w./-]*[\w/]|[a-z][a-z_]*\.py\b)"
)
STEP = re.compile(r"^ *\d+ +([a-z_]+(?:/[a-z_]+)+) +([^\n]*)", re.MULTILINE)


def there() -> set[str]:
    return {path.name for path in ROOT.rglob("*.py") if ".venv" not in path.parts}


def missing(text: str, modules: set[str]) -> list[str]:
    """What the text names and nobody has: a path from the root, or a module by its name alone."""
    named = sorted(set(NAMED_FILE.findall(text)))
    return [name for name in named if not ((ROOT / name).exists() if "/" in name else name in modules)]


def test_every_path_and_module_that_a_document_names_is_there() -> None:
    modules = there()
    assert missing("`mail/gone.py`, web/access/ and never_there.py", modules) == ["mail/gone.py", "never_there.py"]
    found = {path.name: missing(path.read_text(encoding="utf-8"), modules) for path in DOCUMENTS}
    assert {name: names for name, names in found.items() if names} == {}


def test_the_ways_through_the_packages_name_modules_where_they_are() -> None:
    """Each step of docs/architecture.md begins with its package; the modules in its words are that package's."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    steps = [(package, re.findall(r"\b[a-z_]+\.py\b", words)) for package, words in STEP.findall(text)]
    assert len(steps) > 20 and sum(len(modules) for _, modules in steps) > 20
    assert [f"{package}/{m}" for package, modules in steps for m in modules if not (ROOT / package / m).is_file()] == []


def test_the_tree_in_the_architecture_page_names_every_package() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for floor in ("service", "workflow", "mail", "web"):
        block = re.search(rf"^{floor}/ .*\n((?:  .*\n)+)", text, re.MULTILINE)
        assert block, floor
        packages = {path.parent.name for path in (ROOT / floor).glob("*/__init__.py")}
        assert set(re.findall(r"^  ([a-z_0-9]+)/", block[1], re.MULTILINE)) == packages


def test_the_changelog_has_a_line_a_change_under_its_readers() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    changes = [line for line in lines if line.startswith("- ")]
    assert len(changes) > 50 and len(changes) == len(set(changes))
    assert [line for line in changes if len(line) > 150 or not line.endswith(".")] == []
    assert {line for line in lines[1:] if line not in changes} == {"**Added**", "**Changed**", "**Fixed**"}
