"""Which connection gives way where there is no room for another. Pure.

Whoever holds connections or memory and brings no letter holds them from everybody. So the one goes that has been there
longest since its last letter, of the network address that has most; never one that came just now.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

Who = TypeVar("Who")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """`since`: seconds on a steady clock, when its letter began, else when the last one ended or it came. `receiving`:
    a letter is coming in. `trusted`: our own relay, many senders in one."""

    place: str
    since: float
    receiving: bool = False
    trusted: bool = False


def gives_way(stays: Mapping[Who, Stay], now: float, patience: float) -> Who | None:
    """None where nobody has stayed for `patience` seconds."""
    held = Counter(one.place for one in stays.values())

    def order(who: Who) -> tuple[bool, bool, int, float]:
        mine = stays[who]
        return mine.receiving, mine.trusted, -held[mine.place], mine.since

    return min((who for who, one in stays.items() if now - one.since >= patience), key=order, default=None)
