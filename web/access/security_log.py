"""What happened at the doors, one JSON line each, to the logger `teekond.security`: who got in, who did not, and why.

Must never hold a secret, an address or anything typed: people are named by their number, places by their endpoint.
"""

import json
import logging
from typing import Final

from flask import has_request_context, request

from web.context import here

LOG: Final = logging.getLogger("teekond.security")


def event(what: str, **facts: str | int | None) -> None:
    """One line. `facts` are numbers and words of our own."""
    told: dict[str, str | int | None] = {"event": what, "at": here().now().isoformat(), **facts}
    if has_request_context():
        told |= {"from": request.remote_addr, "endpoint": request.endpoint, "method": request.method}
    LOG.log(logging.INFO if what in QUIET else logging.WARNING, json.dumps(told, ensure_ascii=True))


QUIET: Final = frozenset({"signed in", "half signed in", "second factor", "signed out", "link asked", "file read"})
"""ordinary life; the rest is worth a look"""
