"""Finds what may be a secret (link token, secret address) in text that somebody else wrote, and masks those that are.
Pure.

Mail programs write a link in capitals, break it over lines with quote marks between, encode its signs once or twice for
a service that checks links, or glue it to other letters. So every run of letters and digits that could hold a secret
is a candidate; which of them open something is looked up (`workflow/records/masking.py`), and the rest stays as it was
written. The signed addresses that bounces of our mails come to, and the links to people's own details, are known by
their looks, which nothing else has.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workflow.security.own_links import LENGTH

MASK: Final = "•••"
"""stands where a secret was"""
SHORTEST: Final = 16
LONGEST: Final = 60
"""of the secrets that were ever given out; those of today have `LENGTH`"""
GLUED: Final = 200
"""in a run of so many letters a secret is looked for at each place, in a longer one where its lines begin and end"""

BREAK: Final = r"[ \t]*+\r?\n[ \t>|]*+"
"""a line end as mail programs put it into long words, with quote marks"""
_LONG: Final = re.compile(rf"(?<![A-Za-z0-9%])(?:[A-Za-z0-9%\u00ad]|{BREAK}){{{SHORTEST},}}+")
_SIGN: Final = re.compile(rf"%(?:25)*+([0-9A-Fa-f]{{2}})|[A-Za-z0-9]|({BREAK}|\u00ad+)|%")
_RETURN_ADDRESS: Final = re.compile(
    rf"b-[0-9]{{1,18}}-(?:[a-z2-7](?:{BREAK})?){{16}}(?=@|%(?:25)*40)", re.IGNORECASE
)
_OWN_PAGE: Final = re.compile(
    rf"[0-9]{{1,9}}(?:-|%(?:25)*2D)(?:[a-z2-7](?:{BREAK})?){{{LENGTH}}}(?![a-z0-9])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Spelled:
    """Where the words may hold a secret, and which."""

    secret: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Letter:
    """One letter or digit, from where to where it is written, and whether it goes on with the one before."""

    small: str
    start: int
    end: int
    joined: bool
    """nothing at all stands between"""


def spelled(words: str) -> Iterator[Spelled]:
    """Everything in the words that may be a secret. Pure."""
    for found in _LONG.finditer(words):
        for run in _runs(found[0], found.start()):
            yield from _in_run(run)


def _runs(words: str, at: int) -> Iterator[list[_Letter]]:
    """Letters and digits without any other sign between them but line ends."""
    run: list[_Letter] = []
    joined = False
    for found in _SIGN.finditer(words):
        sign = chr(int(found[1], 16)) if found[1] else found[0]
        if len(sign) == 1 and sign.isascii() and sign.isalnum():
            run.append(_Letter(sign.lower(), at + found.start(), at + found.end(), joined))
            joined = True
        elif found[2]:
            joined = False
        elif run:
            yield run
            run, joined = [], False
    if run:
        yield run


def _in_run(run: list[_Letter]) -> Iterator[Spelled]:
    begins = [i for i, letter in enumerate(run) if not letter.joined]
    ends = [*begins[1:], len(run)]
    for begin, end in zip(begins, ends, strict=True):
        if SHORTEST <= end - begin <= LONGEST and end - begin != LENGTH:
            yield _spelled(run[begin:end])
    places = range(len(run)) if len(run) <= GLUED else sorted({*begins, *(end - LENGTH for end in ends)})
    for place in places:
        if 0 <= place <= len(run) - LENGTH:
            yield _spelled(run[place : place + LENGTH])


def _spelled(letters: list[_Letter]) -> Spelled:
    return Spelled("".join(letter.small for letter in letters), letters[0].start, letters[-1].end)


# -- masking --------------------------------------------------------------------------------------


def masked(words: str, secrets: frozenset[str]) -> str:
    """The words without these secrets, signed return addresses and links to people's own details. Pure."""
    words = _OWN_PAGE.sub(MASK, _RETURN_ADDRESS.sub(f"b-{MASK}", words))
    places = sorted((one.start, one.end) for one in spelled(words) if one.secret in secrets) if secrets else ()
    said, done = [], 0
    for start, end in places:
        if start >= done:
            said += [words[done:start], MASK]
        done = max(done, end)
    return "".join([*said, words[done:]])
