"""MIME parser (RFC 2045 to 2047, 2183, 2231) with caps. Pure and total.

The standard library decodes each piece; the search for boundaries is done here, on the bytes as they are:
its parser makes an object of every line (13 MiB of empty lines: 2.4 s and 480 MB; ten nested boundaries
over 24 MiB: 6 s) and raises on some parameters. It must never raise, nor look past the caps.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from itertools import islice
from typing import Final
from urllib.parse import unquote_to_bytes

from mail.reading import headers as header_block
from mail.reading.characters import decode
from mail.reading.headers import Headers, decode_words

MAIL_CAP: Final = 25 * 1024 * 1024
PARTS_CAP: Final = 100
DEPTH_CAP: Final = 10
_PARAMS_CAP: Final = 2048
_HITS_CAP: Final = 20_000
_UU_LINES_CAP: Final = 600_000

_TYPE: Final = re.compile(r"\s{0,20}([\w!#$&^.+-]{1,80})/([\w!#$&^.+-]{1,80})")
_PARAM: Final = re.compile(
    r';\s{0,20}([^\s=;"*]{1,60})(?:\*(\d{1,3}))?(\*)?\s{0,20}=\s{0,20}("(?:[^"\\]|\\.){0,512}"|[^;]{0,1024})',
    re.DOTALL,
)
_NOT_BASE64: Final = bytes(set(range(256)) - set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"))
_COMMENT: Final = re.compile(r"\([^()]{0,200}\)")


@dataclass(frozen=True, kw_only=True)
class MimePart:
    """One part: its headers, its kind and parameters, its body still encoded; or the parts within it."""

    headers: Headers
    media_type: str
    params: dict[str, str]
    body: memoryview = field(repr=False)
    children: tuple["MimePart", ...] = ()
    depth: int = 0

    @cached_property
    def disposition(self) -> tuple[str, dict[str, str]]:
        """'attachment', 'inline' or '', with its parameters."""
        value = self.headers.first("content-disposition")[:_PARAMS_CAP]
        return value.split(";", 1)[0].strip().lower(), parameters(value)

    @cached_property
    def file_name(self) -> str:
        """The name the sender gave the part, decoded, not yet safe; "" without one."""
        return self.disposition[1].get("filename") or self.params.get("name", "")

    @property
    def main_type(self) -> str:
        return self.media_type.split("/", 1)[0]

    def content(self, limit: int = MAIL_CAP) -> bytes:
        """At most `limit` bytes of the body, transfer encoding taken off; what cannot be decoded stays."""
        encoding = _COMMENT.sub("", self.headers.first("content-transfer-encoding")[:100])
        return decoded(self.body[: limit * 3], encoding)[:limit]

    def leaves(self) -> Iterator["MimePart"]:
        """This part, or all parts within it that hold no others, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


def parse(raw: bytes) -> tuple[MimePart, tuple[str, ...]]:
    """The tree of parts in a mail, and what was wrong with it."""
    faults: list[str] = []
    if len(raw) > MAIL_CAP:
        faults.append("mail too large")
        raw = raw[:MAIL_CAP]
    if b"\n" not in raw:
        raw = raw.replace(b"\r", b"\n")
    block, body = header_block.split(raw)
    found = header_block.parse(block)
    faults += found.faults
    root = _Reader(raw, faults).part(found, body, len(raw), 0, "text/plain")
    return root, tuple(dict.fromkeys(faults))


