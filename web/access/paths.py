"""Paths of our own: nobody is sent elsewhere by a link, to another programme on the same host neither."""

import re
from typing import Final

from flask import has_request_context, request

_OURS: Final = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_/-]{0,300})?")


def safe_path(path: str | None, otherwise: str = "") -> str:
    """A path of our own, or `otherwise`."""
    plain = _OURS.fullmatch(path or "")
    root = f"{request.script_root}/" if has_request_context() else "/"
    return plain[0] if plain and "//" not in plain[0] and f"{plain[0]}/".startswith(root) else otherwise
