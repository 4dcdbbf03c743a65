"""The day and the workshop a question is about, said again in its answer: "Jah, olen 12. aprillil kohal".

Said rightly, they add nothing and are left out; any other day or workshop stays, and keeps the answer from being
whole. Without knowing what was asked, nothing is left out.
"""

import re
from collections.abc import Callable
from datetime import date

from workflow.replies.lexicon.notation import fold

_MONTHS = (
    "jaanuar|january|jan", "veebruar|february|veebr|feb", "märts|march|mar", "aprill|april|apr", "mai|may",
    "juuni|june|jun", "juuli|july|jul", "august|aug", "september|sept|sep", "oktoober|oktoobr|october|okt|oct",
    "november|novembr|nov", "detsember|detsembr|december|dets|dec",
)  # fmt: skip
_WEEKDAYS = (
    "esmaspäev|monday", "teisipäev|tuesday", "kolmapäev|wednesday", "neljapäev|thursday", "reede|friday",
    "laupäev|saturday", "pühapäev|sunday",
)  # fmt: skip
_ORDINALS = (
    "i|1|esimene|esimeses|esimesse|first",
    "ii|2|teine|teises|teise|teisel|second",
    "iii|3|kolmas|kolmandas|kolmandasse|third",
    "iv|4|neljas|neljandas|neljandasse|fourth",
    "v|5|viies|viiendas|viiendasse|fifth",
    "vi|6|kuues|kuuendas|kuuendasse|sixth",
)  # fmt: skip
_ENDING = r"(?:il|l|i|is|s|st|ist|t|a|ga)?"
_YEAR = r"(?:,? ?(?P<year>[0-9]{4})(?: ?\.? ?a\b\.?)?)?"
_CASE = r"(?:st|nd|rd|th)?"


def _either(table: tuple[str, ...]) -> str:
    return "|".join(sorted(fold("|".join(table)).split("|"), key=len, reverse=True))


NAMED_DAY = re.compile(
    rf"\b(?:on )?(?:the )?(?P<day>[0-9]{{1,2}})(?:\.|{_CASE})? ?(?:of )?"
    rf"(?P<month>{_either(_MONTHS)}){_ENDING}\b\.?{_YEAR}"
    rf"|\b(?:on )?(?P<english>{_either(_MONTHS)})\.? (?P<day_after>[0-9]{{1,2}}){_CASE}\b(?![.:,]?[0-9])"
    + _YEAR.replace("year", "year_after")
)
FIGURES = re.compile(
    r"(?<![0-9.])(?P<day>[0-9]{1,2})[./](?P<month>[0-9]{1,2})(?:[./](?P<year>[0-9]{4}|[0-9]{2})?)?(?![0-9]|[.,:][0-9])"
    r"(?! ?(?:h|t|tund|tundi|min)\b)"
)
WEEKDAY = re.compile(rf"\b(?:on )?(?P<weekday>{_either(_WEEKDAYS)})(?:al|ale|l|sel)?\b")
WORKSHOP = re.compile(
    rf"\b(?P<which>{_either(_ORDINALS)})\.? (?P<what>tootoa[a-z]{{0,3}}|tootuba|tootuppa|workshop)\b"
    r"|\b(?P<what_first>tootoa[a-z]{0,3}|tootuba|tootuppa|workshop) (?P<number>[1-9])\b(?!\.)"
)

SENTENCE = re.compile(r"\s+[A-ZÕÄÖÜŠŽ]|\s*$")  # after a full stop: of the day, or of what was said


def unsaid(text: str, days: tuple[date, ...], workshop: int | None) -> str:
    """`text` without the days and the workshop that were asked about; the rest stays letter for letter."""
    if workshop:
        text = _without(WORKSHOP, text, lambda found: _workshop(found, workshop))
    if not days:
        return text
    text = _without(NAMED_DAY, text, lambda found: "" if _named(found, days) else None)
    text = _without(FIGURES, text, lambda found: "" if _dated(found, days) else None)
    return _without(
        WEEKDAY, text, lambda found: "" if _weekday(found["weekday"]) in {d.weekday() for d in days} else None
    )


def _without(pattern: re.Pattern[str], text: str, kept: Callable[[re.Match[str]], str | None]) -> str:
    """What is kept of each match, None for all of it. Folding keeps each letter's place."""
    low, parts, end = fold(text), [], 0
    for found in pattern.finditer(low if len(low) == len(text) else ""):
        if (rest := kept(found)) is not None:
            parts.append(text[end : found.start()] + rest)
            end = found.end() - bool(found[0].endswith(".") and SENTENCE.match(text, found.end()))
    return "".join([*parts, text[end:]])


def _place(word: str, table: tuple[str, ...]) -> int:
    return next(at for at, names in enumerate(table, 1) if word in fold(names).split("|"))


def _weekday(word: str) -> int:
    return _place(word, _WEEKDAYS) - 1


def _workshop(found: re.Match[str], asked: int) -> str:
    """The workshop's own name without its number; another one's number in figures, which no answer is made of."""
    said = int(found["number"]) if found["number"] else _place(found["which"], _ORDINALS)
    what = found["what"] or found["what_first"]
    return what if said == asked else f"{said}. {what}"


def _named(found: re.Match[str], days: tuple[date, ...]) -> bool:
    month = _place(found["month"] or found["english"], _MONTHS)
    day, year = found["day"] or found["day_after"], found["year"] or found["year_after"]
    return _is_one_of(int(day), month, year, days)


def _dated(found: re.Match[str], days: tuple[date, ...]) -> bool:
    return _is_one_of(int(found["day"]), int(found["month"]), found["year"], days)


def _is_one_of(day: int, month: int, year: str | None, days: tuple[date, ...]) -> bool:
    full = None if not year else int(year) + (2000 if len(year) == 2 else 0)
    return any((one.day, one.month) == (day, month) and full in (None, one.year) for one in days)
