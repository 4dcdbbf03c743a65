"""State machine of a team: one TABLE of transitions, and `decide`, which accepts or refuses a trigger.

A team is in exactly one state. States are `applied`, `waitlisted`, `selected`, then one per stage of the
programme in its order, then `completed`; and out of the journey `declined`, `released`, `withdrawn`. A trigger
moves a team along a row of TABLE or is refused: then nothing moves, and *every* reason is given, each with who
can mend it. The rows are the whole machine: what is not in TABLE cannot happen, and docs/states.md is drawn
from it. Rows name stages by words (FIRST, NEXT, LAST …), so that a programme with three workshops, with none
or with a second mentoring stage is another config, not other code.

Pure. `transitions` is imported here alone; no model is ever kept in the machine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from transitions import Machine as Transitions

from workflow.config.loader import Programme
from workflow.rules.requirements import Facts, Requirement, missing, required
from workflow.text.bilingual import Text

APPLIED, WAITLISTED, SELECTED, COMPLETED = "applied", "waitlisted", "selected", "completed"
DECLINED, RELEASED, WITHDRAWN = "declined", "released", "withdrawn"
OUT: Final = (DECLINED, RELEASED, WITHDRAWN)
FINAL: Final = (COMPLETED, *OUT)


class Trigger(StrEnum):
    SELECT = "select"
    WAITLIST = "waitlist"
    DECLINE = "decline"
    CONFIRM = "confirm"
    ADVANCE = "advance"
    COMPLETE = "complete"
    RELEASE = "release"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"


class Who(StrEnum):
    """Who asks for a step."""

    CONTACT = "contact"
    """the contact or the deputy, by reply or form"""
    COORDINATOR = "coordinator"
    CALENDAR = "calendar"
    """a deadline, or the service itself when nothing is missing any more"""


# Words of the table that stand for states of the programme at hand.
FIRST, NEXT, LAST, STAGES, STAGES_BUT_LAST, LIVE, WHERE_IT_WAS = (
    "the first stage",
    "the next stage",
    "the last stage",
    "each stage",
    "each stage but the last",
    "each live state",
    "where it was",
)


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the table. `checks`: the present state's requirements must be met. `place`: it takes a place."""

    trigger: Trigger
    source: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    checks: bool
    place: bool
    notices: tuple[str, ...]


