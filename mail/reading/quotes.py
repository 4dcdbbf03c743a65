"""Separates newly written text from quotes, signatures and disclaimers. Pure and total.

The quoted question holds the words JAH and EI, so when in doubt a line is quote: a lost word makes an
answer unclear and a person looks; a leaked one could move a team. What is taken away is never dropped: it
is `quoted`. It must never take more than linear time: lines are capped, every pattern is bounded.

A mail is read as marked lines. HTML brings its marks along (`mail.reading.html`), plain text has its `>`. Over them
go three passes: what introduces a quote (our own marker, "… kirjutas …:", a block of From/Sent/To/Subject,
a line of "Original Message") marks itself and, unless marked quotes or nothing follow, all below; then, in
each stretch between quotes, whatever signs or disclaims; then odd ends. Text below or between marked quotes
stays new text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mail.reading import introductions, quote_phrases, signatures
from mail.reading.lines import LOOK, LineMark, Page, TextLine
from mail.reading.quote_phrases import MARKERS

__all__ = ["MARKERS", "Cut", "LineMark", "TextLine", "cut", "cut_text", "lines_of", "marked"]

TEXT_CAP: Final = 64 * 1024
LINES_CAP: Final = 2000
MARKED_CAP: Final = 10_000
"""so many lines are told apart; what comes after them is one"""

_QUOTED: Final = re.compile(r"[ \t]{0,4}(?:>|[A-Z][A-Za-z]{0,11}>(?=\s|$))[> \t]*")
# GroupWise: ">>> Mari <mari@example.org> 1.03.2022 10:00 >>>", and below it the quote without any mark.
_GROUPWISE: Final = re.compile(r"\s{0,3}>>> [^>\n]{1,120}(?:<[^>\n]{1,80}> ?)?[^>\n]{0,60}>>>\s{0,3}$")
_ONLY_WROTE: Final = re.compile(r"\s{0,3}>\s{0,2}[^\s>]{1,20}(?: \S{1,12})?\s?[:：]\s{0,3}$")
_COLONS: Final = (":", "：")
OWN: Final = "\u2060"
"""stands, unseen, before a ">" that is the person's own; no longer in the text that is cut"""
_TEXT, _QUOTE = LineMark.TEXT, LineMark.QUOTE  # looked up once: an enum's members are slow to reach
_NOTHING_QUOTED: Final = TextLine("", _QUOTE)
_MANY_BLANKS: Final = re.compile(r"\n[ \t]*\n[ \t\n]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """The newly written text, all that was taken away, and whether any of that was a quote.

    `long`: there was more than is looked at; the rest is in `quoted`.
    """

    text: str
    quoted: str
    has_quote: bool
    long: bool = False


def cut_text(text: str) -> Cut:
    """`cut` for plain text."""
    return cut(lines_of(text))


def lines_of(text: str) -> list[TextLine]:
    """The lines of a plain text, marked where `>` or the quoted one's initials stand before them."""
    lines = _MANY_BLANKS.sub("\n\n", text).split("\n", MARKED_CAP)
    rest = [TextLine(lines.pop(), _QUOTE)] if len(lines) > MARKED_CAP else []
    return [marked(line) for line in lines] + rest


def marked(line: str, mark: LineMark = _TEXT) -> TextLine:
    """`line` under the mark of its HTML node, or under that of the `>` before it."""
    if mark is not _TEXT or ">" not in line:
        return TextLine(line, mark)
    if line == ">":
        return _NOTHING_QUOTED
    if line[:2] == "> " and line[2:3] not in "> \t" and (line[-1].isalnum() or line[-1] in ".,!?"):
        return TextLine(line[2:], _QUOTE)  # as most are: nothing to be looked for in them
    if ">>>" in line and _GROUPWISE.match(line, 0, LOOK):
        return TextLine(line, LineMark.REST)
    quoted = _QUOTED.match(line, 0, LOOK)
    if not quoted or (line.rstrip().endswith(_COLONS) and _ONLY_WROTE.match(line) and quote_phrases.WROTE.search(line)):
        return TextLine(line, mark)
    return TextLine(line[quoted.end() :], _QUOTE)


def cut(lines: Sequence[TextLine]) -> Cut:
    """Tell new text from quotes and signatures (never raises; time linear in the text)."""
    lines, over = _capped(lines)
    page = Page(introductions.unglued(lines))
    introductions.mark(page)
    for region in page.regions():
        signatures.mark(page, region)
    return _result(page, over)


def _capped(lines: Sequence[TextLine]) -> tuple[list[TextLine], list[TextLine]]:
    room = TEXT_CAP
    for at, line in enumerate(lines):
        room -= len(line.text) + 1
        if room < 0 or at >= LINES_CAP:
            head, tail = line.text[: max(0, room + len(line.text) + 1)], line.text
            keep = [TextLine(head, line.mark)] if at < LINES_CAP and at == 0 else []
            return [*lines[:at], *keep], [TextLine(tail, LineMark.QUOTE), *lines[at + 1 :]]
    return list(lines), []


def _result(page: Page, over: list[TextLine]) -> Cut:
    new = _joined(page, LineMark.TEXT)
    quote = LineMark.QUOTE
    has_quote = bool(over) or any(
        mark is quote and not blank for mark, blank in zip(page.marks, page.blank, strict=True)
    )
    taken = [LineMark.QUOTE, LineMark.SIGNATURE, LineMark.CLOSING]
    if not new:
        new = _joined(page, LineMark.CLOSING)
        taken.remove(LineMark.CLOSING)
    quoted = [text for text, mark in zip(page.texts, page.marks, strict=True) if mark in taken]
    away = "\n".join([*quoted, *(line.text for line in over)]).strip()
    return Cut(text=new, quoted=away, has_quote=has_quote, long=bool(over))


def _joined(page: Page, mark: LineMark) -> str:
    lines = [text.rstrip() for text, one in zip(page.texts, page.marks, strict=True) if one is mark]
    while lines and (not lines[-1] or quote_phrases.RULE.match(lines[-1], 0, LOOK)):
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return _MANY_BLANKS.sub("\n\n", "\n".join(lines)).replace(OWN, "")
