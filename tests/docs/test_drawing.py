"""The drawing of the packages shows all of them, each above what it imports, and the way that a reply really goes."""

import ast
import importlib.util
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.paths import ROOT
from tests.test_laws import FENCED, MAY_IMPORT


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_house", ROOT / "docs" / "house.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


house = _load()
ROOMS: dict[str, Any] = {room.path: room for room in house.ROOMS}
WORLD = {"sqlalchemy", "flask", "socket", "subprocess", "threading", "waitress", *FENCED} - {"transitions"}
"""what no pure package imports; the table of states is built with `transitions`, which touches nothing"""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def modules(room: Any) -> list[Path]:
    """The room's modules, without those of a room of its own inside it."""
    if room.path.endswith(".py"):
        return [ROOT / room.path]
    return [path for path in sorted((ROOT / room.path).rglob("*.py")) if room_of(path) is room]


def room_of(path: Path) -> Any:
    """The innermost room that a module belongs to; None where it stands flat on its floor and is not drawn."""
    name = path.relative_to(ROOT).as_posix()
    return ROOMS.get(max((p for p in ROOMS if name == p or name.startswith(f"{p}/")), key=len, default=""))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_the_drawing_is_the_one_that_is_made_anew() -> None:
    assert house.OUT.read_text(encoding="utf-8") == house.svg(), "run: make house"


def test_every_package_is_drawn_once_and_no_other() -> None:
    found = [path.parent for floor in MAY_IMPORT for path in (ROOT / floor).glob("*/__init__.py")]
    packages = {path.relative_to(ROOT).as_posix() for path in found}
    assert len(ROOMS) == len(house.ROOMS)
    assert {path for path in packages if not path.startswith("rehearsal/")} <= set(ROOMS)
    assert [path for path in ROOMS if not (ROOT / path).exists()] == []


def test_each_room_stands_within_the_walls_of_its_floor() -> None:
    floors = {floor.name: floor for floor in house.FLOORS}
    for room in house.ROOMS:
        floor = floors[room.path.partition("/")[0]]
        assert floor.x < room.x and room.x + room.width < floor.x + floor.width, room.path
        assert floor.y < room.y and room.y + house.ROOM < floor.y + floor.height, room.path


def test_no_room_covers_another() -> None:
    rooms = house.ROOMS
    for i, one in enumerate(rooms):
        for other in rooms[i + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert beside or abs(one.y - other.y) >= house.ROOM, f"{one.path} and {other.path}"


def test_the_words_of_a_room_stand_within_its_walls() -> None:
    """6.6 points a letter: the widest of the fonts that such a page is shown in."""
    wide = [room.path for room in house.ROOMS if 12 + 6.6 * len(room.says) > room.width]
    assert wide == []


def test_each_floor_stands_on_none_that_it_may_not_import() -> None:
    top = {floor.name: floor.y for floor in house.FLOORS}
    assert set(top) == set(MAY_IMPORT)
    for name, may in MAY_IMPORT.items():
        assert all(top[name] <= top[other] for other in may), name


@pytest.mark.parametrize("path", ROOMS)
def test_no_room_stands_below_one_that_it_is_imported_by(path: str) -> None:
    """Within its floor; of two on one row either may import the other, as far as the contracts let it."""
    room, lower = ROOMS[path], set[str]()
    for source in modules(room):
        for name in imported(source):
            other = room_of(ROOT / f"{name.replace('.', '/')}.py")
            if other is not None and other.path.partition("/")[0] == path.partition("/")[0] and other.y < room.y:
                lower.add(f"{source.relative_to(ROOT)} imports {name}")
    assert lower == set()


def test_a_reply_stops_where_the_drawing_says() -> None:
    way = house.way()
    assert [room.stop for room in way] == list(range(1, len(way) + 1))
    for room in way:
        module, _, does = room.does.partition(".")
        named = {node.name for node in ast.walk(tree(ROOT / room.path / f"{module}.py"))
                 if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))}  # fmt: skip
        assert does in named, f"{room.path} has no {room.does}"
        assert room.path in house.in_words()
    solid = [(leg.start, leg.end) for leg in house.LEGS if not leg.dashed]
    stops = ["", *(room.path for room in way), ""]
    assert solid == list(pairwise(stops))


@pytest.mark.parametrize("leg", house.LEGS, ids=lambda leg: f"{leg.start or 'outside'}-{leg.end or 'outside'}")
def test_a_line_leads_from_wall_to_wall_and_through_no_other_room(leg: Any) -> None:
    for name, (x, y) in ((leg.start, leg.corners[0]), (leg.end, leg.corners[-1])):
        if name:
            room = ROOMS[name]
            assert room.x <= x <= room.x + room.width and room.y <= y <= room.y + house.ROOM, name
            assert x in (room.x, room.x + room.width) or y in (room.y, room.y + house.ROOM), name
    for (x, y), (to_x, to_y) in pairwise(leg.corners):
        assert x == to_x or y == to_y, "lines go straight"
        for room in house.ROOMS:
            across = min(x, to_x) < room.x + room.width and max(x, to_x) > room.x
            along = min(y, to_y) < room.y + house.ROOM and max(y, to_y) > room.y
            assert not (across and along), f"{leg.start} to {leg.end} goes through {room.path}"


@pytest.mark.parametrize("path", [room.path for room in house.ROOMS if room.fill == house.PURE])
def test_a_pure_room_touches_neither_network_nor_files_nor_database(path: str) -> None:
    for source in modules(ROOMS[path]):
        assert not {name.partition(".")[0] for name in imported(source)} & WORLD, source


def test_one_room_alone_writes_a_teams_state() -> None:
    """That it is so is a law of its own, in tests/test_laws.py."""
    assert [room.path for room in house.ROOMS if room.fill == house.WRITES] == ["workflow/journey"]


def test_the_drawing_is_told_in_words_too_and_fetches_nothing() -> None:
    text = house.OUT.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    said = [child.text for child in root if child.tag.endswith(("title", "desc"))]
    assert len(said) == 2 and all(said) and root.get("role") == "img"
    assert "href" not in text and text.count("://") == 1, "but for the format's own name"
    assert len(text) < 40_000
    assert "pictures/house.svg" in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert Path(house.OUT).parent.name == "pictures"
