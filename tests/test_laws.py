"""The laws of the house: who imports whom, who reads the clock, who assigns a state."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.case_table import each
from tests.paths import ROOT
from workflow import codes
from workflow.config.loader import load
from workflow.database.models import Attendance
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.text.bilingual import LANGUAGES

SOURCES = sorted(p for room in ("service", "workflow", "mail", "web", "rehearsal") for p in (ROOT / room).rglob("*.py"))
CORE = [p for p in SOURCES if "migrations" not in p.parts]
MIGRATIONS = sorted((ROOT / "workflow" / "database" / "migrations" / "versions").glob("[0-9]*.py"))

MAY_IMPORT = {
    "workflow": {"workflow"},
    "mail": {"mail", "workflow"},
    "web": {"web", "workflow", "mail"},
    "rehearsal": {"rehearsal", "workflow", "mail"},
    "service": {"service", "workflow", "mail", "web", "rehearsal"},
}
FENCED = {
    "transitions": {"workflow/rules/machine.py"},
    "aiosmtpd": {"mail/receiving/smtp_server.py"},
    "smtplib": {"mail/sending/smtp_client.py", "mail/sending/transport.py"},
    "imaplib": {"mail/mailbox/imap_client.py"},
}
"""third parties that one module alone may import; people in the rehearsal have mail programs of their own"""

CONFIG = load((ROOT / "config.toml").read_text(encoding="utf-8"), {})
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


CODED = {
    "status": {*codes.LetterStatus, *codes.MessageStatus, *codes.SubmissionStatus},
    "outcome": {*codes.LetterOutcome, *codes.DutyOutcome},
    "event": {*codes.HistoryEvent},
    "kind": {*codes.AlertKind},
}
"""columns of closed sets; `kind` of alerts alone"""


def _said_of_columns(path: Path) -> Iterator[tuple[str, ast.Constant]]:
    """Columns by their names, each with a string that it is compared with, set to or selected by."""
    for node in _nodes(path):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            yield from (
                (side.attr, one) for side in sides if isinstance(side, ast.Attribute) for one in _strings(sides)
            )
        elif isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Attribute):
                yield from ((node.func.value.attr, one) for one in _strings(node.args))
            yield from ((key.arg, one) for key in node.keywords if key.arg for one in _strings([key.value]))
        elif isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, ast.Constant):
                    yield from ((name.value, one) for one in _strings([value]))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                tuples = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
                pairs = zip(target.elts, node.value.elts, strict=True) if tuples else [(target, node.value)]
                for to, value in pairs:
                    if isinstance(to, ast.Attribute):
                        yield from ((to.attr, one) for one in _strings([value]))


def _strings(nodes: list[ast.expr]) -> Iterator[ast.Constant]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from _strings(node.elts)
        elif isinstance(node, ast.IfExp):
            yield from _strings([node.body, node.orelse])
        elif isinstance(node, ast.BoolOp):
            yield from _strings(node.values)


@each("path", CORE)
def test_a_code_is_said_by_its_name(path: Path) -> None:
    """A value of a closed set, written as a string, is found by nobody who looks for its uses, nor by mypy when it is
    spelled wrongly."""
    alerts = {id(one) for name, one in _said_of_columns(path) if name == "kind" and "Alert." not in _line(path, one)}
    bare = [
        f"line {one.lineno}: {name} {one.value!r}"
        for name, one in _said_of_columns(path)
        if one.value in CODED.get(name, ()) and id(one) not in alerts
    ]
    assert bare == []


def _line(path: Path, node: ast.expr) -> str:
    return path.read_text(encoding="utf-8").splitlines()[node.lineno - 1]


@each("path", MIGRATIONS)
def test_a_migration_imports_alembic_and_sqlalchemy_alone(path: Path) -> None:
    """What it took from the rest of the source would change under it: it does for ever what it did once."""
    assert {m.split(".")[0] for m in _imports(path)} <= {"alembic", "sqlalchemy"}


SHOWN = sorted(p for folder in ("templates", "web/static") for p in (ROOT / folder).rglob("*.[hjmc]*"))
OF_THE_SEED = {kind.key for kind in CONFIG.programme.team.kinds} | {
    name.say(lang)
    for name in (*(kind.name for kind in CONFIG.programme.team.kinds), CONFIG.programme.team.home.name)
    for lang in LANGUAGES
}
"""what the first programme calls its teams' members and where they come from"""


