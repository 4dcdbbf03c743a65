"""What readers get: the office's pages without their forms, and without the secrets that would let them answer.

They are taken out of the finished page, so that no template can forget it. That no form of theirs is taken
anyway, `roles` sees to.
"""

import re
from typing import Final

from flask import Response, request

from web.access.sessions import me

_FORM: Final = re.compile(r"<form\b(?=[^>]*\bmethod=\"post\")(?![^>]*\bdata-own\b).*?</form>", re.DOTALL)
_ACT: Final = re.compile(
    r"<a\b([^>]*)\bhref=\"(?:/p/[a-z0-9-]+)?/office/(?:team/\d+/(?:step/|undo)|selection/apply)[^\"]*\"([^>]*)>(.*?)</a>",
    re.DOTALL,
)
"""links to where one acts"""
_DOOR: Final = re.compile(r"/q/[a-z0-9]{16,60}")
_ADDRESS: Final = re.compile(r"\b([a-z])-[a-z0-9]{16,60}@")
_PASS: Final = re.compile(r"\bpass=[a-z0-9]{16,60}")


def without_buttons(response: Response) -> Response:
    """The page as a reader may have it; everybody else's as it is."""
    if response.mimetype != "text/html" or not (request.endpoint or "").startswith("office."):
        return response
    known = me()
    if known is None or known.coordinator:
        return response
    page = _ACT.sub(_words, _FORM.sub("", response.get_data(as_text=True)))
    page = _PASS.sub("pass=…", _ADDRESS.sub(r"\1-…@", _DOOR.sub("/q/…", page)))
    response.set_data(page)
    return response


def _words(link: re.Match[str]) -> str:
    """A link to where one acts: its words stay; a button goes."""
    attributes = link[1] + link[2]
    return "" if 'class="button' in attributes else f"<span{attributes.rstrip()}>{link[3]}</span>"
