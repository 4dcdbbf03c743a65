"""docs/configuration.md says what the configuration's classes say, and no key is left out."""

from __future__ import annotations

from typing import Any

from tests.case_table import each
from tests.paths import ROOT
from workflow.config.environment import bare, kind_at
from workflow.config.loader import ROOTS
from workflow.config.reference import page
from workflow.config.types import ConfigPart

DOCS = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


def parts_of(kind: Any) -> set[type[ConfigPart]]:
    """The classes of tables within a type."""
    inner = [part for arg in getattr(kind, "__args__", ()) for part in parts_of(arg)]
    if isinstance(kind, type) and issubclass(kind, ConfigPart):
        inner += [kind, *(part for field in kind.model_fields.values() for part in parts_of(field.annotation))]
    return set(inner)


EVERY_KEY = sorted((part.__name__, key) for root in ROOTS for part in parts_of(root) for key in part.model_fields)


def test_the_page_is_what_the_classes_say() -> None:
    assert page().rstrip() == DOCS.rstrip(), "run: python -m workflow.config.reference > docs/configuration.md"


@each("part, key", EVERY_KEY)
def test_each_key_is_documented(part: str, key: str) -> None:
    as_row, as_table = f"| `{key}` |", (f"## `[{key}]`", f"## `[[{key}]]`", f".{key}]", f".{key}.…]", f"[{key}.…]")
    in_text = part == "Text"
    assert in_text or as_row in DOCS or any(table in DOCS for table in as_table)
    assert "| None |" not in DOCS


def test_every_row_of_a_table_is_one_line() -> None:
    rows = [line for line in DOCS.splitlines() if line.startswith("|")]
    assert len(rows) > 150 and all(row.endswith(" |") for row in rows)


def test_every_key_was_looked_at() -> None:
    assert ("Work", "due") in EVERY_KEY
    assert ("MailSettings", "relay_host") in EVERY_KEY
    assert len(EVERY_KEY) > 100
    assert bare(kind_at(ROOTS, ("mail", "relay_port"))) is int
