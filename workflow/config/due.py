"""Validation of due dates: each work is due at one moment, after what it follows and before what needs it.

Pure. Where a due date fits one group and not the other, the first group that it does not fit is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from workflow.config.dates import day_words
from workflow.config.draft import ConfigDraft, Placed
from workflow.config.faults import UnplacedFault, fault, warning
from workflow.config.rules import Rule
from workflow.config.stages import WINDOWS, Stage, Work, WorkKind, work_due
from workflow.config.types import HOME_ZONE
from workflow.text.holidays import holiday


def works_have_one_due_date(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """A work is due at a moment or before the next stage, not both and not neither."""
    last = max((int(stage.path[1]) for stage in draft.stages), default=-1)
    for stage in draft.stages:
        work = stage.part.work
        if work is None:
            continue
        place = (*stage.path, "work")
        if work.due is None and work.due_days_before_next is None:
            yield fault(
                place,
                "Tööl pole tähtaega. Lisage due või due_days_before_next.",
                "The work has no due date. Add due or due_days_before_next.",
            )
        elif work.due is not None and work.due_days_before_next is not None:
            yield fault(
                (*place, "due_days_before_next"),
                "Tähtaeg on antud kaks korda. Jätke alles due või due_days_before_next.",
                "The due date is given twice. Keep either due or due_days_before_next.",
            )
        elif work.due is None and (work.kind is WorkKind.PRESENTATION or int(stage.path[1]) == last):
            yield fault(
                (*place, "due_days_before_next"),
                "Siin ei saa tähtaega järgmise etapi järgi lugeda. Andke see kuupäevaga: due.",
                "The due date cannot be counted from the next stage here. Give a date: due.",
            )


BEFORE_ITS_EVENT: Final = (
    "Tähtaeg ({day}) on enne, kui „{name_et}“ läbi saab. {mend_et}",
    'It is due ({day}) before "{name_en}" is over. {mend_en}',
)
AFTER_ITS_EVENT: Final = (
    "Tähtaeg ({day}) on pärast seda, kui „{name_et}“ algab. {mend_et}",
    'It is due ({day}) after "{name_en}" has begun. {mend_en}',
)
MEND: Final = {
    (BEFORE_ITS_EVENT, "due"): ("Nihutage see hilisemaks.", "Move it later."),
    (BEFORE_ITS_EVENT, "due_days_before_next"): ("Kirjutage vähem päevi.", "Write fewer days."),
    (AFTER_ITS_EVENT, "due"): ("Nihutage see varasemaks.", "Move it earlier."),
    (AFTER_ITS_EVENT, "due_days_before_next"): ("Kirjutage rohkem päevi.", "Write more days."),
}


def works_are_due_in_time(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """Homework and plans: between two sessions. Results: in mentoring. A presentation: before its session. Work alone:
    from its first day on."""
    for stage in draft.stages:
        if stage.part.work is None:
            continue
        following = draft.following(stage)
        # The first group that it does not fit says enough.
        for group in draft.calendars():
            wrong = _due_is_wrong(stage.part, following, group)
            if wrong is not None:
                sentence, due, event = wrong
                key = "due" if stage.part.work.due is not None else "due_days_before_next"
                mend_et, mend_en = MEND[sentence, key]
                words = {"day": day_words(due), "name_et": event.name.et, "name_en": event.name.en,
                         "mend_et": mend_et, "mend_en": mend_en}  # fmt: skip
                et, en = (text.format_map(words) for text in sentence)
                yield fault((*stage.path, "work", key), et, en)
                break


def _due_is_wrong(
    stage: Stage, following: Stage | None, group: str | None
) -> tuple[tuple[str, str], datetime, Stage] | None:
    due = work_due(stage, following, group)
    if due is None or stage.work is None:
        return None
    earliest, event = _earliest(stage, stage.work, group)
    if earliest is not None and due < earliest:
        return BEFORE_ITS_EVENT, due, event
    latest, event = _latest(stage, stage.work, following, group)
    return (AFTER_ITS_EVENT, due, event) if latest is not None and due > latest else None


def _earliest(stage: Stage, work: Work, group: str | None) -> tuple[datetime | None, Stage]:
    if work.kind is WorkKind.PRESENTATION:
        return None, stage
    window = stage.kind in WINDOWS
    return (stage.begins(group) if window else stage.ends(group)), stage


def _latest(stage: Stage, work: Work, following: Stage | None, group: str | None) -> tuple[datetime | None, Stage]:
    event = stage if work.kind is WorkKind.PRESENTATION else following
    if event is None:
        return None, stage
    begins = event.begins(group)
    # A window is told in whole days: what is due in the course of its first day is in time.
    first_day = begins is not None and event.kind in WINDOWS
    return (begins + timedelta(days=1) if begins and first_day else begins), event


def works_are_due_on_working_days(draft: ConfigDraft) -> Iterator[UnplacedFault]:
    """A work due on a public holiday is worth a second look."""
    if draft.timezone == HOME_ZONE.key:
        for stage in draft.stages:
            yield from _due_on_holiday(draft, stage)


def _due_on_holiday(draft: ConfigDraft, stage: Placed[Stage]) -> Iterator[UnplacedFault]:
    work = stage.part.work
    dues = {work_due(stage.part, draft.following(stage), group) for group in draft.calendars()}
    for due in sorted(due for due in dues if due is not None):
        name = holiday(due.date())
        if work is not None and name is not None:
            key = "due" if work.due is not None else "due_days_before_next"
            yield warning(
                (*stage.path, "work", key),
                f"Tähtpäev {day_words(due)} on riigipüha: {name.et}. Kas päev on õige?",
                f"The due day {day_words(due)} is a public holiday: {name.en}. Is the day right?",
            )


DUE_RULES: Final[tuple[Rule, ...]] = (
    works_have_one_due_date,
    works_are_due_in_time,
    works_are_due_on_working_days,
)