@each("path", [p for p in (*CORE, *SHOWN) if "replies" not in p.parts])
def test_no_programmes_own_words_stand_in_code(path: Path) -> None:
    """They are the config's: another programme has other kinds of members, or none. What people write in letters
    (`workflow/replies`) is the reader's to know."""
    said = path.read_text(encoding="utf-8", errors="replace").casefold()
    assert [word for word in sorted(OF_THE_SEED) if word[:-1] in said] == []


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


RECORDED = {column.key for column in sa.inspect(Attendance).column_attrs} - {
    "id",
    "seal",
    "team_id",
    "person_id",
    "stage",
}


@each("path", CORE)
def test_attendance_is_only_ever_added(path: Path) -> None:
    """By one module; nobody changes or deletes a row of it by name (erasure and retention go by the register), and the
    database refuses whoever does otherwise."""
    for node in _nodes(path):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = {one.id for argument in node.args for one in ast.walk(argument) if isinstance(one, ast.Name)}
            assert not (called in ("update", "delete", "changed") and "Attendance" in named), f"line {node.lineno}"
            assert called != "Attendance" or _name(path) == "workflow/journey/attendance.py", f"line {node.lineno}"
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            changed = {one.attr for target in targets for one in ast.walk(target) if isinstance(one, ast.Attribute)}
            assert not changed & (RECORDED - {"via", "why"}), f"line {node.lineno}"


def _is_team(node: ast.expr) -> bool:
    return (isinstance(node, ast.Name) and node.id == "team") or (
        isinstance(node, ast.Attribute) and node.attr == "team"
    )


@pytest.mark.parametrize("lang", ["et", "en"])
def test_every_notice_has_its_template_and_every_template_is_used(lang: str) -> None:
    written = {p.stem for p in (ROOT / "templates" / "email" / lang).glob("*.md") if not p.stem.startswith("_")}
    assert written == set(MAIL_KINDS)


@pytest.mark.parametrize("name", ["requirements.lock", "service.lock"])
def test_no_file_holds_an_index_address(name: str) -> None:
    lock = (ROOT / name).read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--hash=sha256:" in lock


def test_ci_installs_every_program_that_a_test_asks_for() -> None:
    found = re.search(r'^programs="([^"]+)"$', (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    asked = set[str]()
    for path in (ROOT / "tests").rglob("*.py"):
        asked |= set(re.findall(r'need\("[^"]+", "([a-z0-9-]+)"|apt-get install ([a-z0-9-]+)', path.read_text("utf-8")))
    packages = {one or other for one, other in asked}
    assert {"postfix", "systemd", "iproute2", "chromium"} <= packages
    assert packages - {"chromium"} <= set(found[1].split())  # a browser may have another name, and is asked for apart


QUOTED = re.compile(r"(?:service|workflow|mail|web|rehearsal|tests|bench)(?:\.[a-z_0-9]+)+")
TESTS = sorted((ROOT / "tests").rglob("*.py"))
WRITTEN = [*SOURCES, *sorted((ROOT / "bench").rglob("*.py")), *TESTS]
MODULES = {".".join(p.relative_to(ROOT).with_suffix("").parts) for p in WRITTEN}
PACKAGES = {module.rpartition(".")[0] for module in MODULES}


@each("path", WRITTEN)
def test_a_module_named_in_a_string_exists(path: Path) -> None:
    """What is imported by a string, or started with `-m`, is renamed by no tool. A name in a folder of ours is meant as
    a module's, or as something in one; `mail.domain` is a key of the config."""
    for node in _nodes(path):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and QUOTED.fullmatch(node.value):
            name = node.value
            package, _, _ = name.rpartition(".")
            ours = package in PACKAGES and ("." in package or package in ("bench", "tests"))
            assert not ours or name in MODULES | PACKAGES, f"line {node.lineno}: {name}"


@each("path", [p for p in TESTS if p.name != "paths.py"])
def test_a_test_takes_the_way_to_the_checkout_from_one_place(path: Path) -> None:
    assert not any(isinstance(node, ast.Name) and node.id == "__file__" for node in _nodes(path))
