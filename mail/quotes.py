"""Which lines of a mail its sender newly wrote, and which are quote, signature or notice. Pure and total.

The quoted question holds the words JAH and EI, so when in doubt a line is quote: a lost word makes an
answer unclear and a person looks; a leaked one could move a team. What is taken away is never dropped: it
is `quoted`. It must never take more than linear time: lines are capped, every pattern is bounded.

A mail is read as marked lines. HTML brings its marks along (`mail.page`), plain text has its `>`. Over them
go three passes: what introduces a quote (our own marker, "… kirjutas …:", a block of From/Sent/To/Subject,
a line of "Original Message") marks itself and, unless marked quotes or nothing follow, all below; then, in
each stretch between quotes, whatever signs or disclaims; then odd ends. Text below or between marked quotes
stays new text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, NamedTuple

from mail import quotes_words as words
from mail.quotes_words import MARKERS

__all__ = ["MARKERS", "Cut", "Line", "Mark", "cut", "cut_text", "lines_of", "marked"]

TEXT_CAP: Final = 64 * 1024
LINES_CAP: Final = 2000
_TRIES_CAP: Final = 150  # lines that may introduce a quote; nobody writes more of them than this
_LOOK: Final = 400  # how much of a line is looked at

_QUOTED: Final = re.compile(r"[ \t]{0,4}(?:>|[A-Z][A-Za-z]{0,11}>(?=\s|$))[> \t]*")
_ONLY_WROTE: Final = re.compile(r"\s{0,3}>\s{0,2}[^\s>]{1,20}(?: \S{1,12})?\s?[:：]\s{0,3}$")
_MANY_BLANKS: Final = re.compile(r"\n[ \t]*\n[ \t\n]*\n")
_DASHED: Final = re.compile(r"[\s*]{0,6}[-_=~*–—]{3,80}(?:[^-_=~*–—\n]{1,60}[-_=~*–—]{2,80})?[\s*]{0,6}$")
_PIPED: Final = re.compile(r"\s{0,3}[|│](?:\s|$)")
_MARKER_TEXTS: Final = tuple(m.strip("#- ").lower() for m in MARKERS.values())


class Mark(IntEnum):
    """What a line is taken for."""

    TEXT = 0
    QUOTE = 1
    SIGNATURE = 2  # surely none of the answer
    CLOSING = 3  # a signature by its looks; is the text after all when there is no other
    REST = 4  # an HTML node below which all is quote


class Line(NamedTuple):
    text: str
    mark: Mark


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


def lines_of(text: str) -> list[Line]:
    """The lines of a plain text, marked where `>` or the quoted one's initials stand before them."""
    return [marked(line) for line in _MANY_BLANKS.sub("\n\n", text).split("\n")]


def marked(line: str, mark: Mark = Mark.TEXT) -> Line:
    """`line` under the mark of its HTML node, or under that of the `>` before it."""
    quoted = _QUOTED.match(line, 0, _LOOK) if mark is Mark.TEXT else None
    if not quoted or (_ONLY_WROTE.match(line) and words.WROTE.search(line)):
        return Line(line, mark)
    return Line(line[quoted.end() :], Mark.QUOTE)


def cut(lines: Sequence[Line]) -> Cut:
    """Tell new text from quotes and signatures (never raises; time linear in the text)."""
    lines, over = _capped(lines)
    page = _Page(lines)
    page.mark_quotes()
    page.mark_leftovers()
    for region in page.regions():
        _mark_signature(page, region)
    return page.result(over)


