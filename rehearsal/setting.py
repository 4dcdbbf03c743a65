"""What a rehearsal is given and what it gives back. Nothing of it is made here: the composition root fills it in.

The rehearsal has no clock, no environment and no chance of its own: the clock is moved by the run, chance comes
from the seed, and seconds are measured by the timer it is handed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from mail.handling.inbox import Inbox
from rehearsal.burden import Load
from workflow.config.loader import Config
from workflow.database.engine import Database
from workflow.database.models import Message
from workflow.season import Season


class Clock:
    """The simulated time: stands still until it is moved, and never goes back."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def move_to(self, moment: datetime) -> None:
        self._moment = max(self._moment, moment)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The service as the root builds it, on a fresh database: `app` are its pages (a Flask application),
    `build` makes a queued message's envelope sender and bytes."""

    db: Database
    season: Season
    inbox: Inbox
    build: Callable[[Message], tuple[str, bytes]]
    app: Any


class OpenHouse(Protocol):
    """Builds the service on the data folder given, with this clock, its links beginning with `base_url`."""

    def __call__(self, folder: Path, clock: Clock, base_url: str, /) -> House: ...


def _nobody(_done: int, _of: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """`teams`: 1 to 1000; `progress` is called with days done and days in all; `timer` counts real seconds."""

    config: Config
    out: Path
    teams: int
    seed: int
    open_house: OpenHouse
    timer: Callable[[], float]
    progress: Callable[[int, int], None] = _nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of it; `faults` says in words what each count consists of."""

    teams: dict[str, int]
    letters: dict[str, int]
    messages: dict[str, int]
    answered: dict[str, dict[str, int]]
    seed: int
    seconds: float
    wrong_moves: int
    lost: int
    duplicates: int
    unread: int = 0
    """words of a person that neither changed anything nor stood before a person"""
    stale: int = 0
    """notices that stand at the end about something that is over"""
    false_silences: int = 0
    """times that a mailbox was called silent, which it never is here"""
    acts: dict[str, int] = field(default_factory=dict)
    """what the coordinator had to do: letters to decide, approvals, notices to see to"""
    asked_again: int = 0
    """letters plainly meant that the service would rather ask about than guess"""
    not_shown: tuple[str, ...] = ()
    """kinds of question that were not answered both by mail and by form"""
    faults: dict[str, list[str]] = field(default_factory=dict)
    begun: int = 0
    """mails that the service began: answers to somebody's own letter left out"""
    kinds: dict[str, int] = field(default_factory=dict)
    """template -> how many mails arrived, answers among them"""
    loads: dict[str, Load] = field(default_factory=dict)
    """role -> mails that the service began for its people"""

    over: tuple[str, ...] = ()
    """limits of `rehearsal/burden.py` that this season passed, where it is of the size that they are for"""

    @property
    def passed(self) -> bool:
        counts = (self.wrong_moves, self.lost, self.duplicates, self.unread, self.stale, self.false_silences)
        return not (any(counts) or self.over)
