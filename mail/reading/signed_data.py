"""Opens a mail whose whole body is CMS signed-data (RFC 8551, 3.5.3): signed and wrapped, but not encrypted.

The signature is not checked: it says nothing about who may answer. Only the walk down to the content is done here
(RFC 5652, 5; tags and lengths of X.690, definite and indefinite). Pure and total; linear in the bytes.
"""

from typing import Final, NamedTuple

from mail.reading import headers as header_block
from mail.reading.parts import content_type, decoded

_WRAPPED: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_UNTYPED: Final = frozenset({"application/octet-stream", "application/binary"})  # as gateways and old programs send it
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_DATA: Final = bytes.fromhex("06092a864886f70d010701")
_OCTETS, _OCTETS_IN_PIECES, _FIRST, _LIST, _SET, _NUMBER = 0x04, 0x24, 0xA0, 0x30, 0x31, 0x02
_PIECES_CAP: Final = 200_000


class Element(NamedTuple):
    """One element: its tag, where its content begins and ends. open_ended: its end is marked, not told."""

    tag: int
    begin: int
    end: int
    open_ended: bool


def unwrapped(raw: bytes) -> bytes:
    """`raw` with what it signs in the place of its wrapped body; `raw` itself where nothing is so wrapped."""
    block, begins = header_block.split(raw)
    found = header_block.parse(block)
    media_type, params = content_type(found.first("content-type"), "")
    named = params.get("name", "").lower().endswith(".p7m")
    if media_type not in _WRAPPED and not (media_type in _UNTYPED and named):
        return raw
    inner = content(decoded(memoryview(raw)[begins:], found.first("content-transfer-encoding")))
    if not inner:
        return raw
    said, starts = header_block.split(inner)
    inside = header_block.parse(said).fields
    kept = [field for field in found.fields if not field[0].startswith("content-")]
    kept += [field for field in inside if field[0].startswith("content-")]  # of who, when and to whom it says nothing
    return b"".join(name.encode() + b": " + value + b"\r\n" for name, value in kept) + b"\r\n" + inner[starts:]


def content(data: bytes) -> bytes:
    """What the signed-data holds; empty where the bytes are no signed-data, or hold nothing."""
    try:
        return _content(data)
    except (IndexError, ValueError):
        return b""


def _content(data: bytes) -> bytes:
    at = _inside(data, 0, _LIST)
    at = _inside(data, _after(data, at, _SIGNED_DATA), _FIRST)
    at = _inside(data, at, _LIST)
    for tag in (_NUMBER, _SET):  # its version, the digests used
        at = _element(data, at, tag).end
    at = _inside(data, at, _LIST)
    return _octets(data, _inside(data, _after(data, at, _DATA), _FIRST))


def _after(data: bytes, at: int, known: bytes) -> int:
    if not data.startswith(known, at):
        raise ValueError("another kind of content")
    return at + len(known)


def _inside(data: bytes, at: int, tag: int) -> int:
    found = _head(data, at)
    if found.tag != tag:
        raise ValueError("another element")
    return found.begin


def _element(data: bytes, at: int, tag: int) -> Element:
    found = _head(data, at)
    if found.tag != tag or found.open_ended:
        raise ValueError("another element")
    return found


def _head(data: bytes, at: int) -> Element:
    tag, length, begin = data[at], data[at + 1], at + 2
    if length == 0x80:
        return Element(tag, begin, len(data), open_ended=True)
    if length > 0x80:
        begin += length - 0x80
        if length > 0x84:
            raise ValueError("a length of more than four bytes")
        length = int.from_bytes(data[at + 2 : begin], "big")
    return Element(tag, begin, min(begin + length, len(data)), open_ended=False)


def _octets(data: bytes, at: int) -> bytes:
    """The bytes of an octet string, whole or in pieces."""
    whole = _head(data, at)
    if whole.tag == _OCTETS and not whole.open_ended:
        return data[whole.begin : whole.end]
    if whole.tag != _OCTETS_IN_PIECES:
        raise ValueError("another element")
    pieces: list[bytes] = []
    at = whole.begin
    while at < whole.end and data[at] == _OCTETS and len(pieces) < _PIECES_CAP:
        piece = _element(data, at, _OCTETS)
        pieces.append(data[piece.begin : piece.end])
        at = piece.end
    return b"".join(pieces)
