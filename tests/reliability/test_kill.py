"""Killed at random and started again: nothing lost, nothing twice. Longer, and on PostgreSQL: `make harden`."""

from tests.reliability import kill
from tests.reliability.figures import Scale


def test_whatever_is_killed_nothing_is_lost_and_nothing_done_twice() -> None:
    figures = kill.run(Scale.SHORT)
    assert len(figures) == 8
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []
