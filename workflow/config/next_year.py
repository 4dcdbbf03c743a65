"""Writes next year's config from this one: every date moved by whole weeks, off public holidays, weekdays kept.

A day between two others that leave it no free week (a plan due at Midsummer) goes to a working day nearby.
Pure: a text in, a text and what was done out. Comments and the order of the file stay. Texts for people are never
rewritten, since a date in them may be history: they are pointed out instead.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from typing import Final

from workflow.config.programme import Programme
from workflow.text.bilingual import Text
from workflow.text.holidays import holiday, weekend

WEEK: Final = timedelta(weeks=1)
ELSEWHERE: Final = tuple(timedelta(weeks=n) for n in (1, -1, 2, -2, 3, -3)) + tuple(
    timedelta(days=n) for n in (-1, -2, -3, 1, 2, 3, -4, 4)
)
"""where a date goes that would fall on a holiday: the nearest week that fits, and only then another weekday"""

_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|'
    r"'''.*?'''|"
    r'"(?:\\.|[^"\\\n])*"|'
    r"'[^'\n]*'"
    r"|(?P<comment>\#[^\n]*)"
    r"|(?P<header>^[ \t]*\[\[?[^\]\n]*\]\]?)"
    r"|(?P<date>\d{4}-\d{2}-\d{2})(?=[T ]\d{2}:\d{2}|[^\d\w-]|$)",
    re.DOTALL | re.MULTILINE,
)
_KEY: Final = re.compile(r"^key[ \t]*=[^\n]*", re.MULTILINE)
_SPEAKS_OF_DATES: Final = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:jaanuar|veebruar|märts|aprill|juuni|juuli|august|septemb|oktoob|novemb|detsemb)"
    r"|\b(?:January|February|March|April|June|July|August|September|October|November|December)\b",
    re.IGNORECASE,
)


class NextYearError(ValueError):
    """Nothing can be made of this file and this day; `says` tells why."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One day of the file and where it went."""

    line: int
    was: date
    now: date
    off: Text | None = None
    """the holiday it would have fallen on; then it is further away than the rest"""
    stays_on: Text | None = None
    """the holiday it still falls on, because no week nearby fits the others"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A text or comment that speaks of a date; left as it is, for a person to read again."""

    line: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NextYear:
    """The new file, and what a person should know of it."""

    text: str
    weeks: int
    moved: tuple[Moved, ...]
    mentions: tuple[Mention, ...]

    def told(self, lang: str) -> Iterator[str]:
        """Line by line, for a terminal: what left its week, and what is left for a person to read again."""
        et = lang == "et"
        yield (
            f"{len(self.moved)} päeva nihutati {self.weeks} nädalat."
            if et
            else f"{len(self.moved)} days moved by {self.weeks} weeks."
        )
        for one in self.moved:
            if one.off:
                yield f"{_row(one.line, et)}: {one.now.isoformat()}, {_instead(one.off, et)}"
            if one.stays_on:
                yield f"{_row(one.line, et)}: {one.now.isoformat()} = {one.stays_on.say(lang)}. {_yours(et)}"
        for mention in self.mentions:
            yield f"{_row(mention.line, et)}: {'loe üle' if et else 'read again'}: {mention.text}"


@dataclass(frozen=True, slots=True)
class _Day:
    """The dates of one table that fall on one day: a session's start and end move together."""

    was: date
    at: tuple[int, ...]


def first_day(programme: Programme) -> date:
    """The day of the programme's first session, or of whatever comes first where nobody meets."""
    days = [session.start.date() for stage in programme.stages for session in stage.sessions.values()]
    days += [stage.start for stage in programme.stages if stage.start is not None]
    return min(days)


