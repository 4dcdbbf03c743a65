"""What a harness reports: one promise, what was asked, what was measured, and how much was done to measure it."""

from dataclasses import dataclass
from enum import StrEnum


class Scale(StrEnum):
    """How long a harness runs: in every test run, or on its own for the report."""

    SHORT = "short"
    LONG = "long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the report. `done` counts what was tried (kills, rounds, letters): never 0 where `holds`."""

    promise: str
    asked: str
    measured: str
    done: str
    holds: bool
