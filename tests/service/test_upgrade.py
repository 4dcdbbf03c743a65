"""The documented upgrade, over a wheel of an older commit, and the documented way back when the tables have changed."""

import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import leave_out
from tests.paths import ROOT
from tests.ports import free_port
from tests.service import wheels
from workflow.database.engine import MIGRATIONS

GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
LINK = re.search(r"`(ln -sfn \S+ \S+)`", GUIDE.partition("## Upgrade")[2])


def git(*words: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


@pytest.fixture
def older(tmp_path: Path) -> Path:
    """A checkout of the commit that brought the tables before the newest: an installation that somebody may have."""
    *_, before, newest = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    commit, after = (git("log", "--diff-filter=A", "--format=%H", "-1", "--", str(file)) for file in (before, newest))
    if not commit or commit == after:
        leave_out("there is no history of this checkout", "run the tests in a clone with its commits")
    made = tmp_path / "older"
    subprocess.run(["git", "clone", "-q", "--no-checkout", str(ROOT), str(made)], check=True)
    subprocess.run(["git", "-C", str(made), "checkout", "-q", commit], check=True)
    return made


class Operator:
    """Types what the guide says, with a folder of the test for /opt and for where config and data are."""

    def __init__(self, home: Path) -> None:
        self.opt, self.here = home, home / "etc"
        self.here.mkdir()
        self.current = home / "teekond"

    def link(self, to: Path) -> None:
        assert LINK, "the guide says how"
        words = LINK[1].replace("/opt/teekond-NEW", str(to)).replace("/opt/teekond", str(self.current))
        subprocess.run(words.split(), check=True)

    def teekond(self, *words: str, code: int = 0) -> str:
        done = subprocess.run([self.current / "bin" / "teekond", *words], cwd=self.here, capture_output=True, text=True,
                              check=False, timeout=120)  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def serving(self, *words: str) -> Iterator[str]:
        """The version that the running service says it is."""
        port = free_port()
        command = [str(self.current / "bin" / "teekond"), *words, "serve", "--web", f"127.0.0.1:{port}",
                   "--smtp", "127.0.0.1:0"]  # fmt: skip
        with subprocess.Popen(command, cwd=self.here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as one:
            try:
                assert one.stdout is not None and one.stderr is not None
                line = one.stdout.readline()
                assert "http://" in line, line + one.stderr.read()
                yield _version(port)
            finally:
                one.terminate()
            assert one.wait(60) == 0


def _version(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=20) as answer:
            return str(json.load(answer)["version"])
    except urllib.error.HTTPError as early:  # no worker has begun in the first second
        return str(json.load(early)["version"])


def test_the_upgrade_of_the_guide_brings_the_new_version_and_its_way_back_the_old_one(
    older: Path, tmp_path: Path
) -> None:
    operator = Operator(tmp_path)
    before, after = tmp_path / "teekond-old", tmp_path / "teekond-new"
    wheels.install(before, older)
    operator.link(before)
    was = operator.teekond("--version")
    (operator.here / "config.toml").write_text(operator.teekond("config"), encoding="utf-8")
    with operator.serving() as running:
        assert running == was.split()[1]
    operator.teekond("backup", "copy-of-today")
    wheels.install(after)
    operator.link(after)
    now = operator.teekond("--version")
    assert now != was and now.split()[1] in next(after.with_suffix(".dist").glob("*.whl")).name
    assert "no faults" in operator.teekond("check")
    assert "older version" in operator.teekond("verify", code=1), "looking never migrates"
    with operator.serving() as running:
        assert running == now.split()[1]
    assert "no differences" in operator.teekond("verify")
    _back(operator, before, was)


def _back(operator: Operator, before: Path, was: str) -> None:
    """The old version does not start on the new tables; on the copy it does."""
    operator.link(before)
    assert operator.teekond("--version") == was
    refused = operator.teekond("serve", "--web", "127.0.0.1:0", "--smtp", "127.0.0.1:0", code=1)
    assert "newer" in refused and "Traceback" not in refused
    back = operator.here / "back"
    back.mkdir()
    (back / "secret_key").write_bytes((operator.here / "data" / "secret_key").read_bytes())
    assert "Restored" in operator.teekond("--data", "back", "restore", "copy-of-today")
    with operator.serving("--data", "back") as running:
        assert running == was.split()[1]
    assert "no differences" in operator.teekond("--data", "back", "verify")
