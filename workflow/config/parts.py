"""Config tables of a programme beside its stages: texts, teams, groups, people and rules.

Pure. Each class is a table of config.toml; its docstrings are the reference in docs/configuration.md.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from annotated_types import Ge, Le
from pydantic import BeforeValidator, Field
from pydantic.types import Strict
from pydantic_core import PydanticCustomError

from workflow.config.types import (
    Address,
    ConfigPart,
    ConfigText,
    Count,
    Dated,
    Day,
    Days,
    Flag,
    Frozen,
    Line,
    LocalTime,
    Name,
    SomeDays,
    SomeHours,
    Table,
    Texts,
)
from workflow.text.bilingual import NOTHING, Text

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


class Undecided(StrEnum):
    """What becomes of a step that nobody decided in time."""

    AUTOMATIC = "automatic"
    KEPT = "kept"


class ApprovalRule(ConfigPart):
    """Whether a trigger waits for the coordinator, and what follows when nobody decides. One that is not named waits. A
    word alone stands for `by`: `advance = "automatic"`."""

    by: Approval = Approval.COORDINATOR
    """Who decides: the coordinator, or nobody, so that the step is taken by itself."""
    after_days: SomeDays = 5
    """Working days that a step waits for a decision."""
    then: Undecided | None = None
    """What follows then: `automatic` takes the step, which can be undone; `kept` goes on waiting, and a team that waits
    for the decision is told that it is late. By default a `release` is automatic, for another team can use the place;
    all others are kept."""


class When(StrEnum):
    """When a message leaves."""

    AT_ONCE = "at once"
    AFTER_APPROVAL = "after approval"


class About(ConfigPart):
    """What the public page says of the programme."""

    intro: ConfigText
    """The first paragraph."""
    goals: Texts = ()
    """What the programme is for."""
    outcomes_know: Texts = ()
    """Learning outcomes: those who have taken part know …. Asked again in the reflection form."""
    outcomes_can: Texts = ()
    """Learning outcomes: those who have taken part can …. Asked again in the reflection form."""
    free: ConfigText = NOTHING
    """What taking part costs."""
    we_expect: ConfigText = Text(et="Ootame kandideerima meeskondi, kes", en="We expect teams that")
    """How the list of whom the programme expects begins."""
    who_may_apply: Texts = ()
    """Whom the programme expects."""
    parts: Texts = ()
    """The programme's parts, one paragraph each."""
    results: Texts = ()
    """What a team has in hand at the end."""
    reasons: Texts = ()
    """Why to take part."""
    places: ConfigText = NOTHING
    """How many teams are chosen, and from where."""
    form: ConfigText = NOTHING
    """How the days are held."""
    mentoring: ConfigText = NOTHING
    """How the mentoring works."""
    methodology: ConfigText = NOTHING
    """Who worked the programme out and who carries it."""


class ApplicationQuestion(ConfigPart):
    """A question of the application form, beside the team and its members."""

    key: Name
    """The field's name, kept with the answer."""
    label: ConfigText
    """The question."""
    hint: ConfigText = NOTHING
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
    fields: tuple[ApplicationQuestion, ...] = ()
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


class InfoDay(ConfigPart):
    """The meeting that introduces the programme before the deadline."""

    name: ConfigText
    """What it is called."""
    start: LocalTime
    """When it begins, local time."""
    end: LocalTime
    """When it ends, local time."""
    place: ConfigText
    """Where it is held."""
    link: str = ""
    """Where to join, for a virtual one."""
    reminder_days: tuple[Days, ...] = (1,)
    """Days before it on which those who signed up are reminded."""


class Group(ConfigPart):
    """A group of teams with dates of its own."""

    key: Name
    """Its name in `sessions`."""
    name: ConfigText
    """What it is called."""
    size: Count
    """The most teams in it."""


class ConfigPerson(ConfigPart):
    """A trainer, mentor, coordinator or reader. The first coordinator is the contact on the public page."""

    key: Name
    """The name used in `trainers` of a stage. The same person may stand in several lists, under one key."""
    name: Line
    """The person's name."""
    address: Address
    """Where mail goes."""
    lang: Literal["et", "en"] = Field(default_factory=lambda: "et")
    """The language written to them in. By default the first of the programme's `languages`."""
    phone: str = ""
    """Shown on the public page for coordinators."""
    role: ConfigText = NOTHING
    """What they do in the programme, in a few words."""
    about: ConfigText = NOTHING
    """Who they are."""


class Certificates(ConfigPart):
    """Who gets a certificate when their team completes the programme."""

    sessions: Count = 1
    """At how many sessions a member must have been."""


class Reflections(ConfigPart):
    """Members rate themselves on the learning outcomes, at the start and at the end."""

    days: SomeDays = 14
    """Days they have to answer."""


class Reminders(ConfigPart):
    """When people are reminded. Days are whole days in the programme's zone."""

    questions: tuple[Days, ...] = (7, 2)
    """Days before something is due on which those who still owe it are reminded."""
    sessions: tuple[Days, ...] = (7, 1)
    """Days before a session on which members are reminded: the last time those who come, before it only those who
    have not answered."""
    invitation: Days = 14
    """Days before a session on which each member is invited to it; all dates are told when the place is confirmed."""
    overdue: tuple[SomeDays, ...] = (1, 3)
    """Days after something was due on which those who still owe it are reminded again."""
    after_due: SomeDays = 7
    """Days after it was due on which reminders stop and the coordinator is asked what to do."""
    hour: Annotated[int, Strict(), Ge(0), Le(23)] = 9
    """The hour at which reminders leave."""
    hours_day: Annotated[int, Strict(), Ge(1), Le(28)] = 1
    """The day of the month on which mentors are asked for their hours."""
    next_coordinator: SomeDays = 2
    """Working days that something waits for the coordinator on duty before the others are told of it too."""
    digest_hour: Annotated[int, Strict(), Ge(0), Le(23)] = 8
    """The hour of the coordinator's morning digest."""
    undo_hours: SomeHours = 24
    """Hours within which a transition can be undone in one step."""
    readback_hours: SomeHours = 24
    """Hours within which EI to a read-back takes an accepted answer back, or another answer corrects a roll-call."""


class Limits(ConfigPart):
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
    unconfirmed_mails_per_address: Count = 5
    """The most mails in a day to one address that has confirmed nothing: by public forms, and to named members."""
    unconfirmed_mails_per_place: Count = 30
    """The most such mails that one network address causes in an hour."""
    unconfirmed_mails_in_all: Count = 200
    """The most such mails in an hour by each cause: applications, drafts, the info day, named members."""
    members: Count = 20
    """The most members of a team, where `[team] max_members` says nothing else."""


def _word_alone(value: object) -> object:
    """Who decides, where nothing else is said; another word is told at its own key, for `by` stands nowhere."""
    if not isinstance(value, str):
        return value
    if value not in set(Approval):
        raise PydanticCustomError("enum", "no such word", {"expected": " or ".join(f"'{one}'" for one in Approval)})
    return {"by": value}


EVERY_TRIGGER: Final = Frozen(dict.fromkeys(TRIGGERS, ApprovalRule()))
Approvals = Table[Annotated[ApprovalRule, BeforeValidator(_word_alone)]]
Sending = Table[When]
