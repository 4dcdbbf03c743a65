"""What falls due when: on the wall clock of Tallinn, over summer time, each with a key of its own."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.make import config
from workflow import duties
from workflow.duties import DutyKind
from workflow.questions import QuestionKind

PROGRAMME = config().programme
TZ = PROGRAMME.tz


def test_reminders_leave_at_the_hour_of_the_programme_before_and_after_the_due_date() -> None:
    asked = datetime(2022, 3, 1, 10, tzinfo=UTC)
    due = datetime(2022, 3, 31, 17, 0, tzinfo=TZ)
    found = duties.of_question(PROGRAMME, QuestionKind.HOMEWORK, 7, asked, due)
    local = [d.at.astimezone(TZ) for d in found]
    assert [(m.day, m.month, m.hour) for m in local] == [(24, 3, 9), (29, 3, 9), (1, 4, 9), (3, 4, 9)]
    assert len({d.key for d in found}) == 4


def test_nobody_is_reminded_within_a_day_of_being_asked() -> None:
    due = datetime(2022, 3, 31, 17, 0, tzinfo=TZ)
    found = duties.of_question(PROGRAMME, QuestionKind.HOMEWORK, 7, due - timedelta(days=2, hours=20), due)
    assert all(d.at > due - timedelta(days=1, hours=20) for d in found)


@pytest.mark.parametrize("kind", [QuestionKind.APPROVE, QuestionKind.CONSENT, QuestionKind.RSVP])
def test_kinds_that_are_never_chased(kind: QuestionKind) -> None:
    found = duties.of_question(PROGRAMME, kind, 7, datetime(2022, 3, 1, tzinfo=UTC), datetime(2022, 4, 1, tzinfo=UTC))
    assert DutyKind.REMINDER not in {d.kind for d in found}


@pytest.mark.parametrize("day", [(2022, 3, 26), (2022, 3, 27), (2022, 10, 29), (2022, 10, 30)])
def test_a_morning_is_nine_oclock_on_either_side_of_summer_time(day: tuple[int, int, int]) -> None:
    at = duties.at_hour(datetime(*day, 23, 30, tzinfo=TZ), 1, 9, TZ).astimezone(UTC).astimezone(TZ)
    assert (at.hour, at.minute) == (9, 0)


def test_a_digest_comes_once_a_day_through_the_night_the_clock_is_put_back() -> None:
    now, days = datetime(2022, 10, 28, 12, tzinfo=UTC), []
    for _ in range(5):
        due = duties.next_digest(PROGRAMME, now)
        days.append(due.key)
        now = due.at
    assert days == [f"digest:2022-{d}" for d in ("10-29", "10-30", "10-31", "11-01", "11-02")]


def test_the_programme_makes_its_own_dates_due_once_each() -> None:
    found = duties.of_programme(PROGRAMME)
    assert len({d.key for d in found}) == len(found)
    kinds = [d.kind for d in found]
    assert kinds.count(DutyKind.HOURS_MONTH) == 4  # June to September
    assert {DutyKind.APPLY_CLOSED, DutyKind.STAGE_END, DutyKind.WORK_ASK, DutyKind.INFO_REMINDER} <= set(kinds)


def test_a_programme_without_info_day_or_mentoring_has_fewer_duties() -> None:
    bare = PROGRAMME.model_copy(update={"info_day": None, "stages": PROGRAMME.stages[:3]})
    assert [d.kind for d in duties.of_programme(bare)] == [DutyKind.APPLY_CLOSED]


def test_what_only_reminds_fades_and_what_decides_does_not() -> None:
    late = datetime(2022, 3, 10, tzinfo=UTC)
    assert duties.hopeless(DutyKind.REMINDER, late - timedelta(days=3), late)
    assert not duties.hopeless(DutyKind.EXPIRE, late - timedelta(days=30), late)
    assert not duties.hopeless(DutyKind.SESSION_OVER, late - timedelta(days=30), late)
