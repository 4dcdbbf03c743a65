"""Config tables of stages: dates, sessions and works of each, and when a work is due.

Pure. A stage knows its own dates only; what comes next is asked of the programme.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from workflow.config.types import (
    ConfigPart,
    ConfigText,
    Count,
    Dated,
    Day,
    Flag,
    Frozen,
    Hour,
    LocalTime,
    Name,
    SomeDays,
    StageName,
    Table,
    Texts,
)
from workflow.text.bilingual import NOTHING

EVERYONE: Final = "*"
"""The group key of a session that all groups share."""


class StageKind(StrEnum):
    """What sort of a stage it is."""

    WORKSHOP = "workshop"
    MENTORING = "mentoring"
    SEMINAR = "seminar"
    WORK = "work"


WINDOWS: Final = frozenset({StageKind.MENTORING, StageKind.WORK})
"""kinds that have no session: a first day, and what they last to"""


class WorkKind(StrEnum):
    """What sort of a work a stage asks for."""

    HOMEWORK = "homework"
    PLAN = "plan"
    RESULTS = "results"
    PRESENTATION = "presentation"


class Session(ConfigPart):
    """One meeting of one group, or of all."""

    start: LocalTime
    """When it begins: local time of the programme's zone, `2022-04-05T10:00:00`."""
    end: LocalTime
    """When it ends, local time."""
    place: ConfigText
    """Where it is held: goes into invitations and calendar files."""


class Work(ConfigPart):
    """What a team hands in for a stage: due at `due`, or some days before the next stage begins."""

    kind: WorkKind
    """`homework`, `plan` (both after the session), `results` (of mentoring), `presentation` (before it)."""
    name: ConfigText
    """What it is called in mails and pages."""
    instructions: ConfigText = NOTHING
    """What the team is asked to do, in a sentence or two."""
    due: LocalTime | None = None
    """The last moment for every group, local time. Leave out when `due_days_before_next` is given."""
    due_days_before_next: SomeDays | None = None
    """Whole days before the group's next session (or the mentoring's first day) on which the work is due."""
    due_time: Hour = time(17, 0)
    """The hour of that day, local time; with `due_days_before_next` only."""


class Stage(Dated):
    """One step of the journey after a team's place is confirmed."""

    key: StageName
    """The state's name: lower-case letters, digits, `_`, as `workshop_1`. Never change it in mid-season."""
    kind: StageKind
    """`workshop`, `mentoring`, `seminar`, or `work`: something is handed in and accepted, and nobody meets."""
    name: ConfigText
    """What it is called in mails and pages."""
    topics: Texts = ()
    """What is dealt with, in order."""
    about: ConfigText = NOTHING
    """A sentence or two about the stage, for the public page."""
    work: Work | None = None
    """What the team hands in; leave out where nothing is asked for."""
    sessions: Table[Session] = Frozen()
    """The meetings: `sessions.I`, `sessions.II` for one per group, `sessions."*"` for one that all share."""
    trainers: tuple[Name, ...] = ()
    """Keys of the trainers who lead it: they answer the roll-call and review the work."""
    attendance: Flag = True
    """Whether attendance at the session is needed to move on (workshops and seminars)."""
    start: Day | None = None
    """Mentoring and work only: its first day. A work is asked for in its morning."""
    end: Day | None = None
    """Mentoring only: its last day, included."""
    hours: Count = 16
    """Mentoring only: hours of support a team can use, over all its mentors."""
    hours_from: Day | None = None
    """Mentoring only: the first day on which hours may be used, beside earlier stages. By default `start`."""
    hours_until: Day | None = None
    """Mentoring only: the last day on which hours may be used, beside later stages. By default `end`."""

    @property
    def minutes(self) -> int:
        """Mentoring hours in minutes, as the ledger counts them."""
        return self.hours * 60

    @property
    def hours_window(self) -> tuple[date, date] | None:
        """The first and the last day of which hours are; None where there are none."""
        first, last = self.hours_from or self.start, self.hours_until or self.end
        return (first, last) if self.kind is StageKind.MENTORING and first and last else None

    @property
    def beside(self) -> bool:
        """Whether hours are used beside other stages: by teams that are not in this one yet, or no more."""
        return self.hours_window is not None and self.hours_window != (self.start, self.end)

    def session(self, group_key: str | None) -> Session | None:
        """The group's own session, else the one that all share."""
        return self.sessions.get(group_key or EVERYONE) or self.sessions.get(EVERYONE)

    def begins(self, group_key: str | None) -> datetime | None:
        """When the stage begins for a group: its session, or the first day of mentoring or work."""
        session = self.session(group_key)
        if session is not None:
            return session.start
        return None if self.start is None else self._midnight(self.start)

    def ends(self, group_key: str | None) -> datetime | None:
        """When the stage is over for a group: its session's end, 24.00 of mentoring's last day, or when work alone is
        due at a moment of its own."""
        session = self.session(group_key)
        if session is not None:
            return session.end
        if self.kind is StageKind.WORK:
            return self.work.due if self.work else None
        return None if self.end is None else self._midnight(self.end + timedelta(days=1))


def work_due(stage: Stage, following: Stage | None, group_key: str | None) -> datetime | None:
    """The last moment for a stage's work, aware; None where nothing is asked or nothing follows."""
    work = stage.work
    if work is None or work.due is not None:
        return work.due if work else None
    begins = following.begins(group_key) if following else None
    if begins is None or work.due_days_before_next is None:
        return None
    day = begins.date() - timedelta(days=work.due_days_before_next)
    return datetime.combine(day, work.due_time, tzinfo=begins.tzinfo)
