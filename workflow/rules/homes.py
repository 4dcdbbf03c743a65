"""Compares names of places that teams come from, as people mean them: without case, accents and the word for what such
a place is. Pure."""

import re
from typing import Final

from workflow.database.search import folded
from workflow.text.bilingual import LANGUAGES, Text

KINDS: Final = frozenset({
    "vald", "valla", "vallavalitsus", "linn", "linna", "linnavalitsus", "city", "town", "parish", "rural", "of", "the",
})  # fmt: skip
"""what may stand beside the name of a place, in both languages"""


def same(one: str, other: str, called: Text) -> bool:
    """Whether two names, as typed, mean the same place; called: what the programme calls such a place."""
    besides = KINDS.union(*(_words(called.say(lang)) for lang in LANGUAGES))
    return _name(one, besides) == _name(other, besides) != ()


def _name(typed: str, besides: frozenset[str]) -> tuple[str, ...]:
    words = _words(typed)
    return tuple(word for word in words if word not in besides) or tuple(words)


def _words(typed: str) -> list[str]:
    return re.findall(r"\w+", folded(typed))
