"""Flash messages: what became of a form, shown once on the next page, in a signed cookie that lives a minute.

Nothing is kept on the server, and nobody else can put words there.
"""

from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, Response, g, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response as AnyResponse

from web.context import here

COOKIE: Final = "told"
SECONDS: Final = 60
MOST: Final = 12
"""sentences: more would not fit into a cookie"""


@dataclass(frozen=True, slots=True)
class FlashMessage:
    """One sentence; `kind` is good, warn or bad."""

    kind: str
    says: str


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(here().keys.believed[::-1], salt="told")


def _path() -> str:
    """Programmes that share a host tell their own visitors only."""
    return request.script_root or "/"


def go(where: str, *told: FlashMessage) -> AnyResponse:
    """To a page of ours, with these words on it."""
    response = redirect(where, 303)
    if told:
        words = [(one.kind, one.says[:240]) for one in told[:MOST]]
        value = str(_signer().dumps(words))
        response.set_cookie(
            COOKIE, value, max_age=SECONDS, httponly=True, samesite="Lax", secure=here().secure, path=_path()
        )
    return response


def good(says: str) -> FlashMessage:
    return FlashMessage("good", says)


def bad(says: str) -> FlashMessage:
    return FlashMessage("bad", says)


def warn(says: str) -> FlashMessage:
    return FlashMessage("warn", says)


def told() -> list[FlashMessage]:
    """The words that came with this request; they are gone with its answer."""
    try:
        words: Any = _signer().loads(request.cookies.get(COOKIE, ""), max_age=SECONDS)
    except BadSignature:
        return []
    g.told = True
    return [FlashMessage(str(kind), str(says)) for kind, says in words]


def _forget(response: Response) -> Response:
    if g.get("told"):
        response.delete_cookie(COOKIE, path=_path(), secure=here().secure, httponly=True, samesite="Lax")
    return response


def install(blueprint: Blueprint) -> None:
    """On every page of this blueprint."""
    blueprint.context_processor(lambda: {"told": told})
    blueprint.after_request(_forget)
