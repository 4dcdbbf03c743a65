"""Cookies signed with the service's own key. A browser is known by a random secret of its own.

Over https every cookie's name begins with `__Host-`: no other host or path may set one that is taken for ours.
"""

import hashlib
import hmac
import re
from datetime import timedelta
from typing import Final

from flask import g, request
from werkzeug.wrappers import Response

from web.context import here
from workflow.security import keys

BROWSER_DAYS: Final = 30
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{16,100}")


def digest(secret: str) -> str:
    """How a secret is kept."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def signed(what: str, key: str = "") -> str:
    """What nobody can make without the service's key: the newest, where none is named."""
    return keys.mac(key or here().keys.newest, what).hex()


def is_signed(what: str, signature: str) -> bool:
    """Whether one of the keys that are believed made it."""
    given = signature.encode("utf-8", "replace")
    return any(hmac.compare_digest(given, signed(what, key).encode()) for key in here().keys.believed)


def name(plain: str) -> str:
    """What a cookie is called here: programmes that share a host have cookies of their own."""
    own = f"{plain}-{here().mark}" if here().mark else plain
    return f"__Host-{own}" if here().secure else own


def read(plain: str) -> str:
    return request.cookies.get(name(plain), "")


def write(response: Response, plain: str, value: str, age: timedelta) -> None:
    response.set_cookie(name(plain), value, max_age=age, httponly=True, samesite="Lax", secure=here().secure, path="/")


def erase(response: Response, plain: str) -> None:
    response.delete_cookie(name(plain), secure=here().secure, httponly=True, samesite="Lax")


def browser() -> str:
    """This browser's own secret; a new one is given with the answer where there is none yet."""
    if "browser" not in g:
        known = read("browser")
        g.new_browser = not _SECRET.fullmatch(known)
        g.browser = here().token() if g.new_browser else known
    return str(g.browser)


def keep_browser(response: Response) -> None:
    """With every answer: a new browser gets its secret."""
    if g.get("new_browser"):
        write(response, "browser", browser(), timedelta(days=BROWSER_DAYS))
