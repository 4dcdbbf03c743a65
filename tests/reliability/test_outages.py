"""Outages, short: hours of a relay that is away, a full disk, days asleep, clocks that jump. Longer: `make harden`."""

import os
from collections.abc import Callable

import pytest

from tests.conftest import leave_out
from tests.reliability import outages
from tests.reliability.figures import Figure

PARTS: dict[str, tuple[Callable[[], list[Figure]], int]] = {
    "relay": (lambda: outages.relay_away(mails=300, hours=2), 5),
    "refusals": (outages.refusals, 3),
    "asleep": (lambda: [outages.slept_over_reminders()], 1),
    "zone": (lambda: [outages.changes_of_the_clock(range(2022, 2023))], 1),
    "jumps": (lambda: outages.jumps(seeds=1), 2),
    "disk": (outages.disk_full, 3),
    "database": (outages.database_away, 4),
}


@pytest.mark.parametrize("part", PARTS)
def test_an_outage_loses_nothing_and_ends_by_itself(part: str, request: pytest.FixtureRequest) -> None:
    if part == "database":
        request.getfixturevalue("postgresql_server")
    if part == "disk" and os.geteuid() != 0:
        request.getfixturevalue("no_small_disk")
    measure, many = PARTS[part]
    figures = measure()
    assert len(figures) == many
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []


@pytest.fixture
def no_small_disk() -> None:
    leave_out("a small file system to fill", "run as root")
