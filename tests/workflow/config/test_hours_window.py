"""Mentoring beside other stages: hours are used from `hours_from` to `hours_until`, and the team has one state."""

from datetime import date

import pytest

from tests.paths import ROOT
from workflow.config.loader import Severity, check, load
from workflow.rules.duties import DutyKind, of_programme

ACCELERATOR = (ROOT / "docs" / "programmes" / "accelerator.toml").read_text(encoding="utf-8")
BESIDE = "hours_from = 2027-03-02\n"


def months(text: str) -> list[str]:
    """When mentors are asked for the first round's hours, and of which month."""
    duties = of_programme(load(text, {}).programme)
    asked = [one for one in duties if one.kind is DutyKind.HOURS_MONTH and one.about["stage"] == "mentoring_1"]
    return [f"{one.about['month']} {one.at:%d.%m}" for one in asked]


def test_mentors_are_asked_for_each_month_of_the_window() -> None:
    assert months(ACCELERATOR) == ["2027-03 01.04", "2027-04 13.04"]
    assert months(ACCELERATOR.replace(BESIDE, "")) == months(ACCELERATOR)
    longer = ACCELERATOR.replace(BESIDE, "hours_from = 2027-02-20\nhours_until = 2027-05-10\n")
    assert months(longer) == ["2027-02 01.03", "2027-03 01.04", "2027-04 01.05", "2027-05 11.05"]


@pytest.mark.parametrize(
    ("said", "window", "beside"),
    [
        ("", (date(2027, 3, 16), date(2027, 4, 12)), False),
        (BESIDE, (date(2027, 3, 2), date(2027, 4, 12)), True),
        ("hours_until = 2027-05-10\n", (date(2027, 3, 16), date(2027, 5, 10)), True),
    ],
)
def test_the_window_is_the_mentorings_own_unless_it_says_more(
    said: str, window: tuple[date, date], beside: bool
) -> None:
    stage = load(ACCELERATOR.replace(BESIDE, said), {}).programme.stage("mentoring_1")
    assert (stage.hours_window, stage.beside) == (window, beside)
    assert load(ACCELERATOR, {}).programme.stage("deck").hours_window is None


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (BESIDE, "hours_from = 2027-03-17\n", "stages[2].hours_from"),
        (BESIDE, "hours_until = 2027-04-11\n", "stages[2].hours_until"),
        ('key = "deck"\n', 'key = "deck"\nhours_from = 2027-04-01\n', "stages[3].hours_from"),
    ],
)
def test_a_window_that_does_not_hold_its_mentoring_is_a_fault(old: str, new: str, place: str) -> None:
    found = [one.place for one in check(ACCELERATOR.replace(old, new), {}) if one.severity is Severity.FAULT]
    assert found == [place]
