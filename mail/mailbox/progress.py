"""In-memory progress of one mailbox watcher: UIDs it leaves alone, and those it tries again.

In memory alone: a process that starts anew looks again from where reading began, and finds what is not taken.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from mail.mailbox.records import Begun

TRIES: Final = 3
"""so often a letter may break off what is done with it before it is set aside"""


@dataclass(kw_only=True)
class View:
    """The folder as it is while its UIDVALIDITY stays the same. Letters are known by their UIDs."""

    begun: Begun
    low: int = 0
    """all below it are done with; 0: nothing was looked at yet"""
    left: set[int] = field(default_factory=set)
    """not ours"""
    unknown: dict[int, float] = field(default_factory=dict)
    """at an address of our form that is not known, and since when it was seen there (monotonic)"""
    aside: dict[int, float] = field(default_factory=dict)
    """not to be kept or not to be moved, until when it is not tried again (monotonic)"""
    strikes: Counter[int] = field(default_factory=Counter)
    """how often something broke off over it"""

    def to_look(self, there: Sequence[int]) -> list[int]:
        """Those of the letters that are there that have to be looked at now."""
        present, now = set(there), time.monotonic()
        self.unknown = {uid: at for uid, at in self.unknown.items() if uid in present}
        self.aside = {uid: at for uid, at in self.aside.items() if uid in present and at > now}
        self.strikes = Counter({uid: n for uid, n in self.strikes.items() if uid in present})
        self.left &= present
        return [uid for uid in there if uid not in self.left and uid not in self.unknown and uid not in self.aside]

    def looked(self, there: Sequence[int]) -> None:
        """All of these were looked at: the next look begins with the first that is not done with."""
        beyond = max(there, default=self.low - 1) + 1
        self.low = max(1, min([beyond, *self.unknown, *self.aside, *self.strikes]))

    def strike(self, uid: int, again: float) -> bool:
        """Something broke off over this letter. Whether it is set aside now, for so many seconds."""
        self.strikes[uid] += 1
        if self.strikes[uid] < TRIES:
            return False
        self.set_aside(uid, again)
        return True

    def set_aside(self, uid: int, again: float) -> None:
        self.strikes.pop(uid, None)
        self.aside[uid] = time.monotonic() + again

    def waiting(self, seconds: float) -> int:
        """How many letters at unknown addresses have been there for so long."""
        return sum(at <= time.monotonic() - seconds for at in self.unknown.values())
