"""The quick mutants are noticed, and all of them still apply; the others: `make mutants`."""

import pytest

from tests.conftest import leave_out
from tests.reliability import mutants, trace
from tests.reliability.__main__ import HARNESSES, SOAK
from tests.reliability.mutant import Mutant
from tests.reliability.mutant_list import MUTANTS

QUICK = [mutant for mutant in MUTANTS if mutant.quick]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_mistake_can_still_be_made(mutant: Mutant) -> None:
    assert mutant.harness in (*HARNESSES, SOAK) or _is_there(mutant.harness)
    for file, text in mutants.mutated(mutant).items():
        assert (mutants.ROOT / file).read_text(encoding="utf-8") != text
        compile(text, mutant.name, "exec")


def _is_there(test: str) -> bool:
    file, _, name = test.partition("::")
    return f"\ndef {name}(" in (mutants.ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("mutant", QUICK, ids=lambda mutant: mutant.name)
def test_a_quick_mutant_is_noticed(mutant: Mutant) -> None:
    if mutant.harness == "fsync":
        try:
            trace.able()
        except trace.CannotTrace as why:
            leave_out("watching the receiver's system calls", str(why))
    verdict = mutants.judge(mutant, mutant.harness)
    assert verdict.noticed, verdict.said


def test_every_harness_of_this_folder_has_its_mutants() -> None:
    chosen = {mutant.harness for mutant in MUTANTS if not mutants.is_test(mutant.harness)}
    assert chosen == {*HARNESSES, SOAK}
    assert len(QUICK) >= 2
