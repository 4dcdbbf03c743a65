"""Finds turns of speech in a clause: words in their order, with few or none between. Tables of turns are data.

A turn is written "olen|oleme _ kohal|platsis": `|` parts alternatives of one word, `*` ends the beginning of a word,
`_` stands for up to three words, `^` begins a clause, `;` parts turns. Letters with and without õäöü are one.
"""

import re
from functools import cache
from typing import Final

from workflow.replies.lexicon.notation import fold

_GAP: Final = r"((?: \S+){0,3}?)"


def pattern(cell: str) -> str:
    """The regular expression that finds any of a cell's turns in folded words parted by single spaces."""
    return "|".join(_turn(one.split()) for one in cell.split(";") if one.strip())


def _turn(tokens: list[str]) -> str:
    written, begins = "", tokens[0] == "^"
    for token in tokens[begins:]:
        if token == "_":
            written += _GAP
            continue
        options = "|".join(_word(one) for one in fold(token).split("|"))
        written += f"{' ' if written else ''}(?:{options})"
    return ("^" if begins else r"(?<!\S)") + written + r"(?!\S)"


def _word(one: str) -> str:
    return re.escape(one[:-1]) + r"\S*" if one.endswith("*") else re.escape(one)


@cache
def compiled(cells: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern for any of the turns in the cells; where there are none it finds nothing."""
    return re.compile("|".join(map(pattern, cells)) or r"(?!)")


def without(found_by: re.Pattern[str], plain: str) -> str | None:
    """`plain` without the words of each turn found, but with what stood between them; None where none is found."""
    rest, changed = found_by.subn(lambda found: "".join(one for one in found.groups() if one), plain)
    return " ".join(rest.split()) if changed else None