def _capped(lines: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    room = TEXT_CAP
    for at, line in enumerate(lines):
        room -= len(line.text) + 1
        if room < 0 or at >= LINES_CAP:
            head, tail = line.text[: max(0, room + len(line.text) + 1)], line.text
            keep = [Line(head, line.mark)] if at < LINES_CAP and at == 0 else []
            return [*lines[:at], *keep], [Line(tail, Mark.QUOTE), *lines[at + 1 :]]
    return list(lines), []


class _Page:
    """The lines at work: texts stay, marks change. Used by one call of `cut` and then thrown away."""

    def __init__(self, lines: list[Line]) -> None:
        self.texts = [line.text for line in lines]
        self.marks = [line.mark for line in lines]
        self.blank = [not text or text.isspace() for text in self.texts]
        self.wrote: dict[int, bool] = {}
        self.labels: dict[int, str | None] = {}
        self.tries = 0

    # -- quotes ------------------------------------------------------------------------------------

    def mark_quotes(self) -> None:
        at, end = 0, len(self.texts)
        while at < end:
            at = self._one(at)

    def _one(self, at: int) -> int:
        """Judge the line `at`; the number of the line to go on with."""
        if self.marks[at] is Mark.REST:
            return self._rest(at)
        if self.marks[at] is not Mark.TEXT or self.blank[at]:
            return at + 1
        text = self.texts[at][:_LOOK]
        if "##-" in text and any(m in text.lower() for m in _MARKER_TEXTS):
            return self._rest(at)
        if _says_original(text):
            return self._introduces(at, self._block_end(self._next(at + 1)) or at + 1)
        if ":" in text or "：" in text:
            block = self._block_end(at)
            if block:
                return self._introduces(self._above_rules(at), block)
        start = self._attribution(at, text)
        return at + 1 if start is None else self._introduces(start, at + 1)

    def _rest(self, start: int) -> int:
        self._set(start, len(self.texts), Mark.QUOTE)
        return len(self.texts)

    def _set(self, start: int, end: int, mark: Mark) -> None:
        for at in range(start, end):
            self.marks[at] = mark

    def _next(self, at: int) -> int:
        while at < len(self.texts) and self.blank[at]:
            at += 1
        return at

    def _introduces(self, start: int, end: int) -> int:
        """Lines start..end introduce a quote: where none is marked below them, all the rest is one."""
        follows = self._next(end)
        if follows < len(self.texts) and self._is_quoted(follows):
            self._set(start, end, Mark.QUOTE)
            return self._piped(follows)
        return self._rest(start)

    def _is_quoted(self, at: int) -> bool:
        return self.marks[at] is Mark.QUOTE or bool(_PIPED.match(self.texts[at], 0, 8))

    def _piped(self, at: int) -> int:
        while at < len(self.texts) and self.marks[at] is Mark.TEXT and _PIPED.match(self.texts[at], 0, 8):
            self.marks[at] = Mark.QUOTE
            at += 1
        return at

    def _above_rules(self, at: int) -> int:
        while at and (self.blank[at - 1] or _DASHED.match(self.texts[at - 1], 0, _LOOK)):
            at -= 1
        return at

    # -- a block of From, Sent, To, Subject ----------------------------------------------------------

    def _block_end(self, at: int) -> int | None:
        """The line after a block of labels that begins at `at`, or None."""
        if at >= len(self.texts) or not self._label(at):
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
                if misses > 2 or line - end > 3:
                    break
                continue
            found.add(kind)
            sender = sender or (self.texts[line][:_LOOK] if kind == "from" else "")
            misses, end = 0, line
        enough = len(found) >= 3 or (len(found) == 2 and words.ADDRESS.search(sender))
        return end + 1 if "from" in found and enough else None

    def _label(self, at: int) -> str | None:
        if at not in self.labels:
            label = words.LABEL.match(self.texts[at], 0, 80) if self.marks[at] is Mark.TEXT else None
            self.labels[at] = words.LABEL_KIND.get(label[1].strip().lower()) if label else None
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
            if above is None or len(joined) > _LOOK:
                return None
            start, joined = above, self.texts[above][-_LOOK:].strip() + " " + joined
        return None

    def _without_verb(self, at: int, text: str) -> bool:
        """In a language not known here: an address or a date, a colon, and then what is marked as quote."""
        return self._quote_follows(at) and bool(words.ADDRESS.search(text) or _is_dated_start(text))

    def _dated_line(self, text: str) -> bool:
        """'2022-04-05 10:00 GMT+03:00 Mari <mari@…>', '05.04.2022, 10:00, "Mari" <mari@…>:'."""
        text = text.strip()
        if words.ISO_LINE.match(text) and (" GMT" in text[:30] or " UTC" in text[:30]):
            return True
        if not words.DATE_LINE.match(text) or not words.ADDRESS.search(text):
            return False
        return text.endswith((":", "：", ">")) and (text[-1] != ">" or len(text) < 120)

    def _goes_on(self, at: int, text: str) -> bool:
        """Yahoo's telephone: 'On Tue, Apr 5, 2022 at 10:00, Mari<mari@…> wrote: What was asked'."""
        if "@" not in text or not (":" in text or "：" in text) or not self._wrote(at):
            return False
        wrote = words.WROTE.search(text)
        before, after = (text[: wrote.start()], text[wrote.end() :].lstrip()) if wrote else ("", "")
        told = bool(words.ADDRESS.search(before) and words.START.match(before) and words.DATED.search(before))
        return told and after.startswith((":", "："))

    def _says_wrote(self, start: int, at: int, joined: str, ends: bool) -> bool:
        quoted = self._quote_follows(at)
        address, dated = words.ADDRESS.search(joined), words.DATED.search(joined)
        if not any(self._wrote(line) for line in range(start, at + 1)):
            return False
        if not ends:
            return quoted and self._wrote(at) and bool(dated or address)
        if address:
            return True
        if dated:
            return quoted or bool(words.START.match(joined)) or len(joined) < 120
        return quoted and len(joined) < 80

    def _wrote(self, at: int) -> bool:
        if at not in self.wrote:
            self.wrote[at] = bool(words.WROTE.search(self.texts[at], 0, _LOOK))
        return self.wrote[at]

    def _quote_follows(self, at: int) -> bool:
        follows = self._next(at + 1)
        return follows < len(self.texts) and self._is_quoted(follows)

    def _previous(self, at: int) -> int | None:
        """The line of text above `at`, over one blank line at most two."""
        for above in range(at - 1, max(-1, at - 4), -1):
            if not self.blank[above]:
                return above if self.marks[above] is Mark.TEXT else None
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

    # -- the rest of a quoted line that a mail program broke off ----------------------------------------

    def mark_leftovers(self) -> None:
        for at in range(1, len(self.texts) - 1):
            around = self.marks[at - 1] is Mark.QUOTE and self.marks[at + 1] is Mark.QUOTE
            if around and self.marks[at] is Mark.TEXT and _broken_off(self.texts[at - 1], self.texts[at]):
                self.marks[at] = Mark.QUOTE

    # -- what is left -------------------------------------------------------------------------------

    def regions(self) -> list[list[int]]:
        """The stretches of lines between quotes, each as numbers of its lines, signature nodes left out."""
        found: list[list[int]] = [[]]
        for at, mark in enumerate(self.marks):
            if mark is Mark.QUOTE:
                found.append([])
            elif mark is Mark.TEXT:
                found[-1].append(at)
        return [region for region in found if any(not self.blank[at] for at in region)]

    def result(self, over: list[Line]) -> Cut:
        new = self._joined(Mark.TEXT)
        has_quote = bool(over) or any(
            mark is Mark.QUOTE and not blank for mark, blank in zip(self.marks, self.blank, strict=True)
        )
        taken = [Mark.QUOTE, Mark.SIGNATURE, Mark.CLOSING]
        if not new:
            new = self._joined(Mark.CLOSING)
            taken.remove(Mark.CLOSING)
        quoted = [text for text, mark in zip(self.texts, self.marks, strict=True) if mark in taken]
        away = "\n".join([*quoted, *(line.text for line in over)]).strip()
        return Cut(text=new, quoted=away, has_quote=has_quote, long=bool(over))

    def _joined(self, mark: Mark) -> str:
        lines = [text.rstrip() for text, one in zip(self.texts, self.marks, strict=True) if one is mark]
        while lines and (not lines[-1] or words.RULE.match(lines[-1], 0, _LOOK)):
            lines.pop()
        while lines and not lines[0]:
            lines.pop(0)
        return _MANY_BLANKS.sub("\n\n", "\n".join(lines))


def _says_original(text: str) -> bool:
    """'-----Algne sõnum-----', 'Begin forwarded message:'."""
    core = text.strip(words.DECORATION)
    if not core or len(core) > 100:
        return False
    if text.strip(" *_")[:2] in ("--", "––", "——", "==", "__", "**", "~~", "++") or text.startswith("*--"):
        return bool(words.ORIGINAL.match(core))
    return bool(words.ORIGINAL_ALONE.match(core))


def _is_dated_start(text: str) -> bool:
    return bool(words.START.match(text) and words.DATED.search(text, 0, _LOOK))


def _seems_broken(joined: str) -> bool:
    """Whether the words before 'wrote' lack a beginning: a name, a date."""
    wrote = words.WROTE.search(joined, 0, _LOOK)
    before = joined[: wrote.start()].strip() if wrote else ""
    return not before or before[0] in "<(" or (before[0].islower() and not words.DATED.search(before))


def _broken_off(above: str, text: str) -> bool:
    return len(above) >= 60 and text[:1].islower() and above.rstrip()[-1:] not in ".?!:;"


# -- signatures -------------------------------------------------------------------------------------------

_DELIMITER: Final = re.compile(r"\s{0,3}(?:--|—|—-|–-|__)\s{0,3}$")
_CONTACT: Final = re.compile(
    r"@[\w-]{1,60}\.|https?://|www\.|(?<!\d)\+?\(?\d[\d ()/.–-]{5,18}\d|"
    r"(?:^|\s)(?:tel|telefon|phone|mob|mobile|mobiil|fax|gsm|e-?post|e-?mail|skype|linkedin|facebook|aadress|t|m|f|w|e)\s?[.:]\s?\S",
    re.IGNORECASE,
)
_STRONG_CONTACT: Final = re.compile(
    r"^[^\s@]{1,64}@[\w.-]{1,80}$|(?<!\d)\+?\(?\d[\d ()/.–-]{5,18}\d\s{0,3}$|"
    r"(?:^|\s)(?:tel|telefon|phone|mob|mobile|mobiil|fax|gsm|skype|e-?post|e-?mail)\s?[.:]",
    re.IGNORECASE,
)
_NAME: Final = re.compile(
    r"[\s*_/–—-]{0,4}[^\W\d_a-zäöüõšž][\w.'’-]{1,30}(?: [^\W\d_a-zäöüõšž][\w.'’-]{0,30}){1,3}[\s*_,]{0,4}$"
)
_ANSWERING: Final = re.compile(
    r"\b(?:jah|jaa|jep|ei|yes|no|not|ok|okei|okay|sobib|nõus|loobu\w*|seis|abi|tule\w*|puudu\w*|kõik|kui|aga|kuid|but|if|"
    r"tagasi|return|vastuvõetud|tundi|tund|hours?|minutit|min|homme|täna|palun|saa|saan|saame|oleme|osale\w*)\b"
    r"|\d ?(?:h|t)\b",
    re.IGNORECASE,
)
_POSTSCRIPT: Final = re.compile(r"\s{0,3}(?:P\.? ?S\.?|NB!?|Ps)[\s:,.!-]")


def _mark_signature(page: _Page, region: list[int]) -> None:
    region = _without_banner(page, region)
    for at, number in enumerate(region):
        text = page.texts[number][:_LOOK]
        if not text or page.blank[number]:
            continue
        if words.DEVICE.match(text) and len(text) <= 110:
            _mark_device(page, region, at)
        elif _ends_here(page, region, at, text):
            page_mark = Mark.CLOSING if _only_closes(text) else Mark.SIGNATURE
            _mark_tail(page, region[at:], page_mark)
            return
    _mark_contacts(page, [n for n in region if page.marks[n] is Mark.TEXT])


def _without_banner(page: _Page, region: list[int]) -> list[int]:
    first = next((at for at, n in enumerate(region) if not page.blank[n]), 0)
    if region[0] > 3 or not words.BANNER.match(page.texts[region[first]], 0, _LOOK):
        return region
    last = next((at for at in range(first, len(region)) if page.blank[region[at]]), first + 1)
    for number in region[first:last]:
        page.marks[number] = Mark.SIGNATURE
    return region[last:]


def _mark_device(page: _Page, region: list[int], at: int) -> None:
    page.marks[region[at]] = Mark.SIGNATURE
    above = region[at - 1] if at else -1
    # Only above "via mobile": above "Sent from …" a name may well be the answer.
    via = page.texts[region[at]].strip().lower().startswith("via ")
    if via and at > 1 and page.blank[region[at - 2]] and _is_name(page.texts[above]):
        page.marks[above] = Mark.CLOSING


def _is_name(text: str) -> bool:
    return len(text) <= 60 and bool(_NAME.match(text)) and not _ANSWERING.search(text)


def _only_closes(text: str) -> bool:
    return bool(words.CLOSING.match(text) or words.THANKS.match(text) or words.CLOSING_NAMED.match(text))


def _ends_here(page: _Page, region: list[int], at: int, text: str) -> bool:
    """Whether a signature, a notice or a mailing list's footer begins on this line."""
    if _DELIMITER.match(text):
        return len(_tail(page, region, at)) <= (40 if text.startswith("-- ") else 15)
    if words.RULE.match(text):
        return _is_footer(_tail(page, region, at), "_____" in text)
    if len(text) <= 80 and (words.CLOSING.match(text) or words.CLOSING_NAMED.match(text)):
        tail = _tail(page, region, at)
        return len(tail) <= 20 and _signs(tail, 9)
    if len(text) <= 80 and words.THANKS.match(text):
        tail = _tail(page, region, at)
        listed = at + 1 < len(region) and page.blank[region[at + 1]] and sum(map(_is_name, tail)) > 1
        return 0 < len(tail) <= 12 and not listed and _signs(tail, 4)
    return bool(words.NOTICE.match(text))


def _tail(page: _Page, region: list[int], at: int) -> list[str]:
    """The next lines that are not blank, more of them than any signature has."""
    return [page.texts[n][:_LOOK] for n in region[at + 1 : at + 60] if not page.blank[n]]


def _signs(tail: list[str], most_words: int) -> bool:
    """Whether these lines look like name, post and address, not like something being said."""
    for text in tail:
        if _DELIMITER.match(text) or words.NOTICE.match(text) or words.RULE.match(text) or _POSTSCRIPT.match(text):
            return True
        if words.DEVICE.match(text) or words.CLOSING.match(text):
            continue
        if len(text) > 120 or text.rstrip().endswith(("?", "!")):
            return False
        if not _CONTACT.search(text) and (len(text.split()) > most_words or _ANSWERING.search(text)):
            return False
    return True


def _is_footer(tail: list[str], underscores: bool) -> bool:
    if any(words.LIST_FOOTER.search(text) for text in tail[:3]):
        return True
    if underscores and 0 < len(tail) <= 4 and _signs(tail, 6):
        return True
    contacts = sum(bool(_CONTACT.search(text)) for text in tail)
    short = len(tail) <= 16 and all(len(text) <= 70 for text in tail)
    return short and contacts >= 2 and contacts * 4 >= len(tail)


def _mark_tail(page: _Page, tail: list[int], mark: Mark) -> None:
    for number in tail:
        if mark is Mark.CLOSING and _POSTSCRIPT.match(page.texts[number]):
            return
        page.marks[number] = mark


def _mark_contacts(page: _Page, region: list[int]) -> None:
    """A last paragraph of a name and ways to reach its owner, without any word that closes."""
    while region and page.blank[region[-1]]:
        region.pop()
    start = next((at for at in range(len(region) - 1, -1, -1) if page.blank[region[at]]), -1)
    block = [page.texts[n][:_LOOK] for n in region[start + 1 :]]
    if start < 0 or not 2 <= len(block) <= 10 or not _is_name(block[0]):
        return
    if any(_STRONG_CONTACT.search(text.strip()) for text in block[1:]) and _signs(block[1:], 7):
        _mark_tail(page, region[start + 1 :], Mark.CLOSING)
