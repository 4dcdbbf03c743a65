"""Formatting of moments, durations, numbers and states for people, in Estonian and in English.

Pure: mails and pages say them alike. A moment is said in the zone given, never in the machine's own;
nothing here reads the clock. What comes out is plain text: whoever puts it into HTML escapes it there.
"""

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from babel.dates import format_date, format_time

_WEEKDAYS_ON: Final = (
    "esmaspäeval", "teisipäeval", "kolmapäeval", "neljapäeval", "reedel", "laupäeval", "pühapäeval",
)  # fmt: skip
_MONTHS_ON: Final = (
    "jaanuaril", "veebruaril", "märtsil", "aprillil", "mail", "juunil",
    "juulil", "augustil", "septembril", "oktoobril", "novembril", "detsembril",
)  # fmt: skip
_DAY: Final = {"et": "EEEE, d. MMMM y", "en": "EEEE, d MMMM y"}
_SHORT_DAY: Final = {"et": "d. MMMM y", "en": "d MMMM y"}
_DAY_OF_MONTH: Final = {"et": "d. MMMM", "en": "d MMMM"}
_MONTH: Final = {"et": "LLLL y", "en": "LLLL y"}
_HOUR: Final = {"et": "H.mm", "en": "H:mm"}
_AT: Final = {"et": "kell", "en": "at"}
_MIDNIGHT: Final = {"et": "24.00", "en": "24:00"}
_MINUS: Final = "\N{MINUS SIGN}"
_DASH: Final = "\N{EN DASH}"


def _lang(lang: str) -> str:
    return "en" if lang == "en" else "et"


def _clock(moment: datetime, lang: str) -> str:
    return str(format_time(moment.time(), _HOUR[lang], locale=lang))


def _date(day: date, pattern: dict[str, str], lang: str) -> str:
    return str(format_date(day, pattern[lang], locale=lang))


def moment(at: datetime, lang: str, tz: tzinfo) -> str:
    """`teisipäev, 5. aprill 2022 kell 10.00` · `Tuesday, 5 April 2022 at 10:00`."""
    lang, local = _lang(lang), at.astimezone(tz)
    return f"{_date(local, _DAY, lang)} {_AT[lang]} {_clock(local, lang)}"


def day(on_day: date, lang: str) -> str:
    """`12. juuli 2022` · `12 July 2022`."""
    return _date(on_day, _SHORT_DAY, _lang(lang))


def day_of_month(on_day: date, lang: str) -> str:
    """`12. juuli` · `12 July`: the year is plain from what it stands with."""
    return _date(on_day, _DAY_OF_MONTH, _lang(lang))


def weekday(on_day: date, lang: str) -> str:
    """`teisipäev, 12. juuli 2022` · `Tuesday, 12 July 2022`."""
    lang = _lang(lang)
    return _date(on_day, _DAY, lang)


def on_day(day: date, lang: str) -> str:
    """On which day something was: `12. juulil 2022` · `on 12 July 2022`."""
    return f"on {_date(day, _SHORT_DAY, 'en')}" if _lang(lang) == "en" else f"{_day_in(day, 'l')} {day.year}"


def since(day: date, lang: str) -> str:
    """From which day on: `alates 12. juulist 2022` · `since 12 July 2022`."""
    return f"since {_date(day, _SHORT_DAY, 'en')}" if _lang(lang) == "en" else f"alates {_day_in(day, 'st')} {day.year}"


def _day_in(day: date, case: str) -> str:
    """The day in one of the cases that end the month's name alike: `juulil`, `juulist`."""
    return f"{day.day}. {_MONTHS_ON[day.month - 1].removesuffix('l')}{case}"


def month(on_day: date, lang: str) -> str:
    """`juuli 2022` · `July 2022`."""
    return _date(on_day, _MONTH, _lang(lang))


def on(at: datetime, lang: str, tz: tzinfo) -> str:
    """When something is: `teisipäeval, 5. aprillil kell 10.00` · `on Tuesday, 5 April at 10:00`."""
    local = at.astimezone(tz)
    if _lang(lang) == "en":
        return f"on {_english(local.date())} at {_clock(local, 'en')}"
    return f"{_adessive(local.date())} kell {_clock(local, 'et')}"


