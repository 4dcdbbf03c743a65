"""Schedule of duties (reminders, deadlines, invitations): what the calendar makes due, and when. Pure: dates in,
duties out; `workflow/schedule/tick.py` performs them.

Each duty has a key that is its cause, so that two workers, a restart or a day's downtime neither skip nor
repeat it. Hours are the programme's wall clock, on summer time and off it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from workflow.config.loader import Programme, StageKind
from workflow.rules.questions import KINDS, QuestionKind, Reminding
from workflow.text.holidays import working_days_after


class DutyKind(StrEnum):
    REMINDER = "reminder"
    EXPIRE = "expire"
    SESSION_INVITATION = "session_invitation"
    SESSION_REMINDER = "session_reminder"
    SESSION_OVER = "session_over"
    FEW_COMING = "few_coming"
    BEHIND = "behind"
    WORK_ASK = "work_ask"
    WORK_ACCEPTED = "work_accepted"
    STAGE_END = "stage_end"
    HOURS_MONTH = "hours_month"
    HOURS_AFTER = "hours_after"
    INFO_REMINDER = "info_reminder"
    APPLY_CLOSED = "apply_closed"
    DRAFT_ENDS = "draft_ends"
    VERIFY_ASK = "verify_ask"
    CONSENT_ASK = "consent_ask"
    UNDECIDED = "undecided"
    DRAFT_MAIL = "draft_mail"
    WELCOME_MAIL = "welcome_mail"
    DIGEST = "digest"
    RETENTION = "retention"


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One duty to be: what, when, and its key."""

    key: str
    kind: DutyKind
    at: datetime
    about: Mapping[str, Any] = field(default_factory=dict)


BEHIND_DAYS = 3
FEW_COMING_DAYS = 7
PRESENTATION_DAYS = 21
NEWS_WAITS = timedelta(days=7)
"""so long news that asks nothing waits for another mail to the same person"""
GRACE = timedelta(days=2)
"""a reminder or a morning's mail later than this is hopelessly late: it is skipped and noted"""


def of_question(
    programme: Programme, kind: QuestionKind, question_id: int, asked: datetime, due: datetime | None
) -> tuple[Due, ...]:
    """Reminders before and after the due date, and the moment at which the question closes by itself, or at which the
    coordinators have let it lie too long."""
    if due is None:
        return ()
    stamp, row = f"{due:%Y%m%dT%H%M}", KINDS[kind]
    found = []
    if row.reminding is not Reminding.NONE:
        found = [
            Due(
                key=f"reminder:{question_id}:{stamp}:{days:+d}",
                kind=DutyKind.REMINDER,
                at=at,
                about={"days": days},
            )
            for days, at in _reminder_times(programme, asked, due)
            if days < 0 or not row.expires
        ]
        found = found[:1] if row.reminding is Reminding.ONE else found
    if row.expires:
        found.append(Due(key=f"expire:{question_id}:{stamp}", kind=DutyKind.EXPIRE, at=due))
    if row.signed_in:
        found.append(Due(key=f"undecided:{question_id}:{stamp}", kind=DutyKind.UNDECIDED, at=due))
    return tuple(found)


def _reminder_times(programme: Programme, asked: datetime, due: datetime) -> list[tuple[int, datetime]]:
    """(days relative to due, moment); before it is due never within a day of asking, nor in the first half of the time
    there is."""
    rules = programme.reminders
    days = [-d for d in rules.questions] + list(rules.overdue)
    times = [(d, at_hour(due, d, rules.hour, programme.tz)) for d in days]
    soonest = asked + max(timedelta(days=1), (due - asked) / 2)
    return [(d, at) for d, at in times if (at > asked + timedelta(days=1) if d >= 0 else soonest < at < due)]


def of_session(
    programme: Programme, session_id: int, starts: datetime, ends: datetime, sequence: int
) -> tuple[Due, ...]:
    """Invitation and reminders before a session, the looks at whether enough are coming and who is behind, and what
    follows it."""
    hour, tz = programme.reminders.hour, programme.tz
    key = f"{session_id}:{sequence}"
    found = [
        Due(
            key=f"session_reminder:{key}:{days}",
            kind=DutyKind.SESSION_REMINDER,
            at=at_hour(starts, -days, hour, tz),
            about={"days": days},
        )
        for days in programme.reminders.sessions
    ]
    asked = invited_from(programme, starts)
    found.append(Due(key=f"session_invitation:{key}", kind=DutyKind.SESSION_INVITATION, at=asked))
    foreseen = few_coming_from(programme, starts)
    found.append(Due(key=f"few_coming:{key}", kind=DutyKind.FEW_COMING, at=foreseen))
    found.append(Due(key=f"behind:{key}", kind=DutyKind.BEHIND, at=at_hour(starts, -BEHIND_DAYS, hour, tz)))
    found.append(Due(key=f"session_over:{key}", kind=DutyKind.SESSION_OVER, at=ends))
    return tuple(found)


def invited_from(programme: Programme, starts: datetime) -> datetime:
    """When the invitation to a session leaves."""
    rules = programme.reminders
    return at_hour(starts, -rules.invitation, rules.hour, programme.tz)


def next_session_mail(programme: Programme, starts: Iterable[datetime], now: datetime) -> datetime | None:
    """When the members' next mail about one of these sessions leaves, within `NEWS_WAITS`: an invitation, or the last
    reminder."""
    rules, last = programme.reminders, min(programme.reminders.sessions, default=0)
    found = [invited_from(programme, one) for one in starts]
    found += [at_hour(one, -last, rules.hour, programme.tz) for one in starts if rules.sessions]
    return min((at for at in found if now < at <= now + NEWS_WAITS), default=None)


