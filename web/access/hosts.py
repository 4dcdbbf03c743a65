"""Under which names the pages answer: the one in base_url, those the config adds, and this machine's own.

Whoever watches over the service may ask `/healthz`, `/readyz` and `/metrics` under any name, an IP address, say; and a
demonstration, in which nothing is real, may be looked at from wherever it is shown.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import abort, request
from werkzeug.sansio.utils import host_is_trusted

from web.access.security_log import event
from web.context import here

WATCHED: Final = frozenset({"healthz", "readyz", "metrics"})
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")


def names() -> list[str]:
    """The names taken, without ports."""
    settings = here().settings
    own = urlsplit(settings.base_url).hostname or ""
    return [own, *settings.web.hosts, *LOOPBACK]


def check() -> None:
    """Refuse what was asked for under another name: such a request was made up, or led astray."""
    if here().demo is not None or request.endpoint in WATCHED:
        return
    if host_is_trusted(request.environ.get("HTTP_HOST", ""), names()):
        return
    event("other host")
    abort(400, "host")
