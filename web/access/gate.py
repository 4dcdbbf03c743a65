"""Request and response hooks of access control; each rule has a module of its own.

`sessions`: who is signed in. `roles`: who may see what. `csrf`: forms that are ours. `rate_limits`: how often is too
often. `hosts`: under which names we answer. `headers`: what goes with every answer. `typed_secrets`: no view gets a
secret that somebody typed. Must never trust Host, Referer or
anything else a stranger can set.
"""

from typing import Any, Final

from flask import Flask, Response, abort, current_app, request
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from web.access import cookies, csrf, headers, hosts, rate_limits, roles, sessions, typed_secrets
from web.access.cookies import browser, digest
from web.access.headers import framed
from web.access.paths import safe_path
from web.access.roles import anybody, home, require
from web.access.security_log import event
from web.access.sessions import ROLES, Me, me, myself, of_address, sign_in, sign_out

__all__ = [
    "ROLES", "Me", "anybody", "browser", "digest", "framed", "home", "me", "myself", "of_address", "require",
    "safe_path", "sign_in", "sign_out",
]  # fmt: skip

OPEN_ROOMS: Final = frozenset({"public", "door", "own_details", "demo", "static"})
"""rooms that need no signing in: what everybody may read, what a secret opens, and the demonstration"""


def _check() -> Any:
    """None where the request may go on to its view; else what is answered instead."""
    hosts.check()
    if request.method in csrf.SAFE or request.routing_exception is not None:
        _count_search()
        return None
    if sessions.me() is None:
        count(rate_limits.forms())
    if not csrf.is_ours():
        event("form refused")
        return (csrf.shown_again() if _may_see() else None) or abort(400, "csrf")
    sessions.acted()
    return None


def _may_see() -> bool:
    """Whether the visitor may see the view at all: an expired form is shown again to nobody else."""
    return roles.allowed(roles.may(current_app, request.endpoint or "", OPEN_ROOMS))


def _count_search() -> None:
    """Searches of those signed in: whoever takes over a session must not ask the books word by word."""
    known = sessions.me() if request.args.get("q") and request.routing_exception is None else None
    seconds = rate_limits.left(rate_limits.SEARCHES, f"person:{known.id}") if known is not None else 0
    if seconds:
        event("too often", seconds=seconds)
        raise TooManyRequests(description="search", retry_after=seconds)


def count(limit: rate_limits.Limit, why: str | None = None) -> None:
    """One try from wherever this request comes. Too often: to be tried again later, for this reason (`web.errors`)."""
    place = rate_limits.outside()
    seconds = rate_limits.left(limit, place) if place is not None else 0
    if seconds:
        event("too often", seconds=seconds)
        raise TooManyRequests(description=why, retry_after=seconds)


def _admit(app: Flask) -> AnyResponse | None:
    if request.endpoint is None:
        return None
    return roles.admit(roles.may(app, request.endpoint, OPEN_ROOMS))


def _keep(response: Response) -> Response:
    """Cookies: a new browser's own, and when the session was last seen."""
    cookies.keep_browser(response)
    if not headers.is_static(response):
        sessions.keep(response)
    return response


def install(app: Flask) -> None:
    """Stand before every view and behind every answer."""
    app.before_request(_check)
    app.before_request(lambda: _admit(app))
    app.before_request(typed_secrets.take_out)
    app.after_request(headers.seal)
    app.after_request(_keep)
    app.jinja_env.globals.update(csrf=csrf.csrf, me=me, can_act=roles.can_act)


def check(app: Flask) -> None:
    """When every room is there: none may be without a rule."""
    roles.check(app, OPEN_ROOMS)
