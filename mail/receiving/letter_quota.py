"""Quota of letters that belong to no question: anybody may write to the service's own address, but not fill the disk.

A letter to a secret address is an answer, and no quota holds for it. Counted where the letters are kept, so that all
receivers count together. Must never keep a network address: the keys are keyed digests.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from workflow.database import rate_counts
from workflow.database.engine import Database
from workflow.security.keys import mac

MIB: Final = 2**20
KIB: Final = 1024
DAY: Final = timedelta(days=1)
IN_ALL: Final = "all"


@dataclass(frozen=True, slots=True)
class Most:
    """In bytes."""

    letter: int = 2 * MIB
    place: int = 20 * MIB
    """from one network address in a day"""
    in_all: int = 200 * MIB
    """in a day"""


USUAL: Final = Most()


@dataclass(frozen=True, slots=True)
class LetterQuota:
    """`public`: whether an address is open to everybody; `secret`: signs the keys."""

    db: Database
    public: Callable[[str], bool]
    secret: bytes
    now: Callable[[], datetime]
    most: Most = USUAL

    def spent(self, place: str | None) -> bool:
        """Whether no more is taken today, from this place or from anybody. Raises where the database is away."""
        now = self.now()
        with self.db.engine.connect() as connection:
            return any(
                rate_counts.within(connection, self._key(who), DAY, now) * KIB >= most for who, most in self._for(place)
            )

    def counts(self, place: str | None, size: int) -> tuple[tuple[str, int], ...]:
        """What a letter adds to which keys, in KiB: see `mail.store.Arrival`."""
        return tuple((self._key(who), -(-size // KIB)) for who, _ in self._for(place))

    def _for(self, place: str | None) -> list[tuple[str, int]]:
        everybody = [(IN_ALL, self.most.in_all)]
        return everybody if place is None else [(f"from {place}", self.most.place), *everybody]

    def _key(self, who: str) -> str:
        return mac(self.secret, f"letters {who}").hex()[:64]
