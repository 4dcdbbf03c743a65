"""The invented teams: who is in them, how each person writes, and what will become of each team.

Decided from the seed alone, before anything happens. What people are is fixed here; what they do is in `people`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final

from rehearsal import names
from rehearsal.styles import Look
from workflow.config.loader import TeamRule


class Fate(StrEnum):
    """What the story has in store for a team."""

    COMPLETES = "completes"
    RELEASED = "released"
    """lets the deadline for confirming pass"""
    WITHDRAWS = "withdraws"
    """takes its place, then leaves"""
    STEPS_IN = "steps in"
    """from the waiting list into a place that came free, and completes"""
    WAITS = "waits"
    DECLINED = "declined"
    SILENT = "silent"
    """never confirms its address"""
    NOT_OURS = "not ours"
    """says that the application is not theirs"""
    SHRINKS = "shrinks"
    """a member was named by mistake: it is too small then"""


@dataclass(slots=True)
class Invented:
    """One invented person."""

    name: str
    address: str
    lang: str
    role: str
    look: Look
    side: str = ""
    part: str = ""
    other: str = ""
    """a second address: letters from it are not to be trusted"""
    takes_forms: bool = False
    away: bool = False
    """an answering machine is on when the first mail of a workshop comes"""
    bounces: bool = False
    gone: bool = False
    """left the team: reads no more"""


@dataclass(slots=True)
class Crew:
    """One invented team; `number` counts from 0 in the order of applying, `place` among those of the same fate."""

    number: int
    name: str
    lang: str
    fate: Fate
    wish: str
    members: list[Invented] = field(default_factory=list)
    spare: Invented | None = None
    """who takes the place of a member that leaves"""

    @property
    def contact(self) -> Invented:
        return next(m for m in self.members if m.part == "contact")

    @property
    def present(self) -> list[Invented]:
        return [m for m in self.members if not m.gone]


@dataclass(frozen=True, slots=True)
class Cast:
    crews: tuple[Crew, ...]
    staff: tuple[Invented, ...]

    def by_address(self) -> dict[str, Invented]:
        people = [*self.staff, *(m for c in self.crews for m in c.members), *(c.spare for c in self.crews if c.spare)]
        return {p.address: p for p in people}

    def crew_of(self) -> dict[str, Crew]:
        found = {m.address: c for c in self.crews for m in c.members}
        return found | {c.spare.address: c for c in self.crews if c.spare}


AFTER_THIRTEEN = (Fate.DECLINED, Fate.DECLINED, Fate.SILENT, Fate.DECLINED, Fate.SHRINKS, Fate.NOT_OURS, Fate.WAITS)


def fates(teams: int, capacity: int) -> list[Fate]:
    """As many completing teams as there are places; beyond that one of each other fate, then those left out."""
    beyond = max(0, teams - capacity)
    if beyond == 0:
        return [Fate.COMPLETES] * teams
    leaving = [Fate.RELEASED, Fate.WITHDRAWS][: min(beyond, 2, capacity)]
    left_out = [Fate.WAITS, *(AFTER_THIRTEEN[i % len(AFTER_THIRTEEN)] for i in range(max(0, beyond - 3)))]
    steps_in = [Fate.STEPS_IN] * len(leaving)
    stays = [Fate.COMPLETES] * (capacity - len(leaving))
    return [*stays, *leaving, *steps_in, *left_out[: beyond - len(leaving)]]


MORE: Final = (0, 1, 0, 2, 1)
"""members of a team beyond the fewest that the programme asks for"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the programme asks of its teams. langs: those offered, the first is most people's; groups: their keys;
    rule, most: who makes up a team, and the most members; meets: whether it has any session."""

    capacity: int
    groups: tuple[str, ...]
    langs: tuple[str, ...]
    rule: TeamRule
    most: int
    meets: bool


def invent(rng: Random, teams: int, shape: Shape, staff: Sequence[tuple[str, str, str, str]]) -> Cast:
    """The whole cast. `staff`: name, address, language and role of trainers, mentors and coordinators."""
    told = [_possible(fate, shape) for fate in fates(teams, shape.capacity)]
    order = rng.sample(range(teams), teams)
    full_names = iter(names.people(rng, teams * (shape.rule.least + max(MORE) + 1)))
    crews = []
    for number, (place, nth) in enumerate(zip(names.places(rng, teams), order, strict=True)):
        lang = shape.langs[-1] if number % 5 == 4 else shape.langs[0]
        crew = Crew(number, place, lang, told[nth], shape.groups[number % len(shape.groups)])
        more = 0 if crew.fate is Fate.SHRINKS else min(max(MORE), MORE[number % 5] + number % 2)
        kinds = shape.rule.kinds_of(min(shape.rule.least + more, shape.most))
        crew.members = [_member(rng, crew, next(full_names), i, kind) for i, kind in enumerate(kinds)]
        crews.append(crew)
    for crew in crews:
        crew.spare = _spare(rng, crew)
    return Cast(tuple(crews), tuple(_staff(rng, *one) for one in _once(staff)))


def _possible(fate: Fate, shape: Shape) -> Fate:
    """Who is never invited to a session never leaves in answer; a team of one has nobody named by mistake."""
    if fate is Fate.WITHDRAWS and not shape.meets:
        return Fate.COMPLETES
    return Fate.DECLINED if fate is Fate.SHRINKS and shape.rule.least < 2 else fate


def _once(staff: Sequence[tuple[str, str, str, str]]) -> list[tuple[str, str, str, str]]:
    """A trainer who is a mentor too reads both kinds of mail in one mailbox."""
    return list({address: (name, address, lang, role) for name, address, lang, role in reversed(staff)}.values())[::-1]


def _member(rng: Random, crew: Crew, name: str, nth: int, side: str) -> Invented:
    local, home = names.plain(name), names.plain(crew.name)
    return Invented(
        name=name,
        address=f"{local}@{home}.example.org",
        lang=crew.lang,
        role="member",
        look=rng.choice(list(Look)),
        side=side,
        part="contact" if nth == 0 else "deputy" if nth == 1 else "member",
        other=f"{local}@{home}.example.net",
        takes_forms=rng.random() < 0.25,
        away=rng.random() < 0.12,
    )


def _spare(rng: Random, crew: Crew) -> Invented:
    leaving = crew.members[-1]
    spare = _member(rng, crew, f"Uus {leaving.name.split()[-1]}", 2, leaving.side)
    spare.away = False
    return spare


def _staff(rng: Random, name: str, address: str, lang: str, role: str) -> Invented:
    return Invented(
        name=name, address=address, lang=lang, role=role, look=rng.choice(list(Look)), takes_forms=rng.random() < 0.3
    )
