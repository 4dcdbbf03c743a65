"""The machine: every (state, trigger) pair, over several programmes; illegal input is refused and nothing happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import config
from tests.case_table import each
from tests.paths import ROOT
from workflow.config.loader import Programme
from workflow.rules import states_page
from workflow.rules.hours import Balance
from workflow.rules.machine import (
    FINAL,
    LAST,
    OUT,
    STAGES_BUT_LAST,
    TABLE,
    Decision,
    Machine,
    Refusal,
    Trigger,
    Who,
    _Traveller,
)
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.rules.requirements import Facts, Member, required

NOW = datetime(2022, 2, 20, 12, tzinfo=UTC)
LATER = datetime(2022, 10, 1, 12, tzinfo=UTC)
SEED = config().programme


def _programmes() -> dict[str, Programme]:
    stages = SEED.stages
    return {
        "the seed": SEED,
        "three workshops": SEED.model_copy(update={"stages": (*stages[:3], *stages[5:])}),
        "no workshop": SEED.model_copy(update={"stages": stages[5:]}),
        "no mentoring": SEED.model_copy(update={"stages": (*stages[:5], stages[6])}),
        "mentored twice": SEED.model_copy(
            update={"stages": (*stages[:6], stages[5].model_copy(update={"key": "mentoring_2"}), stages[6])}
        ),
        "one stage": SEED.model_copy(update={"stages": stages[6:]}),
    }


MACHINES = {name: Machine(programme) for name, programme in _programmes().items()}
PAIRS = [(name, state, trigger) for name, m in MACHINES.items() for state in m.states for trigger in Trigger]


def ready(machine: Machine, state: str) -> Facts:
    """A team that has everything any state could ask for."""
    sides = ("municipality", "municipality", "community", "community")
    stage = next((s for s in machine.programme.stages if s.key == state), None)
    session = stage.session("I") if stage else None
    return Facts(
        team_id=1, name="Võru", state=state, version=3, applied_at=NOW - timedelta(days=3), verified=True, group="I",
        members=tuple(Member(id=i, name=f"N{i}", address_key=f"n{i}@example.org", side=s) for i, s in enumerate(sides)),
        place_accepted=True, attended={s.key: 4 for s in machine.programme.stages},
        works={s.key: "accepted" for s in machine.programme.stages},
        session=(session.start, session.end) if session else None, mentors=("Ivika",), hours=Balance(960, 0, 0),
        left_from="selected" if state in OUT else None,
    )  # fmt: skip


def in_table(machine: Machine, state: str, trigger: Trigger) -> bool:
    """Read off TABLE independently of the machine built from it."""
    words = {LAST: machine.stages[-1:], STAGES_BUT_LAST: machine.stages[:-1], "each live state": machine.live}
    return any(row.trigger is trigger and any(state in words.get(s, (s,)) for s in row.source) for row in TABLE)


@each("name, state, trigger", PAIRS)
def test_every_pair_decides_or_refuses_as_the_table_says(name: str, state: str, trigger: Trigger) -> None:
    machine = MACHINES[name]
    decided = machine.decide(ready(machine, state), trigger, LATER, who=Who.COORDINATOR)
    if in_table(machine, state, trigger):
        assert isinstance(decided, Decision), decided
        assert decided.target in machine.states
    else:
        assert isinstance(decided, Refusal)
        assert [r.key for r in decided.reasons] == ["no_such_step"]
        assert machine.next_state(trigger, state, "selected") is None


@pytest.mark.parametrize("machine", MACHINES.values(), ids=list(MACHINES))
def test_every_state_can_be_reached_and_only_final_ones_have_no_way_on(machine: Machine) -> None:
    reached, new = {"applied"}, {"applied"}
    while new:
        new = {target for _, source, target in machine.lines if source in new} - reached
        reached |= new
    assert reached == set(machine.states)
    ways_on = {source for row, source, _ in machine.lines if row.trigger is not Trigger.REINSTATE}
    assert set(machine.states) - ways_on == set(FINAL)


@pytest.mark.parametrize("state", [s.key for s in SEED.stages] + ["applied", "waitlisted", "selected"])
def test_what_is_missing_refuses_the_way_forward_with_every_reason(state: str) -> None:
    machine = MACHINES["the seed"]
    bare = Facts(
        team_id=1, name="Võru", state=state, version=0, applied_at=LATER, group="I",
        session=ready(machine, state).session,
    )  # fmt: skip
    forward = next(
        t for t in (Trigger.SELECT, Trigger.CONFIRM, Trigger.ADVANCE, Trigger.COMPLETE) if t in machine.triggers(state)
    )
    decided = machine.decide(bare, forward, NOW, who=Who.COORDINATOR)
    assert isinstance(decided, Refusal)
    expected = [r.key for r in required(SEED, bare, NOW) if not r.met]
    assert [r.key for r in decided.reasons] == expected
    assert expected
    assert all(r.says.et and r.says.en and r.who for r in decided.reasons)


def test_an_override_passes_over_what_is_missing_but_not_over_a_full_programme() -> None:
    machine = MACHINES["the seed"]
    facts = replace(ready(machine, "applied"), verified=False)
    decided = machine.decide(facts, Trigger.SELECT, NOW, who=Who.COORDINATOR, override="telefonis kinnitatud")
    assert isinstance(decided, Decision)
    assert [r.key for r in decided.overridden] == ["verified"]
    full = replace(facts, places_taken=SEED.capacity)
    refused = machine.decide(full, Trigger.SELECT, NOW, who=Who.COORDINATOR, override="ikkagi")
    assert isinstance(refused, Refusal)
    assert [r.key for r in refused.reasons] == ["verified", "capacity"]


def test_only_the_coordinator_may_override() -> None:
    machine = MACHINES["the seed"]
    facts = replace(ready(machine, "selected"), place_accepted=None)
    assert isinstance(machine.decide(facts, Trigger.CONFIRM, NOW, who=Who.CONTACT, override="x"), Refusal)


def test_a_step_waits_for_approval_unless_the_coordinator_asks_for_it() -> None:
    machine = MACHINES["the seed"]
    asked = machine.decide(ready(machine, "workshop_1"), Trigger.WITHDRAW, NOW, who=Who.CONTACT)
    taken = machine.decide(ready(machine, "workshop_1"), Trigger.WITHDRAW, NOW, who=Who.COORDINATOR)
    assert isinstance(asked, Decision)
    assert isinstance(taken, Decision)
    assert (asked.approval, taken.approval) == (True, False)


def test_reinstating_leads_back_to_where_the_team_was() -> None:
    machine = MACHINES["the seed"]
    for state in machine.live:
        facts = replace(ready(machine, "withdrawn"), left_from=state)
        decided = machine.decide(facts, Trigger.REINSTATE, NOW, who=Who.COORDINATOR)
        assert isinstance(decided, Decision)
        assert decided.target == state


def test_the_machine_keeps_no_model() -> None:
    machine = MACHINES["the seed"]
    machine.next_state(Trigger.SELECT, "applied")
    assert machine._machine.models == []
    assert not hasattr(_Traveller("applied"), "to_selected")


def test_every_notice_of_the_table_is_a_mail_that_exists() -> None:
    assert {n for row in TABLE for n in row.notices} <= set(MAIL_KINDS)


def test_the_page_of_states_is_what_the_table_says() -> None:
    written = (ROOT / "docs" / "states.md").read_text(encoding="utf-8")
    assert written == states_page.page(), "run: make states"
