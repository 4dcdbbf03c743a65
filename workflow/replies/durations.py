"""Days and lengths of time in a text, one token each: "12.07", "19. juulil", "1,5 h", "poolteist tundi", "2 h 30 min".

A figure that cannot be what it looks like is doubtful; nothing is rounded or repaired.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from workflow.replies.lexicon.notation import fold

DAY = 24 * 60
LARGEST_BARE = 12  # a bare "15" or "45" is more likely minutes
OLDEST = timedelta(days=180)  # further back, a day without a year is a slip of the pen


# -- the figures ---------------------------------------------------------------------------------------------

_NUMBERS = """
    0 null zero
    1 üks ühe ühte one
    2 kaks kahe kahte two
    3 kolm kolme three
    4 neli nelja four
    5 viis viie viit five
    6 kuus kuue kuut six
    7 seitse seitsme seitset seven
    8 kaheksa kaheksat eight
    9 üheksa üheksat nine
    10 kümme kümne kümmet ten
    11 üksteist eleven
    12 kaksteist twelve
    15 viisteist viieteist fifteen
    20 kakskümmend kahekümne twenty
    30 kolmkümmend kolmekümne thirty
    40 nelikümmend neljakümne forty
    45 nelikümmend_viis forty-five forty_five
    50 viiskümmend fifty
    60 kuuskümmend sixty
    90 üheksakümmend ninety
"""
_MONTHS = """
    1 jaanuar jaan january jan
    2 veebruar veebr february feb
    3 märts march mar
    4 aprill apr april
    5 mai may
    6 juuni june jun
    7 juuli july jul
    8 august aug
    9 september sept sep
    10 oktoober oktoobr okt october oct
    11 november novembr nov
    12 detsember detsembr dets december dec
