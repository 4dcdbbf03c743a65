"""Files beside the database stay the service's own, whoever runs the command, and no two writers lose each other's."""

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service import belonging, erased_list, secret_keys
from service.belonging import Belonging
from service.mail_tokens import NewestRefreshToken
from workflow.database import private_files
from workflow.security.keys import StoredKey

NOW = datetime(2026, 11, 30, tzinfo=UTC)
WRITERS: dict[str, Callable[[Path], object]] = {
    "refresh_token": lambda data: NewestRefreshToken(data / "refresh_token", "given").write("newer"),
    "erased.jsonl": lambda data: erased_list.note(data, {"mark": NOW}),
    "belongs_to.json": lambda data: belonging.write(data, Belonging("koos", "teekond.sqlite")),
    "secret_key": lambda data: secret_keys._begin(data / "secret_key", StoredKey(key="k" * 40)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_what_root_writes_in_somebodys_folder_is_theirs_and_nobody_elses(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A root that is played, so that the test says the same to whoever runs it."""
    given: list[tuple[str, int, int]] = []

    def fchown(descriptor: int, user: int, group: int) -> None:
        given.append((os.readlink(f"/proc/self/fd/{descriptor}"), user, group))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", fchown)
    WRITERS[name](tmp_path)
    made = {path.name for path in tmp_path.iterdir()}
    assert name in made
    handed = {Path(path).name.split(".")[0] for path, *whose in given if whose == [os.getuid(), os.getgid()]}
    assert {one.split(".")[0] for one in made} <= handed, (made, given)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.parametrize("name", WRITERS)
def test_a_link_that_somebody_put_there_is_never_written_through(name: str, tmp_path: Path) -> None:
    """Root runs a command in a folder that a service which was broken into may write to."""
    target, data = tmp_path / "target", tmp_path / "data"
    target.write_text("as it was")
    data.mkdir()
    for end in (f".{os.getpid()}", ".new", private_files.LOCK):
        (data / f"{name}{end}").symlink_to(target)
    with suppress(OSError):
        WRITERS[name](data)
    assert target.read_text() == "as it was"


def test_of_many_who_are_erased_at_once_none_is_lost_from_the_list(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: erased_list.note(tmp_path, {f"mark {n}": NOW}), range(60)))
    assert len(erased_list.lines(tmp_path)) == 60
    erased_list.note(tmp_path, {"mark 7": NOW})
    assert len(erased_list.lines(tmp_path)) == 60


def test_a_writer_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "erased.jsonl"
    private_files.replace(file, "before")

    def full(_descriptor: int) -> None:
        raise OSError("no room")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no room"):
        private_files.change(file, lambda before: before + "after")
    assert file.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"erased.jsonl", "erased.jsonl.lock"}
