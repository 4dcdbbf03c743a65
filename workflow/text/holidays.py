"""Estonian public holidays, the shortened days before some of them, and weekends.

Pure: a date in, words out.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Final

import holidays

from workflow.config.types import Text

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