"""


def _table(lines: str) -> dict[str, int]:
    rows = [fold(line).split() for line in lines.strip().splitlines()]
    return {word.replace("_", " "): int(row[0]) for row in rows for word in row[1:]}


NUMBERS = _table(_NUMBERS)
MONTHS = _table(_MONTHS)
PARTS = {"pool": 30, "poole": 30, "half": 30, "veerand": 15, "quarter": 15, "kolmveerand": 45}
# Minutes written as two decimals ("2.30 h") and true decimals look alike; these can only be decimals.
DECIMALS = re.compile(r"[0-9]+([.,]([0-9]|00|25|75|67|66|[0-9]{3,}))?|[0-9]+,50")

_word = "|".join(sorted(map(re.escape, NUMBERS), key=len, reverse=True))
MONTH = "(?:" + "|".join(sorted(MONTHS, key=len, reverse=True)) + r")(?:il|is|i|ist|l|s|it)?\.?"
_num = rf"(?:[0-9]+(?:[.,][0-9]+)?|\b(?:{_word})\b)"
_hour = r"(?:tund[a-z]*|tunni[a-z]*|hours?|hrs?|hr|h|t)\b\.?"
_minute = r"(?:minut[a-z]*|mins?|min)\b\.?"
_short_minute = rf"(?:{_minute}|m\b)"  # "m" only beside hours
_part = r"(?:kolmveerand|veerand|poole?|half|quarter)"
_end = r"(?![.,:]?[0-9])"

TOKEN = re.compile(
    "|".join(
        (
            r"(?P<iso>\b[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\b)",
            rf"(?P<full>\b[0-9]{{1,2}}\. ?[0-9]{{1,2}}\.(?: ?[0-9]{{4}}|[0-9]{{2}}){_end}\b\.?a?\b)",
            rf"(?P<named>\b[0-9]{{1,2}}(?:\.|st|nd|rd|th)? ?(?:of )?{MONTH}\b(?:,? [0-9]{{4}}\b)?)",
            rf"(?P<english>(?<![a-z])(?:{'|'.join(MONTHS)})\b\.? [0-9]{{1,2}}(?:st|nd|rd|th)?\b"
            rf"(?![.,:]?[0-9]| ?{_hour}| ?{_minute})(?:,? [0-9]{{4}}\b)?)",
            rf"(?P<mixed>{_num} (?:ja|and a|and|koma) {_part} {_hour})",
            rf"(?P<andpart>(?:(?:{_num}|\ban?) ?)?\b{_hour} (?:ja|and a|and) {_part}\b(?! {_hour}))",
            rf"(?P<halved>{_num} (?:ja|and a|and) (?:pool|half)\b)",
            rf"(?P<both>(?:{_num}|\ban?|\b) ?{_hour}(?: ja| and|,)? ?{_num} ?{_short_minute})",
            rf"(?P<joined>[0-9]+ ?h[0-9]{{2}}(?: ?{_short_minute}|{_end}\b(?!\. ?[a-z0-9])))",
            rf"(?P<hours>{_num} ?{_hour})",
            rf"(?P<minutes>{_num} ?{_minute})",
            rf"(?P<three>\b(?:three|3) quarters of an hour\b|\bkolmveerand {_hour})",
            rf"(?P<quarter>\b(?:a )?quarter of an hour\b|\bveerand {_hour})",
            rf"(?P<half>\bhalf an? hour\b|\bhalf hour\b|\bpoole? {_hour}(?: aega)?)",
            r"(?P<onehalf>\bpoolteist?e?(?: tund[a-z]*| tunni[a-z]*)?\b)",
            r"(?P<one>\ban? hour\b|\btund(?: aega)?\b)",
            rf"(?P<clock>\b[0-9]{{1,2}}:[0-9]{{2}}\b(?: ?{_hour})?)",
            rf"(?P<short>\b[0-9]{{1,2}}\. ?[0-9]{{1,2}}\b{_end}\.?(?= |$|[^0-9a-z]))",
            r"(?P<relative>\b(?:tana|eile|today|yesterday)\b)",
            r"(?P<number>[0-9]+(?:[.,][0-9]+)?)",
            r"(?P<word>[^\W\d_]+(?:['-][^\W\d_]+)*)",
            r"(?P<stop>[;\n]|[.!](?=\s|$))",
            r"(?P<mark>[^\s])",
        )
    )
)


class Is(StrEnum):
    DAY = "day"
    TIME = "time"
    NUMBER = "number"  # hours, if its place says so
    WORD = "word"
    STOP = "stop"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    what: Is
    raw: str
    begin: int
    end: int
    minutes: int = 0
    day: date | None = None


class Doubtful(Exception):
    """Caught in `read`: the reply as a whole is in doubt, and why."""


# -- one token -----------------------------------------------------------------------------------------------


def tokens(text: str, today: date) -> Iterator[Token]:
    low = fold(text)
    for found in TOKEN.finditer(low):
        name = found.lastgroup or "mark"
        blank = Token(what=Is.MARK, raw=text[found.start() : found.end()], begin=found.start(), end=found.end())
        yield _token(name, found[0], blank, today)


def _token(name: str, low: str, blank: Token, today: date) -> Token:
    if name in ("word", "stop", "mark"):
        return replace(blank, what=Is(name))
    if name in DAYS:
        return replace(blank, what=Is.DAY, day=_day(name, low, today))
    if name == "short":
        return _short(low, blank, today)
    if name == "halved":
        return replace(blank, what=Is.NUMBER, minutes=_hours(NUMBER.findall(low)[0]) + 30)
    if name == "number":
        return replace(blank, what=Is.NUMBER, minutes=_hours(low))
    return replace(blank, what=Is.TIME, minutes=_minutes(name, low))


LONGEST_FIRST = sorted(MONTHS, key=len, reverse=True)
DAYS = ("iso", "full", "named", "english", "relative")
LENGTHS = {"three": 45, "quarter": 15, "half": 30, "onehalf": 90, "one": 60}
NUMBER = re.compile(_num)


def _minutes(name: str, low: str) -> int:
    """Whole minutes of a length of time; 0 hours are 0."""
    if name in LENGTHS:
        return LENGTHS[name]
    if name == "clock":
        return _clock(low)
    figures = NUMBER.findall(low)
    if name in ("mixed", "andpart"):
        part = next(PARTS[word] for word in re.findall(r"[a-z]+", low) if word in PARTS)
        return (_whole(figures[0]) if figures else 1) * 60 + part
    if name == "joined":
        figures = re.findall("[0-9]+", low)
    if name in ("both", "joined"):
        hours, rest = figures if len(figures) == 2 else ["1", figures[0]]
        return _whole(hours) * 60 + _below_an_hour(rest)
    return _whole(figures[0]) if name == "minutes" else _hours(figures[0])


def _clock(low: str) -> int:
    hours, minutes = (int(part) for part in re.findall("[0-9]+", low)[:2])
    if hours > LARGEST_BARE:
        raise Doubtful("a time of day")
    return hours * 60 + _below_an_hour(str(minutes))


def _below_an_hour(figure: str) -> int:
    if (minutes := _whole(figure.strip())) > 59:
        raise Doubtful("more than 59 minutes beside the hours")
    return minutes


def _whole(figure: str) -> int:
    if figure in NUMBERS:
        return NUMBERS[figure]
    if not figure.isdigit() or len(figure) > 4:
        raise Doubtful(f"no whole number: {figure[:20]}")
    return int(figure)


def _hours(figure: str) -> int:
    """Minutes of a number of hours, decimal comma or point."""
    if figure in NUMBERS:
        return NUMBERS[figure] * 60
    if not DECIMALS.fullmatch(figure) or len(figure) > 8:
        raise Doubtful(f"decimals or minutes: {figure[:20]}")
    exact = float(figure.replace(",", ".")) * 60
    if abs(exact - round(exact)) > 0.5 - 1e-9:
        raise Doubtful(f"no whole minutes: {figure[:20]}")
    return round(exact)


# -- days ----------------------------------------------------------------------------------------------------


def _day(name: str, low: str, today: date) -> date:
    if name == "relative":
        return today - timedelta(days=low in ("eile", "yesterday"))
    figures = [int(figure) for figure in re.findall("[0-9]+", low)]
    if name == "iso":
        return _past(figures[0], figures[1], figures[2], today)
    if name == "full":
        return _past(figures[2] + 2000 * (figures[2] < 100), figures[1], figures[0], today)
    month = next(MONTHS[one] for one in LONGEST_FIRST if re.search(rf"(?<![a-z]){one}", low))
    return _past(figures[1], month, figures[0], today) if len(figures) > 1 else _latest(month, figures[0], today)


def _past(year: int, month: int, day: int, today: date) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise Doubtful("no such day") from None
    if found > today:
        raise Doubtful("a day to come")
    if today - found > 2 * OLDEST:
        raise Doubtful("a day too long ago")
    return found


def _latest(month: int, day: int, today: date) -> date:
    """The latest such day not after today; one that would be half a year ago was meant otherwise."""
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            break
    else:
        raise Doubtful("no such day")
    if today - found > OLDEST:
        raise Doubtful("a day to come, or too long ago")
    return found


def _short(low: str, blank: Token, today: date) -> Token:
    """ "12.07" is a day, "2.75" a number; "2.5" could be either, and its place must tell."""
    first, second = re.findall("[0-9]+", low)
    number = low.replace(" ", "").rstrip(".")
    if int(second) > 12 or int(second) == 0:
        return replace(blank, what=Is.NUMBER, minutes=_hours(number))
    clear = len(second) == 2 or low.endswith(".") or " " in low or int(first) > LARGEST_BARE
    try:
        day = _latest(int(second), int(first), today)
    except Doubtful:
        if clear:
            raise
        return replace(blank, what=Is.NUMBER, minutes=_hours(number))
    if clear:
        return replace(blank, what=Is.DAY, day=day)
    return replace(blank, what=Is.NUMBER, minutes=_hours(number), day=day)
