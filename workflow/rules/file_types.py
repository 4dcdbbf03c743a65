"""File type detection by name and by first bytes (magic numbers); flags a file where the two differ or care is due.

Pure. Nothing is refused here: what somebody sent is kept, and marked. Must never unpack anything.
"""

import mimetypes
from typing import Final

MISMATCH: Final = "mismatch"
"""it is not what its name says"""
MACROS: Final = "macros"
"""a document that can run programs"""
UNUSUAL: Final = "unusual"
"""not a kind of file that this programme's work comes in"""

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_OLE: Final = (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
_RIFF: Final = (b"RIFF",)
_ISO_MEDIA: Final = (b"ftyp",)
STARTS: Final[dict[str, tuple[bytes, ...]]] = {
    **dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "odp", "zip", "epub"), _ZIP),
    **dict.fromkeys(("docm", "xlsm", "pptm", "dotm", "xltm", "potm", "ppsm"), _ZIP),
    **dict.fromkeys(("doc", "xls", "ppt", "msg"), _OLE),
    "pdf": (b"%PDF-",),
    "rtf": (b"{\\rtf",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    **dict.fromkeys(("jpg", "jpeg"), (b"\xff\xd8\xff",)),
    "gif": (b"GIF87a", b"GIF89a"),
    **dict.fromkeys(("webp", "wav"), _RIFF),
    **dict.fromkeys(("heic", "mp4", "m4a", "mov"), _ISO_MEDIA),
    **dict.fromkeys(("tif", "tiff"), (b"II*\x00", b"MM\x00*")),
    "mp3": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "7z": (b"7z\xbc\xaf\x27\x1c",),
    "eml": (),
}
"""the kinds that are taken as they are, and how each begins"""
PLAIN: Final = frozenset({"txt", "csv", "md", "ics"})
"""text has no beginning of its own; it is not anything else either"""
_WITH_MACROS: Final = frozenset({"docm", "xlsm", "pptm", "dotm", "xltm", "potm", "ppsm"})
_MACRO_SIGNS: Final = (b"vbaProject.bin", b"_VBA_PROJECT", b"V\x00B\x00A\x00")
_ACTIVE: Final = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?xml", b"mz\x90", b"#!/", b"\x7felf")
_LATER: Final = {"heic": 4, "mp4": 4, "m4a": 4, "mov": 4}
"""where the sign stands, if not at the very beginning"""
_HEAD: Final = 1024


def mark(name: str, content: bytes) -> str:
    """Why the file should be opened with care; empty where nothing speaks for it."""
    kind = ending(name)
    if kind in _WITH_MACROS or (kind in STARTS and _carries_macros(content)):
        return MACROS
    if kind not in STARTS and kind not in PLAIN:
        return UNUSUAL
    return "" if _agrees(kind, content) else MISMATCH


def media_type(name: str) -> str:
    """What a mail says that the file is: by its ending alone; a mail within a mail goes as bytes."""
    found = mimetypes.guess_type(name, strict=False)[0] or ""
    return found if found and not found.startswith(("message/", "multipart/")) else "application/octet-stream"


def ending(name: str) -> str:
    """`pdf` of `Töö.PDF`; empty where there is none."""
    stem, dot, last = name.strip().rpartition(".")
    return last.lower() if dot and stem else ""


def _agrees(kind: str, content: bytes) -> bool:
    head = content[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if kind in PLAIN or not STARTS[kind]:
        known = (sign.lower() for signs in STARTS.values() for sign in signs if len(sign) > 3)
        return b"\x00" not in content[:_HEAD] and not head.startswith((*_ACTIVE, *known))
    return content[_LATER.get(kind, 0) :].startswith(STARTS[kind])


def _carries_macros(content: bytes) -> bool:
    """Names of parts stand readable even in a packed document."""
    return content.startswith((*_ZIP, *_OLE)) and any(sign in content for sign in _MACRO_SIGNS)
