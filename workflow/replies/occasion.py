"""Recognises what the question itself said, in its answer: days, hours, the workshop, the team, who is asked.

"Jah, olen 12. aprillil kohal": said rightly, it adds nothing and is left out; any other day or workshop stays, and
keeps the answer from being whole. Without knowing what was asked, nothing is left out.
"""

import re
from collections.abc import Callable
from datetime import date, time
from functools import lru_cache

from workflow.replies import names
from workflow.replies.answers import Asked
from workflow.replies.lexicon import common
from workflow.replies.lexicon.notation import WORD, fold

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
ALONE = re.compile(r"\b(?:on )?the (?P<day>[0-9]{1,2})(?:st|nd|rd|th)\b")
WEEKDAY = re.compile(rf"\b(?:on )?(?P<weekday>{_either(_WEEKDAYS)})(?:al|ale|l|sel)?\b")
WORKSHOP = re.compile(
    rf"\b(?P<which>{_either(_ORDINALS)})\.? (?P<what>tootoa[a-z]{{0,3}}|tootuba|tootuppa|workshop)\b"
    r"|\b(?P<what_first>tootoa[a-z]{0,3}|tootuba|tootuppa|workshop) (?P<number>[1-9])\b(?!\.)"
)

# No workshop: whoever comes to one of these has not said whether they come to it.
ANOTHER_EVENT = re.compile(r"\b(?:infopaev|infotund|seminar|loputseminar|info ?day|info session)\w*")

SENTENCE = re.compile(r"\s+[A-ZÕÄÖÜŠŽ]|\s*$")  # after a full stop: of the day, or of what was said


_HOUR = r"(?P<hour>[0-9]{1,2})(?:[.:](?P<minute>[0-9]{2}))?"
_UNTIL = r"(?:(?: ?-{1,2} ?| to | kuni )(?P<to>[0-9]{1,2})(?:[.:](?P<to_minute>[0-9]{2}))?)?"
CLOCK = re.compile(
    rf"\b(?:(?:alates )?kell(?:a|ast|aks)? |kl |at |from ){_HOUR}{_UNTIL}(?![0-9]|[.:][0-9])"
    r"(?: ?o'clock| ?-?(?:ks|st|ni)\b)?"
    rf"|\b{_HOUR.replace('hour', 'bare').replace('minute', 'past')}-?ks\b"
)


_NUMBERS = (
    "uks|uhel|uhe|one", "kaks|kahel|kahe|two|both", "kolm|kolmel|kolme|three", "neli|neljal|nelja|four",
    "viis|viiel|viie|five", "kuus|kuuel|kuue|six", "seitse|seitsme|seven", "kaheksa|eight", "uheksa|nine",
    "kumme|kumne|kumneks|ten", "uksteist|eleven", "kaksteist|twelve",
)  # fmt: skip
IN_WORDS = re.compile(rf"\b(?:kell(?:a|aks)?|at) (?P<number>{_either(_NUMBERS)})\b(?! (?:ja|to|past|ning))")
EXACTLY = re.compile(r"(?<![0-9.:])(?P<hour>[0-9]{1,2})[.:](?P<minute>[0-5][0-9])(?![0-9]|[.:][0-9])")
ALL_DAYS = re.compile(
    rf"\b(?:koi(?:k|gil|gile|ki)|all) (?:the )?(?P<number>{_either(_NUMBERS)}) "
    r"(?:paev\w*|kuupaev\w*|kor(?:d|da|ral)|kohtumis\w*|tootoa\w*|days|dates|times|sessions|workshops|meetings)\b"
)


DIGIT = re.compile(r"[0-9]")
GONE = "\x00"  # where something stood; no text holds it
SEVERAL = re.compile(rf"{GONE}(?:[\s,&-]{{0,6}}(?:(?:ja|ning|and|kell)\b\s{{0,3}})?{GONE})*")


def unsaid(text: str, asked: Asked) -> str:
    """`text` without what the question said; the rest stays letter for letter."""
    return SEVERAL.sub("", _marked(text.replace(GONE, ""), asked))


