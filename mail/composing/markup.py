"""Renders a mail's Markdown source into its text part and its HTML part. Pure.

The source knows paragraphs, **bold**, lists, quotes, links and a backslash at a line's end. Links lead
to our own pages only; pictures and raw HTML do not exist. A value that went through `escape` or `lines`
must never become anything but the words it holds, in either part.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape as html_escape
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mail.reading.characters import clean, one_line
from workflow.security.own_links import DOOR, OWN_PAGE, PLACEHOLDER

WIDTH: Final = 76
LINE_CAP: Final = 240
"""the longest word in the text part, in characters: four bytes each stay under the 998 of RFC 5322"""
VALUE_CAP: Final = 20_000
SHORT: Final = 200
"""so short values are remembered for a while"""

_ACTIVE: Final = re.compile(r"[\\`*_\[\]<>&~|!#]")
_OPENS_BLOCK: Final = re.compile(r"\A([-+=:])|\A(\d{1,9})([.)])")


def escape(value: str) -> str:
    """`value` as one line of source that shows exactly these words."""
    return _escaped_short(value) if len(value) <= SHORT else _escaped(one_line(value, VALUE_CAP))


@lru_cache(maxsize=512)  # names of programmes, stages and people come again with each mail
def _escaped_short(value: str) -> str:
    return _escaped(one_line(value, VALUE_CAP))


def lines(value: str) -> str:
    """`value` as source that shows its lines one below the other; blank lines fall away."""
    kept = (" ".join(line.split()) for line in clean(value[:VALUE_CAP]).split("\n"))
    return "\\\n".join(_escaped(line) for line in kept if line)


def paragraphs(value: str) -> str:
    """`value` as source that shows its lines as they stand, with its blank lines between paragraphs."""
    found = (lines(part) for part in re.split(r"\n[^\S\n]*\n", clean(value[:VALUE_CAP])))
    return "\n\n".join(part for part in found if part)


def _escaped(line: str) -> str:
    harmless = _ACTIVE.sub(r"\\\g<0>", line)
    return _OPENS_BLOCK.sub(_opened, harmless, count=1) if _OPENS_BLOCK.match(harmless) else harmless


def _opened(found: re.Match[str]) -> str:
    return f"\\{found[1]}" if found[1] else f"{found[2]}\\{found[3]}"


@lru_cache(maxsize=8)
def _reader(base_url: str) -> MarkdownIt:
    reader = MarkdownIt("zero", {"html": False})
    reader.enable(["list", "blockquote", "emphasis", "link", "escape", "newline"])
    reader.validateLink = lambda url: url == base_url or url.startswith(f"{base_url}/")  # type: ignore[method-assign]
    return reader


@lru_cache(maxsize=4)
def _parsed(source: str, base_url: str) -> list[Token]:
    """Read once for both parts. Neither changes what the other makes of it."""
    tokens = _reader(base_url).parse(source)
    for child in (child for token in tokens for child in token.children or [] if child.type == "text"):
        child.content = bound(child.content)
    return tokens


_MONTHS: Final = (
    "jaanuar|veebruar|märts|aprill|mai|juuni|juuli|august|septemb|oktoob|novemb|detsemb"
    "|January|February|March|April|May|June|July|August|September|October|November|December"
)
_BOUND: Final = re.compile(
    rf"(?<=\d\.) (?=(?:{_MONTHS}))|(?<=\d) (?=(?:{_MONTHS})\b)"
    r"|(?<=\bkell) (?=\d)|(?<=\bat) (?=\d)"
    r"|(?<=\d) (?=(?:h|min|päeva?|tundi?|tunni|minutit?|nädalat?|sõna|faili?|days?|hours?|minutes?|weeks?|words?)\b)"
    r"|(?<=\b[IVX]) (?=töötu|rühm)|(?<=\b[IVX]{2}) (?=töötu|rühm)|(?<=\b[IVX]{3}) (?=töötu|rühm)"
    r"|(?<=\b[Ww]orkshop) (?=[IVX]+\b)|(?<=\b[Gg]roup) (?=[IVX]+\b)"
    r"|(?<=\+\d{3}) (?=\d)|(?<=\b5555) (?=\d{4}\b)"
)


def bound(words: str) -> str:
    """The same words with no line ending within a date, a time, a number with its unit, or a numbered name."""
    return _BOUND.sub("\N{NO-BREAK SPACE}", words)


_OWN_LINK: Final = {
    placeholder: re.compile(rf"(?<!\\)(\]\(<?[^\s<>()]*[/=]){placeholder}(?=[\s<>()?\\])")
    for placeholder in (PLACEHOLDER, OWN_PAGE)
}
"""a placeholder as the last part of a link's address; values cannot make a link, so none of them holds one"""


def filled(source: str, secret: str, placeholder: str = PLACEHOLDER) -> str:
    """The source with this in the place of the secret of its addressee's own links."""
    return _OWN_LINK[placeholder].sub(lambda found: found[1] + secret, source)


_OTHER_LINK: Final = re.compile(rf"(?<!\\)(\]\(<?[^\s<>()]*[/=]){DOOR.pattern}(?=[\s<>()?\\])")


def with_doors(source: str, secrets: Mapping[int, str]) -> str:
    """The source with the secrets of other questions' addressees in their links; who is not among them opens none."""
    return _OTHER_LINK.sub(lambda found: found[1] + secrets.get(int(found[2]), "-"), source)


def names_doors(source: str) -> bool:
    """Whether the source links to other questions than its own."""
    return "own-door-" in source