def next_year(text: str, start: date, first: date, fits: Callable[[str], bool]) -> NextYear:
    """The file with `first` (the day of the first session) moved to `start`, or to its weekday next after it.

    `fits` tells whether a text is a config without faults; it is asked before a date leaves its week.
    """
    weeks = -((first - start).days // 7)
    if weeks == 0:
        raise NextYearError(
            Text(
                et=f"Programm algabki {first.isoformat()}. Andke --start uue programmi esimese töötoa päev.",
                en=f"The programme starts on {first.isoformat()} as it is. Give --start the new first session's day.",
            )
        )
    days = list(_days(text))
    to = {day: day.was + weeks * WEEK for day in days}
    moved = tuple(_settle(text, day, to, fits) for day in days)
    written = _renamed(_written(text, to), first.year, (first + weeks * WEEK).year)
    return NextYear(text=written, weeks=weeks, moved=moved, mentions=tuple(_mentions(written)))


def _row(line: int, et: bool) -> str:
    return f"rida {line}" if et else f"line {line}"


def _instead(feast: Text, et: bool) -> str:
    return f"muidu oleks {feast.et}" if et else f"away from {feast.en}"


def _yours(et: bool) -> str:
    return "Valige ise teine päev." if et else "Choose another day yourself."


def _settle(text: str, day: _Day, to: dict[_Day, date], fits: Callable[[str], bool]) -> Moved:
    """Leaves a holiday for the nearest week in which the whole file still has no faults."""
    line, meant = _line(text, day.at[0]), to[day]
    feast = holiday(meant)
    if feast is None:
        return Moved(line=line, was=day.was, now=meant)
    for away in ELSEWHERE:
        to[day] = meant + away
        if _working(to[day], day.was) and fits(_written(text, to)):
            return Moved(line=line, was=day.was, now=to[day], off=feast)
    to[day] = meant
    return Moved(line=line, was=day.was, now=meant, stays_on=feast)


def _working(day: date, was: date) -> bool:
    """No holiday, and no weekend unless it was one before."""
    return holiday(day) is None and (not weekend(day) or weekend(was))


def _days(text: str) -> Iterator[_Day]:
    table, found = "", dict[tuple[str, date], list[int]]()
    for token in _TOKEN.finditer(text):
        if token["header"]:
            table = f"{token.start()}"
        elif token["date"]:
            found.setdefault((table, _date(text, token)), []).append(token.start("date"))
    for (_, was), at in found.items():
        yield _Day(was, tuple(at))


def _date(text: str, token: re.Match[str]) -> date:
    try:
        return date.fromisoformat(token["date"])
    except ValueError as error:
        line = _line(text, token.start())
        raise NextYearError(
            Text(
                et=f"Real {line} ei ole päeva {token['date']} olemas.",
                en=f"Line {line}: there is no day {token['date']}.",
            )
        ) from error


def _written(text: str, to: dict[_Day, date]) -> str:
    places = sorted((at, now.isoformat()) for day, now in to.items() for at in day.at)
    parts, done = [], 0
    for at, now in places:
        parts += [text[done:at], now]
        done = at + len(now)
    return "".join(parts) + text[done:]


def _renamed(text: str, was: int, now: int) -> str:
    """The programme's key names its year: two programmes of one key could not be told apart."""
    return _KEY.sub(lambda line: line[0].replace(str(was), str(now)), text, count=1)


def _mentions(text: str) -> Iterator[Mention]:
    """Lines whose words, not whose values, speak of a year or a month."""
    seen = set[int]()
    for token in _TOKEN.finditer(text):
        if token["header"] or token["date"] or not (said := _SPEAKS_OF_DATES.search(token[0])):
            continue
        line = _line(text, token.start() + said.start())
        if line not in seen:
            seen.add(line)
            yield Mention(line=line, text=_around(token[0], said))


def _around(words: str, said: re.Match[str]) -> str:
    cut = words[max(0, said.start() - 30) : said.end() + 30].strip("#\"' \t\n")
    return " ".join(cut.split())


def _line(text: str, at: int) -> int:
    return bisect_right([0, *accumulate(len(line) + 1 for line in text.split("\n"))], at)
