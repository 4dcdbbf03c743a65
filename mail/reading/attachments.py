"""Attachments of a mail, under sanitised names. Pure and total.

A name is only a label: nothing may ever be written under it. A file is never unpacked and never looked into.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from mail.reading.characters import clean
from mail.reading.headers import decode_words
from mail.reading.headers import parse as parse_headers
from mail.reading.headers import split as split_headers
from mail.reading.parts import MimePart

NAME_CAP: Final = 150
_SMALL_PICTURE: Final = 48 * 1024

_UNSAFE: Final = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]')
_DEVICE: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?=\.|$)", re.IGNORECASE)
_ENDINGS: Final = {
    "application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif",
    "image/heic": ".heic", "text/plain": ".txt", "text/html": ".html", "text/calendar": ".ics",
    "message/rfc822": ".eml", "application/zip": ".zip", "application/msword": ".doc", "video/mp4": ".mp4",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}  # fmt: skip
# Parts that only serve the mail itself.
_SERVING: Final = frozenset(
    {
        "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature",
        "application/pgp-keys", "text/calendar", "application/ics", "text/vcard", "text/x-vcard",
        "text/directory",
        "message/delivery-status", "message/disposition-notification", "text/rfc822-headers",
        "message/feedback-report", "application/x-amp-html", "text/x-amp-html", "text/watch-html",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """`inline`: serves the mail (a signature's logo, an invitation, a seal) and is nobody's work."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    sha256: str
    inline: bool


def attachment(part: MimePart, number: int, pictured: bool) -> Attachment:
    """The file in `part`, the `number`th of its mail; `pictured`: the page shows it by its Content-ID."""
    content = part.content()
    small = pictured and len(content) < _SMALL_PICTURE and part.main_type == "image"
    return Attachment(
        name=safe_name(_label(part), f"{part.main_type}-{number}{_ENDINGS.get(part.media_type, '')}"),
        media_type=part.media_type,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        inline=small or part.media_type in _SERVING,
    )


def _label(part: MimePart) -> str:
    if part.file_name or part.media_type != "message/rfc822":
        return part.file_name
    block, _ = split_headers(bytes(part.body[:8192]))
    subject = parse_headers(block).text("subject")
    return f"{subject[:100].rstrip('.')}.eml" if subject else ""


def safe_name(name: str, otherwise: str = "file") -> str:
    """`name` as a label: its last path step, composed, without controls or marks, at most 150 characters."""
    text = decode_words(name[:2000]).replace("\\", "/").rstrip("/ ").rsplit("/", 1)[-1]
    text = _UNSAFE.sub("_", unicodedata.normalize("NFC", clean(text)[:600]).replace("\n", "_").replace("\t", " "))
    text = " ".join(text.split()).lstrip(". ").rstrip(". ")
    if not text.strip("_. "):
        return otherwise
    return _shortened("_" + text if _DEVICE.match(text) else text)


def _shortened(name: str) -> str:
    if len(name) <= NAME_CAP:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 16:
        return name[:NAME_CAP]
    return f"{stem[: NAME_CAP - len(ending) - 1]}.{ending}"
