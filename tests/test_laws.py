"""The laws of the house: who imports whom, who reads the clock, who assigns a state."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.case_table import each
from workflow.notices import NOTICES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(p for room in ("service", "workflow", "mail", "web", "rehearsal") for p in (ROOT / room).rglob("*.py"))
CORE = [p for p in SOURCES if "migrations" not in p.parts]

MAY_IMPORT = {
    "workflow": {"workflow"},
    "mail": {"mail", "workflow"},
    "web": {"web", "workflow"},
    "rehearsal": {"rehearsal", "workflow", "mail"},
    "service": {"service", "workflow", "mail", "web", "rehearsal"},
}
FENCED = {
    "transitions": {"workflow/rules/machine.py"},
    "aiosmtpd": {"mail/receiving/smtp_server.py"},
    "smtplib": {"mail/sending/smtp_client.py", "mail/sending/transport.py"},
    "imap_tools": {"mail/mailbox/imap.py"},
}
"""third parties that one module alone may import; people in the rehearsal have mail programs of their own"""

CLOCKS = {"now", "utcnow", "today", "time", "time_ns"}
RANDOM = {"random", "secrets", "uuid"}


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def _imports(path: Path) -> Iterator[str]:
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_there_are_sources_to_judge() -> None:
    assert len(CORE) > 50
    assert {_room(p) for p in CORE} >= {"service", "workflow", "mail", "web"}


@each("path", CORE)
def test_rooms_import_only_what_they_may(path: Path) -> None:
    own = {m.split(".")[0] for m in _imports(path)} & {*MAY_IMPORT, "teekond", "tests"}
    assert own <= MAY_IMPORT[_room(path)]


@each("path", CORE)
def test_fenced_libraries_stay_behind_their_fence(path: Path) -> None:
    used = {m.split(".")[0] for m in _imports(path)}
    allowed = {lib for lib, homes in FENCED.items() if _name(path) in homes}
    fenced = set(FENCED) if _room(path) != "rehearsal" else set(FENCED) - {"smtplib"}
    assert used & fenced <= allowed
    assert "flask" not in used or _room(path) == "web"


@each("path", CORE)
def test_clock_environment_and_chance_are_arguments(path: Path) -> None:
    for node in _nodes(path):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert not (node.value.id in ("datetime", "date") and node.attr in CLOCKS), f"line {node.lineno}"
            assert not (node.value.id == "time" and node.attr in ("time", "time_ns")), f"line {node.lineno}"
            assert not (node.value.id == "os" and node.attr in ("environ", "getenv", "urandom")), f"line {node.lineno}"
    chance = {m.split(".")[0] for m in _imports(path)} & RANDOM
    assert chance <= ({"random"} if _room(path) == "rehearsal" else set())


@each("path", CORE)
def test_only_the_journey_assigns_a_teams_state(path: Path) -> None:
    if _name(path) == "workflow/journey/moves.py":
        return
    for node in _nodes(path):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        flat = [e for t in targets for e in (t.elts if isinstance(t, ast.Tuple) else [t])]
        for target in flat:
            assert not (isinstance(target, ast.Attribute) and target.attr == "state" and _is_team(target.value)), (
                f"line {node.lineno}"
            )


def _is_team(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "team") or (
        isinstance(node, ast.Attribute) and node.attr == "team"
    )


@pytest.mark.parametrize("lang", ["et", "en"])
def test_every_notice_has_its_template_and_every_template_is_used(lang: str) -> None:
    written = {p.stem for p in (ROOT / "templates" / "email" / lang).glob("*.md") if not p.stem.startswith("_")}
    assert written == set(NOTICES)


@pytest.mark.parametrize("name", ["requirements.lock", "service.lock"])
def test_no_file_holds_an_index_address(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--hash=sha256:" in lock


def test_ci_installs_every_program_that_a_test_asks_for() -> None:
    found = re.search(r'^programs="(.+)"$', (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    asked = set[str]()
    for path in (ROOT / "tests").rglob("*.py"):
        asked |= set(re.findall(r'need\("[^"]+", "([a-z0-9-]+)"|apt-get install ([a-z0-9-]+)', path.read_text("utf-8")))
    packages = {one or other for one, other in asked}
    assert {"postfix", "systemd", "iproute2", "chromium"} <= packages
    assert packages - {"chromium"} <= set(found[1].split())  # a browser may have another name, and is asked for apart
