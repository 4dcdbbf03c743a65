"""Reads `[team]` of configs from before `[[team.kinds]]`: a running season was begun with such a file. Pure.

What their two kinds and the team's home were called stood in the code then; now it stands in earlier.toml beside this.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).with_name("earlier.toml")


@cache
def _as_it_was() -> Mapping[str, Any]:
    """What those configs left unsaid."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def modern(data: dict[str, Any]) -> dict[str, Any]:
    """The file's data, with a `[team]` of that time in the words of today; any other as it is."""
    team, was = data.get("team"), _as_it_was()
    named = {f"min_{kind['key']}": kind for kind in was["kinds"]}
    if not isinstance(team, dict) or not named.keys() & team.keys() or "kinds" in team:
        return data
    kinds = [{**kind, "min": team.get(key, kind["min"])} for key, kind in named.items()]
    rest = {key: value for key, value in team.items() if key not in named}
    return {**data, "team": {**was, **rest, "kinds": kinds}}
