"""Next year's config keeps the programme and its weekdays, and stays off holidays."""

import re
import tomllib
from datetime import date, timedelta

import pytest

from tests.paths import ROOT
from workflow.config.faults import Severity
from workflow.config.loader import check, load
from workflow.config.next_year import NextYear, NextYearError, next_year
from workflow.text.holidays import holiday

CONFIG = ROOT / "config.toml"
FIRST = date(2022, 4, 5)


def fits(text: str) -> bool:
    return not any(fault.severity is Severity.FAULT for fault in check(text, {}))


def made(start: date, text: str | None = None) -> NextYear:
    return next_year(text or CONFIG.read_text(encoding="utf-8"), start, FIRST, fits)


def test_every_date_is_moved_by_whole_weeks_and_keeps_its_weekday() -> None:
    new = made(date(2023, 4, 4))
    assert new.weeks == 52 and len(new.moved) > 15
    for one in new.moved:
        assert one.now.weekday() == one.was.weekday()
        assert (one.now - one.was).days % 7 == 0
        assert one.off or one.now - one.was == timedelta(weeks=52)


def test_the_new_file_is_the_same_programme_without_faults() -> None:
    old, new = load(CONFIG.read_text(encoding="utf-8"), {}).programme, made(date(2023, 4, 4))
    programme = load(new.text, {}).programme
    assert [stage.key for stage in programme.stages] == [stage.key for stage in old.stages]
    assert programme.key == "koosloome-2023"
    assert not re.search(r"= 2022-", new.text)
    assert len(new.text.splitlines()) == len(CONFIG.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("year", range(2023, 2036))
def test_nothing_falls_on_a_public_holiday(year: int) -> None:
    start = date(year, 4, 4)
    new = made(start)
    assert fits(new.text)
    assert [one for one in new.moved if holiday(one.now)] == [one for one in new.moved if one.stays_on] == []


def test_a_session_moves_with_its_end_when_it_would_fall_on_a_holiday() -> None:
    new = made(date(2024, 3, 26))  # group II's third workshop would be on 1 May
    session = tomllib.loads(new.text)["stages"]
    for stage in session:
        for one in stage.get("sessions", {}).values():
            assert one["start"].date() == one["end"].date()
    assert any(one.off for one in new.moved)


def test_another_weekday_means_the_next_day_of_the_same_weekday() -> None:
    new = made(date(2023, 4, 1))
    assert min(one.now for one in new.moved if one.was == FIRST) == date(2023, 4, 4)


def test_dates_in_texts_and_comments_are_left_and_pointed_out() -> None:
    new = made(date(2023, 4, 4))
    assert "aprillist juunini 2022" in new.text
    assert any("juunini 2022" in one.text for one in new.mentions)
    assert any("28. veebruarit" in one.text for one in new.mentions)


def test_dates_in_strings_are_no_dates() -> None:
    text = CONFIG.read_text(encoding="utf-8").replace("Tallinn (koht täpsustub)", "Tallinn 2022-04-05", 1)
    assert "Tallinn 2022-04-05" in made(date(2023, 4, 4), text).text


def test_the_same_start_is_refused_with_words() -> None:
    with pytest.raises(NextYearError, match="as it is"):
        made(FIRST)
