"""Tokenizer for dates and durations in a text: "12.07", "19. juulil", "1,5 h", "poolteist tundi", "2 h 30 min".

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
# From-to, where it can be nothing but times of day: "kell 10-12", "10:00-11:30", "10.00-12.30"; not "2.5-3 h".
_clock = r"[0-9]{1,2}(?:[.:][0-5][0-9])?"
_daytime = r"(?:0?[6-9]|1[0-9]|2[0-3])\."
_to = r"(?: ?- ?| to | until | kuni )"
_span = (
    rf"\b(?:kell|kl|from) {_clock}{_to}{_clock}|(?<![0-9.:,])(?:[0-9]{{1,2}}:[0-5][0-9]{_to}{_clock}|"
    rf"{_clock}{_to}[0-9]{{1,2}}:[0-5][0-9]|(?:[89]|1[0-9]|2[0-3]){_to}(?:9|1[0-9]|2[0-3])(?![0-9])|(?:[6-9]|1[0-9]|2[0-3]){_to}{_daytime}(?:00|15|30|45)|"
    rf"{_daytime}(?:00|1[3-9]|[2-5][0-9]){_to}{_daytime}[0-5][0-9]|{_daytime}[0-5][0-9]{_to}{_daytime}(?:00|1[3-9]|[2-5][0-9]))"
)

TOKEN = re.compile(
    "|".join(
        (
            r"(?P<iso>\b[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\b)",
            rf"(?P<full>\b[0-9]{{1,2}}\. ?[0-9]{{1,2}}\.(?: ?[0-9]{{4}}|[0-9]{{2}}){_end}\b\.?a?\b)",
            rf"(?P<named>\b[0-9]{{1,2}}(?:\.|st|nd|rd|th)? ?(?:of )?{MONTH}\b(?:,? [0-9]{{4}}\b)?)",
            rf"(?P<english>(?<![a-z])(?:{'|'.join(MONTHS)})\b\.? [0-9]{{1,2}}(?:st|nd|rd|th)?\b"
            rf"(?![.,:]?[0-9]| ?{_hour}| ?{_minute})(?:,? [0-9]{{4}}\b)?)",
            rf"(?P<span>(?:{_span})(?![.,:]?[0-9])(?! ?{_hour}| ?{_minute}|\.? ?{MONTH}))",
            rf"(?P<fraction>\b(?:[0-9]{{1,2}} )?1/2 ?{_hour})",
            rf"(?P<unnamed>\b[0-9]{{1,2}} ?{_hour} (?:1[05]|2[05]|30|3[2-9]|[45][0-9])(?=\s*(?:$|[;\n]|\.(?:\s|$))))",
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


class DoubtfulHours(Exception):
    """Caught in `read`: the reply as a whole is in doubt, and why."""


SENTENCE = re.compile(r"\s+[A-ZÕÄÖÜŠŽ]")  # the full stop before it ends what was said, and is no part of "2 h."


# -- one token -----------------------------------------------------------------------------------------------


SPAN = re.compile(_span)


def is_span(token: Token) -> bool:
    """Whether a length was given as from–to."""
    return bool(SPAN.match(fold(token.raw)))


def tokens(text: str, today: date) -> Iterator[Token]:
    low = fold(text)
    for found in TOKEN.finditer(low):
        name = found.lastgroup or "mark"
        blank = Token(what=Is.MARK, raw=text[found.start() : found.end()], begin=found.start(), end=found.end())
        yield _token(name, found[0], blank, today)
        if found[0].endswith(".") and name != "short" and SENTENCE.match(text, found.end()):
            yield Token(what=Is.STOP, raw=".", begin=found.end() - 1, end=found.end())


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
        return _clock_length(low)
    if name == "span":
        return _from_to(low)
    figures = NUMBER.findall(low)
    if name in ("mixed", "andpart"):
        part = next(PARTS[word] for word in re.findall(r"[a-z]+", low) if word in PARTS)
        return (_whole(figures[0]) if figures else 1) * 60 + part
    if name == "fraction":
        return 30 + sum(_whole(one) * 60 for one in figures[:-2])
    if name in ("joined", "unnamed"):
        figures = re.findall("[0-9]+", low)
    if name in ("both", "joined", "unnamed"):
        hours, rest = figures if len(figures) == 2 else ["1", figures[0]]
        return _whole(hours) * 60 + _below_an_hour(rest)
    return _whole(figures[0]) if name == "minutes" else _hours(figures[0])


def _from_to(low: str) -> int:
    """Minutes between two times of day."""
    begin, end = (int(hour) * 60 + int(minute or 0) for hour, minute in CLOCK.findall(low))
    if not begin < end <= DAY:
        raise DoubtfulHours("an end before its beginning")
    return end - begin


CLOCK = re.compile(r"([0-9]{1,2})(?:[.:]([0-9]{2}))?")


def _clock_length(low: str) -> int:
    hours, minutes = (int(part) for part in re.findall("[0-9]+", low)[:2])
    if hours > LARGEST_BARE:
        raise DoubtfulHours("a time of day")
    return hours * 60 + _below_an_hour(str(minutes))


def _below_an_hour(figure: str) -> int:
    if (minutes := _whole(figure.strip())) > 59:
        raise DoubtfulHours("more than 59 minutes beside the hours")
    return minutes


def _whole(figure: str) -> int:
    if figure in NUMBERS:
        return NUMBERS[figure]
    if not figure.isdigit() or len(figure) > 4:
        raise DoubtfulHours(f"no whole number: {figure[:20]}")
    return int(figure)


def _hours(figure: str) -> int:
    """Minutes of a number of hours, decimal comma or point."""
    if figure in NUMBERS:
        return NUMBERS[figure] * 60
    if not DECIMALS.fullmatch(figure) or len(figure) > 8:
        raise DoubtfulHours(f"decimals or minutes: {figure[:20]}")
    exact = float(figure.replace(",", ".")) * 60
    if abs(exact - round(exact)) > 0.5 - 1e-9:
        raise DoubtfulHours(f"no whole minutes: {figure[:20]}")
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
    number = month(low)
    return _past(figures[1], number, figures[0], today) if len(figures) > 1 else _latest(number, figures[0], today)


def month(low: str) -> int:
    """The number of the month that the words name."""
    return next(MONTHS[one] for one in LONGEST_FIRST if re.search(rf"(?<![a-z]){one}", low))


def _past(year: int, month: int, day: int, today: date) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise DoubtfulHours("no such day") from None
    if found > today:
        raise DoubtfulHours("a day to come")
    if today - found > 2 * OLDEST:
        raise DoubtfulHours("a day too long ago")
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
        raise DoubtfulHours("no such day")
    if today - found > OLDEST:
        raise DoubtfulHours("a day to come, or too long ago")
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
    except DoubtfulHours:
        if clear:
            raise
        return replace(blank, what=Is.NUMBER, minutes=_hours(number))
    if clear:
        return replace(blank, what=Is.DAY, day=day)
    return replace(blank, what=Is.NUMBER, minutes=_hours(number), day=day)
