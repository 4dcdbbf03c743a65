"""Detects attribution lines that introduce a quote: our own marker, "Mari kirjutas …:", From/Sent/To/Subject,
"Original Message". Pure, total.

Mail programs break such sentences over lines, put the date first or last, and speak thirty languages; so a sentence
is known by a verb of writing, a date or an address and what follows it, never by one program's exact form.
It must never take more than linear time: lines are looked at to a limit, and only so many are tried.
"""

import re
from collections.abc import Sequence
from typing import Final

from mail.reading import quote_phrases
from mail.reading.lines import LOOK, LineMark, Page, TextLine

_TEXT, _REST = LineMark.TEXT, LineMark.REST  # looked up once: an enum's members are slow to reach
_TRIES_CAP: Final = 150  # lines that may introduce a quote; nobody writes more of them than this
_DASHED: Final = re.compile(r"^[\s*]{0,6}[-_=~*–—]{3,80}(?:[^-_=~*–—\n]{1,60}[-_=~*–—]{2,80})?[\s*]{0,6}$")
_PIPED: Final = re.compile(r"\s{0,3}[|│](?:\s|$)")
_MARKER_TEXTS: Final = tuple(m.strip("#- ").lower() for m in quote_phrases.MARKERS.values())


def mark(page: Page) -> None:
    """Mark what introduces a quote and, unless marked quotes or nothing follow it, all below."""
    _Search(page).mark_quotes()
    mark_leftovers(page)


def unglued(lines: Sequence[TextLine]) -> list[TextLine]:
    """The same lines, where "mulle.2022-07-12 10:00 kirjutas …:" is two: what was written, and the introduction."""
    found: list[TextLine] = []
    for at, line in enumerate(lines):
        glue = quote_phrases.GLUED.search(line.text, 1, LOOK) if line.mark is _TEXT else None
        if glue and _says_who_wrote([line.text[glue.end() :], *(one.text for one in lines[at + 1 : at + 3])]):
            found += [TextLine(line.text[: glue.start()], _TEXT), TextLine(line.text[glue.end() :], _TEXT)]
        else:
            found.append(line)
    return found


def _says_who_wrote(texts: Sequence[str]) -> bool:
    """Whether a verb of writing stands before the first line that ends in a colon, with no blank line between."""
    wrote = False
    for text in texts:
        wrote = wrote or bool(quote_phrases.WROTE.search(text, 0, LOOK))
        if not text.strip() or text.rstrip(" *_\u200b").endswith((":", "：")):
            return wrote and bool(text.strip())
    return False


