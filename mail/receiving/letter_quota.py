"""Quota of letters a day: anybody may write to the service's own address, and whoever was asked something may answer,
but nobody may fill the disk or the inbox.

A letter to a secret address is an answer: it counts against that address alone, so that nobody uses up another's room;
only large ones have a limit in all. Counted where the letters are kept, so that all receivers count together. Must
never keep a network address: the keys are keyed digests.
"""

from collections.abc import Callable, Sequence
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
    least: int = 64 * KIB
    """what the smallest letter counts as, so that the number of letters has a limit too: 320 of one place"""
    answers_place: int = 100 * MIB
    """to one secret address from one network address in a day"""
    answers: int = 300 * MIB
    """to one secret address in a day"""
    answers_in_all: int = 2048 * MIB
    """large ones, to all secret addresses in a day"""
    least_answer: int = 512 * KIB
    """what the smallest answer counts as: 200 to one address from one place"""
    large: int = MIB


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
        """What a letter adds to which keys, in KiB: see `mail.receiving.store.Arrival`."""
        return self._counted([who for who, _ in self._for(place)], max(size, self.most.least))

    def answer_counts(self, to: Sequence[str], place: str | None, size: int) -> tuple[tuple[str, int], ...]:
        """The same of an answer to these secret addresses."""
        found = self._of_answers(to, place, size)
        return self._counted([who for who, _ in found], max(size, self.most.least_answer))

    def has_room(self, to: Sequence[str], place: str | None, size: int) -> bool:
        """Whether an answer of this size is taken today. Raises where the database is away."""
        now = self.now()
        with self.db.engine.connect() as connection:
            return all(
                rate_counts.within(connection, self._key(who), DAY, now) * KIB < most
                for who, most in self._of_answers(to, place, size)
            )

    def _counted(self, whose: Sequence[str], size: int) -> tuple[tuple[str, int], ...]:
        return tuple((self._key(who), -(-size // KIB)) for who in whose)

    def _of_answers(self, to: Sequence[str], place: str | None, size: int) -> list[tuple[str, int]]:
        found = [("answers", self.most.answers_in_all)] if size > self.most.large else []
        for address in sorted({one.lower() for one in to}):
            found.append((f"to {address}", self.most.answers))
            if place is not None:
                found.append((f"to {address} from {place}", self.most.answers_place))
        return found

    def _for(self, place: str | None) -> list[tuple[str, int]]:
        everybody = [(IN_ALL, self.most.in_all)]
        return everybody if place is None else [(f"from {place}", self.most.place), *everybody]

    def _key(self, who: str) -> str:
        return mac(self.secret, f"letters {who}").hex()[:64]
