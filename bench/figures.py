"""What a bench module hands back: rows of one table, and how they are said. Must never measure anything."""

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Better(Enum):
    """Which way the ratio of ours to the peer's is good."""

    MORE = "≥"
    LESS = "<"


@dataclass(frozen=True, slots=True)
class Sample:
    """One figure measured several times, in one unit."""

    values: tuple[float, ...]
    unit: str

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> str:
        """The lowest and the highest of the runs, as a share of the median."""
        low, high = min(self.values) / self.median - 1, max(self.values) / self.median - 1
        return f"{low:+.0%} … {high:+.0%}" if len(self.values) > 1 else "one run"

    def __str__(self) -> str:
        return f"{_figure(self.median)} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table: ours, the peer's where there is one, and the limit on their ratio or on ours alone.

    `left_out`: why nothing was measured, in words; then there is no sample.
    """

    what: str
    ours: Sample | None = None
    peer: str = ""
    theirs: Sample | None = None
    better: Better | None = None
    limit: float | None = None
    left_out: str = ""

    @property
    def judged(self) -> float | None:
        """What the limit is held against: the ratio, or our own figure where there is no peer."""
        if self.ours is None:
            return None
        return self.ours.median / self.theirs.median if self.theirs else self.ours.median

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None where there is none or nothing was measured."""
        if self.limit is None or self.better is None or self.judged is None:
            return None
        return self.judged >= self.limit if self.better is Better.MORE else self.judged < self.limit

    def cells(self) -> tuple[str, ...]:
        if self.ours is None:
            return (self.what, f"left out: {self.left_out}", "", "", "", self._limit(), "")
        ratio = f"{self.judged:.2f}" if self.theirs and self.judged is not None else ""
        theirs = f"{self.theirs} ({self.peer})" if self.theirs else ""
        held = {True: "yes", False: "**no**", None: ""}[self.holds]
        return (self.what, str(self.ours), self.ours.spread, theirs, ratio, self._limit(), held)

    def _limit(self) -> str:
        if self.limit is None or self.better is None:
            return ""
        of = "×" if self.theirs else (self.ours.unit if self.ours else "")
        return f"{self.better.value} {self.limit:g} {of}".strip()


HEAD = ("figure", "ours", "spread", "peer", "ratio", "limit", "held")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


def runs(measure: Callable[[], float], times: int, unit: str) -> Sample:
    """The same measurement several times."""
    return Sample(tuple(measure() for _ in range(times)), unit)


def in_turn(measures: Iterable[Callable[[], float]], times: int, unit: str) -> list[Sample]:
    """Several measurements in turn, so that a slow moment of the machine falls on each of them alike."""
    kept = list(measures)
    found = [[measure() for measure in kept] for _ in range(times)]
    return [Sample(tuple(values), unit) for values in zip(*found, strict=True)]


def _figure(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