class _Reader:
    """Counts parts over one whole mail."""

    def __init__(self, raw: bytes, faults: list[str]) -> None:
        self.raw, self.faults, self.parts = raw, faults, 0

    def part(self, headers: Headers, start: int, end: int, depth: int, default: str) -> MimePart:
        media_type, params = content_type(headers.first("content-type"), default)
        children: tuple[MimePart, ...] = ()
        if media_type.startswith("multipart/"):
            children = self._children(media_type, params, start, end, depth)
            if not children:
                media_type = "text/plain" if depth == 0 else "application/octet-stream"
        body = memoryview(self.raw)[start:end]
        return MimePart(
            headers=headers, media_type=media_type, params=params, body=body, children=children, depth=depth
        )

    def _children(self, kind: str, params: dict[str, str], start: int, end: int, depth: int) -> tuple[MimePart, ...]:
        if depth >= DEPTH_CAP:
            self.faults.append("parts too deep")
            return ()
        boundary = params.get("boundary", "").rstrip().encode("utf-8", "replace")[:200]
        default = "message/rfc822" if kind == "multipart/digest" else "text/plain"
        spans = list(self._spans(boundary, start, end)) if boundary else []
        if not spans:
            self.faults.append("no boundary")
            spans = list(self._spans(self._guessed(start, end), start, end))
        return tuple(self._child(first, last, depth + 1, default) for first, last in spans)

    def _guessed(self, start: int, end: int) -> bytes:
        at = start if self.raw.startswith(b"--", start, end) else self.raw.find(b"\n--", start, end) + 1
        if not self.raw.startswith(b"--", at, end):
            return b""
        line = self.raw[at + 2 : min(at + 202, end)].split(b"\n", 1)[0].strip()
        return line if re.fullmatch(rb"[\w'()+,./:=?-]{6,100}", line) else b""

    def _child(self, start: int, end: int, depth: int, default: str) -> MimePart:
        block, body = header_block.split(self.raw[start : min(end, start + header_block.BLOCK_CAP + 8)])
        begins = min(start + body, end)
        found = header_block.parse(block)
        self.faults += [fault for fault in found.faults if fault != "line that is no header"]
        return self.part(found, begins, end, depth, default)

    def _spans(self, boundary: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Where the parts between the boundary's lines begin and end (RFC 2046, 5.1)."""
        if not boundary:
            return
        opened = -1
        for at, after, last in self._lines(b"--" + boundary, start, end):
            if opened >= 0:
                yield opened, max(opened, at)
            opened = -1 if last else after
            if last:
                return
            self.parts += 1
            if self.parts > PARTS_CAP:
                self.faults.append("too many parts")
                return
        if opened >= 0:
            yield opened, end

    def _lines(self, mark: bytes, start: int, end: int) -> Iterator[tuple[int, int, bool]]:
        """Each boundary line: the end of what is before it, the start of what is after it, whether it closes."""
        at = start if self.raw.startswith(mark, start, end) else self._find(mark, start, end)
        for _ in range(_HITS_CAP):
            if at < 0:
                return
            stop = self.raw.find(b"\n", at, min(end, at + len(mark) + 80))
            stop = stop if stop >= 0 else min(end, at + len(mark) + 80)
            rest = self.raw[at + len(mark) : stop].strip(b" \t\r")
            if rest in (b"", b"--"):
                before = at - 1 if at > start else at
                if before > start and self.raw[before - 1 : before] == b"\r":
                    before -= 1
                yield before, min(stop + 1, end), rest == b"--"
            at = self._find(mark, max(stop - 1, at + 1), end)

    def _find(self, mark: bytes, start: int, end: int) -> int:
        found = self.raw.find(b"\n" + mark, start, end)
        return found + 1 if found >= 0 else -1


def content_type(value: str, default: str) -> tuple[str, dict[str, str]]:
    """'text/plain; charset=x' -> ('text/plain', {'charset': 'x'}); what is no type at all is `default`."""
    value = value[:_PARAMS_CAP]
    kind = _TYPE.match(value)
    if not kind:
        return (default if not value.strip().lower().startswith("text") else "text/plain"), parameters(value)
    return f"{kind[1]}/{kind[2]}".lower(), parameters(value)


def parameters(value: str) -> dict[str, str]:
    """The parameters of a header, continuations joined and decoded (RFC 2231), names in lower case."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[bool, str]]] = {}
    for found in _PARAM.finditer(value[:_PARAMS_CAP]):
        name, number, star, text = found[1].lower(), found[2], found[3], _unquoted(found[4])
        if number is None and not star:
            plain.setdefault(name, decode_words(text))
        else:
            pieces.setdefault(name, {}).setdefault(int(number or 0), (bool(star), text))
    joined = {name: _joined(sections) for name, sections in pieces.items()}
    return {**plain, **{name: text for name, text in joined.items() if text}}


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text.lstrip('"')


def _joined(sections: dict[int, tuple[bool, str]]) -> str:
    charset, data = "", b""
    for place, number in enumerate(sorted(sections)):
        encoded, text = sections[number]
        if encoded and place == 0 and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        raw = text.encode("utf-8", "surrogateescape")
        data += unquote_to_bytes(raw) if encoded else raw
    return decode(data, charset)


def decoded(body: memoryview, encoding: str) -> bytes:
    """`body` without its Content-Transfer-Encoding."""
    match encoding.strip("\"' ;.").lower():
        case "base64":
            return _base64(body)
        case "quoted-printable":
            return binascii.a2b_qp(body)
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uu(bytes(body))
        case _:
            return bytes(body)


def _base64(body: memoryview) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except binascii.Error:
        pass
    data = bytes(body).translate(None, _NOT_BASE64)
    data = data[: len(data) - (len(data) % 4 == 1)]
    try:
        return binascii.a2b_base64(data + b"=" * (-len(data) % 4))
    except binascii.Error:
        return bytes(body)


def _uu(body: bytes) -> bytes:
    out: list[bytes] = []
    begun = False
    for line in islice(BytesIO(body), _UU_LINES_CAP):
        line = line.rstrip(b"\r\n")
        if not begun:
            begun = line.startswith(b"begin ")
        elif line.strip() == b"end":
            break
        else:
            out.append(_uu_line(line))
    return b"".join(out) if begun else body


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some senders pad wrongly: take as many characters as the length byte asks for.
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return b""
