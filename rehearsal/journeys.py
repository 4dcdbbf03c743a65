"""The steps that every team should have taken, played through in the order of time from the rehearsal's own books.

Knows the rules of the programme in the plainest form: what the coordinator decides (`[approve]`), what goes by itself,
and what a stage asks for. All teams are played together, for a place that comes free is passed on. Must never look at
what the service made of anything.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from rehearsal.expected import Heard, called_at, worked_at
from workflow.config.loader import Programme, Stage, StageKind

NEVER = datetime.max.replace(tzinfo=UTC)
Chain = list[tuple[str, str]]
OFFICE = ("select", "waitlist", "decline", "release")
"""what the books of the office say by itself"""
LEADS_TO = {
    "select": "selected", "waitlist": "waitlisted", "decline": "declined", "release": "released",
    "withdraw": "withdrawn", "complete": "completed",
}  # fmt: skip
OUT = ("declined", "released", "withdrawn")


def journeys(programme: Programme, said: Heard, groups: dict[str, str | None]) -> dict[str, Chain]:
    """Of each team (its name, and the group it came to be in) the steps, each with the state it leads to."""
    return _Play(programme, said, groups).run()


@dataclass(slots=True)
class _Play:
    programme: Programme
    said: Heard
    groups: dict[str, str | None]
    chains: dict[str, Chain] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    agenda: list[tuple[datetime, int, str, str]] = field(default_factory=list)
    planned: Iterator[int] = field(default_factory=count)
    """of two steps at one moment the one planned first comes first"""
    joined: dict[str, datetime] = field(default_factory=dict)
    """when the team's journey began"""
    waiting: list[str] = field(default_factory=list)
    """the waiting list, best first"""

    def run(self) -> dict[str, Chain]:
        self.chains = {team: [] for team in self.groups}
        self.states = dict.fromkeys(self.groups, "applied")
        for team in self.groups:
            for at, step in self._told(team):
                self._plan(at, team, step)
        while self.agenda:
            at, _, team, step = heapq.heappop(self.agenda)
            self._take(team, step, at)
        return self.chains

    @property
    def stages(self) -> dict[str, Stage]:
        return {one.key: one for one in self.programme.stages}

    def _plan(self, at: datetime, team: str, step: str) -> None:
        heapq.heappush(self.agenda, (at, next(self.planned), team, step))

    def _told(self, team: str) -> Iterator[tuple[datetime, str]]:
        """What people said and the coordinator did."""
        said, programme = self.said, self.programme
        yield from ((s.at, s.what) for s in said.record.steps if s.team == team and s.what in OFFICE)
        approved = (a for a in said.of("approve", team) if a.means.kind == "yes")
        yield from ((a.at, a.question.trigger) for a in approved if a.question is not None)
        answers = said.of("confirm_place", team)
        if not programme.waits("confirm"):
            yield from ((a.at, "confirm") for a in answers if a.means.kind == "yes")
        if not programme.waits("release"):
            yield from ((a.at, "release") for a in answers if a.means.kind == "no")
            asked = {q for q in said.record.teams_asked.get(team, ()) if said.record.asked[q].kind == "confirm_place"}
            silent = (said.record.asked[q].due_at for q in asked if said.answer(q) is None)
            yield from ((due, "release") for due in silent if due is not None)
        if not programme.waits("withdraw"):
            yield from ((a.at, "withdraw") for a in said.leaving if a.team == team)

    def _take(self, team: str, step: str, at: datetime) -> None:
        before = self.states[team]
        if before in OUT or before == "completed" or not self._goes(before, step):
            return
        after = self._after(before, step)
        self.states[team] = after
        self.chains[team].append((step, after))
        if step == "confirm":
            self.joined[team] = at
        if step == "waitlist":
            self.waiting.append(team)
        if step == "select" and team in self.waiting:
            self.waiting.remove(team)
        if after in OUT and before not in ("applied", "waitlisted"):
            self._pass_on(at)
        self._go_on(team, at)

    def _goes(self, state: str, step: str) -> bool:
        match step:
            case "select":
                return state in ("applied", "waitlisted")
            case "confirm" | "release":
                return state == "selected"
            case "advance" | "complete":
                return state in self.stages
        return True

    def _after(self, state: str, step: str) -> str:
        keys = list(self.stages)
        if step == "confirm":
            return keys[0]
        return keys[keys.index(state) + 1] if step == "advance" else LEADS_TO[step]

    def _pass_on(self, at: datetime) -> None:
        """A place came free: where nobody is asked, the next of the waiting list has it, as long as the journey can
        be joined from its beginning."""
        if self.waiting and self._begins() > at and not self.programme.waits("select"):
            self._plan(at, self.waiting[0], "select")

    def _begins(self) -> datetime:
        """The last moment at which some group's first session is still ahead."""
        keys: list[str | None] = [g.key for g in self.programme.groups] or [None]
        firsts = []
        for key in keys:
            mine = [s.session(key) for s in self.programme.stages if s.sessions]
            firsts.append(min((one.start for one in mine if one is not None), default=NEVER))
        return max(firsts)

    def _go_on(self, team: str, at: datetime) -> None:
        """A stage that asks for nothing more is left by itself, unless the coordinator is asked."""
        stage = self.stages.get(self.states[team])
        if stage is None:
            return
        step = "complete" if stage is self.programme.stages[-1] else "advance"
        met = self._met(team, stage)
        if met is not None and not self.programme.waits(step):
            self._plan(max(at, met), team, step)

    def _met(self, team: str, stage: Stage) -> datetime | None:
        """When the stage had all that it asks for."""
        group = self.groups[team]
        needs: list[datetime | None] = [self.programme.apply.opens_at]
        if stage.work is not None:
            needs.append(worked_at(self.said, team, stage.key, stage.work.kind))
        if stage.attendance and stage.session(group) is not None:
            needs.append(called_at(self.said, stage.key, group, self.joined[team]))
        if stage.kind is StageKind.MENTORING:
            mentors = (s.at for s in self.said.record.steps if s.team == team and s.what == "mentor")
            needs += [next(mentors, None), stage.ends(group)]
        return None if None in needs else max(one for one in needs if one is not None)
