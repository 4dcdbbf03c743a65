"""Validation of a programme's dates: their order, reminders, holidays.

Pure. Faults are what cannot be lived through (a workshop before the one it follows); a date on a holiday is a
warning, because the organiser may mean it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Final

from workflow.config.draft import ConfigDraft, Placed
from workflow.config.faults import UnplacedFault, fault, warning
from workflow.config.locations import Path
from workflow.config.rules import Rule
from workflow.config.stages import EVERYONE, WINDOWS, Session, Stage, work_due
from workflow.config.types import HOME_ZONE
from workflow.text.holidays import holiday, shortened, weekend


def day_words(moment: date) -> str:
    """A date as people write it: 5.04.2022."""
    return f"{moment.day}.{moment.month:02}.{moment.year}"


def _sessions(draft: ConfigDraft) -> Iterator[tuple[Path, Session]]:
    for stage in draft.stages:
        for key, session in stage.part.sessions.items():
            yield (*stage.path, "sessions", key), session


def ends_follow_starts(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """What ends has begun before."""
    spans = [(path, session.start, session.end) for path, session in _sessions(draft)]
    if draft.info_day is not None:
        spans.append((("info_day",), draft.info_day.start, draft.info_day.end))
    for path, start, end in spans:
        if end <= start:
            yield fault(
                (*path, "end"),
                "Lõpp ei ole pärast algust. Parandage üks neist.",
                "The end is not after the start. Mend one of them.",
            )
    for stage in draft.stages:
        first, last = stage.part.start, stage.part.end
        if first is not None and last is not None and last < first:
            yield fault(
                (*stage.path, "end"),
                "Nõustamine lõpeb enne, kui algab. Parandage start või end.",
                "Mentoring ends before it starts. Mend start or end.",
            )


def hours_are_used_around_the_mentoring(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Hours that are used beside other stages can be used in the mentoring as well."""
    for placed in draft.stages:
        stage = placed.part
        if stage.hours_from and stage.start and stage.hours_from > stage.start:
            yield fault(
                (*placed.path, "hours_from"),
                "Tunde saab kasutada alles pärast nõustamise algust. Kirjutage start või varasem päev.",
                "Hours can be used only after mentoring has begun. Write start, or an earlier day.",
            )
        if stage.hours_until and stage.end and stage.hours_until < stage.end:
            yield fault(
                (*placed.path, "hours_until"),
                "Tunde saab kasutada ainult enne nõustamise lõppu. Kirjutage end või hilisem päev.",
                "Hours can be used only before mentoring is over. Write end, or a later day.",
            )