def until(at: datetime, lang: str, tz: tzinfo) -> str:
    """By when, after `hiljemalt` or `by`: as `on`, but a day's very end is its own 24.00."""
    lang, local = _lang(lang), at.astimezone(tz)
    ends = local.timetz().replace(tzinfo=None) == time()
    last = local.date() - timedelta(days=1) if ends else local.date()
    hour = _MIDNIGHT[lang] if ends else _clock(local, lang)
    return f"{_english(last) if lang == 'en' else _adessive(last)} {_AT[lang]} {hour}"


def till(at: datetime, lang: str, tz: tzinfo) -> str:
    """Until when, in whole: `kuni kolmapäevani, 12. oktoobrini kell 17.00` · `until Wednesday, 12 October at 17:00`; of
    a day that counts to its very end the day alone, in English with `the end of`."""
    lang, local = _lang(lang), at.astimezone(tz)
    ends = local.timetz().replace(tzinfo=None) == time()
    last = local.date() - timedelta(days=1) if ends else local.date()
    hour = "" if ends else f" {_AT[lang]} {_clock(local, lang)}"
    if lang == "en":
        return f"until {'the end of ' if ends else ''}{_english(last)}{hour}"
    return f"kuni {_WEEKDAYS_ON[last.weekday()].removesuffix('l')}ni, {_day_in(last, 'ni')}{hour}"


def _english(day: date) -> str:
    return str(format_date(day, "EEEE, d MMMM", locale="en"))


def _adessive(day: date) -> str:
    return f"{_WEEKDAYS_ON[day.weekday()]}, {day.day}. {_MONTHS_ON[day.month - 1]}"


def span(start: datetime, end: datetime, lang: str, tz: tzinfo) -> str:
    """`teisipäev, 5. aprill 2022 kell 10.00–17.00`; both moments in full where it ends on another day."""
    lang, first, last = _lang(lang), start.astimezone(tz), end.astimezone(tz)
    if first.date() == last.date():
        return f"{moment(first, lang, tz)}{_DASH}{_clock(last, lang)}"
    return f"{moment(first, lang, tz)} {_DASH} {moment(last, lang, tz)}"


def number(value: int | float | Decimal, lang: str) -> str:
    """Decimal comma in Estonian, point in English; a real minus sign."""
    plain = format(Decimal(str(value)).normalize(), "f")
    plain = plain.replace("-", _MINUS)
    return plain if _lang(lang) == "en" else plain.replace(".", ",")


def minutes(length: int, lang: str) -> str:
    """A length of time: `1,5 h`, `2,25 h`, `45 min`; what quarters of an hour cannot say is `1 h 40 min`."""
    if length < 0:
        return _MINUS + minutes(-length, lang)
    hours, rest = divmod(length, 60)
    if rest % 15 == 0 and (hours or not rest):
        return f"{number(Decimal(length) / 60, lang)} h"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


def count(n: int, one: str, many: str, lang: str) -> str:
    """`1 tund`, `2 tundi`, `0 tundi`: after every number but one, Estonian has the partitive."""
    return f"{number(n, lang)} {one if n == 1 else many}"


def listed(words: Sequence[str], lang: str) -> str:
    """`üks, kaks ja kolm` · `one, two and three`."""
    *most, last = words or ("",)
    return f"{', '.join(most)} {'and' if _lang(lang) == 'en' else 'ja'} {last}" if most else last


_ALPHABET: Final = "abcdefghijklmnopqrsšzžtuvwõäöüxy"
_RANK: Final = {letter: (2, place) for place, letter in enumerate(_ALPHABET)}

SortKey = tuple[tuple[tuple[int, int], ...], str]


def sort_key(name: str) -> SortKey:
    """Orders names as Estonian does: … s š z ž t u v w õ ä ö ü x y; other accents count as plain letters."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return tuple(rank for letter in folded for rank in _ranks(letter)), name


def _ranks(letter: str) -> list[tuple[int, int]]:
    if letter in _RANK:
        return [_RANK[letter]]
    if letter.isspace():
        return [(0, 0)]
    plain = [part for part in unicodedata.normalize("NFD", letter) if not unicodedata.combining(part)]
    return [_RANK.get(part, (1 if part < "a" else 3, ord(part))) for part in plain]
