"""One call in eleven is made to fail, scene by scene; all of them, with every fault: `make harden`."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability import faults
from tests.reliability.fault_injection import FAULTS, Call
from tests.reliability.figures import Scale
from tests.reliability.scenarios import SCRIPTS, Script


@pytest.fixture
def quiet() -> Iterator[None]:
    """Every fault is logged, as it should be; here nobody reads that."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_whatever_call_fails_it_ends_as_it_would_have(script: Script, tmp_path: Path, sqlite_template: Path) -> None:
    swept = faults.sweep(script, tmp_path, sqlite_template, Scale.SHORT)
    assert swept.wrong == []
    assert sum(swept.faults.values()) * faults.STRIDE[Scale.SHORT] >= swept.calls > 5


def test_there_are_scenes_enough_and_a_fault_for_every_sort_of_call() -> None:
    assert len(SCRIPTS) >= 12
    assert all(len(FAULTS[call]) > 1 for call in Call)
