"""What falls due when: on the wall clock of Tallinn, over summer time, each with a key of its own."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from tests.builders import config
from workflow.rules import duties
from workflow.rules.duties import DutyKind
from workflow.rules.questions import QuestionKind

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


def test_nobody_is_reminded_in_the_first_half_of_the_time_there_is() -> None:
    due = datetime(2022, 3, 31, 17, 0, tzinfo=TZ)
    found = duties.of_question(PROGRAMME, QuestionKind.HOMEWORK, 7, due - timedelta(days=8), due)
    assert [d.about["days"] for d in found] == [-2, 1, 3]


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


ZONES = {"Europe/Tallinn": 20, "Europe/Helsinki": 20, "Europe/Lisbon": 20, "America/Santiago": 20,
         "Australia/Lord_Howe": 20, "UTC": 0}  # fmt: skip
"""how often each puts its clock on or back in ten years: Santiago at midnight, Lord Howe by half an hour"""

MISSING = {("Europe/Tallinn", 3), ("Europe/Helsinki", 3), ("America/Santiago", 0), ("Australia/Lord_Howe", 2)}
"""hours that the day on which the clock is put on does not have"""


@pytest.mark.parametrize("hour", [0, 2, 3, 9])
@pytest.mark.parametrize("zone", ZONES)
def test_over_ten_years_of_clocks_each_morning_and_each_reminder_comes_once(zone: str, hour: int) -> None:
    """Hours that a day does not have, and hours that it has twice (row E12 of the list of threats)."""
    reminders = PROGRAMME.reminders.model_copy(update={"hour": hour, "digest_hour": hour, "sessions": (7, 1)})
    programme = PROGRAMME.model_copy(update={"timezone": zone, "reminders": reminders})
    tz = programme.tz
    first = date(2021, 12, 31)
    now, changes, odd = datetime.combine(first, time(23, 59), tzinfo=tz).astimezone(UTC), 0, 0
    for day in range(1, 3653):
        due = duties.next_digest(programme, now)
        at = due.at.astimezone(UTC)
        assert at > now and due.key == f"digest:{first + timedelta(days=day)}"
        changes += at.astimezone(tz).utcoffset() != now.astimezone(tz).utcoffset()
        local = at.astimezone(tz)
        odd += (local.hour, local.minute) != (hour, 0)
        starts = datetime.combine(local.date(), time(12), tzinfo=tz)
        sent = [d for d in duties.of_session(programme, day, starts, starts, 0) if d.kind is DutyKind.SESSION_REMINDER]
        moments = [d.at.astimezone(UTC).astimezone(tz) for d in sent]
        assert [(starts.date() - moment.date()).days for moment in moments] == [7, 1] and len({*moments}) == 2
        assert all(0 <= moment.hour - hour <= 1 for moment in moments)
        now = at
    assert changes >= ZONES[zone] - 1, "the clock was changed as often as is said"
    assert odd == (10 if (zone, hour) in MISSING else 0)


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
