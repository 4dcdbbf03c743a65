"""The parts of a programme beside its stages: its words, teams, groups, people and rules.

Pure. Each class is a table of config.toml; its docstrings are the reference in docs/configuration.md.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le
from pydantic.types import Strict

from workflow.config.types import (
    NOTHING,
    Address,
    Count,
    Dated,
    Day,
    Days,
    Flag,
    Frozen,
    Line,
    LocalTime,
    Name,
    Part,
    SomeDays,
    SomeHours,
    Table,
    Text,
    Texts,
)

TRIGGERS: Final = (
    "select",
    "waitlist",
    "decline",
    "confirm",
    "advance",
    "complete",
    "release",
    "withdraw",
    "reinstate",
    "replacement",
)
"""What can wait for the coordinator's yes: the machine's triggers, and a member's replacement."""


class Approval(StrEnum):
    """Whether a trigger waits for the coordinator."""

    COORDINATOR = "coordinator"
    AUTOMATIC = "automatic"


class When(StrEnum):
    """When a message leaves."""

    AT_ONCE = "at once"
    AFTER_APPROVAL = "after approval"


class About(Part):
    """What the public page says of the programme."""

    intro: Text
    """The first paragraph."""
    goals: Texts = ()
    """What the programme is for."""
    outcomes_know: Texts = ()
    """Learning outcomes: those who have taken part know …. Asked again in the reflection form."""
    outcomes_can: Texts = ()
    """Learning outcomes: those who have taken part can …. Asked again in the reflection form."""
    free: Text = NOTHING
    """What taking part costs."""
    who_may_apply: Texts = ()
    """Whom the programme expects."""
    parts: Texts = ()
    """The programme's parts, one paragraph each."""
    results: Texts = ()
    """What a team has in hand at the end."""
    reasons: Texts = ()
    """Why to take part."""
    places: Text = NOTHING
    """How many teams are chosen, and from where."""
    form: Text = NOTHING
    """How the days are held."""
    mentoring: Text = NOTHING
    """How the mentoring works."""
    methodology: Text = NOTHING
    """Who worked the programme out and who carries it."""


class Question(Part):
    """A question of the application form, beside the team and its members."""

    key: Name
    """The field's name, kept with the answer."""
    label: Text
    """The question."""
    hint: Text = NOTHING
    """A line of help under it."""
    required: Flag = True
    """Whether an application without it is refused."""
    max_length: Count = 2000
    """The longest answer, in characters."""


class Apply(Dated):
    """When and how teams apply."""

    opens: Day
    """The first day on which applications are taken."""
    before: Day
    """Applications are taken before this day: `2022-02-28` means until 27 February 24.00."""
    place_answer_days: SomeDays = 7
    """Days a selected team has to confirm its place."""
    draft_days: SomeDays = 14
    """Days after the deadline for which an application that was kept but never sent is still there."""
    fields: tuple[Question, ...] = ()
    """Questions asked beside the team and its members."""

    @property
    def opens_at(self) -> datetime:
        """The moment from which applications are taken, aware."""
        return self._midnight(self.opens)

    @property
    def closes_at(self) -> datetime:
        """The moment from which they are late, aware: an application is in time while now < closes_at."""
        return self._midnight(self.before)

    def phase(self, now: datetime) -> str:
        """`before`, `open` or `closed`: whether applications are taken at this moment."""
        return "before" if now < self.opens_at else "open" if now < self.closes_at else "closed"


class TeamRule(Part):
    """Who makes up a team."""

    min_members: Count = 4
    """The fewest distinct members."""
    min_municipality: Days = 2
    """The fewest members from the municipality."""
    min_community: Days = 2
    """The fewest members from the community."""


class InfoDay(Part):
    """The meeting that introduces the programme before the deadline."""

    name: Text
    """What it is called."""
    start: LocalTime
    """When it begins, local time."""
    end: LocalTime
    """When it ends, local time."""
    place: Text
    """Where it is held."""
    link: str = ""
    """Where to join, for a virtual one."""
    reminder_days: tuple[Days, ...] = (1,)
    """Days before it on which those who signed up are reminded."""


class Group(Part):
    """A group of teams with dates of its own."""

    key: Name
    """Its name in `sessions`."""
    name: Text
    """What it is called."""
    size: Count
    """The most teams in it."""


class Person(Part):
    """A trainer, mentor, coordinator or reader. The first coordinator is the contact on the public page."""

    key: Name
    """The name used in `trainers` of a stage. The same person may stand in several lists, under one key."""
    name: Line
    """The person's name."""
    address: Address
    """Where mail goes."""
    lang: Literal["et", "en"] = "et"
    """The language written to them in."""
    phone: str = ""
    """Shown on the public page for coordinators."""
    role: Text = NOTHING
    """What they do in the programme, in a few words."""
    about: Text = NOTHING
    """Who they are."""


class Certificates(Part):
    """Who gets a certificate when their team completes the programme."""

    sessions: Count = 1
    """At how many sessions a member must have been."""


class Reflections(Part):
    """Members rate themselves on the learning outcomes, at the start and at the end."""

    days: SomeDays = 14
    """Days they have to answer."""


class Reminders(Part):
    """When people are reminded. Days are whole days in the programme's zone."""

    questions: tuple[Days, ...] = (7, 2)
    """Days before something is due on which those who still owe it are reminded."""
    sessions: tuple[Days, ...] = (7, 1)
    """Days before a session on which the teams of the group are reminded."""
    overdue: tuple[SomeDays, ...] = (1, 3)
    """Days after something was due on which those who still owe it are reminded again."""
    after_due: SomeDays = 7
    """Days after it was due on which reminders stop and the coordinator is asked what to do."""
    hour: Annotated[int, Strict(), Ge(0), Le(23)] = 9
    """The hour at which reminders leave."""
    hours_day: Annotated[int, Strict(), Ge(1), Le(28)] = 1
    """The day of the month on which mentors are asked for their hours."""
    digest_hour: Annotated[int, Strict(), Ge(0), Le(23)] = 8
    """The hour of the coordinator's morning digest."""
    undo_hours: SomeHours = 24
    """Hours within which a transition can be undone in one step."""
    readback_hours: SomeHours = 24
    """Hours within which EI to a read-back takes an accepted answer back."""


class Limits(Part):
    """What is too much."""

    letter_bytes: Count = 25 * 1024 * 1024
    """The largest letter taken in, in bytes."""
    upload_bytes: Count = 25 * 1024 * 1024
    """The largest file taken by a form, in bytes."""
    team_bytes: Count = 500 * 1024 * 1024
    """What one team's files may come to, in bytes."""
    automatic_mails_per_hour: Count = 5
    """The most answers one person gets in an hour to mails that changed nothing, or about one question."""
    automatic_answers_in_all: Count = 3000
    """The most answers to mails, to everybody together, that leave in an hour; above it they are held back."""
    automatic_mails_per_day: Count = 20
    """The most mails the service sends one person in a day by itself."""
    posts_per_minute: Count = 20
    """The most forms taken from one network address in a minute."""
    members: Count = 20
    """The most members of a team."""


EVERY_TRIGGER: Final = Frozen(dict.fromkeys(TRIGGERS, Approval.COORDINATOR))
Approvals = Table[Approval]
Sending = Table[When]
