"""Gzip of static files (style and script), for whoever takes that.

Pages do not: where what a stranger chose stands beside a form's token, the length of what is compressed tells of both.
"""

import functools
import gzip
from typing import Final

from flask import Flask, Response, request

KINDS: Final = ("text/css", "text/javascript", "image/svg+xml")


@functools.lru_cache(maxsize=32)
def _packed(plain: bytes) -> bytes:
    return gzip.compress(plain, 9, mtime=0)


def pack(response: Response) -> Response:
    """A file of ours, compressed; anything else as it is."""
    if request.endpoint != "static" or response.mimetype not in KINDS:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code == 200 and request.accept_encodings.quality("gzip"):
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.content_encoding = "gzip"
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)
    return response


def install(app: Flask) -> None:
    """Behind every answer."""
    app.after_request(pack)
