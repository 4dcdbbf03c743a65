"""Recorded histories are decided today as they were then: a change of the rules is seen, and reviewed, or is none."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import config
from tests.paths import DATA
from workflow.audit.replay import Recorder, replay
from workflow.rules.machine import Machine, Trigger, Who
from workflow.rules.requirements import Facts, Member

HISTORIES = sorted((DATA / "histories").glob("*.jsonl"))
NOW = datetime(2022, 3, 1, 8, tzinfo=UTC)
FACTS = Facts(
    team_id=3, name="Võru", state="selected", version=2, applied_at=NOW, verified=True, place_accepted=True,
    members=tuple(
        Member(id=i, name=f"Mari {i}", address_key=f"mari{i % 4}@example.org", side=side)
        for i, side in enumerate(["municipality", "community"] * 3)
    ),
    mentors=("Jüri Tamm",),
)  # fmt: skip


def machine(**changes: str) -> Machine:
    return Machine(config(changes).programme)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()


def test_there_are_histories_and_they_hold_every_trigger() -> None:
    told = [json.loads(line) for path in HISTORIES for line in lines(path)]
    assert len(HISTORIES) >= 2 and len(told) > 300
    assert {t["trigger"] for t in told} == set(Trigger)
    decided = Counter("refused" if "refused" in t["decided"] else t["decided"]["to"] for t in told)
    assert decided["refused"] > 50 and decided["completed"] and decided["withdrawn"] and decided["selected"]


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_recorded_histories_are_decided_as_they_were(path: Path) -> None:
    differences = [str(each) for each in replay(machine(), lines(path))]
    assert differences == [], "meant? then `make histories` and look at what it changed"


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
def test_nobody_can_be_found_in_them(path: Path) -> None:
    for line in lines(path):
        facts = json.loads(line)["facts"]
        assert facts["name"] == f"team {facts['team_id']}"
        assert all(m["name"].startswith("member ") and m["address_key"][0] == "m" for m in facts.get("members", ()))
        assert all(name.startswith("mentor ") for name in facts.get("mentors", ()))


@pytest.mark.parametrize(
    "changes",
    [
        {'confirm = "automatic"': 'confirm = "coordinator"'},
        {"[team]": "[team]\nmin_members = 7"},
        {"capacity = 10": "capacity = 1", "size = 5": "size = 1"},
        {"attend_at_least = 2": "attend_at_least = 4"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_a_changed_rule_shows(changes: dict[str, str]) -> None:
    assert [each for path in HISTORIES for each in replay(machine(**changes), lines(path))]


def test_what_is_recorded_is_nameless_once_and_decided_the_same() -> None:
    found = machine()
    recorder = Recorder(found)
    found.witness = recorder
    for _ in range(3):
        found.decide(FACTS, Trigger.CONFIRM, NOW, who=Who.CONTACT)
        found.decide(FACTS, Trigger.SELECT, NOW, who=Who.COORDINATOR, override="Mari palus")
    text = recorder.text()
    assert len(text.splitlines()) == 2
    assert "Võru" not in text and "ari" not in text and "Tamm" not in text
    assert len({m["address_key"] for m in json.loads(text.splitlines()[0])["facts"]["members"]}) == 4
    assert list(replay(machine(), text.splitlines())) == []
    other = text.replace('"to":"workshop_1"', '"to":"workshop_2"')
    assert [each.line for each in replay(machine(), other.splitlines())] == [1]
