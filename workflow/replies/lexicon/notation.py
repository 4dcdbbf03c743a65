"""Notation of the lexicon's tables, and word normalisation: case and diacritics folded, punctuation stripped.

Words stand in full spelling; `fold` takes case and diacritics away from both sides, so that "KOIK", "koik" and
"kõik" are one word. In a line of phrases `|` parts alternatives and a space joins words that must all be there, in
any order: Estonian order is free.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import product

WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+")
PLAIN = str.maketrans("õäöüšž", "oaousz")
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0f\u200e\u200f"))
SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\t\v\f"), " ")
LOOKALIKE = str.maketrans("’‘`´‐‑‒–—−", "''''------")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case without Estonian diacritics; other letters keep theirs, so that "jā" is not "ja"."""
    return text.lower().translate(PLAIN)


def tidy(text: str) -> str:
    """Composed letters, plain spaces, apostrophes and dashes; nothing invisible; one kind of line end."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n"))
    return text.translate(INVISIBLE).translate(SPACES).translate(LOOKALIKE)


def words(table: str) -> frozenset[str]:
    return frozenset(fold(table).split())


Phrases = tuple[frozenset[str], ...]


def phrases(table: str) -> Phrases:
    """One phrase a line; each becomes the sets of words that must all be in a clause."""
    lines = [line.split() for line in fold(table).splitlines() if line.strip()]
    return tuple(frozenset(one) for line in lines for one in product(*(part.split("|") for part in line)))


def known(*tables: Phrases) -> frozenset[str]:
    return frozenset().union(*(one for table in tables for one in table))
