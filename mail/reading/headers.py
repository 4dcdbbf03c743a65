"""Parser of the header block (RFC 5322). Pure and total: any bytes give a Headers.

`all` and `first` unfold and make characters of the bytes but leave encoded words (RFC 2047) as they are,
for an address must be parsed before it is decoded; `text` decodes them, for reading only. It must never
merge, drop or reorder fields silently: two From headers stay two, and what the caps cut is named in `faults`.
A line ends at LF or CRLF alone: a bare CR starts no header here, for no mail server and no DKIM saw one.
"""

import binascii
import re
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from mail.reading.characters import clean, decode, one_line

BLOCK_CAP: Final = 64 * 1024
FIELD_CAP: Final = 8 * 1024
ADDRESSES_CAP: Final = 32 * 1024
COUNT_CAP: Final = 200
_ADDRESS_LISTS: Final = frozenset({"to", "cc", "bcc", "reply-to", "from", "references", "resent-to"})

_FIELD: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:[ \t]?")
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\n]{0,4096})\?=(?:[ \t\n]+(?==\?[^?\s]{1,60}\?[bBqQ]\?))?")
_ESCAPE: Final = re.compile(rb"=([0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """Fields in their order, names in lower case, values as the raw bytes between colon and line end."""

    fields: tuple[tuple[str, bytes], ...] = ()
    faults: tuple[str, ...] = ()
    _named: dict[str, tuple[bytes, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """the same by name: a mail is asked for some hundred names, of which it has few"""
    _asked: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """what was asked for already: several look at From, Subject and the ids"""

    def __post_init__(self) -> None:
        for name, value in self.fields:
            self._named[name] = (*self._named.get(name, ()), value)

    @property
    def names(self) -> Set[str]:
        """Which fields there are, in lower case."""
        return self._named.keys()

    def raw(self, name: str) -> tuple[bytes, ...]:
        """Every value under `name`, byte for byte, folds kept."""
        return self._named.get(name.lower(), ())

    def all(self, name: str) -> tuple[str, ...]:
        """Every value under `name`, unfolded, encoded words not decoded."""
        name = name.lower()
        if name not in self._named:
            return ()
        found = self._asked.get(name)
        if found is None:
            found = self._asked[name] = tuple(map(_unfolded, self._named[name]))
        return found

    def first(self, name: str) -> str:
        """The first value under `name`, unfolded, encoded words not decoded; "" when there is none."""
        found = self.all(name)
        return found[0] if found else ""

    def text(self, name: str) -> str:
        """The first value under `name` as a reader sees it: encoded words decoded, one clean line."""
        return one_line(decode_words(self.first(name)), FIELD_CAP)

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._named


def split(raw: bytes) -> tuple[bytes, int]:
    """The header block of `raw`, one byte more than the cap when it is longer, and where its body begins."""
    begins = raw.startswith((b"\r", b"\n", b"From ", b">From ")) or _FIELD.match(raw, 0, 300)
    if not begins:
        return b"", 0  # no header at all: everything is body
    if raw.startswith((b"\n", b"\r\n")):
        return b"", raw.index(b"\n") + 1
    end, after = _blank_line(raw, 0, BLOCK_CAP + 4)
    if end >= 0:
        return raw[: end + 1], after
    return raw[: BLOCK_CAP + 1], _blank_line(raw, BLOCK_CAP, len(raw))[1]


def _blank_line(raw: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the first line end before an empty line is, or -1, and what begins after that line: else the end."""
    found = [(at, at + len(mark)) for mark in (b"\n\n", b"\n\r\n") if (at := raw.find(mark, start, end)) >= 0]
    return min(found, default=(-1, len(raw)))


@lru_cache(maxsize=2)  # whoever asks for a mail's way here and whoever reads it look at the same block
def parse(block: bytes) -> Headers:
    """The fields of a header block (RFC 5322, 2.2), at most 200, each cut at its cap."""
    fields: list[tuple[str, bytes]] = []
    faults: set[str] = set()
    if b"\r" in block.replace(b"\r\n", b""):
        faults.add("bare CR in headers")
    if len(block) > BLOCK_CAP:
        faults.add("header block too long")
    for name, value in _lines(block[:BLOCK_CAP], faults):
        if len(fields) >= COUNT_CAP:
            faults.add("too many headers")
            break
        fields.append((name, _capped(name, value, faults)))
    return Headers(fields=tuple(fields), faults=tuple(sorted(faults)))


def _lines(block: bytes, faults: set[str]) -> list[tuple[str, bytes]]:
    found: list[tuple[str, list[bytes]]] = []
    for line in block.split(b"\n"):
        line = line.removesuffix(b"\r")
        if line[:1] in (b" ", b"\t"):
            if found:
                found[-1][1].append(line)
            continue
        start = _FIELD.match(line)
        if start:
            found.append((start[1].decode("ascii").lower(), [line[start.end() :]]))
        elif line and not (not found and line.startswith((b"From ", b">From "))):
            faults.add("line that is no header")
    return [(name, b"\n".join(parts)) for name, parts in found]


def _capped(name: str, value: bytes, faults: set[str]) -> bytes:
    cap = ADDRESSES_CAP if name in _ADDRESS_LISTS else FIELD_CAP
    if len(value) > cap:
        faults.add(f"header too long: {name[:40]}")
    return value[:cap]


def _unfolded(value: bytes) -> str:
    text = decode(value.replace(b"\n", b" ") if b"\n" in value else value)
    return clean(text.replace("\r", " ")).replace("\n", " ").strip()


def decode_words(value: str) -> str:
    """`value` with its encoded words (RFC 2047) decoded, broken ones left. Linear, never raises."""
    if "=?" not in value:
        return value
    pieces: list[str] = []
    pending, charset, at = b"", "", 0
    for word in _WORD.finditer(value):
        between = value[at : word.start()]
        same = word[1].split("*")[0].lower()
        if pending and (between or same != charset):
            pieces.append(decode(pending, charset))
            pending = b""
        pieces.append(between)
        pending += _word_bytes(word[2], word[3])  # a character may be split over two words
        charset, at = same, word.end()
    pieces += [decode(pending, charset), value[at:]]
    return "".join(pieces)


def _word_bytes(encoding: str, data: str) -> bytes:
    raw = data.encode("utf-8", "surrogateescape")
    if encoding in "qQ":
        return _ESCAPE.sub(lambda m: bytes((int(m[1], 16),)), raw.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw
