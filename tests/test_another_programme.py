"""Another programme from the default config by changing its text, as docs/another-programme.md says; no code."""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from tests.make import ROOT
from tests.typed import typed

NAMES = {
    'key = "koosloome-2022"': 'key = "kogukonnakool-2027"',
    "Koosloome koolitus- ja arendusprogramm": "Kogukonnakool",
    "Co-creation training and development programme": "School for communities",
    'et = "Koosloome", en = "Co-creation"': 'et = "Kogukonnakool", en = "Community school"',
    "capacity = 10": "capacity = 6",
    "size = 5": "size = 6",
}
DATES = {
    "2022-02-16": "2027-01-20",
    "opens = 2022-02-01": "opens = 2027-01-04",
    "before = 2022-02-28": "before = 2027-02-08",
    "2022-04-05": "2027-03-09",
    "2022-04-19": "2027-04-06",
    "2022-05-10": "2027-05-04",
    "2022-09-26": "2027-05-31",
    "2022-09-28": "2027-06-02",
}


def another() -> str:
    """The default config with the document's steps done; each of them finds what it says it changes."""
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    text, groups = re.subn(r'\[\[groups\]\]\nkey = "II"\n(?:.+\n)+\n', "", text)
    for key in ("workshop_4", "workshop_5", "mentoring"):
        text, stages = re.subn(rf'\[\[stages\]\]\nkey = "{key}"\n.*?(?=\[\[stages\]\])', "", text, flags=re.DOTALL)
        assert stages == 1, key
    text, sessions = re.subn(r"\[stages\.sessions\.II\]\n(?:.+\n)+\n", "", text)
    text, mentors = re.subn(r"\[\[mentors\]\]\n(?:.+\n)+\n", "", text)
    text, about = re.subn(r"^mentoring = .*\n", "", text, flags=re.MULTILINE)
    assert (groups, sessions, mentors, about) == (1, 3, 3, 1)
    for old, new in {**NAMES, **DATES}.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


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


def test_five_teams_go_the_whole_way(config: Path, tmp_path: Path) -> None:
    run = teekond(config, "rehearse", "--teams", "5", "--out", str(tmp_path / "out"))
    assert run.returncode == 0, run.stdout + run.stderr
    assert re.search(r"completed 5 in \d+ s\. wrong moves: 0, lost: 0, duplicates: 0", run.stdout), run.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["teams"] == {"completed": 5}
    assert summary["letters"]["accepted"] > 50 and summary["messages"]["sent"] > 200
    assert summary["answered"]["hours"] == {"mail": 0, "form": 0}
