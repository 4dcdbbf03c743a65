"""Generates docs/configuration.md from the configuration's classes: `python -m workflow.config.reference`.

Each table of config.toml is a class, each key an attribute with its meaning under it; nothing is said twice,
and a test compares the page with what this prints.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from workflow.config.environment import ELSEWHERE, PREFIX, Roots, bare
from workflow.config.loader import ROOTS
from workflow.config.locations import dotted
from workflow.config.parts import TRIGGERS
from workflow.config.settings import SECRETS
from workflow.config.types import ConfigPart
from workflow.text.bilingual import Text

HEAD: Final = f"""# Configuration

One file, `config.toml`, describes the programme and the installation of the service. `teekond check` reads it and
tells every fault with its line, all in one go; faults stop the service, warnings do not.

This page is written by `python -m workflow.config.reference > docs/configuration.md`; a test keeps it true.

- **Texts** stand in both languages: `name = {{ et = "I töötuba", en = "Workshop I" }}`. A plain string stands for both.
- **Dates and hours** are local time in `timezone`, without quotes: `2022-04-05T10:00:00`, `2022-02-28`, `17:00:00`.
- **The environment wins over the file**: `{PREFIX}` and the path with `__` for each dot, so that
  `{PREFIX}MAIL__RELAY_HOST` is `[mail] relay_host`. Lists as in TOML: `{PREFIX}MAIL__ONLY_TO='["@example.org"]'`.
  Tables in double brackets (stages, groups, people) are set in the file only. A `{PREFIX}` name that is no
  key is a fault ({", ".join(f"`{name}`" for name in sorted(ELSEWHERE))}, which say where things are, are let be).
- **Secrets** come from the environment only; in the file they are a fault:
  {", ".join(f"`{PREFIX}{'__'.join(path).upper()}`" for path in sorted(SECRETS))}.

A programme needs at least one stage, one coordinator and one organiser. Stages of any kind (workshop, mentoring,
seminar, work) can stand in any number and order: three workshops, none at all, one group or none, no mentoring or two
of them are a change of this file. What each kind asks for stands in [states.md](states.md#stages), whole programmes
of other shapes in [programmes/](programmes/README.md).
Triggers for `[approve]`: {", ".join(f"`{trigger}`" for trigger in TRIGGERS)}.
"""

KINDS: Final[Mapping[type, str]] = {
    bool: "true/false",
    int: "whole number",
    datetime: "date and hour",
    date: "date",
    time: "hour",
    Text: "text (et, en)",
    SecretStr: "secret",
}

HEADINGS: Final[Mapping[str, str]] = {"list": "[[{}]]", "table": "[{}.…]", "": "[{}]"}


def page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([HEAD, *_tables(ROOTS)])


def _tables(roots: Roots) -> Iterator[str]:
    yield "\n## Top of the file\n"
    yield from _keys([item for root in roots for item in root.model_fields.items()])
    told: dict[type[ConfigPart], str] = {}
    for root in roots:
        for key, field in root.model_fields.items():
            yield from _table((key,), field, told)


def _table(path: tuple[str, ...], field: FieldInfo, told: dict[type[ConfigPart], str]) -> Iterator[str]:
    """The table that a key holds, and those within; nothing for a plain value. Classes are told once."""
    kind, many = _part(field.annotation)
    if kind is None:
        return
    heading = HEADINGS[many].format(dotted(path))
    yield f"\n## `{heading}`\n"
    if kind in told:
        yield f"The keys are those of `{told[kind]}`."
        return
    told[kind] = heading
    yield inspect.cleandoc(kind.__doc__ or "") + (" It can be left out." if field.default is None else "")
    yield ""
    yield from _keys(list(kind.model_fields.items()))
    for key, inner in kind.model_fields.items():
        yield from _table((*path, key), inner, told)


def _keys(fields: list[tuple[str, FieldInfo]]) -> Iterator[str]:
    plain = [(key, field) for key, field in fields if _part(field.annotation)[0] is None]
    if plain:
        yield "| key | value | default | meaning |"
        yield "| --- | --- | --- | --- |"
    for key, field in plain:
        meaning = " ".join((field.description or "").split())  # a row of a table is one line
        yield f"| `{key}` | {_kind(field.annotation)} | {_default(field)} | {meaning} |"


def _part(kind: Any) -> tuple[type[ConfigPart] | None, str]:
    """The class of table that a key holds, and whether it is a list or a table of them; texts are values."""
    kind = bare(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return _part(inner[0])[0], "list"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _part(inner[1])[0], "table"
    is_table = isinstance(kind, type) and issubclass(kind, ConfigPart)
    return (kind, "") if is_table else (None, "")


def _kind(kind: Any) -> str:
    kind = bare(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple:
        return f"list of {_kind(inner[0])}"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"table of {_kind(inner[1])}"
    if origin is Literal:
        return " / ".join(f"`{choice}`" for choice in inner)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return " / ".join(f"`{choice.value}`" for choice in kind)
    return KINDS.get(kind, "string")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "as told"
    value = field.default
    if value is None or value == "" or isinstance(value, Text):
        return "none"
    if isinstance(value, tuple):
        return f"`[{', '.join(_literal(item) for item in value)}]`"
    if isinstance(value, Mapping):
        return "empty"
    return f"`{_literal(value)}`"


def _literal(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    sys.stdout.write(page().rstrip() + "\n")
