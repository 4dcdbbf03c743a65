"""Parsing of form fields and route values: text, whole numbers, moments and lengths of time as people type them.

Must never read or write the database.
"""

from datetime import date, datetime, time
from typing import NoReturn, TypeVar

from flask import abort, request

from web.context import here

R = TypeVar("R")


def found(row: R | None) -> R:
    """The row, or the page that says there is none."""
    return row if row is not None else _missing()


def _missing() -> NoReturn:
    abort(404)


def field(name: str) -> str:
    return request.form.get(name, "").strip()


def number(value: str | None) -> int | None:
    """A whole number as typed, of a row's size; None for anything else."""
    plain = (value or "").strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else None


def numbers(name: str) -> list[int]:
    """The ids ticked."""
    return [n for n in map(number, request.form.getlist(name)) if n is not None]


def moment_of(value: str, *, end_of_day: bool = False) -> datetime | None:
    """`2022-04-05T10:00` or `2022-04-05` in the programme's zone; None where it is neither."""
    tz = here().programme.tz
    try:
        if "T" in value:
            return datetime.fromisoformat(value).replace(tzinfo=tz)
        at = time(23, 59) if end_of_day else time()
        return datetime.combine(date.fromisoformat(value), at, tzinfo=tz)
    except ValueError:
        return None


def length_of(value: str) -> int | None:
    """Minutes of hours as typed: `1,5`, `1.5`, `2`; None where it is no length under a day."""
    try:
        minutes = round(float(value.strip().lower().removesuffix("h").replace(",", ".")) * 60)
    except (ValueError, OverflowError):
        return None
    return minutes if 0 <= minutes <= 24 * 60 else None


def typed(at: datetime) -> str:
    """A moment as a date-and-time field takes it."""
    return f"{at.astimezone(here().programme.tz):%Y-%m-%dT%H:%M}"
