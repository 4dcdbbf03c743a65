"""Generates docs/states.md from the state machine's table: `python -m workflow.rules.states_page > docs/states.md`.

Must never say anything that is not in the table: a test compares the file with what this module makes.
"""

from collections.abc import Iterable

from workflow.config.loader import StageKind
from workflow.rules.machine import FINAL, LIVE, TABLE, WHERE_IT_WAS, Transition
from workflow.rules.requirements import SHAPES

HEAD = """# States and triggers

Generated from the table in `workflow/rules/machine.py` by `make states`; a test fails when they differ.
Stages are the programme's own, in the order of `config.toml`.

| trigger | from | to | who may ask | requirements checked | takes a place | notices |
| --- | --- | --- | --- | --- | --- | --- |
"""

MIDDLE = """
Whoever asks, a trigger with `approve = "coordinator"` waits for the coordinator's yes, unless it is the coordinator
who asks. A refusal writes nothing and names every reason.

```mermaid
stateDiagram-v2
    [*] --> applied
"""


STAGES = """
## Stages

A stage is a state, whatever its kind; several of any kind stand in any order. A team may leave it (`advance`, of the
last one `complete`) once it has what the kind asks for, and its members are as many as the programme wants.

| kind | what happens | asked for |
| --- | --- | --- |
"""
HAPPENS = {
    StageKind.WORKSHOP: "a session; work, where there is any, is asked for after it",
    StageKind.MENTORING: "mentors give hours from its first day to its last, or, beside other stages, "
    "from `hours_from` to `hours_until`; its work is asked for on the first",
    StageKind.SEMINAR: "a session; its work is shown there, and asked for three weeks before",
    StageKind.WORK: "nobody meets; its work is asked for on its first day",
}
ASKED = {
    "attendance": "enough members were there (unless `attendance = false`)",
    "work": "the work is accepted (`results`, `presentation`: handed in), where there is any",
    "mentor": "a mentor is assigned",
    "window": "its last day is over",
}


def page() -> str:
    """The whole file."""
    return HEAD + "".join(map(_line, TABLE)) + MIDDLE + "".join(_arrows()) + "```\n" + STAGES + "".join(_stages())


def _stages() -> Iterable[str]:
    for kind, asked in SHAPES.items():
        yield f"| `{kind}` | {HAPPENS[kind]} | {'; '.join(ASKED[one] for one in asked)} |\n"


def _line(row: Transition) -> str:
    cells = (
        f"`{row.trigger}`",
        ", ".join(row.source),
        row.target,
        ", ".join(row.who),
        "yes" if row.checks else "",
        "yes" if row.place else "",
        ", ".join(f"`{n}`" for n in row.notices),
    )
    return "| " + " | ".join(cells) + " |\n"


def _arrows() -> Iterable[str]:
    names = {LIVE: "live", WHERE_IT_WAS: "live"}
    for row in TABLE:
        for source in row.source:
            left, right = (_state(names.get(s, s)) for s in (source, row.target))
            yield f"    {left} --> {right}: {row.trigger}\n"
    for state in FINAL:
        yield f"    {state} --> [*]\n"


def _state(word: str) -> str:
    return word.replace(" ", "_")


if __name__ == "__main__":
    print(page(), end="")
