"""How much mail each person gets in a season: what the service begins, by role. Pure.

Answers to a person's own letters are left out, for their number is the person's own choice; their cap is the service's
(`[limits] automatic_mails_per_hour`). Members of teams that did not complete are counted in weeks and hours alone.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

WEEK: Final = timedelta(days=7)
HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A mail that arrived, as far as it burdens its reader."""

    to: str
    at: datetime
    template: str
    answers: bool
    """whether it answers a letter of the person's own"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Mails of the people of one role: of the middle one and of the most burdened over the season, and the most that
    anybody of it got in seven days and in an hour."""

    people: int
    median: float
    most: int
    week: int
    hour: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The most that a role's load may be."""

    median: float
    most: int
    week: int
    hour: int = 2


FOR_TEAMS: Final = 14
"""the size of season that these limits are for"""
BEGUN: Final = 1500
BUDGETS: Final[Mapping[str, Budget]] = {
    "contact": Budget(median=42, most=50, week=7),
    "deputy": Budget(median=24, most=34, week=6),
    "member": Budget(median=17, most=22, week=6),
    "trainer": Budget(median=36, most=46, week=11),
    "mentor": Budget(median=23, most=28, week=6),
    "coordinator": Budget(median=76, most=76, week=10),
    "of other teams": Budget(median=22, most=22, week=6),
}
"""as measured with a few seeds where the goal is not reached: a contact is to have 38 and 6 in a week, a mentor 16 and
22, a trainer 9 in a week, the coordinator 70 and 9 in a week"""


def over(found: Mapping[str, Load], begun: int) -> tuple[str, ...]:
    """Each limit that was passed, in a sentence."""
    said = [f"the service began {begun} mails, at most {BEGUN}"] if begun > BEGUN else []
    for role, budget in BUDGETS.items():
        load = found.get(role)
        for what in ("median", "most", "week", "hour"):
            got, limit = getattr(load, what, 0), getattr(budget, what)
            if got > limit:
                said.append(f"{role}, {what}: {got:g}, at most {limit:g}")
    return tuple(said)


def loads(mails: Iterable[Sent], roles: Mapping[str, str]) -> dict[str, Load]:
    """Role -> its load; `roles` are of addresses, and who got nothing the service began counts with 0."""
    got: dict[str, list[datetime]] = {address: [] for address in roles}
    for mail in mails:
        if not mail.answers and mail.to in got:
            got[mail.to].append(mail.at)
    by_role: dict[str, list[list[datetime]]] = defaultdict(list)
    for address, moments in got.items():
        by_role[roles[address]].append(sorted(moments))
    return {role: _load(some) for role, some in sorted(by_role.items())}


def _load(people: Sequence[Sequence[datetime]]) -> Load:
    counts = [len(moments) for moments in people]
    return Load(
        people=len(people),
        median=median(counts),
        most=max(counts),
        week=max(most_within(moments, WEEK) for moments in people),
        hour=max(most_within(moments, HOUR) for moments in people),
    )


def most_within(moments: Sequence[datetime], span: timedelta) -> int:
    """The most of these moments, in order, that lie within one span of time."""
    first = most = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def by_kind(mails: Iterable[Sent]) -> dict[str, int]:
    """Template -> how many of it arrived, the most first."""
    return dict(Counter(mail.template for mail in mails).most_common())
