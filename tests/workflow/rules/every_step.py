"""Every trigger in every state, by everybody, with and without what is needed: a history that no season would hold.

`make histories` writes it; `test_replay.py` asks it again.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from tests.builders import config
from workflow.audit.replay import Recorder
from workflow.rules.hours import Balance
from workflow.rules.machine import OUT, Machine, Trigger, Who
from workflow.rules.requirements import Facts, Member

NOW = datetime(2022, 3, 1, 8, tzinfo=UTC)
SIDES = ("municipality", "community", "municipality", "community")
READY = Facts(
    team_id=1, name="team", state="applied", version=1, applied_at=NOW, verified=True, place_accepted=True,
    members=tuple(Member(id=i, name="m", address_key=f"{i}@example.org", side=side) for i, side in enumerate(SIDES)),
    hours=Balance(960, 0, 0),
)  # fmt: skip


def recorded() -> str:
    machine = Machine(config().programme)
    machine.witness = recorder = Recorder(machine)
    few = replace(READY, members=READY.members[:3], verified=False, place_accepted=False)
    full = replace(READY, places_taken=machine.programme.capacity)
    asked_by = [(READY, who, "") for who in Who] + [(f, Who.COORDINATOR, o) for f in (few, full) for o in ("", "x")]
    for (facts, who, override), state, trigger in product(asked_by, machine.states, Trigger):
        asked = replace(facts, state=state, left_from="selected" if state in OUT else None)
        machine.decide(asked, trigger, NOW, who=who, override=override)
    return recorder.text()


if __name__ == "__main__":
    sys.stdout.write(recorded())
