"""Lenient parse of a config with faults: as much of a programme as can be read, so that the rules still find their
faults.

Pure. A part that cannot be read is left out here; why it cannot be read is told elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from workflow.config.locations import Path
from workflow.config.parts import ApplicationQuestion, Apply, ConfigPerson, Group, InfoDay, Limits, Reminders
from workflow.config.stages import Stage
from workflow.config.team.rule import TeamRule
from workflow.config.types import HOME_ZONE, ConfigPart

P = TypeVar("P", bound=ConfigPart)


@dataclass(frozen=True, slots=True)
class Placed(Generic[P]):
    """A part and its place in the file."""

    path: Path
    part: P


@dataclass(frozen=True, slots=True)
class ConfigDraft:
    """What the rules look at."""

    capacity: int | None
    attend_at_least: int | None
    timezone: str
    languages: tuple[str, ...]
    apply: Apply | None
    info_day: InfoDay | None
    team: TeamRule | None
    reminders: Reminders | None
    limits: Limits | None
    fields: tuple[Placed[ApplicationQuestion], ...]
    groups: tuple[Placed[Group], ...]
    stages: tuple[Placed[Stage], ...]
    trainers: tuple[Placed[ConfigPerson], ...]
    mentors: tuple[Placed[ConfigPerson], ...]
    coordinators: tuple[Placed[ConfigPerson], ...]
    readers: tuple[Placed[ConfigPerson], ...]
    group_keys: frozenset[str]
    """Of the groups that cannot be read, too."""
    people_keys: frozenset[str]
    triggers: tuple[str, ...]
    """The triggers that the file names."""

    def following(self, stage: Placed[Stage]) -> Stage | None:
        """The stage right after; None for the last and where it cannot be read."""
        path = (stage.path[0], int(stage.path[1]) + 1)
        return next((other.part for other in self.stages if other.path == path), None)

    def calendars(self) -> tuple[str | None, ...]:
        """The groups' keys; one nameless calendar where there are no groups."""
        return tuple(group.part.key for group in self.groups) or (None,)


class _Reader:
    """Reads parts out of the file's data."""

    def __init__(self, data: Mapping[str, Any], zone: ZoneInfo) -> None:
        self.data, self.context = data, {"tz": zone}

    def part(self, kind: type[P], raw: Any) -> P | None:
        try:
            return kind.model_validate(raw, context=self.context)
        except ValidationError:
            return None

    def one(self, kind: type[P], key: str) -> P | None:
        return self.part(kind, self.data[key]) if key in self.data else None

    def or_default(self, kind: type[P], key: str) -> P | None:
        return self.part(kind, self.data.get(key, {}))

    def many(self, kind: type[P], *path: str) -> tuple[Placed[P], ...]:
        read = [(index, self.part(kind, raw)) for index, raw in enumerate(self.rows(*path))]
        return tuple(Placed((*path, index), part) for index, part in read if part is not None)

    def rows(self, *path: str) -> list[Any]:
        raw: Any = self.data
        for step in path:
            raw = raw.get(step) if isinstance(raw, Mapping) else None
        return raw if isinstance(raw, list) else []

    def keys(self, *names: str) -> frozenset[str]:
        rows = [row for name in names for row in self.rows(name) if isinstance(row, Mapping)]
        return frozenset(row["key"] for row in rows if isinstance(row.get("key"), str))

    def number(self, key: str, default: int | None = None) -> int | None:
        value = self.data.get(key, default)
        return value if type(value) is int else None


def read_draft(data: Mapping[str, Any], zone: ZoneInfo = HOME_ZONE) -> ConfigDraft:
    """The readable parts of the file's data."""
    read = _Reader(data, zone)
    approve = data.get("approve")
    return ConfigDraft(
        capacity=read.number("capacity", 10),
        attend_at_least=read.number("attend_at_least"),
        timezone=zone.key,
        languages=tuple(one for one in read.rows("languages") if isinstance(one, str)),
        apply=read.one(Apply, "apply"),
        info_day=read.one(InfoDay, "info_day"),
        team=read.or_default(TeamRule, "team"),
        reminders=read.or_default(Reminders, "reminders"),
        limits=read.or_default(Limits, "limits"),
        fields=read.many(ApplicationQuestion, "apply", "fields"),
        groups=read.many(Group, "groups"),
        stages=read.many(Stage, "stages"),
        trainers=read.many(ConfigPerson, "trainers"),
        mentors=read.many(ConfigPerson, "mentors"),
        coordinators=read.many(ConfigPerson, "coordinators"),
        readers=read.many(ConfigPerson, "readers"),
        group_keys=read.keys("groups"),
        people_keys=read.keys("trainers", "mentors", "coordinators", "readers"),
        triggers=tuple(approve) if isinstance(approve, Mapping) else (),
    )