class _Search:
    """One pass over a page, from its top down."""

    def __init__(self, page: Page) -> None:
        self.page, self.texts, self.marks, self.blank = page, page.texts, page.marks, page.blank
        self.wrote: dict[int, bool] = {}
        self.labels: dict[int, str | None] = {}
        self.tries = 0

    def mark_quotes(self) -> None:
        at, end, marks, blank = 0, len(self.texts), self.marks, self.blank
        while at < end:
            quiet = marks[at] is not _REST and (blank[at] or marks[at] is not _TEXT)
            at = at + 1 if quiet else self._one(at)

    def _one(self, at: int) -> int:
        """Judge the line `at`, of text or below which all is quote; the number of the line to go on with."""
        if self.marks[at] is _REST:
            return self._rest(at)
        text = self.texts[at][:LOOK]
        if "##-" in text and any(m in text.lower() for m in _MARKER_TEXTS):
            return self._rest(at)
        if _says_original(text):
            return self._introduces(at, self._block_end(self.page.next(at + 1)) or at + 1)
        if ":" in text or "：" in text:
            block = self._block_end(at)
            if block:
                return self._introduces(self._above_rules(at), block)
        start = self._attribution(at, text)
        return at + 1 if start is None else self._introduces(start, at + 1)

    def _rest(self, start: int) -> int:
        self.page.set(start, len(self.texts), LineMark.QUOTE)
        return len(self.texts)

    def _introduces(self, start: int, end: int) -> int:
        """Lines start..end introduce a quote: where none is marked below them, all the rest is one."""
        follows = self.page.next(end)
        if follows < len(self.texts) and self._is_quoted(follows):
            self.page.set(start, end, LineMark.QUOTE)
            return self._piped(follows)
        return self._rest(start)

    def _is_quoted(self, at: int) -> bool:
        return self.marks[at] is LineMark.QUOTE or bool(_PIPED.match(self.texts[at], 0, 8))

    def _piped(self, at: int) -> int:
        while at < len(self.texts) and self.marks[at] is LineMark.TEXT and _PIPED.match(self.texts[at], 0, 8):
            self.marks[at] = LineMark.QUOTE
            at += 1
        return at

    def _above_rules(self, at: int) -> int:
        while at and (self.blank[at - 1] or _DASHED.match(self.texts[at - 1], 0, LOOK)):
            at -= 1
        return at

    # -- a block of From, Sent, To, Subject ----------------------------------------------------------

    def _block_end(self, at: int) -> int | None:
        """The line after a block of labels that begins at `at`, or None."""
        if at >= len(self.texts) or not self._label(at) or self._is_a_word(at):
            return None
        found: set[str] = set()
        sender, misses, end = "", 0, at
        self.tries += 1
        for line in range(at, min(at + (24 if self.tries < _TRIES_CAP else 6), len(self.texts))):
            if self.blank[line]:
                continue
            kind = self._label(line)
            if not kind:
                misses += 1
                if misses > 2 or line - end > 3 or ("from" not in found and self.blank[line - 1]):
                    break  # the last: what was said below a label of its own, "Sensitivity: Internal"
                continue
            found.add(kind)
            sender = sender or (self.texts[line][:LOOK] if kind == "from" else "")
            misses, end = 0, line
        enough = len(found) >= 3 or (len(found) == 2 and quote_phrases.ADDRESS.search(sender))
        return end + 1 if "from" in found and enough else None

    def _is_a_word(self, at: int) -> bool:
        """ "NO: on 12 July nobody came" is what was asked for, though "No:" is From in Latvian: a label so short begins
        a block only where another stands right below it."""
        label = quote_phrases.LABEL.match(self.texts[at], 0, 80)
        below = at + 1 < len(self.texts) and self._label(at + 1)
        return label is not None and len(label[1].strip()) < 4 and not below

    def _label(self, at: int) -> str | None:
        if at not in self.labels:
            label = quote_phrases.LABEL.match(self.texts[at], 0, 80) if self.marks[at] is LineMark.TEXT else None
            self.labels[at] = quote_phrases.LABEL_KIND.get(label[1].strip().lower()) if label else None
        return self.labels[at]

    # -- "Mari Maasikas kirjutas kuupäeval …:" ---------------------------------------------------------

    def _attribution(self, at: int, text: str) -> int | None:
        """Where the words that introduce a quote begin, if they end on the line `at`."""
        if self._goes_on(at, text):
            return self._beginning(at, text.strip())
        ends = text.rstrip(" *_").endswith((":", "：", "..."))
        if not ends and not self._dated_line(text) and not (self._quote_follows(at) and self._wrote(at)):
            return None
        self.tries += 1
        if self.tries > _TRIES_CAP:
            return at
        if self._dated_line(text):
            return at
        start = self._with_verb(at, text.strip(), ends)
        return at if start is None and ends and self._without_verb(at, text) else start

    def _with_verb(self, at: int, joined: str, ends: bool) -> int | None:
        start = at
        for _ in range(5):
            if self._says_wrote(start, at, joined, ends):
                return self._beginning(start, joined)
            above = self._previous(start)
            if above is None or len(joined) > LOOK:
                return None
            start, joined = above, self.texts[above][-LOOK:].strip() + " " + joined
        return None

    def _without_verb(self, at: int, text: str) -> bool:
        """In a language not known here: an address or a date, a colon, and then what is marked as quote."""
        return self._quote_follows(at) and bool(quote_phrases.ADDRESS.search(text) or _is_dated_start(text))

    def _dated_line(self, text: str) -> bool:
        """'2022-04-05 10:00 GMT+03:00 Mari <mari@…>', '05.04.2022, 10:00, "Mari" <mari@…>:'."""
        text = text.strip()
        if quote_phrases.ISO_LINE.match(text) and (" GMT" in text[:30] or " UTC" in text[:30]):
            return True
        if not quote_phrases.DATE_LINE.match(text) or not quote_phrases.ADDRESS.search(text):
            return False
        return text.endswith((":", "：", ">")) and (text[-1] != ">" or len(text) < 120)

    def _goes_on(self, at: int, text: str) -> bool:
        """Yahoo's telephone: 'On Tue, Apr 5, 2022 at 10:00, Mari<mari@…> wrote: What was asked'."""
        if "@" not in text or not (":" in text or "：" in text) or not self._wrote(at):
            return False
        wrote = quote_phrases.WROTE.search(text)
        before, after = (text[: wrote.start()], text[wrote.end() :].lstrip()) if wrote else ("", "")
        told = bool(
            quote_phrases.ADDRESS.search(before)
            and quote_phrases.START.match(before)
            and quote_phrases.DATED.search(before)
        )
        return told and after.startswith((":", "："))

    def _says_wrote(self, start: int, at: int, joined: str, ends: bool) -> bool:
        quoted = self._quote_follows(at)
        address, dated = quote_phrases.ADDRESS.search(joined), quote_phrases.DATED.search(joined)
        if not any(self._wrote(line) for line in range(start, at + 1)):
            return False
        if not ends:
            return quoted and self._wrote(at) and bool(dated or address)
        if address:
            return True
        if dated:
            return quoted or bool(quote_phrases.START.match(joined)) or len(joined) < 120
        return quoted and len(joined) < 80

    def _wrote(self, at: int) -> bool:
        if at not in self.wrote:
            self.wrote[at] = bool(quote_phrases.WROTE.search(self.texts[at], 0, LOOK))
        return self.wrote[at]

    def _quote_follows(self, at: int) -> bool:
        follows = self.page.next(at + 1)
        return follows < len(self.texts) and self._is_quoted(follows)

    def _previous(self, at: int) -> int | None:
        """The line of text above `at`, over one blank line at most two."""
        for above in range(at - 1, max(-1, at - 4), -1):
            if not self.blank[above]:
                return above if self.marks[above] is LineMark.TEXT else None
        return None

    def _beginning(self, start: int, joined: str) -> int:
        """Go up to where the sentence really begins: mail programs break it in up to five lines."""
        first = start
        for _ in range(4):
            above = self._previous(start)
            if _is_dated_start(joined) or above is None or len(self.texts[above]) > 200:
                break
            text = self.texts[above].strip()
            if not _seems_broken(joined) and not (above == start - 1 and _is_dated_start(text)):
                break
            start, joined = above, text + " " + joined
        return start if _is_dated_start(joined) else first