T, W = Trigger, Who
TABLE: Final = (
    # trigger      from                    to            who may ask                 checks place  notices
    Transition(T.SELECT, (APPLIED, WAITLISTED), SELECTED, (W.COORDINATOR, W.CALENDAR), True, True, ("place_offer",)),
    Transition(T.WAITLIST, (APPLIED,), WAITLISTED, (W.COORDINATOR,), True, False, ("waitlisted",)),
    Transition(T.DECLINE, (APPLIED, WAITLISTED), DECLINED, (W.COORDINATOR,), False, False, ("declined",)),
    Transition(T.CONFIRM, (SELECTED,), FIRST, (W.CONTACT, W.COORDINATOR), True, False, ("place_confirmed",)),
    Transition(
        T.RELEASE,
        (SELECTED,),
        RELEASED,
        (W.CONTACT, W.CALENDAR, W.COORDINATOR),
        False,
        False,
        ("place_released",),
    ),
    Transition(T.ADVANCE, (STAGES_BUT_LAST,), NEXT, (W.CALENDAR, W.COORDINATOR), True, False, ("stage_done",)),
    Transition(T.COMPLETE, (LAST,), COMPLETED, (W.CALENDAR, W.COORDINATOR), True, False, ("completed",)),
    Transition(T.WITHDRAW, (LIVE,), WITHDRAWN, (W.CONTACT, W.COORDINATOR), False, False, ("withdrawn",)),
    Transition(T.REINSTATE, OUT, WHERE_IT_WAS, (W.COORDINATOR,), False, True, ("reinstated",)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Yes: the next state and the notices it causes. `approval`: it waits for the coordinator first.
    `overridden`: what was missing and passed over, with the coordinator's reason."""

    trigger: Trigger
    source: str
    target: str
    notices: tuple[str, ...]
    approval: bool = False
    overridden: tuple[Requirement, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """No: every reason why not, each with who can mend it. Nothing was written."""

    trigger: Trigger
    source: str
    reasons: tuple[Requirement, ...]


@dataclass(slots=True)
class _Traveller:
    """What the shared machine moves, for the length of one decision."""

    state: str
    left_from: str | None = None


Witness = Callable[[Facts, Trigger, datetime, Who, str], None]


class Machine:
    """TABLE laid over one programme's stages. Built once, shared by all."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.witness: Witness | None = None
        """hears each thing that is asked: a rehearsal writes them down, to be asked again
        (`workflow/audit/replay.py`)"""
        self.stages = tuple(stage.key for stage in programme.stages)
        self.live = (APPLIED, WAITLISTED, SELECTED, *self.stages)
        self.holding = frozenset((SELECTED, *self.stages, COMPLETED))
        """states in which a team holds one of the programme's places"""
        self.states = (*self.live, *FINAL)
        self.lines = tuple(line for row in TABLE for line in self._lines(row))
        self._rows = {(row.trigger, source): row for row, source, _ in self.lines}
        self._triggers = {
            state: tuple(dict.fromkeys(row.trigger for row, source, _ in self.lines if source == state))
            for state in self.states
        }
        self._known: dict[tuple[Trigger, str, str | None], str | None] = {}
        self._machine = Transitions(
            model=None,
            states=list(self.states),
            initial=APPLIED,
            auto_transitions=False,
            send_event=True,
            transitions=[self._transition(*line) for line in self.lines],
        )

    def _lines(self, row: Transition) -> list[tuple[Transition, str, str]]:
        """A row with the programme's own states in the place of words."""
        sources = [state for word in row.source for state in self._sources(word)]
        if row.target == WHERE_IT_WAS:
            return [(row, source, back) for source in sources for back in self.live]
        return [(row, source, self._target(row.target, source)) for source in sources]

    def _sources(self, word: str) -> tuple[str, ...]:
        words = {
            STAGES: self.stages,
            STAGES_BUT_LAST: self.stages[:-1],
            LAST: self.stages[-1:],
            LIVE: self.live,
        }
        return words.get(word, (word,))

    def _target(self, word: str, source: str) -> str:
        if word == FIRST:
            return self.stages[0]
        if word == NEXT:
            return self.stages[self.stages.index(source) + 1]
        return word

    def _transition(self, row: Transition, source: str, target: str) -> dict[str, Any]:
        back = row.target == WHERE_IT_WAS
        conditions = [lambda event: event.model.left_from == target] if back else []
        return {"trigger": row.trigger.value, "source": source, "dest": target, "conditions": conditions}

    def from_stage(self, stage: str) -> tuple[str, ...]:
        """A stage, the stages after it, and completion."""
        return (*self.stages[self.stages.index(stage) :], COMPLETED)

    def triggers(self, state: str) -> tuple[Trigger, ...]:
        """The triggers that have a row from this state, in the table's order."""
        return self._triggers.get(state, ())

    def next_state(self, trigger: Trigger, state: str, left_from: str | None = None) -> str | None:
        """Where a trigger leads from a state, asked of the machine; None where it leads nowhere."""
        if (trigger, state) not in self._rows:
            return None
        step = trigger, state, left_from
        if step not in self._known:  # what it said once it says always
            self._known[step] = self._asked(*step)
        return self._known[step]

    def _asked(self, trigger: Trigger, state: str, left_from: str | None) -> str | None:
        traveller = _Traveller(state, left_from)
        moved = self._machine.events[trigger.value].trigger(traveller)
        return traveller.state if moved else None

    def touches_places(self, trigger: Trigger, state: str) -> bool:
        """Whether a step may take one of the programme's places or set one free: then all who want one wait."""
        row = self._rows.get((trigger, state))
        return row is not None and (row.place or (state in self.holding and row.target in OUT))

    def decide(
        self, facts: Facts, trigger: Trigger, now: datetime, *, who: Who, override: str = ""
    ) -> Decision | Refusal:
        """May this team take this step now? Every reason why not, or the step.

        override: the coordinator's reason to pass over what is missing; what is firm is never passed over.
        """
        if self.witness is not None:
            self.witness(facts, trigger, now, who, override)
        return self.told(facts, trigger, now, who=who, override=override)

    def told(self, facts: Facts, trigger: Trigger, now: datetime, *, who: Who, override: str) -> Decision | Refusal:
        """What `decide` says, heard by nobody else."""
        target = self.next_state(trigger, facts.state, facts.left_from)
        if target is None:
            return Refusal(trigger=trigger, source=facts.state, reasons=(_no_such_step(trigger, facts.state),))
        row = self._rows[trigger, facts.state]
        lacking = self._lacking(row, target, facts, now, who)
        if lacking and not (override and who is Who.COORDINATOR and not any(r.firm for r in lacking)):
            return Refusal(trigger=trigger, source=facts.state, reasons=lacking)
        waits = who is not Who.COORDINATOR and self.programme.waits(trigger)
        return Decision(
            trigger=trigger,
            source=facts.state,
            target=target,
            notices=row.notices if self._is_news(row, facts.state, target) else (),
            approval=waits,
            overridden=lacking,
        )

    def _is_news(self, row: Transition, source: str, target: str) -> bool:
        """Going on to another stage of the same kind is none: the work is accepted by a mail of its own, and the next
        session invites by itself."""
        if row.trigger is not Trigger.ADVANCE:
            return True
        return self.programme.stage(source).kind is not self.programme.stage(target).kind

    def _lacking(self, row: Transition, target: str, facts: Facts, now: datetime, who: Who) -> tuple[Requirement, ...]:
        needs = missing(required(self.programme, facts, now)) if row.checks else ()
        allowed = () if who in row.who else (_not_yours(row),)
        return allowed + needs + (self._no_place(facts) if row.place and target in self.holding else ())

    def _no_place(self, facts: Facts) -> tuple[Requirement, ...]:
        capacity = self.programme.capacity
        if facts.places_taken < capacity:
            return ()
        says = Text(et=f"Kõik {capacity} kohta on täis.", en=f"All {capacity} places are taken.")
        return (Requirement(key="capacity", met=False, says=says, who="coordinator", firm=True),)


def requirements_of(programme: Programme, facts: Facts, now: datetime) -> tuple[Requirement, ...]:
    """The present state's requirements, met or not; of an out state, of the one it left."""
    state = facts.left_from if facts.state in OUT and facts.left_from else facts.state
    return required(programme, replace(facts, state=state), now)


def _no_such_step(trigger: Trigger, state: str) -> Requirement:
    name, here = (
        TRIGGER_NAMES[trigger],
        STATE_NAMES.get(state, Text(et="praegune etapp", en="the present stage")),
    )
    says = Text(
        et=f"Sellest seisust ({here.et}) ei saa: {name.et}.",
        en=f"Not possible from here ({here.en}): {name.en}.",
    )
    return Requirement(key="no_such_step", met=False, says=says, who="nobody", firm=True)


def _not_yours(row: Transition) -> Requirement:
    says = Text(et="Seda sammu saab teha ainult koordinaator.", en="Only the coordinator can take this step.")
    return Requirement(key="not_yours", met=False, says=says, who=row.who[0].value, firm=True)


STATE_NAMES: Mapping[str, Text] = {
    APPLIED: Text(et="taotlus esitatud", en="applied"),
    WAITLISTED: Text(et="ootenimekirjas", en="on the waiting list"),
    SELECTED: Text(et="valitud, koht kinnitamata", en="selected, place not confirmed"),
    COMPLETED: Text(et="programm läbitud", en="completed"),
    DECLINED: Text(et="ei valitud", en="not selected"),
    RELEASED: Text(et="koht vabastatud", en="place released"),
    WITHDRAWN: Text(et="loobunud", en="withdrawn"),
}
"""what people call the states that are not stages; a stage's name is in the config"""

TRIGGER_NAMES: Mapping[Trigger, Text] = {
    T.SELECT: Text(et="valida programmi", en="select"),
    T.WAITLIST: Text(et="panna ootenimekirja", en="put on the waiting list"),
    T.DECLINE: Text(et="jätta valimata", en="decline"),
    T.CONFIRM: Text(et="kinnitada koht", en="confirm the place"),
    T.ADVANCE: Text(et="viia järgmisse etappi", en="move to the next stage"),
    T.COMPLETE: Text(et="lõpetada programm", en="complete the programme"),
    T.RELEASE: Text(et="vabastada koht", en="release the place"),
    T.WITHDRAW: Text(et="märkida loobunuks", en="withdraw"),
    T.REINSTATE: Text(et="taastada osalemine", en="reinstate"),
}


def state_name(programme: Programme, state: str) -> Text:
    """What people call a state."""
    stage = next((s for s in programme.stages if s.key == state), None)
    return stage.name if stage else STATE_NAMES[state]
