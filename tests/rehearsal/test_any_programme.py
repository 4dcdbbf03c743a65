"""A valid programme of any shape is played to its end by the rehearsal, with nothing wrong, and its pages show."""

from pathlib import Path

import pytest

from tests.rehearsal.random_programmes import made
from tests.rehearsal.rehearsed import run
from workflow.config.loader import load


@pytest.mark.parametrize("number", range(6))
def test_whatever_is_valid_is_played_to_its_end_with_nothing_wrong(number: int, tmp_path: Path) -> None:
    config = load(made(number), {})
    summary = run(tmp_path, teams=4, seed=number, config=config)
    assert summary.faults == {} and summary.passed
    assert sum(summary.teams.values()) == 4


def test_programmes_differ_in_each_way() -> None:
    """Without sessions, without groups, in one language, of one person, with everything automatic or nothing."""
    told = [load(made(number), {}).programme for number in range(40)]
    assert {len(one.languages) for one in told} == {1, 2} and {len(one.groups) for one in told} == {0, 1, 2, 3}
    assert {stage.kind for one in told for stage in one.stages} == {"workshop", "mentoring", "seminar", "work"}
    assert min(one.team.min_members for one in told) == 1
    assert any(not any(stage.sessions for stage in one.stages) for one in told)
    for trigger in ("confirm", "advance", "complete", "release", "withdraw", "select"):
        assert {one.waits(trigger) for one in told} == {True, False}, trigger
