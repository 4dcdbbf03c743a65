"""Machines in network namespaces of their own: one cut off, one killed, nothing lost and nothing done twice."""

from tests.conftest import leave_out
from tests.reliability import machines
from tests.reliability.figures import Scale


def test_a_machine_that_is_cut_off_and_one_that_is_killed_lose_nothing(postgresql_server: object) -> None:
    try:
        figures = machines.run(Scale.SHORT)
    except machines.NoNamespaces as why:
        leave_out("network namespaces", f"run as root; {why}")
    assert len(figures) == 3
    assert [f"{f.promise}: {f.measured} ({f.done})" for f in figures if not f.holds] == []
