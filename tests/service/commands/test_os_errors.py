"""What the system refuses a command (no room, no right, read-only, no folder, a file in the way) is said in one
sentence in plain words, whatever the command: no traceback, no error number."""

import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

import teekond
from tests.command_line import typed
from tests.conftest import leave_out
from tests.laid_books import lay
from tests.paths import ROOT

ADDRESS: Final = "mari@example.org"
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "demo": ("--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"),
    "serve": ("--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0"),
    "web": ("--web", "127.0.0.1:0"),
    "receive": ("--smtp", "127.0.0.1:0"),
    "work": (),
    "init": ("--start", "2027-03-01", "--out", "{here}/next.toml"),
    "change": ("--apply",),
    "key": ("rotate",),
    "backup": ("{here}/copy.sqlite",),
    "daily": ("{here}/copies",),
    "import": ("applications", "--template", "{here}/sheet.xlsx"),
    "restore": ("{copy}",),
    "person-data": (ADDRESS, "--out", "{here}/person"),
    "forget": (ADDRESS,),
    "retention": (),
    "reset-second-factor": (ADDRESS,),
    "hold": (),
    "release": ("--yes",),
    "rehearse": ("--teams", "1", "--out", "{here}/out"),
}
"""each command that writes"""
READ: Final = {"doctor", "check", "verify", "read", "config", "schema"}
"""those that write nothing"""


def test_each_command_writes_or_not() -> None:
    assert WORDS.keys() | READ == teekond.COMMANDS.keys()


NOBODY: Final = 65534


def teekond_in(data: Path, *words: str, uid: int | None = None) -> subprocess.CompletedProcess[str]:
    return typed("--config", str(ROOT / "config.toml"), "--data", str(data), *words, uid=uid)


def unlike_a_sentence(done: subprocess.CompletedProcess[str], *, parts: bool = False) -> str:
    """What is wrong with how a command told of its fault; empty where nothing is. parts: it does several things, and
    tells of each in a sentence."""
    *before, said = done.stderr.strip().split("\n") or [""]
    usage = done.returncode == 2 and all(re.match("Usage: |Try |$", line) for line in before)
    told = not before or (parts and all(line.startswith("Error: ") for line in before))
    plain = said.startswith("Error: ") and "Errno" not in done.stderr and (usage or (done.returncode == 1 and told))
    return "" if plain else f"{done.returncode}: {done.stderr[-700:]} {done.stdout[-200:]}"


@contextmanager
def disk(*, full: bool, books: Path | None) -> Iterator[Path]:
    """A file system of its own that takes nothing; with books in it or empty."""
    here = Path("/tmp") / f"teekond-refuses-{os.getpid()}"
    here.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "none", str(here)], check=True, capture_output=True)
        try:
            shutil.copytree(books, here / "data") if books is not None else (here / "data").mkdir()
            if full:
                _fill(here / "filler")
            else:
                subprocess.run(["mount", "-o", "remount,ro", str(here)], check=True)
            yield here
        finally:
            subprocess.run(["umount", str(here)], check=True)
    finally:
        here.rmdir()


def _fill(file: Path) -> None:
    with file.open("ab", buffering=0) as out:
        for piece in (1 << 20, 4096, 1):
            try:
                while out.write(b"x" * piece):
                    continue
            except OSError:
                continue


def as_root(what: str) -> None:
    if os.geteuid() != 0:
        leave_out(what, "run as root")


def made_books(folder: Path) -> Path:
    """Books with a copy beside them, `copy.sqlite`."""
    lay(folder / "books")
    for words in (("hold",), ("backup", str(folder / "copy.sqlite"))):
        assert teekond_in(folder / "books", *words).returncode == 0
    return folder / "books"


def told_wrong(here: Path, copy: Path, uid: int | None = None) -> list[str]:
    wrong = []
    for command, words in WORDS.items():
        given = (word.format(here=here, copy=copy) for word in words)
        done = teekond_in(here / "data", command, *given, uid=uid)
        if wrongly := unlike_a_sentence(done, parts=command == "daily"):
            wrong.append(f"{command}: {wrongly}")
    return wrong