def _marked(text: str, asked: Asked) -> str:
    begin, *ends = asked.times or (None,)
    if begin:
        text = _without_times(text, begin, ends)
    if asked.workshop:
        which = asked.workshop
        text = _without(WORKSHOP, text, lambda found: _workshop(found, which))
        text = _without(ANOTHER_EVENT, text, lambda found: f"0. {found[0]}")
    if first := next((name.split()[0] for name in asked.signs[:1] if name and name not in asked.names), ""):
        text = re.sub(rf"(?<=[.!?])\s+{re.escape(first)}[\s.!]*$", "", text, flags=re.IGNORECASE)  # "Jah, tulen. Kadri"
    whole = [name for name in asked.signs[:1] if " " in name]  # "saatsin mina, Heino Laane"
    for name in (asked.team, *whole, *asked.signs[1:]):
        if name and name not in asked.names and not common.KNOWN.issuperset(WORD.findall(fold(name))):
            text = _without(named(name), text, lambda found: "")
    if not asked.days:
        return text
    text = _without(ALL_DAYS, text, lambda found: "" if _number(found) == len(asked.days) else None)
    if DIGIT.search(text):
        text = _without(NAMED_DAY, text, lambda found: "" if _named(found, asked.days) else None)
        text = _without(FIGURES, text, lambda found: "" if _dated(found, asked.days) else None)
        text = _without(ALONE, text, lambda found: "" if int(found["day"]) in {day.day for day in asked.days} else None)
    return _without(WEEKDAY, text, lambda found: "" if _weekday(found["weekday"]) in _weekdays(asked) else None)


_UNTIL_THEN = re.compile(r"\b(?:kohtu\w*|naeme|nagemi\w*|see you|forward|oota\w*|algus\w*|start\w*)\b")


def some_days_only(text: str, asked: Asked) -> bool:
    """Whether the text speaks of some of the days in the question and not of all: "26. aprillil me ei saa"."""
    said = " ".join(one for one in re.split(r"(?<=[.!?])\s+(?=[^\W\d_])|\n", text) if not _UNTIL_THEN.search(fold(one)))
    named_ones = [unsaid(said, Asked(today=asked.today, days=(day,))) != said for day in asked.days]
    return any(named_ones) and not all(named_ones)


def _without_times(text: str, begin: time, ends: list[time]) -> str:
    """`text` without the hours at which the session begins and ends."""
    text = _without(IN_WORDS, text, lambda found: "" if (_number(found), 0) == (begin.hour, begin.minute) else None)
    if not DIGIT.search(text):
        return text
    at = {(one.hour, one.minute) for one in (begin, *ends)}
    text = _without(CLOCK, text, lambda found: "" if _spans(found, begin, ends) else None)
    return _without(EXACTLY, text, lambda found: "" if (int(found[1]), int(found[2])) in at else None)


@lru_cache(maxsize=512)
def named(name: str) -> re.Pattern[str]:
    """Finds a team's or an office's name in folded text, in whatever case its words stand."""
    stems = (re.escape(word if len(word) < 5 else word[:-1]) for word in fold(name).split())
    return re.compile(r"\b" + r"\w{0,5}[ -]".join(stems) + r"\w{0,6}\b")


def another_team(text: str, asked: Asked) -> str:
    """The name of another team that the text speaks of; empty where it speaks of none."""
    own = unsaid(text, Asked(today=asked.today, team=asked.team, signs=asked.signs))
    low = fold(own)
    known = next((team for team in asked.teams if team and named(team).search(low)), "")
    return known or (names.team_named(own) if asked.team else "")


def _weekdays(asked: Asked) -> set[int]:
    return {day.weekday() for day in asked.days}


def _without(pattern: re.Pattern[str], text: str, kept: Callable[[re.Match[str]], str | None]) -> str:
    """What is kept of each match, None for all of it. Folding keeps each letter's place."""
    low, parts, end = fold(text), [], 0
    for found in pattern.finditer(low if len(low) == len(text) else ""):
        if (rest := kept(found)) is not None:
            parts.append(text[end : found.start()] + (rest or GONE))
            end = found.end() - bool(found[0].endswith(".") and SENTENCE.match(text, found.end()))
    return "".join([*parts, text[end:]])


def _spans(found: re.Match[str], begins: time, ends: list[time]) -> bool:
    """Whether it is when the session begins, and ends where that is said."""
    hour, minute = found["hour"] or found["bare"], found["minute"] or found["past"]
    told = {(at.hour, at.minute) for at in ends}
    until = not found["to"] or (int(found["to"]), int(found["to_minute"] or 0)) in told
    return (int(hour), int(minute or 0)) == (begins.hour, begins.minute) and until


def _place(word: str, table: tuple[str, ...]) -> int:
    return next(at for at, names in enumerate(table, 1) if word in fold(names).split("|"))


def _number(found: re.Match[str]) -> int:
    return _place(found["number"], _NUMBERS)


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