def few_coming_from(programme: Programme, starts: datetime) -> datetime:
    """From when on before a session it is told that too few of a team are coming."""
    digest = at_hour(starts, -FEW_COMING_DAYS, programme.reminders.digest_hour, programme.tz)
    return digest - timedelta(hours=1)  # so that the digest says it


def of_programme(programme: Programme) -> tuple[Due, ...]:
    """What the programme's own dates make due, sessions apart (those can move)."""
    return (
        *_before_start(programme),
        *(due for stage in programme.stages for due in _of_stage(programme, stage.key)),
    )


def _before_start(programme: Programme) -> list[Due]:
    info, hour, tz = programme.info_day, programme.reminders.hour, programme.tz
    found = [Due(key="apply_closed", kind=DutyKind.APPLY_CLOSED, at=programme.apply.closes_at)]
    for days in info.reminder_days if info else ():
        at = at_hour(info.start, -days, hour, tz) if info else programme.apply.closes_at
        found.append(Due(key=f"info_reminder:{days}", kind=DutyKind.INFO_REMINDER, at=at, about={"days": days}))
    return found


def _of_stage(programme: Programme, key: str) -> list[Due]:
    stage = programme.stage(key)
    about = {"stage": key}
    if stage.kind is StageKind.MENTORING and stage.start and stage.end:
        found = [
            Due(
                key=f"stage_end:{key}",
                kind=DutyKind.STAGE_END,
                at=midnight(stage.end + timedelta(days=1), programme.tz),
                about=about,
            )
        ]
        found += _months(programme, key, *(stage.hours_window or (stage.start, stage.end)))
        return [*found, *_work_from(programme, key, stage.start)] if stage.work else found
    if stage.kind is StageKind.WORK and stage.start:
        return _work_from(programme, key, stage.start)
    if stage.kind is StageKind.SEMINAR and stage.work:
        return _presentation(programme, key)
    return []


def _work_from(programme: Programme, key: str, day: date) -> list[Due]:
    """A work is asked for in the morning of this day."""
    at = at_hour(midnight(day, programme.tz), 0, programme.reminders.hour, programme.tz)
    return [Due(key=f"work_ask:{key}", kind=DutyKind.WORK_ASK, at=at, about={"stage": key})]


def _presentation(programme: Programme, key: str) -> list[Due]:
    starts = [s.start for s in programme.stage(key).sessions.values()]
    if not starts:
        return []
    at = at_hour(min(starts), -PRESENTATION_DAYS, programme.reminders.hour, programme.tz)
    return [Due(key=f"work_ask:{key}", kind=DutyKind.WORK_ASK, at=at, about={"stage": key})]


def _months(programme: Programme, key: str, start: date, end: date) -> list[Due]:
    """Mentors are asked for a month's hours on `hours_day` of the next month, and once the window is over."""
    rules, found, month = programme.reminders, [], start.replace(day=1)
    while month <= end:
        after = _next_month(month)
        at = at_hour(
            midnight(min(after.replace(day=rules.hours_day), end + timedelta(days=1)), programme.tz),
            0,
            rules.hour,
            programme.tz,
        )
        found.append(
            Due(
                key=f"hours_month:{key}:{month:%Y-%m}",
                kind=DutyKind.HOURS_MONTH,
                at=at,
                about={"stage": key, "month": f"{month:%Y-%m}"},
            )
        )
        month = after
    return found


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def next_digest(programme: Programme, now: datetime) -> Due:
    """The next morning's digest; one a day, and after a pause only the next one."""
    hour, tz = programme.reminders.digest_hour, programme.tz
    at = at_hour(now, 0, hour, tz)
    at = at if at > now else at_hour(now, 1, hour, tz)
    return Due(key=f"digest:{at.astimezone(tz):%Y-%m-%d}", kind=DutyKind.DIGEST, at=at)


def next_retention(programme: Programme, now: datetime) -> Due:
    """With the next morning's digest: what is kept too long goes."""
    at = next_digest(programme, now).at
    return Due(key=f"retention:{at.astimezone(programme.tz):%Y-%m-%d}", kind=DutyKind.RETENTION, at=at)


def at_hour(moment: datetime, days: int, hour: int, tz: ZoneInfo) -> datetime:
    """`hour` on the wall clock, `days` after the day of `moment` (before, when negative)."""
    day = moment.astimezone(tz).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), tzinfo=tz)


def end_of_day(moment: datetime, days: int, tz: ZoneInfo) -> datetime:
    """The last moment of the day that is `days` after the day of `moment`: the midnight that ends it."""
    return midnight(moment.astimezone(tz).date() + timedelta(days=days + 1), tz)


def hopeless(kind: DutyKind, due_at: datetime, now: datetime) -> bool:
    """Whether a duty is so late that performing it would only confuse."""
    return kind in _FADES and now - due_at > GRACE


_FADES = frozenset(
    {DutyKind.REMINDER, DutyKind.SESSION_REMINDER, DutyKind.DIGEST, DutyKind.BEHIND, DutyKind.INFO_REMINDER,
     DutyKind.FEW_COMING}
)


def decided_by(programme: Programme, trigger: str, now: datetime) -> datetime:
    """Until when a step that waits from now on is decided: the end of its last working day for that."""
    today = now.astimezone(programme.tz).date()
    last = working_days_after(today, programme.approve[trigger].after_days)
    return midnight(last + timedelta(days=1), programme.tz)


def midnight(day: date, tz: ZoneInfo) -> datetime:
    """The moment at which a day begins."""
    return datetime.combine(day, time(), tzinfo=tz)
