"""A stage of work: something is handed in and accepted, and nobody meets. What `check` says of it, how teams pass."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.paths import ROOT
from workflow.config.loader import Severity, check, load
from workflow.rules.duties import DutyKind, of_programme
from workflow.rules.machine import Decision, Machine, Refusal, Trigger, Who
from workflow.rules.requirements import Facts, Member

GRANT = (ROOT / "docs" / "programmes" / "two-round-grant.toml").read_text(encoding="utf-8")
TZ = ZoneInfo("Europe/Tallinn")
NOW = datetime(2027, 4, 1, 12, tzinfo=TZ)


def faults(text: str) -> list[tuple[str, str]]:
    return [(one.place, one.says.en) for one in check(text, {}) if one.severity is Severity.FAULT]


def test_three_works_one_after_another_are_a_programme() -> None:
    assert faults(GRANT) == []


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ("start = 2027-03-08\n", "", "stages[0].start", "A date of the stage is missing"),
        ("start = 2027-03-08\n", "start = 2027-03-08\nend = 2027-04-12\n", "stages[0].end", "set kind to mentoring"),
        ("start = 2027-03-08\n", "start = 2027-03-08\nhours = 4\n", "stages[0].hours", "set kind to mentoring"),
        ('kind = "plan"', 'kind = "presentation"', "stages[0].work.kind", "handed in and not shown"),
        ("due = 2027-04-12T17:00:00", "due = 2027-03-07T17:00:00", "stages[0].work.due", "Move it later"),
        ("start = 2027-05-03\n", "start = 2027-04-11\n", "stages[1].start", 'before "Second round: the plan" is over'),
        ('kind = "work"', 'kind = "workshop"', "stages[0].start", "set kind to mentoring or work"),
    ],
)
def test_what_does_not_fit_such_a_stage_is_told_at_its_place(old: str, new: str, place: str, says: str) -> None:
    assert old in GRANT
    found = faults(GRANT.replace(old, new, 1))
    assert [words for where, words in found if where == place and says in words], found


def test_without_work_or_with_a_session_it_is_no_stage_of_work() -> None:
    without, found = re.subn(r"\[stages\.work\]\nkind = \"plan\"\n(?:.+\n)+", "", GRANT, count=1)
    assert found == 1 and "stages[0].work" in dict(faults(without))
    session = '[stages.sessions."*"]\nstart = 2027-03-09T10:00:00\nend = 2027-03-09T12:00:00\nplace = "Tartu"\n\n'
    met = GRANT.replace('[[stages]]\nkey = "doing"', session + '[[stages]]\nkey = "doing"')
    assert "has no sessions" in dict(faults(met))["stages[0].sessions"]


def facts(state: str, **works: str) -> Facts:
    members = tuple(Member(id=i, name=f"M{i}", address_key=f"m{i}@example.org", side="") for i in range(2))
    return Facts(team_id=1, name="A", state=state, version=1, applied_at=NOW, members=members, works=works)


@pytest.mark.parametrize(
    ("state", "trigger", "works", "leads"),
    [
        ("full_plan", Trigger.ADVANCE, {}, None),
        ("full_plan", Trigger.ADVANCE, {"full_plan": "handed_in"}, None),
        ("full_plan", Trigger.ADVANCE, {"full_plan": "returned"}, None),
        ("full_plan", Trigger.ADVANCE, {"full_plan": "accepted"}, "doing"),
        ("doing", Trigger.ADVANCE, {"full_plan": "accepted"}, None),
        ("doing", Trigger.ADVANCE, {"doing": "accepted"}, "report"),
        ("report", Trigger.COMPLETE, {"report": "handed_in"}, "completed"),
    ],
)
def test_a_team_passes_when_its_work_is_accepted(
    state: str, trigger: Trigger, works: dict[str, str], leads: str | None
) -> None:
    machine = Machine(load(GRANT, {}).programme)
    decided = machine.decide(facts(state, **works), trigger, NOW, who=Who.COORDINATOR)
    if leads is None:
        assert isinstance(decided, Refusal) and [one.key for one in decided.reasons] == ["work"]
    else:
        assert isinstance(decided, Decision) and decided.target == leads


def test_a_work_is_asked_for_on_the_morning_of_its_first_day() -> None:
    asked = {due.key: due.at for due in of_programme(load(GRANT, {}).programme) if due.kind is DutyKind.WORK_ASK}
    assert asked == {
        "work_ask:full_plan": datetime(2027, 3, 8, 9, tzinfo=TZ),
        "work_ask:doing": datetime(2027, 5, 3, 9, tzinfo=TZ),
        "work_ask:report": datetime(2027, 9, 1, 9, tzinfo=TZ),
    }
