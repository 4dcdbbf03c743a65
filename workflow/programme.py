"""config.toml -> Programme and Settings: frozen, validated once, every fault with its place.

Pure: the text and the environment are arguments. Nothing here reads a file, the clock or os.environ,
and nothing is guessed: what is not plainly right is a fault, and all faults are told in one go.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from annotated_types import MinLen
from pydantic import field_validator

from workflow.programme_parts import (
    EVERY_TRIGGER,
    TRIGGERS,
    About,
    Apply,
    Approval,
    Approvals,
    Group,
    InfoDay,
    Limits,
    Person,
    Question,
    Reminders,
    Sending,
    TeamRule,
    When,
)
from workflow.programme_stages import EVERYONE, Session, Stage, StageKind, Work, WorkKind, work_due
from workflow.programme_text import (
    HOME_ZONE,
    NOTHING,
    Count,
    Frozen,
    Name,
    Part,
    SomeTexts,
    Text,
    ZoneName,
)
from workflow.service_settings import Settings

__all__ = [
    "EVERYONE",
    "NOTHING",
    "TRIGGERS",
    "About",
    "Apply",
    "Approval",
    "Config",
    "Group",
    "InfoDay",
    "Limits",
    "Person",
    "Programme",
    "Question",
    "Reminders",
    "Session",
    "Settings",
    "Stage",
    "StageKind",
    "TeamRule",
    "Text",
    "When",
    "Work",
    "WorkKind",
    "load",
]


class Programme(Part):
    """One season of one programme: the root of config.toml, beside the installation's settings."""

    key: Name
    """Names the season in addresses, calendar files and exports. Never change it in mid-season."""
    name: Text
    """The programme's name."""
    short_name: Text
    """The name in subjects of mails: short."""
    timezone: ZoneName = "Europe/Tallinn"
    """The zone of every date and hour in this file."""
    languages: Annotated[tuple[Literal["et", "en"], ...], MinLen(1)] = ("et", "en")
    """The languages offered on the pages, first one first."""
    capacity: Count = 10
    """The most teams that can take part."""
    attend_at_least: Count = 2
    """Members of a team who must be at a session for the team to have attended."""
    organisers: SomeTexts
    """Who carries the programme."""
    about: About
    apply: Apply
    team: TeamRule = TeamRule()
    info_day: InfoDay | None = None
    groups: tuple[Group, ...] = ()
    stages: Annotated[tuple[Stage, ...], MinLen(1)]
    trainers: tuple[Person, ...] = ()
    mentors: tuple[Person, ...] = ()
    coordinators: Annotated[tuple[Person, ...], MinLen(1)]
    approve: Approvals = EVERY_TRIGGER
    send: Sending = Frozen()
    reminders: Reminders = Reminders()
    limits: Limits = Limits()

    @field_validator("approve", mode="after")
    @classmethod
    def _every_trigger(cls, given: Mapping[str, Approval]) -> Mapping[str, Approval]:
        """A trigger that the file does not name waits for the coordinator."""
        return Frozen({**EVERY_TRIGGER, **given})

    @property
    def tz(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def contact(self) -> Person:
        """Whom the public page and the mails name for questions: the first coordinator."""
        return self.coordinators[0]

    @property
    def people(self) -> tuple[Person, ...]:
        """Trainers, mentors and coordinators, each once."""
        return tuple(
            {person.key: person for person in (*self.trainers, *self.mentors, *self.coordinators)}.values()
        )

    @property
    def first_stage(self) -> Stage:
        """Where a team goes when its place is confirmed."""
        return self.stages[0]

    def person(self, key: str) -> Person:
        """The person of that key; KeyError if there is none."""
        return {person.key: person for person in self.people}[key]

    def group(self, key: str) -> Group:
        """The group of that key; KeyError if there is none."""
        return {group.key: group for group in self.groups}[key]

    def stage(self, key: str) -> Stage:
        """The stage of that key; KeyError if there is none."""
        return {stage.key: stage for stage in self.stages}[key]

    def after(self, key: str) -> Stage | None:
        """The stage that follows; None after the last. KeyError for an unknown key."""
        following = self.stages[self.stages.index(self.stage(key)) + 1 :]
        return following[0] if following else None

    def session(self, stage_key: str, group_key: str | None = None) -> Session | None:
        """The group's session of a stage, or the one that all share; None where there is none."""
        return self.stage(stage_key).session(group_key)

    def due(self, stage_key: str, group_key: str | None = None) -> datetime | None:
        """The last moment for the stage's work, aware; None where nothing is handed in."""
        return work_due(self.stage(stage_key), self.after(stage_key), group_key)

    def when_sent(self, template: str) -> When:
        """Whether a mail made from `template` leaves at once or after the coordinator's yes."""
        return self.send.get(template, self.send.get("default", When.AT_ONCE))


@dataclass(frozen=True, slots=True)
class Config:
    """What config.toml and the environment say: the programme, and this installation of the service."""

    programme: Programme
    service: Settings


def load(text: str, environ: Mapping[str, str]) -> Config:
    """Read the file's text, the environment's TEEKOND_… over it."""
    data: dict[str, Any] = tomllib.loads(text)
    context = {"tz": HOME_ZONE}
    mine = {key: value for key, value in data.items() if key in Programme.model_fields}
    rest = {key: value for key, value in data.items() if key not in mine}
    return Config(
        Programme.model_validate(mine, context=context), Settings.model_validate(rest, context=context)
    )
