"""Selects a mail's body (text or HTML) and its attachments, and gives the body as marked lines. Pure and total.

Of two versions of the same text the plain one is read, unless it marks no quote where the page does: what a
page marks cannot leak. A text that is sent as a file is a file and never an answer.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mail.reading import html as html_body
from mail.reading import quotes
from mail.reading.characters import clean, decode
from mail.reading.parts import MimePart
from mail.reading.quotes import LineMark, TextLine

TEXT_CAP: Final = 256 * 1024
PART_CAP: Final = 4 * TEXT_CAP
_META: Final = re.compile(rb"<meta[^>]{0,200}charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_READABLE: Final = frozenset({"text/plain", "text/html", "text/enriched", "text/richtext"})
_TAG: Final = re.compile(r"<[^<>]{0,200}>")


@dataclass(slots=True, kw_only=True)
class BodyVersions:
    """One thing said, in up to two versions."""

    plain: list[MimePart] = field(default_factory=list)
    html: list[MimePart] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Contents:
    """A mail sorted: what is said, in order, and all other parts."""

    said: list[BodyVersions] = field(default_factory=list)
    files: list[MimePart] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """what the caps cut away"""


def sort(root: MimePart) -> Contents:
    """Tell what is said from files."""
    found = Contents()
    _sort(root, found)
    return found


def _sort(part: MimePart, found: Contents) -> None:
    if part.media_type == "multipart/alternative" and part.children:
        _alternative(part, found)
    elif part.media_type == "multipart/report" and part.children:
        _sort(part.children[0], found)
        found.files += [leaf for child in part.children[1:] for leaf in child.leaves()]
    elif part.children:
        for child in part.children:
            _sort(child, found)
    elif _is_said(part) and not (found.said and part.params.get("name")):
        found.said.append(BodyVersions(html=[part]) if part.media_type == "text/html" else BodyVersions(plain=[part]))
    else:
        found.files.append(part)


def _alternative(part: MimePart, found: Contents) -> None:
    """One text in several versions; files may hide in each (Apple Mail puts them beside the page)."""
    both = BodyVersions()
    for child in part.children:
        inner = Contents()
        _sort(child, inner)
        found.files += inner.files
        plain = [one for said in inner.said for one in said.plain]
        html = [one for said in inner.said for one in said.html]
        both.plain = both.plain or plain
        both.html = html or both.html
    found.said.append(both)


def _is_said(part: MimePart) -> bool:
    if part.media_type not in _READABLE:
        return False
    kind, params = part.disposition
    return kind != "attachment" and not params.get("filename")


def lines(contents: Contents) -> list[TextLine]:
    """All that is said, as marked lines."""
    out: list[TextLine] = []
    for said in contents.said:
        if len(out) > quotes.LINES_CAP or sum(len(line.text) for line in out) > TEXT_CAP:
            contents.faults.append("text too long")
            break
        some = _version(said, contents.faults)
        out += some if not out else [TextLine("", LineMark.TEXT), *some]
    return out


def _version(said: BodyVersions, faults: list[str]) -> list[TextLine]:
    plain = [line for part in said.plain for line in quotes.lines_of(text_of(part, faults))]
    readable = any(line.text.strip() for line in plain)
    if not said.html or (readable and _has_quote(plain)):
        return plain
    rich = [line for part in said.html for line in _page_lines(part, faults)]
    if not readable:
        return rich or plain
    return rich if any(line.mark in (LineMark.QUOTE, LineMark.REST) for line in rich) else plain


def _has_quote(some: list[TextLine]) -> bool:
    return quotes.cut(some).has_quote


def _page_lines(part: MimePart, faults: list[str]) -> list[TextLine]:
    html = text_of(part, faults)
    ordinary = html_body.ordinary(html)
    if len(ordinary) < len(html):
        html = ordinary
        faults.append("too much markup")
    found = html_body.lines_of(html)
    if found or not html.strip():
        return found
    # Too broken or too deep for the parser: readable in the trace, but nothing of it counts as said.
    return [TextLine(line, LineMark.QUOTE) for line in _TAG.sub(" ", html[:TEXT_CAP]).split("\n")]


def text_of(part: MimePart, faults: list[str]) -> str:
    """The characters of a text part, at most 1 MiB of them; what is cut away is named in `faults`."""
    data = part.content(PART_CAP + 1)
    if len(data) > PART_CAP:
        data = data[:PART_CAP]
        faults.append("text too long")
    charset = part.params.get("charset", "")
    if part.media_type == "text/html" and not charset:
        meta = _META.search(data, 0, 2048)
        charset = meta[1].decode("ascii") if meta else ""
    text = clean(decode(data, charset))
    if part.params.get("format", "").lower() == "flowed":
        return unflowed(text.split("\n"), part.params.get("delsp", "").lower() == "yes")
    return _TAG.sub("", text) if part.media_type in ("text/enriched", "text/richtext") else text


def unflowed(some: Iterable[str], delsp: bool) -> str:
    """Lines of format=flowed (RFC 3676) joined into the paragraphs they were."""
    out: list[str] = []
    pieces: list[str] = []
    depth = -1
    told = list(some)
    own = {at for at, line in enumerate(told) if line.startswith(" >")}
    own -= {at for at in own if {at - 1, at + 1} & own or any(one.startswith(">") for one in told[at + 1 : at + 2])}
    for at, line in enumerate(told):
        if at in own:  # a ">" of the person's own, stuffed (RFC 3676, 4.4); of several together a quote's, badly sent
            line = f"{quotes.OWN}{line[1:]}"
        bare = line.lstrip(">")
        now = len(line) - len(bare)
        bare = bare[1:] if bare.startswith(" ") else bare
        flows = bare.endswith(" ") and bare != "-- "
        if pieces and (now != depth or bare == "-- "):
            out.append("".join(pieces))
            pieces = []
        if not pieces:
            pieces = [">" * now + " " * bool(now)]
        pieces.append(bare[:-1] if flows and delsp else bare)
        depth = now
        if not flows:
            out.append("".join(pieces))
            pieces = []
    return "\n".join([*out, "".join(pieces)] if pieces else out)
