"""Storms and loops, a hundred letters each. Thousands, and on PostgreSQL: `make harden`."""

from tests.reliability import storms
from tests.reliability.figures import Scale


def test_storms_and_loops_end_by_themselves() -> None:
    figures = storms.run(Scale.SHORT)
    assert len(figures) == 6
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []
