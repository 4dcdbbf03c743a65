"""Choice parsing: which of the words that a question lists a reply names. Estonian and English. Pure and total.

Exactly one of them, plainly and wholly: two, one that is denied, and a question back are none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workflow.replies.lexicon import common, notation

LONGEST: Final = 400
"""characters: whoever writes more says more than their choice"""
BESIDE: Final = 8
"""words beside the choice"""
DENYING: Final = notation.words("ei mitte pole ära ilma välja peale not no without except neither never dont don't")
DOUBTING: Final = notation.words("või ehk vist võibolla võib-olla kas kumb or maybe perhaps either whichever")
_WORD: Final = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
_NUMBER: Final = re.compile(r"\(?([0-9]{1,2})[.)]?\Z")


@dataclass(frozen=True, slots=True)
class Choice:
    """The listed word that was chosen; else why none was."""

    word: str = ""
    fault: str = ""


def read(body: str, choices: Sequence[str]) -> Choice:
    """The one listed word that the reply names, in any letters; or its number in the list."""
    plain = _plain(body)
    for number, choice in enumerate(choices, start=1):
        if plain == _plain(choice):
            return Choice(choice)
        found = _NUMBER.fullmatch(body.strip())
        if found is not None and int(found[1]) == number and _plain(found[1]) not in map(_plain, choices):
            return Choice(choice)
    if len(body) > LONGEST or "?" in body:
        return Choice(fault="asks something" if "?" in body else "too long")
    said, rest = _named(plain, choices)
    if len(said) != 1:
        return Choice(fault="several of the list" if said else "none of the list")
    words = [one for one in rest if one not in common.FILLERS | common.POLITE_WORDS]
    if (DENYING | DOUBTING) & set(rest) or len(words) > BESIDE:
        return Choice(fault="something else beside the choice")
    return Choice(said[0])


def _plain(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))


def _named(plain: tuple[str, ...], choices: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    """Which are named, the longest first, so that "green tea" names no "tea"; and the words beside them."""
    said, left = [], list(plain)
    for choice in sorted(choices, key=lambda one: (-len(_plain(one)), one)):
        wanted = list(_plain(choice))
        at = next((i for i in range(len(left)) if wanted and left[i : i + len(wanted)] == wanted), None)
        if at is not None:
            said.append(choice)
            left[at : at + len(wanted)] = ["\0"]
    return said, tuple(word for word in left if word != "\0")
