"""Replay of recorded decisions against today's state machine: a change of its rules shows as a difference.

A history is a file of lines, each the facts, the trigger, who asked and when, and what was decided then. Names and
addresses are taken out as it is recorded; the same address stays the same, for members are counted by it. Pure.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from workflow.rules.hours import Balance
from workflow.rules.machine import Decision, Machine, Refusal, Trigger, Who
from workflow.rules.requirements import Facts, Member, Requirement


@dataclass(frozen=True, slots=True)
class ChangedDecision:
    """A line whose decision is another one today."""

    line: int
    asked: str
    then: dict[str, Any]
    now: dict[str, Any]

    def __str__(self) -> str:
        return f"line {self.line}: {self.asked}: then {json.dumps(self.then)}, now {json.dumps(self.now)}"


@dataclass(slots=True)
class Recorder:
    """Keeps what a machine was asked, each thing once; `machine.witness = recorder`."""

    machine: Machine
    lines: dict[str, None] = field(default_factory=dict)

    def __call__(self, facts: Facts, trigger: Trigger, now: datetime, who: Who, override: str) -> None:
        nameless = _nameless(facts)
        decided = self.machine.told(nameless, trigger, now, who=who, override="x" if override else "")
        self.lines[_line(nameless, trigger, now, who, bool(override), decided)] = None

    def text(self, keep: Callable[[str], bool] = bool) -> str:
        """The history as a file: refusals and approvals too."""
        return "".join(f"{line}\n" for line in self.lines if keep(line))


def replay(machine: Machine, lines: Iterable[str]) -> Iterator[ChangedDecision]:
    """Each line asked again; those that are decided otherwise today."""
    for number, line in enumerate(lines, start=1):
        told = json.loads(line)
        facts, now = _facts(told["facts"]), datetime.fromisoformat(told["now"])
        trigger, who = Trigger(told["trigger"]), Who(told["who"])
        found = _said(machine.decide(facts, trigger, now, who=who, override="x" if told["override"] else ""))
        if found != told["decided"]:
            yield ChangedDecision(number, f"{trigger} by {who} in {facts.state}", told["decided"], found)


# -- a line ---------------------------------------------------------------------------------------


def _line(facts: Facts, trigger: Trigger, now: datetime, who: Who, override: bool, decided: Decision | Refusal) -> str:
    told = {
        "facts": {name: value for name, value in asdict(facts).items() if name not in _plain_facts(facts)},
        "trigger": trigger,
        "who": who,
        "override": override,
        "now": now.isoformat(),
        "decided": _said(decided),
    }
    return json.dumps(told, default=_plain, separators=(",", ":"), sort_keys=True)


def _plain_facts(facts: Facts) -> set[str]:
    """Facts that are as they are when nothing is said of them."""
    return {f.name for f in fields(Facts) if f.default is not MISSING and getattr(facts, f.name) == f.default} | {
        f.name for f in fields(Facts) if f.default_factory is not MISSING and not getattr(facts, f.name)
    }


def _said(decided: Decision | Refusal) -> dict[str, Any]:
    """What matters of a decision: where to, what is mailed, what waits; the reasons by their keys."""
    if isinstance(decided, Refusal):
        return {"refused": _keys(decided.reasons)}
    return {
        "to": decided.target, "notices": list(decided.notices), "approval": decided.approval,
        "overridden": _keys(decided.overridden),
    }  # fmt: skip


def _keys(requirements: Iterable[Requirement]) -> list[str]:
    return [each.key for each in requirements]


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "items"):
        return dict(value.items())
    raise TypeError(f"cannot be written down: {value!r}")


def _nameless(facts: Facts) -> Facts:
    """Nobody can be found in these; what is counted over stays countable."""
    seen: dict[str, str] = {}
    members = tuple(
        replace(m, name=f"member {i}", address_key=seen.setdefault(m.address_key, f"m{i}@example.org"))
        for i, m in enumerate(facts.members, start=1)
    )
    mentors = tuple(f"mentor {i}" for i, _ in enumerate(facts.mentors, start=1))
    return replace(facts, name=f"team {facts.team_id}", members=members, mentors=mentors)


def _facts(told: dict[str, Any]) -> Facts:
    """The facts of a line. What was left out then has today's default."""
    moments = {f.name for f in fields(Facts) if "datetime" in str(f.type)}
    values = {name: _moment(value) if name in moments else value for name, value in told.items()}
    values["members"] = tuple(Member(**each) for each in told.get("members", ()))
    values["mentors"] = tuple(told.get("mentors", ()))
    if "hours" in told:
        values["hours"] = Balance(**told["hours"])
    return Facts(**values)


def _moment(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(datetime.fromisoformat(each) for each in value)
    return datetime.fromisoformat(value)
