"""Many at once, a few rounds of each contest on both databases. Two hundred rounds: `make harden`."""

import pytest

from tests.reliability import races
from tests.reliability.figures import Scale


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_of_many_at_once_one_wins_and_nobody_sees_an_error(kind: str, request: pytest.FixtureRequest) -> None:
    if kind == "postgresql":
        request.getfixturevalue("postgresql_server")
    figures = races.on(kind, races.SIZES[Scale.SHORT])
    assert len(figures) == 8
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []
