"""Parses message/delivery-status (RFC 3464), and what a report returns of the original. Pure.

Reads what many servers really write: fields in the wrong block, addresses without a type, text after the
status. It must never take a report of success, a receipt or an abuse report for a failure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from mail.reading import headers
from mail.reading.characters import clean, decode
from mail.reading.headers import Headers

PARTS_CAP: Final = 60
PART_CAP: Final = 64 * 1024

# Reports that are none of failed delivery (RFC 5965, RFC 8098).
OTHER_REPORTS: Final = frozenset({"message/feedback-report", "message/disposition-notification"})
RETURNED: Final = frozenset({"message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"})
_ADDRESS: Final = re.compile(r"[^\s<>\"(),:;\[\]]{1,128}@[^\s<>\"(),:;\[\]]{1,255}")
_UNFOLD: Final = re.compile(r"\n[ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedRecipient:
    """One recipient as the report gives it, nothing concluded yet."""

    address: str
    action: str = ""
    status: str = ""
    diagnostic: str = ""


def parts(message: Message) -> list[Message]:
    """The parts of the report itself, in order: a returned mail is one part and is not looked into."""
    found: list[Message] = []
    waiting = [message]
    while waiting and len(found) < PARTS_CAP:
        part = waiting.pop(0)
        inner = part.get_payload()
        if kind(part).startswith("multipart/") and isinstance(inner, list):
            waiting = [one for one in inner if isinstance(one, Message)] + waiting
        else:
            found.append(part)
    return found


def kind(part: Message) -> str:
    """The content type in lower case, whatever the part says of itself."""
    try:
        return str(part.get_content_type())
    except Exception:  # a Content-Type the standard library trips over
        return "text/plain"


def content(part: Message) -> str:
    """The decoded text of a leaf part, or of the blocks the parser made of a delivery-status."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n\n".join(_source(one) for one in inner[:PARTS_CAP] if isinstance(one, Message))
    try:
        data = part.get_payload(decode=True)
        charset = str(part.get_content_charset() or "")
    except Exception:  # broken transfer encoding or charset parameter
        data, charset = None, ""
    raw = data if isinstance(data, bytes) else str(inner or "").encode("utf-8", "replace")
    return clean(decode(raw[:PART_CAP], charset))


def _source(part: Message) -> str:
    """Header lines and text of a parsed part. Message.as_string raises and rewrites; this does neither."""
    lines = [f"{name}: {value}" for name, value in part.raw_items()]
    inner = part.get_payload()
    body = inner if isinstance(inner, str) else ""
    if isinstance(inner, list):
        body = "\n\n".join(_source(one) for one in inner[:1] if isinstance(one, Message))
    text = "\n".join(lines) + "\n\n" + body
    return clean(decode(text[:PART_CAP].encode("utf-8", "surrogateescape")))


def rows(found: list[Message]) -> list[ReportedRecipient]:
    """Every recipient named in the delivery-status parts, in order, each address once."""
    texts = [content(part) for part in found if _is_status(part)]
    made = [row for text in texts for row in _rows(text)]
    return list({row.address.lower(): row for row in reversed(made)}.values())[::-1]


def _is_status(part: Message) -> bool:
    return kind(part) in {"message/delivery-status", "message/global-delivery-status"}


def _rows(text: str) -> Iterator[ReportedRecipient]:
    for block in re.split(r"\n[ \t]*\n", text):
        fields = _fields(block)
        address = _address(fields)
        if address:
            yield ReportedRecipient(
                address=address,
                action=re.split(r"[\s(;]", fields.get("action", ""), maxsplit=1)[0].lower(),
                status=fields.get("status", ""),
                diagnostic=" ".join(fields[name] for name in _DIAGNOSTICS if name in fields),
            )


_DIAGNOSTICS: Final = ("diagnostic-code", "x-supplementary-info", "x-display-name", "x-notes")
_RECIPIENTS: Final = ("original-recipient", "final-recipient", "x-actual-recipient", "x-failed-recipient")


def _fields(block: str) -> dict[str, str]:
    """The fields of one block, names in lower case; of two with one name the first that says something."""
    fields: dict[str, str] = {}
    for line in _UNFOLD.sub(" ", block).split("\n")[:200]:
        name, colon, value = line.partition(":")
        if colon and value.strip() and not fields.get(name.strip().lower()):
            fields[name.strip().lower()] = value.strip()[:2000]
    return fields


def _address(fields: dict[str, str]) -> str:
    """Where the mail went first of all, for that is the address we know; else where it ended."""
    for name in _RECIPIENTS:
        value = fields.get(name, "")
        found = _ADDRESS.search(value.partition(";")[2] or value)
        if found:
            return found[0].strip("<>.'")
    return ""


# -- the mail that came back --------------------------------------------------------------------

# Where a report without parts begins to quote the mail it returns.
_MARKER: Final = re.compile(
    r"^[ \t>*=_+-]*+(?:"
    r"(?:this is|below(?: (?:this|the next) line)? is|here is|the following is|(?:included|attached) is|the).{0,40}"
    r"(?:copy|body|headers?|text) of (?:the|your|my) .{0,40}"
    r"|(?:the )?(?:original|returned|undelivered|unsent|rejected|failed|bounced) (?:message|mail|e-?mail)(?: text)?"
    r"(?: \S{1,20}){0,6}"
    r"|your (?:original )?message (?:follows|is below|reads|text|was).{0,40}"
    r"|message (?:text )?follows|unsent message.{0,30}|(?:start|begin) of .{0,30}message.{0,20}"
    r"|message headers? follows?|(?:the )?headers? (?:of|from) (?:the|your) .{0,40}"
    r"|undelivered message.{0,20}|text of (?:the )?message|content of (?:the )?message.{0,20}"
    r")[ \t:.,>*=_+-]*$",
    re.IGNORECASE | re.MULTILINE,
)
_FIELD: Final = re.compile(r"[ \t>|]{0,4}([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:")
_TRACE: Final = frozenset({"received", "return-path", "message-id", "mime-version", "dkim-signature"})
_LETTER: Final = frozenset({"from", "to", "subject"})


def whole_text(found: list[Message]) -> str:
    """All the text of the report's parts; a multipart that fell apart for want of its boundary is one."""
    said = [content(part) for part in found if kind(part).startswith(("text/", "multipart/"))]
    return "\n".join(said)[:PART_CAP]


def rows_in_words(text: str) -> list[ReportedRecipient]:
    """Recipients where the fields of a delivery-status stand in plain text."""
    return [row for row in _rows(text) if row.action or row.status]


def original(found: list[Message], block: str) -> Headers:
    """The headers of the returned mail, from its own part, else from the block in the text; empty when none came."""
    for part in found:
        if kind(part) in RETURNED:
            return headers.parse(content(part).lstrip().encode("utf-8"))
    return headers.parse(block.encode("utf-8"))


def divided(text: str) -> tuple[str, str]:
    """A report's text: (what it says to people, header block of the mail it returns)"""
    start = _original_at(text)
    marker = next((m for m in _MARKER.finditer(text, 0, start + 1) if m.start() > 0), None)
    returned = re.sub(r"^[ \t>|]{1,4}(?=[A-Za-z-]+:)", "", text[start:], flags=re.MULTILINE)
    block, _ = headers.split(returned.encode("utf-8"))
    return text[: marker.start() if marker else start], block.decode("utf-8", "replace")


def _original_at(text: str) -> int:
    """Where the first run of header lines begins that looks like a mail's and not like a list of facts."""
    at, start, names = 0, 0, set[str]()
    for line in [*text.split("\n"), ""]:
        field = _FIELD.match(line)
        if field:
            start = start if names else at
            names.add(field[1].lower())
        elif not (names and line[:1] in (" ", "\t") and line.strip()):
            if len(names) > 1 and (names & _TRACE or names >= _LETTER):
                return start
            names = set()
        at += len(line) + 1
    return len(text)
