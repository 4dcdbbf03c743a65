"""Who may do what: signed-in people, forms that are truly ours, and the headers that go with every answer.

A browser is known by a random cookie; a form carries a token made from it, and is refused without. A signed-in
session stands in the database, so that signing out ends it; when it was last seen stands, signed, in its cookie,
so that looking at a page never writes. Must never trust Host, Referer or anything else a stranger can set.
"""

import functools
import hashlib
import hmac
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any, Final, ParamSpec
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from web.context import here
from workflow.models import Person, WebSession

ROLES: Final = ("coordinator", "trainer", "mentor")
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)
BROWSER_DAYS: Final = 30
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "frame-ancestors 'self'"
)

P = ParamSpec("P")
View = Callable[P, Any]


def digest(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _signed(what: str) -> str:
    return hmac.new(here().secret_key.encode(), what.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


# -- the browser, and the forms it was given ----------------------------------------------------------------------


def _name(plain: str) -> str:
    return f"__Host-{plain}" if here().secure else plain


def browser() -> str:
    """This browser's own secret; a new one is given with the answer where there is none yet."""
    if "browser" not in g:
        known = request.cookies.get(_name("browser"), "")
        g.new_browser = not re.fullmatch(r"[A-Za-z0-9_-]{16,100}", known)
        g.browser = here().token() if g.new_browser else known
    return str(g.browser)


def csrf_token() -> str:
    """Made from the browser's secret and the session: no other browser's forms are taken."""
    return _signed(f"form:{browser()}:{_session_token() or ''}")


def csrf() -> Markup:
    """The hidden field that every form of ours carries."""
    return Markup('<input type="hidden" name="csrf" value="{}">').format(csrf_token())


def _is_near() -> bool:
    """Whether the form was on a page of ours, by where the browser says it came from."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    return _from_here(request.headers.get("Origin"))


def _is_fresh() -> bool:
    """Whether the form was given to this browser in this session, by its token."""
    return hmac.compare_digest(request.form.get("csrf", "").encode("utf-8", "replace"), csrf_token().encode())


def _from_here(origin: str | None) -> bool:
    if origin is None or (origin == "null" and request.headers.get("Sec-Fetch-Site") == "same-origin"):
        return True
    return urlsplit(origin).netloc in (request.host, urlsplit(here().settings.base_url).netloc)


@dataclass(slots=True)
class Tally:
    """How many forms each network address sent within the last minute; forgets, and never grows without end."""

    most: int
    seen: dict[str, deque[datetime]] = field(default_factory=dict)

    def too_many(self, who: str, now: datetime) -> bool:
        times = self.seen.setdefault(who, deque())
        while times and times[0] <= now - timedelta(minutes=1):
            times.popleft()
        times.append(now)
        if len(self.seen) > 10_000:
            self.seen = {key: kept for key, kept in self.seen.items() if kept[-1] > now - timedelta(minutes=1)}
        return len(times) > self.most


def _outside(address: str | None) -> bool:
    """Whether this is a network address of its own: all that comes through a proxy here would count as one."""
    try:
        return address is not None and not ip_address(address).is_loopback
    except ValueError:
        return False


# -- who is signed in ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """Whoever is signed in. `people`: their row in the table of people by role; one human may have several."""

    id: int
    name: str
    address: str
    lang: str
    people: Mapping[str, int]

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(role for role in ROLES if role in self.people)

    @property
    def coordinator(self) -> bool:
        return "coordinator" in self.people


def me() -> Me | None:
    """Who is signed in, if anybody."""
    if "me" not in g:
        g.me = _look_up()
    found = g.me
    return found if isinstance(found, Me) else None


def home(role: str) -> str:
    """Where a person of this role begins."""
    return url_for({"trainer": "staff.trainer", "mentor": "staff.mentor"}.get(role, "office.today"))


def myself() -> Me:
    """Who is signed in, where a view requires it."""
    found = me()
    assert found is not None, "ask for it in views with `require` only"
    return found


def of_address(session: Session, key: str) -> list[Person]:
    """The staff of this address, the weightiest role first."""
    found = session.scalars(
        sa.select(Person).where(Person.address_key == key, Person.role.in_(ROLES), Person.left_at.is_(None))
    )
    return sorted(found, key=lambda person: ROLES.index(person.role))


def _session_token() -> str | None:
    """The session's token, if its cookie is whole and was seen lately enough."""
    token, _, rest = request.cookies.get(_name("session"), "").partition(".")
    seen, _, signature = rest.partition(".")
    if not seen.isdecimal() or not hmac.compare_digest(signature.encode(), _signed(f"seen:{token}.{seen}").encode()):
        return None
    lately = here().demo is not None or here().now().timestamp() - int(seen) <= IDLE.total_seconds()
    return token if lately else None


def _look_up() -> Me | None:
    token = _session_token()
    if token is None:
        return None
    with here().db.reading() as session:
        row = _standing(session, token)
        people = of_address(session, row.person.address_key) if row else []
        if not people:
            return None
        first = people[0]
        return Me(
            id=first.id,
            name=first.name,
            address=first.address,
            lang=first.lang,
            people={person.role: person.id for person in people},
        )


def _standing(session: Session, token: str) -> WebSession | None:
    query = sa.select(WebSession).where(WebSession.token_hash == digest(token), WebSession.ended_at.is_(None))
    row = session.scalars(query).first()
    old = row is not None and here().demo is None and here().now() - row.started_at > LONGEST
    return None if old else row


def sign_in(session: Session, person: Person, response: AnyResponse) -> None:
    """A session of its own from now on; what the browser had before is ended."""
    sign_out(session, response)
    token, now = here().token(), here().now()
    session.add(WebSession(token_hash=digest(token), person_id=person.id, started_at=now, seen_at=now))
    g.pop("me", None)
    _give(response, token)


def sign_out(session: Session, response: AnyResponse) -> None:
    """End the browser's session, here and not only in the browser."""
    token = _session_token()
    if token is not None:
        ended = sa.update(WebSession).where(WebSession.token_hash == digest(token), WebSession.ended_at.is_(None))
        session.execute(ended.values(ended_at=here().now()))
    g.me = None
    response.delete_cookie(_name("session"), secure=here().secure, httponly=True, samesite="Lax")


def _give(response: AnyResponse, token: str) -> None:
    seen = f"{token}.{int(here().now().timestamp())}"
    _cookie(response, "session", f"{seen}.{_signed(f'seen:{seen}')}", LONGEST)


def _cookie(response: AnyResponse, name: str, value: str, age: timedelta) -> None:
    response.set_cookie(_name(name), value, max_age=age, httponly=True, samesite="Lax", secure=here().secure, path="/")


def require(*roles: str) -> Callable[[View[P]], View[P]]:
    """Only for those signed in with one of these roles; others are shown the way in, or that it is not theirs."""

    def wrapped(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            known = me()
            if known is None:
                return redirect(url_for("signin.ask", next=safe_path(request.path)), 303)
            if not set(roles or ROLES) & set(known.roles):
                abort(403)
            return view(*args, **kwargs)

        return guarded

    return wrapped


def safe_path(path: str | None, otherwise: str = "") -> str:
    """A path of our own, or `otherwise`: nobody is sent elsewhere by a link."""
    plain = re.fullmatch(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_/-]{0,300})?", path or "")
    return plain[0] if plain and "//" not in plain[0] else otherwise


# -- every request, every answer ----------------------------------------------------------------------------------


def framed(html: str) -> Response:
    """A mail's HTML for a sandboxed frame: it may look like itself and open its links beside us, and no more."""
    response = Response(html.replace("<head>", '<head><base target="_blank">', 1), mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def _check(tally: Tally) -> Any:
    """None where the request may go on to its view; else what is answered instead."""
    if request.method in ("GET", "HEAD", "OPTIONS") or request.routing_exception is not None:
        return None
    if _outside(request.remote_addr) and me() is None and tally.too_many(request.remote_addr or "", here().now()):
        abort(429)
    if not _is_near():
        abort(400, "csrf")
    return None if _is_fresh() else _stale()


def keeps(show_again: View[P]) -> Callable[[View[P]], View[P]]:
    """For long forms: one that has expired is not acted upon but shown again, with what was typed into it."""

    def marked(view: View[P]) -> View[P]:
        vars(view)["show_again"] = show_again
        return view

    return marked


def _stale() -> Any:
    """Shown again where the view can do that; else refused with words. Never acted upon."""
    show_again = vars(current_app.view_functions[request.endpoint or ""]).get("show_again")
    if show_again is None:
        abort(400, "csrf")
    return show_again(**(request.view_args or {}))


def _seal(response: Response) -> Response:
    """The headers of every answer, whatever its status."""
    headers, html = response.headers, response.mimetype == "text/html"
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "SAMEORIGIN" if "'self'" in headers["Content-Security-Policy"][-7:] else "DENY"
    # a browser that may not say where a form came from would say "null", and that is no proof
    headers["Referrer-Policy"] = "same-origin" if html else "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
    headers["Cache-Control"] = "public, max-age=3600" if _is_static(response) else "no-store"
    if here().secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return _keep(response)


def _is_static(response: Response) -> bool:
    return request.endpoint == "static" and response.status_code in (200, 304)


def _keep(response: Response) -> Response:
    """Cookies: a new browser's own, and when the session was last seen."""
    if g.get("new_browser"):
        _cookie(response, "browser", browser(), timedelta(days=BROWSER_DAYS))
    token = _session_token() if g.get("me") else None
    if token is not None and not _is_static(response):
        _give(response, token)
    return response


def install(app: Flask, posts_per_minute: int) -> None:
    """Stand before every view and behind every answer."""
    tally = Tally(posts_per_minute)
    app.before_request(lambda: _check(tally))
    app.after_request(_seal)
    app.jinja_env.globals.update(csrf=csrf, me=me)