def stages_follow_each_other(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """In a group's calendar the stages stand in the order of the file."""
    told: set[Path] = set()
    for group in draft.calendars():
        dated = [stage for stage in draft.stages if stage.part.begins(group) is not None]
        for before, after in pairwise(dated):
            path = _start_path(after, group)
            if path not in told and _overlap(before.part, after.part, group):
                told.add(path)
                yield fault(
                    path,
                    f"See algab enne, kui „{before.part.name.et}“ läbi saab. Parandage päevad või järjekord.",
                    f'This starts before "{before.part.name.en}" is over. Mend the dates or the order.',
                )


def _overlap(before: Stage, after: Stage, group: str | None) -> bool:
    begins, ends = after.begins(group), before.ends(group)
    if begins is None or ends is None:
        return False
    # A window is told in whole days: it may begin on the day of the last workshop.
    return begins.date() < ends.date() if after.kind in WINDOWS else begins < ends


def _start_path(stage: Placed[Stage], group: str | None) -> Path:
    if stage.part.kind in WINDOWS:
        return (*stage.path, "start")
    own = group if group is not None and group in stage.part.sessions else EVERYONE
    return (*stage.path, "sessions", own, "start")


def applications_come_first(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Applications close and places are confirmed before the first session, after the info day."""
    apply = draft.apply
    if apply is None:
        return
    if apply.opens >= apply.before:
        yield fault(
            ("apply", "before"),
            "Tähtaeg ei ole pärast avamist. Parandage opens või before.",
            "The deadline is not after the opening. Mend opens or before.",
        )
    if draft.info_day is not None and draft.info_day.end > apply.closes_at:
        yield warning(
            ("info_day", "start"),
            "Infopäev on pärast taotlemise tähtaega: kandideerida siis enam ei saa.",
            "The info day is after the deadline for applications: nobody can apply any more.",
        )
    begins = [s.part.begins(group) for s in draft.stages for group in draft.calendars()]
    first = min((moment for moment in begins if moment is not None), default=None)
    if first is None:
        return
    if apply.closes_at > first:
        yield fault(
            ("apply", "before"),
            f"Taotlusi võetakse vastu ka pärast esimest kohtumist, {day_words(first)}. Tooge see ette.",
            f"Applications are taken after the first session, {day_words(first)}. Move this earlier.",
        )
    elif apply.closes_at + timedelta(days=apply.place_answer_days) > first:
        yield warning(
            ("apply", "place_answer_days"),
            f"Kohta saab kinnitada ka pärast esimest kohtumist, {day_words(first)}. Jätke rohkem aega.",
            f"Places can still be confirmed after the first session, {day_words(first)}. Leave more time.",
        )


def reminders_come_before(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """A reminder on the day itself leaves before what it reminds of."""
    if draft.reminders is None:
        return
    hour = draft.reminders.hour
    dues = [
        work_due(stage.part, draft.following(stage), group) for stage in draft.stages for group in draft.calendars()
    ]
    events: list[tuple[Path, tuple[int, ...], list[datetime]]] = [
        (("reminders", "sessions"), draft.reminders.sessions, [s.start for _, s in _sessions(draft)]),
        (("reminders", "questions"), draft.reminders.questions, [due for due in dues if due is not None]),
    ]
    if draft.info_day is not None:
        events.append((("info_day", "reminder_days"), draft.info_day.reminder_days, [draft.info_day.start]))
    for path, days, moments in events:
        if 0 in days and any(moment.hour <= hour for moment in moments):
            yield fault(
                (*path, days.index(0)),
                f"Meeldetuletus lahkub kell {hour}.00: sündmus on siis juba alanud. Kirjutage 1.",
                f"The reminder leaves at {hour}.00: its event has begun by then. Write 1.",
            )


def days_are_working_days(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """A session on a holiday, a shortened day or a weekend is worth a second look."""
    # The holidays known here are Estonia's.
    if draft.timezone != HOME_ZONE.key:
        return
    meetings = [(*path, "start") for path, _ in _sessions(draft)]
    starts = [session.start for _, session in _sessions(draft)]
    if draft.info_day is not None:
        meetings.append(("info_day", "start"))
        starts.append(draft.info_day.start)
    for path, start in zip(meetings, starts, strict=True):
        yield from _off_day(path, start.date())


def _off_day(path: Path, day: date) -> Iterator[UnplacedFault]:
    name = holiday(day)
    if name is not None:
        yield warning(
            path,
            f"{day_words(day)} on riigipüha: {name.et}. Kas päev on õige?",
            f"{day_words(day)} is a public holiday: {name.en}. Is the day right?",
        )
    elif shortened(day):
        yield warning(
            path,
            f"{day_words(day)} on lühendatud tööpäev (kolm tundi lühem). Kas päev on õige?",
            f"{day_words(day)} is a shortened working day (by three hours). Is the day right?",
        )
    elif weekend(day):
        yield warning(
            path,
            f"{day_words(day)} on nädalavahetus. Kas päev on õige?",
            f"{day_words(day)} is at the weekend. Is the day right?",
        )


DATE_RULES: Final[tuple[Rule, ...]] = (
    ends_follow_starts,
    hours_are_used_around_the_mentoring,
    stages_follow_each_other,
    applications_come_first,
    reminders_come_before,
    days_are_working_days,
)
