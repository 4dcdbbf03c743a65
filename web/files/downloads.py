"""Downloads: always as attachments, never shown by the browser, whatever they say they are (RFC 6266).

Where a virus scanner is configured, a file leaves only after it was found clean just now. Each one that leaves is noted
in the security log: which, and to whom.
"""

import re
import unicodedata
from typing import IO, Final
from urllib.parse import quote

from flask import Response, abort

from web.access.headers import FILE_POLICY
from web.access.security_log import event
from web.access.sessions import me
from web.context import ScanVerdict, here

_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f/\\:*?\"<>|\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_RESERVED: Final = re.compile(r"(?i)\A(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)")
NAME_MAX: Final = 150
BLOCK: Final = 64 * 1024


def label(name: str) -> str:
    """A name that means nothing to any file system."""
    plain = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    plain = _UNSAFE.sub("_", plain).strip(" .")[-NAME_MAX:]
    return f"_{plain}" if _RESERVED.match(plain) else plain or "fail"


def handed_out(name: str, content: bytes, *, what: str, number: int, to: int | None = None) -> Response:
    """Somebody's file, checked and noted. `what` and `number` say which: `file 7`, `letter 12`; `to`: who takes it at
    a door, where nobody is signed in."""
    scan = here().scan
    verdict = ScanVerdict.CLEAN if scan is None else scan(content)
    known = None if to else me()
    event("file read" if verdict is ScanVerdict.CLEAN else f"file {verdict}", kind=what, number=number,
          person=known.id if known else to)  # fmt: skip
    if verdict is not ScanVerdict.CLEAN:
        abort(403, verdict.value)
    return attachment(name, content)


def attachment(name: str, content: bytes) -> Response:
    """The bytes to be kept, not opened."""
    safe = label(name)
    plain = safe.encode("ascii", "replace").decode().replace("?", "_")
    response = Response(content, mimetype="application/octet-stream")
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(safe, safe='')}"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = FILE_POLICY
    return response


def streamed(name: str, packed: IO[bytes]) -> Response:
    """From a temporary file, block by block; the file goes when the last one has left."""
    response = attachment(name, b"")
    size = packed.seek(0, 2)
    packed.seek(0)
    response.response = iter(lambda: packed.read(BLOCK), b"")
    response.content_length = size
    response.call_on_close(packed.close)
    return response