def mark_leftovers(page: Page) -> None:
    """Mark the rest of a quoted line that a mail program broke off and left without its `>`."""
    marks, quote = page.marks, LineMark.QUOTE
    for at in range(1, len(marks) - 1):
        alone = marks[at] is _TEXT and marks[at - 1] is quote and marks[at + 1] is quote
        if alone and _broken_off(page.texts[at - 1], page.texts[at]):
            marks[at] = quote


def _says_original(text: str) -> bool:
    """'-----Algne sõnum-----', 'Begin forwarded message:'."""
    core = text.strip(quote_phrases.DECORATION)
    if not core or len(core) > 100:
        return False
    if text.strip(" *_")[:2] in ("--", "––", "——", "==", "__", "**", "~~", "++") or text.startswith("*--"):
        return bool(quote_phrases.ORIGINAL.match(core))
    return bool(quote_phrases.ORIGINAL_ALONE.match(core))


def _is_dated_start(text: str) -> bool:
    return bool(quote_phrases.START.match(text) and quote_phrases.DATED.search(text, 0, LOOK))


def _seems_broken(joined: str) -> bool:
    """Whether the words before 'wrote' lack a beginning: a name, a date."""
    wrote = quote_phrases.WROTE.search(joined, 0, LOOK)
    before = joined[: wrote.start()].strip() if wrote else ""
    return not before or before[0] in "<(" or (before[0].islower() and not quote_phrases.DATED.search(before))


def _broken_off(above: str, text: str) -> bool:
    return len(above) >= 60 and text[:1].islower() and above.rstrip()[-1:] not in ".?!:;"
