"""Parses a bounce's plain text: failing addresses, status codes (RFC 3463), reasons. Pure.

For the many servers that write no RFC 3464 part, or put the truth into its text. It must never be asked about
a mail that is not known to be a report, for people quote such words.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from mail.reading import characters
from mail.reading.automatic.bounce_phrases import reasons

TEXT_CAP: Final = 20_000

_STATUS: Final = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)")
_CODED: Final = re.compile(r"(?<![\d.])[45]\d\d[ -]{1,2}\(?#?([45]\.\d{1,3}\.\d{1,3})(?![\d]|\.\d)")
_SMTP: Final = re.compile(r"(?<![\w.:/@-])([45][0-5]\d)(?:[ :,.)-]|$)(?!\d)", re.MULTILINE)
_GENERIC: Final = frozenset({"5.0.0", "4.0.0", "5.0.1", "4.0.1"})


def status_in(text: str) -> str:
    """The status `text` gives in figures or words: an enhanced code at an SMTP reply first, "" when none."""
    said = text[:TEXT_CAP]
    coded = _CODED.search(said)
    codes = ([coded[1]] if coded else []) + [".".join(m.groups()) for m in _STATUS.finditer(said) if m[1] != "2"]
    exact = next((code for code in codes if code not in _GENERIC), "")
    if exact:
        return exact
    words, reply = reason_status(said), _SMTP.search(said)
    figure = (codes[0][0] if codes else "") or (reply[1][0] if reply else "")
    if words and words != "5.0.0":
        return (figure or words[0]) + words[1:]
    return codes[0] if codes else f"{figure}.0.0" if figure else words


def reason_status(text: str) -> str:
    """The status that the words of `text` mean, "" when they mean none of those known."""
    said = characters.small(" ".join(text[:TEXT_CAP].split()))
    return next((status for status, pattern in reasons() if pattern.search(said)), "")


# -- addresses ----------------------------------------------------------------------------------

_A: Final = (
    r"(?<![\w.@+/=-])(?P<a>[^\s<>\"'(),:;\[\]|=*`]{1,128}"
    r"@[A-Za-z0-9\u0080-\uffff_-][A-Za-z0-9.\u0080-\uffff_-]{0,200}[A-Za-z0-9\u0080-\uffff])"
)
_LABELS: Final = (
    r"(?:(?:original|final|failed)[- ]|intended )?(?:recipients?|rcpt|addressee|e-?mail address|undeliverable to|"
    r"failed (?:address(?:es)?|recipients?))(?: address)?(?:es)?"
)
_BEFORE: Final = (
    r"(?:unknown|invalid|no such|undeliverable|not found|recipient|user|address|mailbox|account|"
    r"deliver(?:ed|y)?(?: \S{1,60}){0,4} to|for|to)"
)

# Where a report puts the address that failed, the plainest form first; the first form that finds any decides.
_PLACES: Final = (
    rf"^[ \t>*-]*+{_LABELS}[ \t]*(?:\[\d+\])?[:=][ \t]*(?:rfc822;|smtp:)?[ \t]*[<'\"]?{_A}",
    rf"^[ \t]*<{_A}>[ \t]*[:.(,;-]",
    rf"^[ \t]*<{_A}>[ \t]*$",
    rf"rcpt to:[ \t]*<{_A}>",
    rf"^[ \t>*-]*+{_A}[ \t]*(?:$|[:;(,-]|\.\.\.|on \w{{3}},)",
    rf"^[ \t>*-]*+to:?[ \t]+[<'\"]?{_A}",
    rf"{_BEFORE}[ \t]*:?\s*[<'\"(]?{_A}",
    rf"[<'\"(]?{_A}[>'\")]?[ \t]*(?:is|was|has|does|not|unknown|\.\.\.|:)",
    _A,
)


@cache  # with the first report: compiling them takes longer than all else at a start
def _places() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(form, re.IGNORECASE | re.MULTILINE) for form in _PLACES)


# After these words and a line's end the failing addresses stand, and no others.
_INTRODUCTION: Final = re.compile(
    r"(?:not reach|following|these|failed|bad) (?:the following )?(?:recipient|addressee|address|destination|user)s?"
    r"(?:\(e?s\)|es)?[^\n:]{0,120}(?:\n[^\n:]{0,80})?[:.-][ \t-]*$\n",
    re.IGNORECASE | re.MULTILINE,
)


def addresses(text: str, excluded: Iterable[str]) -> list[tuple[str, str]]:
    """(address, the words that follow it) for every failing address named in `text`, in order."""
    said = text[:TEXT_CAP]
    never = {one.lower() for one in excluded}
    introduced = _INTRODUCTION.search(said)
    for part in (said[introduced.end() :] if introduced else "", said):
        for place in _places():
            found = list(_found(place, part, never))
            if found:
                return found
    return []


def _found(place: re.Pattern[str], text: str, never: set[str]) -> Iterator[tuple[str, str]]:
    matches = [m for m in place.finditer(text) if not _is_server(m["a"], never)]
    seen: set[str] = set()
    for index, match in enumerate(matches):
        end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        if match["a"].lower() not in seen:
            seen.add(match["a"].lower())
            yield match["a"].strip("."), text[match.start() : min(end, match.start() + 2000)]


_SERVERS: Final = re.compile(
    r"(?:mailer-?daemon|post-?_?master|poostmaster|abuse|hostmaster|no-?reply|bounces?|support|helpdesk)(?:[+-][^@]*)?@",
    re.I,
)


def _is_server(address: str, never: set[str]) -> bool:
    return address.lower().strip(".") in never or bool(_SERVERS.match(address))