def is_filled(source: str) -> bool:
    """Whether the source has no link that waits for its addressee's secret."""
    return _OWN_LINK[PLACEHOLDER].search(source) is None


# -- the text part ------------------------------------------------------------------------------


def text(source: str, base_url: str) -> str:
    """The text part: softly wrapped, links as `words <address>`, no line longer than RFC 5322 allows."""
    page = _Page()
    for token in _parsed(source, base_url):
        page.take(token)
    return "\n".join(page.shown) + "\n"


class _Margin:
    """What stands before the lines of a list item or a quote: `first` once, `rest` after it."""

    def __init__(self, first: str) -> None:
        self.first, self.rest = first, " " * len(first)

    def take(self) -> str:
        taken, self.first = self.first, self.rest
        return taken


class _Page:
    """The text part as it grows; `close` says that the next line joins the one above without a blank."""

    def __init__(self) -> None:
        self.shown: list[str] = []
        self.margins: list[_Margin] = []
        self.tight = self.close = False

    def take(self, token: Token) -> None:
        if token.type == "inline":
            self._write(_words(token.children or []))
        elif token.type == "paragraph_open":
            self.tight = token.hidden
        elif token.type in {"bullet_list_open", "ordered_list_open"}:
            self.close = False
        else:
            self._indent(token)

    def _indent(self, token: Token) -> None:
        if token.type == "list_item_open":
            self.margins.append(_Margin(f"{token.info}{token.markup} " if token.info else "- "))
        elif token.type == "blockquote_open":
            self.margins.append(_Margin("    "))
        elif token.type in {"list_item_close", "blockquote_close"}:
            self.margins.pop()

    def _write(self, words: str) -> None:
        if self.shown and not (self.tight and self.close):
            self.shown.append("")
        self.close = self.tight
        self.shown += [line for part in words.split("\n") for line in _soft(part, self.margins)]


def _words(children: Iterable[Token]) -> str:
    said: list[str] = []
    href = ""
    for child in children:
        if child.type == "link_open":
            href = str(child.attrGet("href") or "")
        elif child.type == "link_close":
            said.append(f" <{href}>")
        else:
            said.append({"softbreak": " ", "hardbreak": "\n"}.get(child.type, child.content))
    return "".join(said)


def _soft(part: str, margins: list[_Margin]) -> list[str]:
    first = "".join(margin.take() for margin in margins)
    rest = "".join(margin.rest for margin in margins)
    whole = " ".join(_short(word) for word in part.split(" ") if word)
    return textwrap.wrap(
        whole, WIDTH, initial_indent=first, subsequent_indent=rest,
        break_long_words=False, break_on_hyphens=False,
    ) or [first.rstrip()]  # fmt: skip


def _short(word: str) -> str:
    return " ".join(word[at : at + LINE_CAP] for at in range(0, len(word), LINE_CAP))


# -- the HTML part ------------------------------------------------------------------------------

_STYLES: Final = {
    "p": "margin:0 0 1em 0",
    "ul": "margin:0 0 1em 0;padding:0 0 0 1.4em",
    "ol": "margin:0 0 1em 0;padding:0 0 0 1.4em",
    "li": "margin:0 0 0.3em 0",
    "blockquote": "margin:0 0 1em 0;padding:0 0 0 1em;border-left:3px solid #8a8a8a",
    "a": "color:#0b57a4",
}
_BUTTON: Final = (
    "display:inline-block;padding:0.6em 1.1em;border-radius:4px;"
    "background-color:#0b57a4;color:#ffffff;text-decoration:none;font-weight:bold"
)
_PAGE: Final = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
</head>
<body style="margin:0;padding:0">
<div lang="{lang}" style="max-width:36em;margin:0 auto;padding:16px;overflow-wrap:anywhere;\
font-family:Arial,Helvetica,sans-serif;font-size:16px;line-height:1.5">
{marker}{body}</div>
</body>
</html>
"""
_MARKER: Final = '<p style="margin:0 0 1em 0;font-size:13px;color:#595959">{}{}</p>\n'
_ASK: Final = '<span style="display:none;max-height:0;overflow:hidden;mso-hide:all">{}. </span>'
"""hidden in the mail, shown beside its subject in a list; on the marker's own line, so that it is cut from replies"""


def html(source: str, base_url: str, *, lang: str, title: str, marker: str = "", ask: str = "") -> str:
    """The HTML part: inline styles, nothing loaded from anywhere; `marker` stands above it all, `ask` is for lists."""
    reader = _reader(base_url)
    tokens = _parsed(source, base_url)
    for token in tokens:
        _dress(token)
    body = str(reader.renderer.render(tokens, reader.options, {}))
    shown_in_lists = _ASK.format(html_escape(ask)) if ask else ""
    above = _MARKER.format(shown_in_lists, html_escape(marker)) if marker else ""
    return _PAGE.format(lang=lang, title=html_escape(one_line(title)), marker=above, body=body)


def _dress(token: Token) -> None:
    if token.nesting == 1 and token.tag in _STYLES:
        token.attrSet("style", _STYLES[token.tag])
    children = token.children or []
    alone = len(children) == 3 and children[0].type == "link_open"
    for child in children:
        if child.type == "link_open":
            child.attrSet("style", _BUTTON if alone else _STYLES["a"])


def links(source: str, base_url: str) -> list[str]:
    """Every address the source links to, in order."""
    inside = (child for token in _reader(base_url).parse(source) for child in token.children or [])
    return [str(child.attrGet("href")) for child in inside if child.type == "link_open"]


