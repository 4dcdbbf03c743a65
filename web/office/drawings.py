"""SVG charts (journey, progress, hours), every one with a text alternative.

Pure: values in, markup out. Colours are classes of static/office.css, for the pages' policy allows no inline
style. Must never take markup from anybody: every word is escaped where it enters.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from markupsafe import Markup

RADIUS: Final = 21
SEATS: Final = 40
"""dots that can still be counted"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One state on the map: `side` stops stand off the line, `out` ones are where a journey ends early."""

    key: str
    name: str
    count: int
    side: bool = False
    out: bool = False


def journey(stops: Sequence[Stop], title: str, words: str) -> Markup:
    """The journey as a line with a stop for each state and the number of teams at it, left to right."""
    line = [s for s in stops if not s.side and not s.out]
    others = [s for s in stops if s.side or s.out]
    step, width = 108, 108 * max(len(line), 2)
    places = {s.key: (step * i + step // 2, 34) for i, s in enumerate(line)}
    places |= {s.key: (step // 2 + step * (i if s.side else i + 1), 150) for i, s in enumerate(others)}
    track = [_path(places[line[0].key], places[line[-1].key])] if line else []
    ways = [_way(places[s.key]) for s in others if s.side and line]
    body = Markup("").join([*ways, *track, *(_stop(s, places[s.key]) for s in stops)])
    return _svg(width, 218 if others else 102, body, title, words, "map map-wide")


def journey_down(stops: Sequence[Stop], title: str, words: str) -> Markup:
    """The same from top to bottom, for narrow screens."""
    row, places = 54, {s.key: (30, 30 + 54 * i) for i, s in enumerate(stops)}
    line = [s for s in stops if not s.side and not s.out]
    track = [_path(places[line[0].key], places[line[-1].key])] if line else []
    body = Markup("").join([*track, *(_stop(s, places[s.key], beside=True) for s in stops)])
    return _svg(320, row * len(stops) + 8, body, title, words, "map map-tall")


def _path(start: tuple[int, int], end: tuple[int, int]) -> Markup:
    return Markup('<path class="track" d="M{} {}L{} {}"/>').format(*start, *end)


def _way(end: tuple[int, int]) -> Markup:
    """From under the name of the first stop down to one that stands off the line."""
    return Markup('<path class="way" d="M{} 86V{}"/>').format(end[0], end[1] - RADIUS - 4)


def _stop(stop: Stop, at: tuple[int, int], *, beside: bool = False) -> Markup:
    x, y = at
    kind = "stop-out" if stop.out else "stop-side" if stop.side else "stop"
    circle = Markup('<circle class="{}{}" cx="{}" cy="{}" r="{}"/>').format(
        kind, "" if stop.count else " stop-empty", x, y, RADIUS
    )
    number = Markup('<text class="stop-count{}" x="{}" y="{}">{}</text>').format(
        "" if stop.count else " faint", x, y + 6, stop.count
    )
    return circle + number + (_label_beside(stop, x, y) if beside else _label_under(stop, x, y))


def _label_beside(stop: Stop, x: int, y: int) -> Markup:
    return Markup('<text class="stop-name left" x="{}" y="{}">{}</text>').format(x + 36, y + 5, stop.name)


def _label_under(stop: Stop, x: int, y: int) -> Markup:
    lines = _wrapped(stop.name, 14)
    spans = Markup("").join(
        Markup('<tspan x="{}" dy="{}">{}</tspan>').format(x, 0 if i == 0 else 16, words)
        for i, words in enumerate(lines)
    )
    return Markup('<text class="stop-name" x="{}" y="{}">{}</text>').format(x, y + RADIUS + 20, spans)


def _wrapped(words: str, width: int) -> list[str]:
    """At most three lines of about `width` letters; never cuts a word."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) + 1 > width and len(lines) < 3:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


# -- hours ----------------------------------------------------------------------------------------


def hours_bar(used: int, reserved: int, cap: int, words: str) -> Markup:
    """Minutes given and booked against the cap: solid, hatched, and what is left open."""
    whole = max(cap, used, 1)
    given, booked = 400 * (used - reserved) / whole, 400 * reserved / whole
    limit = 400 * cap / whole
    marks = _hour_marks(whole)
    body = Markup(
        '<rect class="bar-room" x="0" y="2" width="{:.1f}" height="16" rx="3"/>'
        '<rect class="bar-given" x="0" y="2" width="{:.1f}" height="16" rx="3"/>'
        '<rect class="bar-booked" x="{:.1f}" y="2" width="{:.1f}" height="16"/>'
    ).format(limit, given, given, booked)
    return _svg(400, 20, body + marks, words, "", "bar", stretch=True)


def _hour_marks(whole: int) -> Markup:
    """A fine line every four hours."""
    marks = (
        Markup('<path class="bar-mark" d="M{:.1f} 2V18"/>').format(400 * at / whole) for at in range(240, whole, 240)
    )
    return Markup("").join(marks)


def small_bar(value: int, most: int, words: str) -> Markup:
    """One value among others, as a short bar."""
    body = Markup('<rect class="bar-given" x="0" y="0" width="{:.1f}" height="6" rx="2"/>').format(
        100 * value / max(most, 1)
    )
    return _svg(100, 6, body, words, "", "bar bar-small", stretch=True)


def share_bar(value: int, most: int, words: str) -> Markup:
    """One value among others, as a bar as long as its share of the greatest."""
    body = Markup(
        '<rect class="bar-room" x="0" y="2" width="400" height="16" rx="3"/>'
        '<rect class="bar-given" x="0" y="2" width="{:.1f}" height="16" rx="3"/>'
    ).format(400 * value / max(most, 1))
    return _svg(400, 20, body, words, "", "bar", stretch=True)


def before_after(before: float | None, after: float | None, words: str) -> Markup:
    """Two averages on a scale from 1 to 5: before as a ring, after as a dot, and the way from one to the other."""

    def place(mean: float) -> float:
        return 10 + 95 * (mean - 1)

    marks = [Markup('<path class="bar-axis" d="M10 12H390"/>')]
    marks += [Markup('<path class="bar-axis" d="M{} 7V17"/>').format(10 + 95 * i) for i in range(5)]
    if before is not None and after is not None:
        marks.append(Markup('<path class="rate-way" d="M{:.1f} 12H{:.1f}"/>').format(place(before), place(after)))
    if before is not None:
        marks.append(Markup('<circle class="rate-before" cx="{:.1f}" cy="12" r="6"/>').format(place(before)))
    if after is not None:
        marks.append(Markup('<circle class="rate-after" cx="{:.1f}" cy="12" r="6"/>').format(place(after)))
    return _svg(400, 24, Markup("").join(marks), words, "", "rates")


# -- dates ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMark:
    """A date on a lane: a short sign at the dot, the day beneath; `void` where it falls away."""

    at: datetime
    sign: str
    day: str
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One group's dates."""

    name: str
    marks: tuple[DateMark, ...]


LANE, EDGE, WIDTH, CLOSE = 76, 130, 1080, 46
"""a lane's height, the room for its name, the picture's width, and how near two labels may stand"""


def dates(
    lanes: Sequence[Lane], months: Sequence[tuple[datetime, str]], now: datetime, today: str, title: str, words: str
) -> Markup:
    """Each group's dates from left to right, with today on it. `months`: where each begins, and what it is called."""
    all_at = [m.at for lane in lanes for m in lane.marks]
    start, end = min([*all_at, now, months[0][0]]), max([*all_at, now])
    place = _places(start, end)
    height = 58 + LANE * len(lanes)
    body = [_month(place(at), name, height - 26) for at, name in months if start <= at <= end]
    body.append(_today(place(now), today, height))
    body += [_lane(lane, 62 + LANE * i, now, place) for i, lane in enumerate(lanes)]
    return _svg(WIDTH, height, Markup("").join(body), title, words, "map map-wide dates")


def _places(start: datetime, end: datetime) -> Callable[[datetime], float]:
    """Where a moment stands between the edges."""
    whole = max((end - start).total_seconds(), 1)
    return lambda at: EDGE + (WIDTH - EDGE - 40) * (at - start).total_seconds() / whole


def _month(x: float, name: str, height: int) -> Markup:
    return Markup('<path class="month" d="M{:.0f} 22V{}"/><text class="month-name" x="{:.0f}" y="14">{}</text>').format(
        x, height, x + 4, name
    )


def _lane(lane: Lane, y: int, now: datetime, place: Callable[[datetime], float]) -> Markup:
    name = Markup('<text class="lane-name" x="0" y="{}">{}</text>').format(y + 5, lane.name)
    line = Markup('<path class="lane" d="M{} {}H{}"/>').format(EDGE - 14, y, WIDTH - 10)
    dots, last, low = [], float("-inf"), False
    for mark in lane.marks:
        x = place(mark.at)
        low = x - last < CLOSE and not low
        last = x
        dots.append(_mark(mark, x, y, past=mark.at <= now, low=low))
    return Markup("").join([name, line, *dots])


def _mark(mark: DateMark, x: float, y: int, *, past: bool, low: bool) -> Markup:
    """The sign stands above the dot and the day under it; for a near neighbour a line further down."""
    kind = "void" if mark.void else "past" if past else "ahead"
    side = " end" if len(mark.sign) > 4 and x > WIDTH - 100 else ""
    at = x + 14 if side else x
    return Markup(
        '<circle class="date date-{}" cx="{:.0f}" cy="{}" r="8"/>'
        '<text class="date-sign{}" x="{:.0f}" y="{}">{}</text><text class="date-day{}" x="{:.0f}" y="{}">{}</text>'
    ).format(kind, x, y, side, at, y - 14, mark.sign, side, at, y + (36 if low else 23), mark.day)


def _today(x: float, words: str, height: int) -> Markup:
    side = "end" if x > WIDTH - 200 else "start"
    return Markup(
        '<path class="today" d="M{:.0f} 18V{}"/><text class="today-name {}" x="{:.0f}" y="{}">{}</text>'
    ).format(x, height - 20, side, x + (-6 if side == "end" else 6), height - 8, words)


# -- seats ----------------------------------------------------------------------------------------


def seats(taken: int, planned: int, whole: int, words: str) -> Markup:
    """Places as dots: taken, planned by decisions not yet applied, free, beyond the last. Too many dots are a bar."""
    most = max(whole, taken + planned)
    if most > SEATS:
        return hours_bar(taken + planned, planned, whole, words)
    dots = Markup("").join(_seat(i, taken, planned, whole) for i in range(most))
    return _svg(22 * most, 22, dots, words, "", "seats")


def _seat(i: int, taken: int, planned: int, whole: int) -> Markup:
    kind = "seat-taken" if i < taken else "seat-planned" if i < taken + planned else "seat-free"
    over = " seat-over" if i >= whole else ""
    return Markup('<circle class="{}{}" cx="{}" cy="11" r="8"/>').format(kind, over, 22 * i + 11)


def _svg(
    width: int, height: int, body: Markup, title: str, words: str, classes: str, *, stretch: bool = False
) -> Markup:
    told = Markup("<title>{}</title>").format(title) + (Markup("<desc>{}</desc>").format(words) if words else "")
    ratio = Markup(' preserveAspectRatio="none"') if stretch else ""
    return Markup(
        '<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}"{}>{}{}</svg>'
    ).format(classes, _one(title, words), width, height, width, height, ratio, told, body)


def _one(title: str, words: str) -> str:
    return f"{title}. {words}" if words else title


def sentence(parts: Iterable[tuple[str, int]]) -> str:
    """`I töötuba: 3, nõustamine: 2`: a picture's counts in words; what has none is left out."""
    return ", ".join(f"{name}: {count}" for name, count in parts if count)
