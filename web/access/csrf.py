"""CSRF protection: each form carries a token made from the browser's secret and the session, and is refused without;
and a browser that says where a form came from must name this very site.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import current_app, request
from markupsafe import Markup

from web.access import cookies, sessions
from web.context import here

View = TypeVar("View", bound=Callable[..., Any])
SHOWN_AGAIN: Final = "shown_again"
SAFE = ("GET", "HEAD", "OPTIONS")
PORTS: Final = {"http": ":80", "https": ":443"}


def csrf_token() -> str:
    """Made from the browser's secret and the session: no other browser's forms are taken."""
    return cookies.signed(_form())


def csrf() -> Markup:
    """The hidden field that every form of ours carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token())


def is_ours() -> bool:
    """Whether the form was ours: by where the browser says it came from, and by its token."""
    return _is_near() and cookies.is_signed(_form(), request.form.get("csrf", ""))


def _form() -> str:
    return f"form:{cookies.browser()}:{sessions.token() or ''}"


def keeps(show_again: Callable[..., Any]) -> Callable[[View], View]:
    """For long forms: one that has expired is not acted upon but shown again, with what was typed into it."""

    def marked(view: View) -> View:
        setattr(view, SHOWN_AGAIN, show_again)
        return view

    return marked


def shown_again() -> Any:
    """The expired form of a page of ours in a new one, where its view can do that; None where it cannot."""
    show_again = getattr(current_app.view_functions[request.endpoint or ""], SHOWN_AGAIN, None)
    return show_again(**(request.view_args or {})) if show_again is not None and _is_near() else None


def _is_near() -> bool:
    """Whether the form was on a page of ours, by where the browser says it came from."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    return _from_here(request.headers.get("Origin"))


def _from_here(origin: str | None) -> bool:
    """Compared whole: another scheme or port on our host is another site."""
    if origin is None or (origin == "null" and request.headers.get("Sec-Fetch-Site") == "same-origin"):
        return True
    return origin in {origin_of(request.host_url), origin_of(here().settings.base_url)}


def origin_of(address: str) -> str:
    """Scheme, host and port of an address of ours, as browsers say them (RFC 6454): in small letters, without the
    scheme's own port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.lower().removesuffix(PORTS.get(parts.scheme, ''))}"
