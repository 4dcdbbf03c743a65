"""Authorisation: who may see what. Every view says it; one that does not is open to nobody, and the pages do not even
start.

`require` names the roles of those signed in; `anybody` and a whole room opened by `open_room` need no signing in:
there the secret in the path, or nothing, is what admits.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Flask, abort, redirect, request, url_for
from werkzeug.wrappers import Response

from web.access import sessions
from web.access.paths import safe_path
from web.access.security_log import event

View = TypeVar("View", bound=Callable[..., Any])
ANYBODY: Final = "anybody"
DECLARED: Final = "may"


class Undeclared(Exception):
    """A view does not say who may see it."""


def require(*roles: str) -> Callable[[View], View]:
    """Only for those signed in with one of these roles, or with any where none is named."""
    return _declare(frozenset(roles or sessions.ROLES))


def anybody(view: View) -> View:
    """For everybody, signed in or not."""
    return _declare(frozenset({ANYBODY}))(view)


def _declare(who: frozenset[str]) -> Callable[[View], View]:
    def declared(view: View) -> View:
        setattr(view, DECLARED, who)
        return view

    return declared


def may(app: Flask, endpoint: str, open_rooms: frozenset[str]) -> frozenset[str]:
    """Who may see the view; nobody where it does not say."""
    said: frozenset[str] = getattr(app.view_functions[endpoint], DECLARED, frozenset())
    return said or (frozenset({ANYBODY}) if endpoint.partition(".")[0] in open_rooms else frozenset())


def check(app: Flask, open_rooms: frozenset[str]) -> None:
    """Before the first request: every view says who may see it."""
    silent = sorted(rule.endpoint for rule in app.url_map.iter_rules() if not may(app, rule.endpoint, open_rooms))
    if silent:
        raise Undeclared(f"these views do not say who may see them (web.access.roles): {', '.join(silent)}")


def admit(who: frozenset[str]) -> Response | None:
    """None for those who may; the way in for strangers; refused to everybody else."""
    if allowed(who):
        return None
    known = sessions.me()
    if known is not None:
        event("refused", person=known.id)
        abort(403)
    return redirect(url_for("signin.ask", next=safe_path(f"{request.script_root}{request.path}")), 303)


def allowed(who: frozenset[str]) -> bool:
    """Whether this request's visitor is among them."""
    if ANYBODY in who:
        return True
    known = sessions.me()
    return known is not None and bool(who & set(known.roles))


def can_act() -> bool:
    """Whether the office's pages have their forms and buttons: for coordinators; readers see the same without them."""
    known = sessions.me()
    return known is not None and known.coordinator


def home(role: str) -> str:
    """Where a person of this role begins."""
    return url_for({"trainer": "staff.trainer", "mentor": "staff.mentor"}.get(role, "office.today"))
