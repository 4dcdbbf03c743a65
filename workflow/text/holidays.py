"""Estonian public holidays, the shortened days before some of them, and weekends.

Pure: a date in, words or another date out.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Final

import holidays

from workflow.text.bilingual import Text

SATURDAY: Final = 5


@cache
def _names(year: int, lang: str, category: str) -> dict[date, str]:
    found = holidays.country_holidays("EE", years=year, language=lang, categories=(category,))
    return dict(found.items())


def _named(day: date, category: str) -> Text | None:
    et = _names(day.year, "et", category).get(day)
    return None if et is None else Text(et=et, en=_names(day.year, "en_US", category).get(day, et))


def holiday(day: date) -> Text | None:
    """The public holiday's name; None on other days."""
    return _named(day, "public")


def shortened(day: date) -> bool:
    """Whether the working day is three hours shorter by law: 23 February, 22 June, 23 and 31 December."""
    return _named(day, "half_day") is not None


def weekend(day: date) -> bool:
    """Whether it is a Saturday or a Sunday."""
    return day.weekday() >= SATURDAY


def working(day: date) -> bool:
    """Whether people are at work: neither a weekend nor a public holiday."""
    return not weekend(day) and holiday(day) is None


def working_days_after(day: date, number: int) -> date:
    """The working day that is so many working days after `day`."""
    for _ in range(number):
        day += timedelta(days=1)
        while not working(day):
            day += timedelta(days=1)
    return day


def working_days_between(first: date, last: date) -> int:
    """How many working days have come after `first`, `last` among them."""
    return sum(working(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
