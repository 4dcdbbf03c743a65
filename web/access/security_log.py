"""Security log: sign-ins, refusals and downloads, one JSON line each, to the logger `teekond.security`.

Must never hold a secret, an address or anything typed: people are named by their number, places by their endpoint.
"""

import json
import logging
from datetime import datetime
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


def waits(until: datetime | None) -> None:
    """One line where a mail that this request causes is over the rate limit, and leaves later."""
    if until is not None:
        event("too many mails", seconds=max(1, int((until - here().now()).total_seconds())))


QUIET: Final = frozenset({"signed in", "half signed in", "second factor", "signed out", "link asked", "file read"})
"""ordinary life; the rest is worth a look"""
