"""docs/security/asvs.md has a row and a reason for each item of ASVS level 2; SECURITY.md is short; tests exist."""

import re
from collections import Counter

from tests.paths import ROOT

ASVS = (ROOT / "docs" / "security" / "asvs.md").read_text(encoding="utf-8")
PROMISES = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
BOTH = PROMISES + ASVS
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]*) \|$", re.MULTILINE)
VERDICTS = {"pass", "n.a.", "otherwise"}
OTHERWISE = {"14.2.1"}
"""where we do something else than level 2 asks: each with its own paragraph"""


def _to(chapter: str, last: int, *, first: int = 1) -> set[str]:
    return {f"{chapter}.{n}" for n in range(first, last + 1)}


LISTED = set().union(
    _to("1.1", 2), _to("1.2", 10), _to("1.3", 11), _to("1.4", 3), _to("1.5", 2),
    _to("2.1", 3), _to("2.2", 3), _to("2.3", 4), {"2.4.1"},
    _to("3.2", 2), _to("3.3", 4), _to("3.4", 6), _to("3.5", 5), _to("3.7", 2),
    _to("4.1", 3), {"4.2.1"}, _to("4.3", 2), _to("4.4", 4),
    {"5.1.1"}, _to("5.2", 4), _to("5.3", 3), _to("5.4", 3),
    _to("6.1", 3), _to("6.2", 12), _to("6.3", 4), {"6.3.8"}, _to("6.4", 4), _to("6.5", 5), _to("6.6", 3), _to("6.8", 4),
    _to("7.1", 3), _to("7.2", 4), _to("7.3", 2), _to("7.4", 5), _to("7.5", 2), _to("7.6", 2),
    {"8.1.1", "8.1.2", "8.3.1", "8.4.1"}, _to("8.2", 3),
    _to("9.1", 3), _to("9.2", 4), _to("10.1", 2), _to("10.2", 2), _to("10.5", 5),
    _to("11.1", 2), _to("11.2", 3), _to("11.3", 3), _to("11.4", 4), {"11.5.1", "11.6.1"},
    _to("12.1", 3), _to("12.2", 2), _to("12.3", 4),
    {"13.1.1"}, _to("13.2", 5), _to("13.3", 2), _to("13.4", 5),
    _to("14.1", 2), _to("14.2", 4), _to("14.3", 3),
    _to("15.1", 3), _to("15.2", 3), _to("15.3", 7),
    {"16.1.1"}, _to("16.2", 5), _to("16.3", 4), _to("16.4", 3), _to("16.5", 4),
)  # fmt: skip


def test_every_item_is_listed_once_with_a_verdict_and_a_reason() -> None:
    rows = ROW.findall(ASVS)
    items = Counter(item for item, *_ in rows)
    assert len(LISTED) > 220
    assert LISTED - items.keys() == set()
    assert [item for item, n in items.items() if n > 1] == []
    assert [row for row in rows if row[1] not in VERDICTS or len(row[2]) < 5] == []


def test_nothing_is_open_and_what_is_done_otherwise_says_why() -> None:
    rows = ROW.findall(ASVS)
    assert {item for item, verdict, *_ in rows if verdict == "otherwise"} == OTHERWISE
    section = ASVS.partition("\n## Otherwise\n")[2].partition("\n## ")[0]
    for item in OTHERWISE:
        _, found, why = section.partition(f"**{item}, ")
        assert found and len(why.split()) > 100, item
    assert Counter(verdict for _, verdict, *_ in rows)["pass"] > 150


def test_what_passes_names_its_test_or_its_place() -> None:
    """A row may do without only where there is nothing to run: then it says where to look, or what is never done."""
    bare = {
        item for item, verdict, why, shown in ROW.findall(ASVS) if verdict == "pass" and not shown and "`" not in why
    }
    assert len(bare) < 12, sorted(bare)


def test_each_test_that_is_named_exists() -> None:
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", BOTH))
    assert len(named) > 60
    assert named - there == set()


def test_each_file_that_is_named_exists() -> None:
    named = set(re.findall(r"`?((?:workflow|web|mail|docs)/[\w/-]+\.(?:py|md))`?", BOTH))
    assert len(named) >= 4
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_security_md_is_short_and_each_promise_names_its_test() -> None:
    """How to report, against whom, and what is promised: read in ten minutes; the checklist has a page of its own."""
    assert len(PROMISES.splitlines()) < 120
    for heading in ("Reporting a vulnerability", "Threat model", "Promises"):
        assert f"\n## {heading}\n" in PROMISES
    promises = PROMISES.partition("\n## Promises\n")[2]
    rows = re.findall(r"^\| (?!promise|---)([^|]+) \| ([^|]+) \|$", promises, re.MULTILINE)
    assert len(rows) > 30
    assert [promise for promise, shown in rows if not re.search(r"`test_\w+`", shown)] == []
