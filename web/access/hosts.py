"""Host header check: the pages answer under the name in base_url, those the config adds, and this machine's own.

Whoever watches over the service may ask `/healthz`, `/readyz` and `/metrics` under any name, an IP address, say. A
demonstration is no exception: signing in is one click there, so a strange page must not reach it by a name of its own
that leads to this machine (DNS rebinding).
"""

import re
from typing import Final
from urllib.parse import urlsplit

from flask import abort, request
from werkzeug.sansio.utils import host_is_trusted

from web.access.security_log import event
from web.context import here

WATCHED: Final = frozenset({"healthz", "readyz", "metrics"})
LOOPBACK: Final = ("localhost", "127.0.0.1", "[::1]")
_LOOPBACK_V6: Final = re.compile(r"\[::1\](:\d{1,5})?")
"""looked for here: the library cuts a name at its first colon"""


def names() -> list[str]:
    """The names taken, without ports."""
    settings = here().settings
    own = urlsplit(settings.base_url).hostname or ""
    return [own, *settings.web.hosts, *LOOPBACK]


def check() -> None:
    """Refuse what was asked for under another name: such a request was made up, or led astray."""
    if request.endpoint in WATCHED:
        return
    host = request.environ.get("HTTP_HOST", "")
    if host_is_trusted(host, names()) or _LOOPBACK_V6.fullmatch(host):
        return
    event("other host")
    abort(400, "host")