@pytest.mark.parametrize("state", ["read-only and empty", "read-only with books", "full and empty", "full with books"])
def test_a_folder_that_takes_nothing_is_told_of_in_one_sentence(state: str, tmp_path: Path) -> None:
    as_root("a file system that takes nothing")
    books = made_books(tmp_path)
    with disk(full=state.startswith("full"), books=books if "books" in state else None) as here:
        wrong = told_wrong(here, tmp_path / "copy.sqlite")
    assert not wrong, "\n\n".join(wrong)


@contextmanager
def room() -> Iterator[Path]:
    """A folder that other users come into, with one of root's alone in it, `shut`."""
    here = Path(tempfile.mkdtemp(prefix="teekond-room-"))
    try:
        here.chmod(0o755)
        (here / "shut").mkdir(mode=0o700)
        (here / "folder").mkdir()
        (here / "file").write_bytes(b"x")
        yield here
    finally:
        shutil.rmtree(here)


def test_books_of_somebody_else_are_told_of_in_one_sentence(tmp_path: Path) -> None:
    as_root("a folder of somebody else")
    books = made_books(tmp_path)
    with room() as here:
        copy = here / "copy.sqlite"
        shutil.copy(tmp_path / "copy.sqlite", copy)
        copy.chmod(0o644)
        shutil.copytree(books, here / "data")  # root's, and nobody else's
        wrong = told_wrong(here, copy, NOBODY)
    assert not wrong, "\n\n".join(wrong)


PATHS: Final[dict[str, tuple[str, ...]]] = {
    "backup": ("backup", "{path}"),
    "restore": ("restore", "{path}"),
    "init": ("init", "--start", "2027-03-01", "--out", "{path}"),
    "person-data": ("person-data", "koordinaator@example.org", "--out", "{path}"),
    "rehearse --out": ("rehearse", "--teams", "1", "--out", "{path}"),
    "rehearse --record": ("rehearse", "--teams", "1", "--out", "{here}/out", "--record", "{path}"),
    "read": ("read", "{path}"),
    "read --asked": ("read", "--question", "rsvp", "--asked", "{path}", str(ROOT / "config.toml")),
    "--config": ("--config", "{path}", "check"),
    "--programmes": ("--programmes", "{path}", "check"),
    "--data": ("--data", "{path}", "hold"),
}
"""each path that a command is told"""
FAULTS: Final = {
    "no folder": "{here}/none/file",
    "a file in the way": "{here}/file/file",
    "a folder in its place": "{here}/folder",
    "no right": "{here}/shut/file",
    "a name too long": "{here}/" + "x" * 300,
}
MADE: Final = {
    ("person-data", "no folder"),
    ("person-data", "a folder in its place"),
    ("rehearse --out", "no folder"),
    ("rehearse --out", "a folder in its place"),
}
"""such a folder is made or used"""


@pytest.fixture(scope="module")
def books_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A room, and books in it of a user who has no rights elsewhere."""
    as_root("what another user may not do")
    with room() as here:
        shutil.copytree(made_books(tmp_path_factory.mktemp("made")), here / "books")
        for one in (here / "books", *(here / "books").rglob("*")):
            os.chown(one, NOBODY, NOBODY)
        yield here, here / "books"


@pytest.mark.parametrize(("what", "fault"), sorted(set(itertools.product(PATHS, FAULTS)) - MADE))
def test_a_path_that_cannot_be_had_is_told_of_in_one_sentence(
    books_of_nobody: tuple[Path, Path], what: str, fault: str
) -> None:
    here, books = books_of_nobody
    path = FAULTS[fault].format(here=here)
    words = [word.format(path=path, here=here) for word in PATHS[what]]
    before = ["--data", str(books)] if not words[0].startswith("--data") else []
    before += ["--config", str(ROOT / "config.toml")] if words[0] not in ("--config", "--programmes") else []
    done = typed(*before, *words, cwd=here, uid=NOBODY)
    assert not unlike_a_sentence(done), unlike_a_sentence(done)
    assert "Nothing more was done" in done.stderr or Path(path).name in done.stderr or what == "--data", done.stderr
