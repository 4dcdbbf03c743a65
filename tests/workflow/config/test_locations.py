"""The line finder knows every key that the TOML reader knows, whatever the text looks like."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.paths import ROOT
from workflow.config.locations import Path, dotted, line_of, lines_of

CONFIG = (ROOT / "config.toml").read_text(encoding="utf-8")

ODD = '''# [not.a.table]
top = 1 # a = 2
"quoted key" = "a # b = [c]"
'lit.eral' = 'x\\'
dotted . key.more = true
long = """
[not.a.table]
b = 2 \\""" ""two quotes more"""""
raw = \'\'\'
# '
\'\'\'
many = [ # ]
  { a = 1, b = [2, 3] },
  "]",
  -1.5e3, 2022-04-05T10:00:00.5,
]
[ table . "sub table" ]
k\tenn = 1
[[list]]
a = 1
[list.inner]
b = 1
[[list.deep]]
[[list.deep]]
c = {d.e = 1}
[[list]]
a = 2
[[list.deep]]
'''.replace("k\tenn", "kenn")


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every path in what tomllib has read."""
    if path:
        yield path
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in rows:
        yield from paths(inner, (*path, step))


def test_every_key_of_the_default_config_is_found_on_its_line() -> None:
    lines, rows = lines_of(CONFIG), CONFIG.split("\n")
    assert set(lines) == set(paths(tomllib.loads(CONFIG)))
    assert all(path[-1] in rows[line - 1] for path, line in lines.items() if isinstance(path[-1], str))


def test_every_key_of_an_odd_text_is_found() -> None:
    lines = lines_of(ODD)
    assert set(lines) == set(paths(tomllib.loads(ODD)))
    assert lines[("raw",)] == 9
    assert lines[("many", 0, "b", 1)] == 13
    assert lines[("list", 0, "deep", 1, "c", "d", "e")] == 25
    assert lines[("list", 1, "deep", 0)] == 28


def test_line_ends_of_windows_count_as_one() -> None:
    assert lines_of(ODD.replace("\n", "\r\n")) == lines_of(ODD)


def test_what_is_missing_is_shown_at_the_table_it_is_missing_from() -> None:
    lines = lines_of(ODD)
    assert line_of(lines, ("list", 1, "name")) == 26
    assert line_of(lines, ("nowhere",)) is None


def test_places_read_as_people_write_them() -> None:
    assert dotted(("stages", 2, "work", "due")) == "stages[2].work.due"


@given(st.text(alphabet="a.=[]{}\"'#,\\ \n\t1-", max_size=60))
def test_the_walk_ends_and_agrees_whatever_the_text(text: str) -> None:
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(lines_of(text)) == set(paths(data))
