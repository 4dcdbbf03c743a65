"""Defuses links: text that mail programs turn into links and addresses by themselves, found and spelt so that they do
not. Pure.

Mail programs make a link of `www.example.org`, of a bare `example.org/x`, of an address and of `host:8080/x`; people
read one in `evil․com` with another dot. Where a stranger typed it, our mail would carry their link. A name that holds
one is refused in its form; elsewhere it stays visible, in a spelling that no program follows. Characters are judged by
their class in Unicode, never one by one.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

DOT: Final = "[.\u3002]"
"""what browsers take for the full stop in a host's name, after compatibility forms have become plain ones"""
OTHER_DOT: Final = "\u00b7"
"""stands for every other sign that looks like one: also a separator of names, so only a host's look makes it a dot"""
LINK: Final = re.compile(
    rf"""
    :// | \bwww{DOT} | (?<!\S)www(?!\S) | @ | \\\\
    | \b(?i:mailto|tel|sms|data|javascript|file|https?): \S | (?<!\w)[a-z][a-z0-9+-]+:(?=[^\s\d\]/])
    | [^\W\d_][\w-]*:\d{{1,5}}/ | \[(?:[0-9a-f]{{0,4}}:){{2,}}[0-9a-f:.]*\]
    | [\w-]{{2,64}}{DOT}[^\W\d_]{{2,}} | (?i:[a-z0-9]{DOT}[a-z]{{2,}}) | (?<!\S){DOT}[^\W\d_]{{2,}}
    | \w{OTHER_DOT}(?:[a-z]{{2,}}|[A-Z]{{2,}})\b | (?<!\S){OTHER_DOT}(?:[a-z]{{2,}}|[A-Z]{{2,}})\b
    | (?<![\d.])\d{{1,3}}(?:[.\u3002{OTHER_DOT}]\d{{1,3}}){{3}}(?!\d)
    """,
    re.VERBOSE,
)
_INITIALS: Final = re.compile(rf"(?<![\w.])(?:[^\W\d_a-z]{DOT})+(?=[^\W\d_a-z][^\W\d_]+\b(?!{DOT}))")
"""`A.H.Tammsaare` is a name"""
_WORD: Final = re.compile(r"\S+")
_PARTS: Final = re.compile(
    rf"(?:(?<=\w)|(?<!\S))[.\u3002{OTHER_DOT}](?=\w)|[@:]|\\(?=\\)|(?<!\S)w(?=ww(?!\S))", re.IGNORECASE
)
_UNUSUAL: Final = re.compile(r"[\u00b7]|[^\x00-\u024f\s]")
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
"""what takes no room: between the letters of a host it hides the host from us and from nobody else"""
_DOTS: Final = re.compile(r"\b(?:FULL STOP|DOT|BULLET|DECIMAL SEPARATOR|HYPHENATION POINT)\b")
_COLONS: Final = re.compile(r"\b(?:COLON|RATIO)\b")
_SLASHES: Final = re.compile(r"(?<!REVERSE )\bSOLIDUS\b|\bSLASH\b")


def holds_link(text: str) -> bool:
    """Whether a mail program could make a link or an address of some of it, or a reader would type one from it."""
    return LINK.search(_INITIALS.sub("", _plain(_UNSEEN.sub("", text)))) is not None


def unlinked(text: str) -> str:
    """The same for the eye, and nothing that a program follows: `www[.]example[.]org`, `name[at]example[.]org`."""
    return _WORD.sub(_spelt, text) if LINK.search(_plain(_UNSEEN.sub("", text))) else text


def _spelt(word: re.Match[str]) -> str:
    if not holds_link(word[0]):
        return word[0]
    shown = _UNSEEN.sub("", word[0])
    plain = _plain(shown)
    marked = {part.start() for part in _PARTS.finditer(plain)}
    return "".join(_bracketed(one, plain[n]) if n in marked else one for n, one in enumerate(shown))


def _bracketed(shown: str, plain: str) -> str:
    if plain == "@":
        return "[at]"
    return "[.]" if plain in ".\u3002" else f"[{shown}]"


def _plain(text: str) -> str:
    """The text with one character for each class of those that a reader takes for the same, as long as it was."""
    return _UNUSUAL.sub(lambda one: _plain_character(one[0]), text)


@lru_cache(4096)
def _plain_character(one: str) -> str:
    same = unicodedata.normalize("NFKC", one)
    if len(same) == 1 and (same.isascii() or same == "\u3002"):
        return same
    name = unicodedata.name(one, "") if unicodedata.category(one)[0] in "PS" or one in "\u02d0\u02d1" else ""
    if _DOTS.search(name):
        return OTHER_DOT
    return ":" if _COLONS.search(name) else "/" if _SLASHES.search(name) else one
