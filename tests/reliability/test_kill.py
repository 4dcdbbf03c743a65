"""Killed at random and started again: nothing lost, nothing twice. A few kills, to see with each change that the
harness and the service still fit; the hundred of `python -m tests.reliability kill` are part of `.ci/run`, and
`make harden` does the same on PostgreSQL."""

from tests.reliability import kill

FEW = kill.Size(answers=600, kills=10)


def test_whatever_is_killed_nothing_is_lost_and_nothing_done_twice() -> None:
    figures = kill.on("sqlite", FEW)
    assert len(figures) == 9
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []
