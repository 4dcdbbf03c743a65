"""Compares names of municipalities as people mean them: without case, accents and the word for the kind. Pure."""

import re
from typing import Final

from workflow.database.search import folded

KINDS: Final = frozenset({
    "vald", "valla", "vallavalitsus", "linn", "linna", "linnavalitsus", "omavalitsus", "city", "town", "parish",
    "municipality", "rural", "of",
})  # fmt: skip
"""what may stand beside the name of a place, in both languages"""


def same(one: str, other: str) -> bool:
    """Whether two names, as typed, mean the same municipality."""
    return _name(one) == _name(other) != ()


def _name(typed: str) -> tuple[str, ...]:
    words = re.findall(r"\w+", folded(typed))
    return tuple(word for word in words if word not in KINDS) or tuple(words)
