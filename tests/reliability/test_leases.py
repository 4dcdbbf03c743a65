"""Paused workers and deadly letters, twice each. More often, and on PostgreSQL: `make harden`."""

from tests.reliability import leases
from tests.reliability.figures import Scale


def test_a_worker_that_was_away_changes_nothing_and_a_deadly_letter_is_parked() -> None:
    figures = leases.run(Scale.SHORT)
    assert len(figures) == 4
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []
