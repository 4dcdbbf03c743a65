"""Paths of our own: nobody is sent elsewhere by a link."""

import re
from typing import Final

_OURS: Final = re.compile(r"/(?:[A-Za-z0-9_-][A-Za-z0-9_/-]{0,300})?")


def safe_path(path: str | None, otherwise: str = "") -> str:
    """A path of our own, or `otherwise`."""
    plain = _OURS.fullmatch(path or "")
    return plain[0] if plain and "//" not in plain[0] else otherwise
