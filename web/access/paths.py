"""Open-redirect protection and route values: nobody is sent elsewhere by a link, to another programme on the same host
neither; and a number in a path is one that a row can have.
"""

import re
from typing import Final

from flask import has_request_context, request
from werkzeug.routing import IntegerConverter, Map

LARGEST_ROW: Final = 2**31 - 1
"""the highest number of a row that PostgreSQL's columns take; SQLite takes higher ones"""
_OURS: Final = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_/-]{0,300})?")


def safe_path(path: str | None, otherwise: str = "") -> str:
    """A path of our own, or `otherwise`."""
    plain = _OURS.fullmatch(path or "")
    root = f"{request.script_root}/" if has_request_context() else "/"
    return plain[0] if plain and "//" not in plain[0] and f"{plain[0]}/".startswith(root) else otherwise


class RowNumber(IntegerConverter):
    """`<int:…>` in a path: a number that a row can have. Any other is the number of none, so there is no such page."""

    regex = "[0-9]{1,10}"

    def __init__(self, rules: Map) -> None:
        super().__init__(rules, max=LARGEST_ROW)
