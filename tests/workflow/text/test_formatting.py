"""How moments, lengths of time and numbers are said."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.database import search
from workflow.text import formatting

TALLINN = ZoneInfo("Europe/Tallinn")
WORKSHOP = datetime(2022, 4, 5, 7, tzinfo=UTC)


def test_a_moment_is_said_in_the_programmes_zone_whatever_zone_it_comes_in():
    assert formatting.moment(WORKSHOP, "et", TALLINN) == "teisipäev, 5. aprill 2022 kell 10.00"
    assert formatting.moment(WORKSHOP, "en", TALLINN) == "Tuesday, 5 April 2022 at 10:00"
    assert formatting.moment(WORKSHOP.astimezone(ZoneInfo("Asia/Tokyo")), "et", TALLINN).endswith("kell 10.00")


def test_when_is_in_the_adessive_in_estonian():
    assert formatting.on(WORKSHOP, "et", TALLINN) == "teisipäeval, 5. aprillil kell 10.00"
    assert formatting.on(WORKSHOP, "en", TALLINN) == "on Tuesday, 5 April at 10:00"


def test_every_weekday_and_month_has_its_adessive():
    days = [datetime(2022, month, month, 12, tzinfo=TALLINN) for month in range(1, 13)]
    said = [formatting.on(day, "et", TALLINN) for day in days]
    assert said[2] == "neljapäeval, 3. märtsil kell 12.00"
    assert said[4] == "neljapäeval, 5. mail kell 12.00"
    assert [one.split()[2] for one in said] == [
        "jaanuaril", "veebruaril", "märtsil", "aprillil", "mail", "juunil",
        "juulil", "augustil", "septembril", "oktoobril", "novembril", "detsembril",
    ]  # fmt: skip
    week = [formatting.on(datetime(2022, 8, day, 12, tzinfo=TALLINN), "et", TALLINN) for day in range(1, 8)]
    assert [one.split(",")[0] for one in week] == [
        "esmaspäeval", "teisipäeval", "kolmapäeval", "neljapäeval", "reedel", "laupäeval", "pühapäeval",
    ]  # fmt: skip


def test_the_end_of_a_day_belongs_to_that_day():
    deadline = datetime(2022, 2, 28, tzinfo=TALLINN)
    assert formatting.until(deadline, "et", TALLINN) == "pühapäeval, 27. veebruaril kell 24.00"
    assert formatting.until(deadline, "en", TALLINN) == "Sunday, 27 February at 24:00"
    assert formatting.until(deadline + timedelta(hours=17), "et", TALLINN) == "esmaspäeval, 28. veebruaril kell 17.00"


def test_until_when_is_in_the_terminative_in_estonian():
    deadline = datetime(2022, 10, 13, tzinfo=TALLINN)
    assert formatting.till(deadline, "et", TALLINN) == "kuni kolmapäevani, 12. oktoobrini"
    assert formatting.till(deadline, "en", TALLINN) == "until the end of Wednesday, 12 October"
    at_five = deadline - timedelta(hours=7)
    assert formatting.till(at_five, "et", TALLINN) == "kuni kolmapäevani, 12. oktoobrini kell 17.00"
    assert formatting.till(at_five, "en", TALLINN) == "until Wednesday, 12 October at 17:00"
    firsts = [datetime(2022, month, 2, tzinfo=TALLINN) for month in range(1, 13)]
    months = [formatting.till(first, "et", TALLINN).split()[-1] for first in firsts]
    assert months == [
        "jaanuarini", "veebruarini", "märtsini", "aprillini", "maini", "juunini",
        "juulini", "augustini", "septembrini", "oktoobrini", "novembrini", "detsembrini",
    ]  # fmt: skip
    noons = [datetime(2022, 8, day, 12, tzinfo=TALLINN) for day in range(1, 8)]
    week = [formatting.till(noon, "et", TALLINN).split(",")[0] for noon in noons]
    assert [one.removeprefix("kuni ") for one in week] == [
        "esmaspäevani", "teisipäevani", "kolmapäevani", "neljapäevani", "reedeni", "laupäevani", "pühapäevani",
    ]  # fmt: skip


def test_a_span_names_its_day_once_unless_it_ends_on_another():
    assert formatting.span(WORKSHOP, WORKSHOP + timedelta(hours=7), "et", TALLINN) == (
        "teisipäev, 5. aprill 2022 kell 10.00–17.00"
    )
    assert formatting.span(WORKSHOP, WORKSHOP + timedelta(days=1), "en", TALLINN) == (
        "Tuesday, 5 April 2022 at 10:00 – Wednesday, 6 April 2022 at 10:00"
    )


def test_days_and_months_stand_alone():
    assert formatting.day(date(2022, 7, 12), "et") == "12. juuli 2022"
    assert formatting.day(date(2022, 7, 12), "en") == "12 July 2022"
    assert formatting.month(date(2022, 7, 1), "et") == "juuli 2022"


@pytest.mark.parametrize(
    ("length", "et", "en"),
    [
        (0, "0 h", "0 h"), (15, "15 min", "15 min"), (45, "45 min", "45 min"), (60, "1 h", "1 h"),
        (75, "1,25 h", "1.25 h"), (90, "1,5 h", "1.5 h"), (100, "1 h 40 min", "1 h 40 min"),
        (570, "9,5 h", "9.5 h"), (960, "16 h", "16 h"), (-90, "−1,5 h", "−1.5 h"),
    ],
)  # fmt: skip
def test_lengths_of_time(length: int, et: str, en: str):
    assert (formatting.minutes(length, "et"), formatting.minutes(length, "en")) == (et, en)


@given(st.integers(min_value=0, max_value=100_000))
def test_what_is_said_of_a_length_is_exact(length: int):
    words = formatting.minutes(length, "en").replace(" h", "h").replace(" min", "m").split()
    parts = [float(one[:-1]) * (60 if one.endswith("h") else 1) for one in words]
    assert sum(parts) == length


def test_numbers_have_a_decimal_comma_and_a_real_minus_in_estonian():
    assert formatting.number(2.5, "et") == "2,5"
    assert formatting.number(-2.5, "en") == "−2.5"
    assert formatting.number(100, "et") == "100"


def test_after_every_number_but_one_estonian_has_the_partitive():
    assert [formatting.count(n, "tund", "tundi", "et") for n in (0, 1, 2, 21)] == [
        "0 tundi",
        "1 tund",
        "2 tundi",
        "21 tundi",
    ]


def test_names_are_ordered_as_estonian_orders_them():
    ordered = [
        "Ahja vald", "Ahjavald", "eha", "Émile", "Saku", "Šokk", "Zoja", "Žanna", "Tartu", "Vastseliina", "Wiiralt",
        "Õru", "Äksi", "Öpik", "Üle", "Ülo", "Xena", "Ylle",
    ]  # fmt: skip
    backwards = ordered[::-1]
    assert sorted(backwards, key=formatting.sort_key) == ordered
    assert sorted(backwards, key=search.placed) == ordered, "the database orders them alike"


def test_a_day_stands_in_the_case_its_sentence_asks_for():
    days = [date(2022, month, 12) for month in (1, 3, 4, 5, 6, 7, 12)]
    assert [formatting.on_day(day, "et") for day in days] == [
        "12. jaanuaril 2022", "12. märtsil 2022", "12. aprillil 2022", "12. mail 2022", "12. juunil 2022",
        "12. juulil 2022", "12. detsembril 2022",
    ]  # fmt: skip
    assert [formatting.since(day, "et") for day in days] == [
        "alates 12. jaanuarist 2022", "alates 12. märtsist 2022", "alates 12. aprillist 2022", "alates 12. maist 2022",
        "alates 12. juunist 2022", "alates 12. juulist 2022", "alates 12. detsembrist 2022",
    ]  # fmt: skip
    assert (formatting.on_day(days[0], "en"), formatting.since(days[0], "en")) == (
        "on 12 January 2022",
        "since 12 January 2022",
    )


@given(st.text(), st.text())
def test_any_two_names_can_be_ordered(one: str, other: str):
    assert (formatting.sort_key(one) < formatting.sort_key(other)) or (
        formatting.sort_key(one) >= formatting.sort_key(other)
    )
