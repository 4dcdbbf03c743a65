"""docs/security/attack.md has a row for each kind of fault that attacks found, with the test that notices it undone."""

import re

from tests.paths import ROOT
from tests.reliability.attack_mutants import ATTACKS

PAGE = (ROOT / "docs" / "security" / "attack.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (A\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| `(test_\w+)` \|$", re.MULTILINE)


def test_each_finding_has_a_row_and_each_row_its_mutant_and_test() -> None:
    rows = ROW.findall(PAGE)
    assert {finding for finding, *_ in rows} == {f"A{n}" for n in range(1, 20)}
    told = {f"{finding} {undone.strip()}": test for finding, _, _, undone, test in rows}
    assert told == {one.name: one.harness.partition("::")[2] for one in ATTACKS}
    assert len(rows) == len(ATTACKS) == PAGE.count("\n| A")
