"""What is sought in small letters is found as if letters were compared whatever their size: the same, sooner."""

import re
import sys

import pytest

from mail.reading import characters
from mail.reading.automatic import bounce_phrases, bounce_signs, reply_phrases

PATTERNS = {
    **{name: getattr(reply_phrases, name) for name in ("MACHINE_TEXT", "AWAY", "UNTIL", "DEPUTY", "LATER")},
    **{f"reason {number}": pattern for number, (_, pattern) in enumerate(bounce_phrases.reasons())},
    "failed": bounce_signs._FAILED,
}
LETTERS = "".join(sorted({c for p in PATTERNS.values() for c in re.sub(r"\\.", "", p.pattern) if c.isalpha()}))
CASED = "".join(c for c in map(chr, range(sys.maxunicode + 1)) if c.isalpha() and {c.lower(), c.upper()} != {c})


def test_each_letter_stays_one_letter() -> None:
    assert all(len(characters.small(c)) == 1 for c in CASED) and len(CASED) > 2000


def test_a_letter_is_the_same_as_those_that_a_pattern_takes_for_it() -> None:
    small = {letter: {c for c in CASED if characters.small(c) == letter} for letter in LETTERS}
    assert small == {letter: set(re.findall(letter, CASED, re.IGNORECASE)) for letter in LETTERS}
    assert len(LETTERS) > 80


@pytest.mark.parametrize("name", PATTERNS)
def test_such_a_pattern_is_written_in_small_letters(name: str) -> None:
    pattern = re.sub(r"\\.", "", PATTERNS[name].pattern)
    assert characters.small(pattern) == pattern
    assert not PATTERNS[name].flags & re.IGNORECASE
