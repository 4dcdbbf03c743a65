"""Another programme from the default config by changing its text, as docs/another-programme.md says; no code."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.command_line import typed
from tests.sample_programme import another


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "another.toml"
    path.write_text(another(), encoding="utf-8")
    return path


def teekond(config: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return typed("--config", str(config), "--data", str(config.parent / "data"), *words)


def test_what_is_made_is_another_programme() -> None:
    told = tomllib.loads(another())
    assert [stage["kind"] for stage in told["stages"]] == ["workshop"] * 3 + ["seminar"]
    assert [group["key"] for group in told["groups"]] == ["I"] and told["capacity"] == 6
    assert "mentors" not in told
    assert "2022-" not in re.sub(r"#.*", "", another())


def test_the_check_has_nothing_to_say_about_it(config: Path) -> None:
    checked = teekond(config, "check")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "no faults" in checked.stdout


def test_the_check_notices_a_step_left_out(config: Path) -> None:
    """A group deleted while its sessions stay: the fault is told with its place."""
    whole = config.read_text(encoding="utf-8")
    config.write_text(whole.replace("[stages.sessions.I]", "[stages.sessions.II]", 1), encoding="utf-8")
    checked = teekond(config, "check")
    assert checked.returncode != 0
    assert "sessions" in checked.stdout + checked.stderr


def test_its_teams_go_the_whole_way(config: Path, tmp_path: Path) -> None:
    """Two of them, for every one that is more goes the same way."""
    run = teekond(config, "rehearse", "--teams", "2", "--out", str(tmp_path / "out"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"completed 2 in \d+ s\. wrong moves: 0, lost: 0, duplicates: 0", run.stdout), run.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["teams"] == {"completed": 2}
    assert summary["letters"]["accepted"] > 20 and summary["messages"]["sent"] > 80
    assert summary["answered"]["hours"] == {"mail": 0, "link": 0}
