"""The Programme: one season's config as an immutable value, with look-ups by key and date.

Pure and frozen: what was read once does not change while the service runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo

from annotated_types import MinLen
from pydantic import Field, field_validator, model_validator

from workflow.config.parts import (
    EVERY_TRIGGER,
    About,
    Apply,
    Approval,
    ApprovalRule,
    Approvals,
    Certificates,
    ConfigPerson,
    Group,
    InfoDay,
    Limits,
    Reflections,
    Reminders,
    Sending,
    Undecided,
    When,
)
from workflow.config.stages import Session, Stage, work_due
from workflow.config.team.rule import TeamRule
from workflow.config.types import ConfigPart, ConfigText, Count, Frozen, Name, SomeTexts, ZoneName

PEOPLE: Final = ("trainers", "mentors", "coordinators", "readers")


def _spoken(person: Any, lang: Any) -> Any:
    return {"lang": lang, **person} if isinstance(person, Mapping) else person


class Programme(ConfigPart):
    """One season of one programme: the root of config.toml, beside the installation's settings."""

    key: Name
    """Names the season in addresses, calendar files and exports. Never change it in mid-season."""
    name: ConfigText
    """The programme's name."""
    short_name: ConfigText
    """The name in subjects of mails: short."""
    timezone: ZoneName = "Europe/Tallinn"
    """The zone of every date and hour in this file."""
    languages: Annotated[tuple[Literal["et", "en"], ...], MinLen(1)] = ("et", "en")
    """The languages offered on the pages; the first is the one people meet first."""
    capacity: Count = 10
    """The most teams that can take part."""
    organisers: SomeTexts
    """Who carries the programme."""
    about: About
    apply: Apply
    team: TeamRule = TeamRule()
    attend_at_least: Count = Field(default_factory=lambda known: min(2, known.get("team", TeamRule()).least))
    """Members of a team who must be at a session for the team to have attended. By default 2, or all of a smaller
    team."""
    info_day: InfoDay | None = None
    groups: tuple[Group, ...] = ()
    stages: Annotated[tuple[Stage, ...], MinLen(1)]
    trainers: tuple[ConfigPerson, ...] = ()
    mentors: tuple[ConfigPerson, ...] = ()
    coordinators: Annotated[tuple[ConfigPerson, ...], MinLen(1)]
    readers: tuple[ConfigPerson, ...] = ()
    """Those who may look at everything in the office and change nothing: a funder, an auditor, a colleague."""
    approve: Approvals = EVERY_TRIGGER
    """For each trigger whether it waits for the coordinator's yes or happens by itself, and what if nobody decides."""
    send: Sending = Frozen()
    """For each mail's template when it leaves; `default` is for those not named, and `at once` without it. What tells
    the coordinators that something waits, and what lets people sign in, leaves at once unless it is named itself."""
    certificates: Certificates | None = None
    """Certificates of taking part, mailed when a team completes the programme; none where the section is missing."""
    reflection: Reflections | None = None
    """Whether members are asked to rate themselves; nobody is where the section is missing."""
    reminders: Reminders = Reminders()
    limits: Limits = Limits()

    @model_validator(mode="before")
    @classmethod
    def _in_the_first_language(cls, given: Any) -> Any:
        """Whoever's language is not said is written to in the programme's first."""
        spoken = given.get("languages") if isinstance(given, Mapping) else None
        if not isinstance(spoken, list | tuple) or not spoken:
            return given
        lists = {key: given[key] for key in PEOPLE if isinstance(given.get(key), list)}
        return {**given, **{key: [_spoken(one, spoken[0]) for one in rows] for key, rows in lists.items()}}

    @field_validator("approve", mode="after")
    @classmethod
    def _every_trigger(cls, given: Mapping[str, ApprovalRule]) -> Mapping[str, ApprovalRule]:
        """A trigger that the file does not name waits for the coordinator."""
        return Frozen({**EVERY_TRIGGER, **given})

    def lang(self, wanted: str | None) -> str:
        """A language as asked for, if the programme offers it; its first otherwise."""
        return wanted if wanted in self.languages else self.languages[0]

    def waits(self, trigger: str) -> bool:
        """Whether a step waits for the coordinator's yes."""
        return self.approve[trigger].by is Approval.COORDINATOR

    def undecided(self, trigger: str) -> Undecided:
        """What becomes of a step that nobody decided in time."""
        usual = Undecided.AUTOMATIC if trigger == "release" else Undecided.KEPT
        return self.approve[trigger].then or usual

    @property
    def tz(self) -> ZoneInfo:
        """The programme's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def contact(self) -> ConfigPerson:
        """Whom the public page and the mails name for questions: the first coordinator."""
        return self.coordinators[0]

    @property
    def people(self) -> tuple[ConfigPerson, ...]:
        """Trainers, mentors, coordinators and readers, each once."""
        everybody = (*self.trainers, *self.mentors, *self.coordinators, *self.readers)
        return tuple({person.key: person for person in everybody}.values())

    @property
    def most_members(self) -> int:
        """The most members of a team."""
        return self.team.max_members or self.limits.members

    @property
    def first_stage(self) -> Stage:
        """Where a team goes when its place is confirmed."""
        return self.stages[0]

    def person(self, key: str) -> ConfigPerson:
        """The person of that key; KeyError if there is none."""
        return {person.key: person for person in self.people}[key]

    def group(self, key: str) -> Group:
        """The group of that key; KeyError if there is none."""
        return {group.key: group for group in self.groups}[key]

    def stage(self, key: str) -> Stage:
        """The stage of that key; KeyError if there is none."""
        return self.stages[self._place(key)]

    def after(self, key: str) -> Stage | None:
        """The stage that follows; None after the last. KeyError for an unknown key."""
        return next(iter(self.stages[self._place(key) + 1 :]), None)

    def _place(self, key: str) -> int:
        for place, stage in enumerate(self.stages):
            if stage.key == key:
                return place
        raise KeyError(key)

    def session(self, stage_key: str, group_key: str | None = None) -> Session | None:
        """The group's session of a stage, or the one that all share; None where there is none."""
        return self.stage(stage_key).session(group_key)

    def due(self, stage_key: str, group_key: str | None = None) -> datetime | None:
        """The last moment for the stage's work, aware; None where nothing is handed in."""
        return work_due(self.stage(stage_key), self.after(stage_key), group_key)

    def when_sent(self, template: str, usually: When | None = None) -> When:
        """Whether a mail made from `template` leaves at once or after the coordinator's yes. `usually`: when it does
        unless the file names this very template; by default as the file says of all others."""
        return self.send.get(template, usually or self.send.get("default", When.AT_ONCE))
