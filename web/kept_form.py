"""Faulty forms shown again by redirect: what was typed, and what is wrong with it, beside their fields on a page that
can be reloaded and come back to.

Both travel in signed cookies of the browser that typed them, for ten minutes and for that very session; nothing is kept
on the server. Must never hold a file or a secret.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from flask import redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from web import flash
from web.access import sessions
from web.context import here
from web.forms import Faults
from web.i18n.language import said
from workflow.text.bilingual import Text

COOKIES: Final = ("typed1", "typed2")
PIECE: Final = 3500
"""characters in one of them: more than that no browser keeps"""
SECONDS: Final = 600
AGAIN: Final = "again"
"""in the address of a page that shows a form once more"""
NEVER: Final = frozenset({"csrf", "digest", "seen", "change", "shown", "code"})
"""fields that are ours, or secret"""


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The form that was sent to `action`, and its faults by field; an empty one where nothing was."""

    action: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)

    def value(self, name: str, otherwise: object = "") -> str:
        """What was typed into a field; else what stands there."""
        return self.values.get(name, "" if otherwise is None else str(otherwise))


EMPTY: Final = KeptForm()


def back(where: str, faults: Faults, *told: flash.FlashMessage) -> Response:
    """To the page whose form this was, with what was typed and these faults; `""` is a fault of the whole."""
    values = {name: value for name, value in request.form.items() if name not in NEVER}
    whole = {"to": request.path, "v": values, "f": {name: says.as_dict() for name, says in faults.items()}}
    kept = str(_signer().dumps(whole))
    if len(kept) > PIECE * len(COOKIES):
        return flash.go(where, *(flash.bad(said(says)) for says in faults.values()), *told)
    page, _hash, anchor = where.partition("#")
    response = redirect(f"{page}{'&' if '?' in page else '?'}{AGAIN}=1#{anchor or 'faults'}", 303)
    for number, name in enumerate(COOKIES):
        piece = kept[number * PIECE : (number + 1) * PIECE]
        response.set_cookie(name, piece, max_age=SECONDS if piece else 0, path=_path(), **_flags())
    return response


def again(action: str = "") -> KeptForm:
    """What was kept of the form that is sent to `action`, on the page that shows it once more; of any, without one."""
    if not request.args.get(AGAIN):
        return EMPTY
    try:
        kept: Any = _signer().loads("".join(request.cookies.get(name, "") for name in COOKIES), max_age=SECONDS)
    except BadSignature:
        return EMPTY
    if action and kept["to"] != action.removeprefix(request.script_root):
        return EMPTY
    return KeptForm(kept["to"], kept["v"], {name: Text(**says) for name, says in kept["f"].items()})


def _signer() -> URLSafeTimedSerializer:
    """Of this session: whoever signs in next in this browser is shown nothing."""
    return URLSafeTimedSerializer(here().keys.believed[::-1], salt=f"form:{sessions.token() or ''}")


def _path() -> str:
    return request.script_root or "/"


def _flags() -> dict[str, Any]:
    return {"httponly": True, "samesite": "Lax", "secure": here().secure}
