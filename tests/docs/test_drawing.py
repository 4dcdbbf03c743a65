"""The drawing of the house shows rooms that are there, in their places, and the way that a reply really goes."""

import ast
import importlib.util
import sys
import xml.etree.ElementTree as ElementTree
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from tests.builders import ROOT
from tests.test_laws import FENCED, MAY_IMPORT


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_house", ROOT / "docs" / "house.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


house = _load()
WORLD = {"sqlalchemy", "flask", "socket", "subprocess", "threading", "waitress", *FENCED} - {"transitions"}
"""what no room of values imports; the table of states is built with `transitions`, which touches nothing"""


def tree(path: str) -> ast.Module:
    return ast.parse((ROOT / path).read_text(encoding="utf-8"))


def test_the_drawing_is_the_one_that_is_made_anew() -> None:
    assert house.OUT.read_text(encoding="utf-8") == house.svg(), "run: make house"


def test_every_room_is_there_and_each_stands_once_on_the_floor_of_its_package() -> None:
    floors = {floor.name: floor for floor in house.FLOORS}
    assert len({room.path for room in house.ROOMS}) == len(house.ROOMS)
    for room in house.ROOMS:
        assert (ROOT / room.path).exists(), room.path
        floor = floors[room.path.partition("/")[0]]
        assert floor.x < room.x and room.x + room.width < floor.x + floor.width, room.path
        assert floor.y < room.y and room.y + house.ROOM < floor.y + floor.height, room.path


def test_no_room_covers_another() -> None:
    rooms = house.ROOMS
    for i, one in enumerate(rooms):
        for other in rooms[i + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or abs(one.y - other.y) >= house.ROOM, f"{one.path} and {other.path}"


def test_each_package_has_a_floor_and_stands_on_none_that_it_may_not_import() -> None:
    top = {floor.name: floor.y for floor in house.FLOORS}
    assert set(top) == set(MAY_IMPORT)
    for name, may in MAY_IMPORT.items():
        assert all(top[name] <= top[other] for other in may), name


def test_a_reply_stops_where_the_drawing_says() -> None:
    way = house.way()
    assert [room.stop for room in way] == list(range(1, len(way) + 1))
    for room in way:
        named = {node.name for node in ast.walk(tree(room.path))
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}  # fmt: skip
        assert room.does in named, f"{room.path} has no {room.does}"
        assert room.path in house.told()
    for one, other in pairwise(way):
        assert one.x == other.x or one.y == other.y, f"{one.path} and {other.path} are no neighbours"


@pytest.mark.parametrize("path", [room.path for room in house.ROOMS if room.fill == house.PURE])
def test_a_room_of_values_touches_neither_the_world_nor_the_books(path: str) -> None:
    imported = set[str]()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            imported.add(node.module.partition(".")[0])
    assert not imported & WORLD, path


def test_one_room_alone_writes_a_teams_state() -> None:
    """That it is so is a law of its own, in tests/test_laws.py."""
    assert [room.path for room in house.ROOMS if room.fill == house.WRITES] == ["workflow/journey/moves.py"]


def test_the_drawing_is_told_in_words_too_and_fetches_nothing() -> None:
    text = house.OUT.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    said = [child.text for child in root if child.tag.endswith(("title", "desc"))]
    assert len(said) == 2 and all(said) and root.get("role") == "img"
    assert "href" not in text and text.count("://") == 1, "but for the format's own name"
    assert len(text) < 40_000
    assert "pictures/house.svg" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert Path(house.OUT).parent.name == "pictures"
