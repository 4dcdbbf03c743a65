"""Dispatcher (WSGI) among several programmes behind one address: each request goes to one of them, and to no other.

A programme has a host of its own, or the path /p/KEY of one it shares: that is what its base_url says. From this
machine it is found under /p/KEY in any case. What belongs to none of them is the front's own: the list of programmes,
and how they do (`web.front.pages`). Must never hand a request to two programmes, or guess one from a cookie.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.access.hosts import LOOPBACK
from workflow.config.loader import Programme

SHUT: Final = "teekond.shut"
"""in the environ of a request for a programme that is not served: its key"""
STRANGE: Final = "teekond.strange"
"""there, where nobody here has the name that was asked for"""
NAMES_HERE: Final = frozenset(name.strip("[]") for name in LOOPBACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """A programme's pages, and where they are: under which host, behind which path."""

    key: str
    programme: Programme
    base_url: str
    places: Sequence[tuple[str, str]]
    app: WSGIApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """A programme that is not served; `places` where they are known."""

    key: str
    places: Sequence[tuple[str, str]] = ()


class Front:
    """The application that all requests come to. `own` answers what belongs to no programme."""

    def __init__(self, mounted: Sequence[Mounted], shut: Sequence[Shut], own: WSGIApplication) -> None:
        self._own = own
        self._places: dict[tuple[str, str], Mounted | Shut] = {}
        known: list[Mounted | Shut] = [*shut, *mounted]
        for one in known:
            self._places.update({(host, f"/p/{one.key}"): one for host in NAMES_HERE})
        for one in known:
            self._places.update({(host.lower(), path): one for host, path in one.places})
        self._names = {host for host, _ in self._places} | NAMES_HERE

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = name_of(environ)
        for path in _beginnings(environ.get("PATH_INFO", "")):
            found = self._places.get((host, path))
            if isinstance(found, Mounted):
                return found.app(below(environ, path), start_response)
            if found is not None:
                return self._own({**environ, SHUT: found.key}, start_response)
        strange = {} if host in self._names else {STRANGE: True}
        return self._own({**environ, **strange}, start_response)


def _beginnings(path: str) -> list[str]:
    """The paths a programme may lie behind, the longest first."""
    parts = path.split("/", 3)
    return ["/".join(parts[:3]), ""] if parts[:2] == ["", "p"] and len(parts) > 2 else [""]


def below(environ: WSGIEnvironment, path: str) -> dict[str, Any]:
    """The request as the pages behind this path see it: their links begin with it."""
    rest = environ.get("PATH_INFO", "")[len(path) :]
    return {**environ, "SCRIPT_NAME": environ.get("SCRIPT_NAME", "") + path, "PATH_INFO": rest or "/"}


def name_of(environ: WSGIEnvironment) -> str:
    """The host that was asked for, without its port; empty where it is none."""
    try:
        return urlsplit(f"//{environ.get('HTTP_HOST', '')}").hostname or ""
    except ValueError:
        return ""

