"""The packages: what each one is stands in its first lines, and a neighbour takes only what it offers in `__all__`."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.case_table import each
from tests.paths import ROOT

FLOORS = ("workflow", "mail", "web", "service")
MOST = 16
"""modules in a folder"""
PACKAGES = sorted(p.parent for floor in FLOORS for p in (ROOT / floor).rglob("__init__.py"))
SOURCES = [ROOT / "teekond.py", *(p for package in PACKAGES for p in sorted(package.glob("*.py")))]
TAKERS = [*SOURCES, *sorted((ROOT / "rehearsal").rglob("*.py"))]
OF_ALEMBIC = {"migrations", "versions"}


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_dotted(p) for p in SOURCES if p.name != "__init__.py"}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imported(path: Path) -> set[str]:
    """The modules of ours that this one imports."""
    found = set[str]()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & MODULES


def _offered(package: Path) -> list[str]:
    for node in _tree(package / "__init__.py").body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return list(ast.literal_eval(node.value))
    return []


def _taken() -> dict[str, set[str]]:
    """By package: which of its modules others import."""
    taken = defaultdict[str, set[str]](set)
    for path in TAKERS:
        own = _dotted(path.parent / "__init__.py") if path.parent != ROOT else ""
        for name in _imported(path):
            package, _, module = name.rpartition(".")
            if package and package != own:
                taken[package].add(module)
    return taken


TAKEN = _taken()


@each("package", [p for p in PACKAGES if not OF_ALEMBIC & set(p.parts)])
def test_a_package_says_what_it_is_and_offers_just_what_others_take(package: Path) -> None:
    said = ast.get_docstring(_tree(package / "__init__.py")) or ""
    assert len(said.split(". ")) + said.count(".\n") >= 2, "what it is, and what it must never do"
    assert "must never" in said.lower()
    assert set(_offered(package)) == TAKEN.get(_dotted(package / "__init__.py"), set())


@each("package", PACKAGES)
def test_a_folder_is_taken_in_at_a_glance(package: Path) -> None:
    if "versions" not in package.parts:
        assert len([p for p in package.glob("*.py") if p.name != "__init__.py"]) <= MOST


def test_a_public_class_name_stands_for_one_class() -> None:
    where = defaultdict[str, list[str]](list)
    for path in SOURCES:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                where[node.name].append(f"{_dotted(path)}:{node.lineno}")
    assert {name: at for name, at in where.items() if len(at) > 1} == {}
