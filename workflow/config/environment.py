"""Environment variables override the config file: TEEKOND_MAIL__RELAY_HOST stands for [mail] relay_host, and wins.

Pure: the environment is an argument. Secrets are taken from it alone: one that stands in the file is a fault.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum
from types import NoneType
from typing import Any, Final, Literal, get_args, get_origin

from pydantic import SecretStr

from workflow.config.faults import UnplacedFault, fault, near
from workflow.config.locations import Path, dotted
from workflow.config.settings import SECRETS
from workflow.config.types import ConfigPart
from workflow.text.bilingual import LANGUAGES, Text

PREFIX: Final = "TEEKOND_"
ELSEWHERE: Final = frozenset({"TEEKOND_CONFIG", "TEEKOND_DATA", "TEEKOND_ENV_FILE", "TEEKOND_PROGRAMMES"})
"""Names that are not keys of the file: where the file and the rest are."""
DATABASE_URL: Final = ("database", "url")
PASSWORD_IN_URL: Final = re.compile(r"://[^/@:]*:[^/@]+@")

Roots = tuple[type[ConfigPart], ...]


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The file's data with the environment's over it."""

    data: dict[str, Any]
    variables: Mapping[Path, str]
    """Which keys came from which variable."""
    findings: tuple[UnplacedFault, ...]


def known_keys(roots: Roots, path: Path) -> tuple[str, ...]:
    """The keys that can stand in the table at `path`; none where keys are the writer's own."""
    if not path:
        return tuple(key for root in roots for key in root.model_fields)
    return tuple(_keys_of(kind_at(roots, path)))


def kind_at(roots: Roots, path: Path) -> Any:
    """The type of what stands at `path`; None where nothing can stand."""
    kind: Any = None
    for depth, step in enumerate(path):
        if depth == 0:
            fields = {key: field for root in roots for key, field in root.model_fields.items()}
            kind = bare(fields[step].annotation) if step in fields else None
        else:
            kind = _inside(kind, step)
    return kind


def bare(kind: Any) -> Any:
    """A type without its `| None` and its annotations."""
    choices = [choice for choice in get_args(kind) if choice is not NoneType]
    if get_origin(kind) is None or NoneType not in get_args(kind):
        return bare(choices[0]) if hasattr(kind, "__metadata__") else kind
    return bare(choices[0])


def _keys_of(kind: Any) -> Mapping[str, Any]:
    """The keys of a table of this type, with the type of each; none where it is no table, or its keys are free."""
    if kind is Text:
        return dict.fromkeys(LANGUAGES, str)
    if isinstance(kind, type) and issubclass(kind, ConfigPart):
        return {key: bare(field.annotation) for key, field in kind.model_fields.items()}
    return {}


def _inside(kind: Any, step: str | int) -> Any:
    if isinstance(step, str) and step in (keys := _keys_of(kind)):
        return keys[step]
    origin, inner = get_origin(kind), get_args(kind)
    if origin is tuple and isinstance(step, int):
        return bare(inner[0])
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return bare(inner[1])
    return None


def overlay(data: Mapping[str, Any], environ: Mapping[str, str], roots: Roots) -> Overlaid:
    """The file's data with each TEEKOND_ variable in its place, and what is wrong with either."""
    merged: dict[str, Any] = deepcopy(dict(data))
    findings = [*_secrets_in(merged)]
    variables: dict[Path, str] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in ELSEWHERE:
            continue
        path: Path = tuple(name.removeprefix(PREFIX).lower().split("__"))
        kind = kind_at(roots, path)
        variables[path] = name
        if kind is None:
            findings.append(_unknown(path, roots))
        else:
            _put(merged, path, _value(environ[name], kind))
    return Overlaid(merged, variables, tuple(findings))


def _secrets_in(data: dict[str, Any]) -> Iterable[UnplacedFault]:
    """Secrets that stand in the file; each is taken out, so that it is told of once."""
    for path in sorted(SECRETS):
        table = data if len(path) == 1 else data.get(path[0])
        if isinstance(table, dict) and table.pop(path[-1], None) is not None:
            yield _secret(path)
    database = data.get(DATABASE_URL[0])
    url = database.get(DATABASE_URL[1]) if isinstance(database, dict) else None
    if isinstance(url, str) and PASSWORD_IN_URL.search(url):
        yield _secret(DATABASE_URL)


def _secret(path: Path) -> UnplacedFault:
    name = variable(path)
    return fault(
        path,
        f"Salajane väärtus ei tohi failis olla. Kustutage see siit ja andke keskkonnamuutujaga {name}.",
        f"A secret must not stand in the file. Delete it here and give it in the environment as {name}.",
    )


def variable(path: Path) -> str:
    """The environment variable that stands for a key."""
    return PREFIX + "__".join(str(step) for step in path).upper()


def _unknown(path: Path, roots: Roots) -> UnplacedFault:
    depth = next(depth for depth in range(1, len(path) + 1) if kind_at(roots, path[:depth]) is None)
    near_et, near_en = near(str(path[depth - 1]), known_keys(roots, path[: depth - 1]))
    return fault(
        path,
        f"Sellist võtit pole: {dotted(path)}. {near_et}Parandage muutuja nimi või eemaldage see.",
        f"There is no such key: {dotted(path)}. {near_en}Mend the variable's name or remove it.",
    )


def _value(words: str, kind: Any) -> Any:
    """A variable's words as the file would have them: text as it is, anything else as TOML."""
    if get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, str | SecretStr | Enum)):
        return words
    try:
        return tomllib.loads(f"x = {words}")["x"]
    except tomllib.TOMLDecodeError:
        return words


def _put(data: dict[str, Any], path: Path, value: Any) -> None:
    table = data
    for step in path[:-1]:
        inner = table.setdefault(str(step), {})
        # The file has something else where a table belongs: that is told as the file's own fault.
        if not isinstance(inner, dict):
            return
        table = inner
    table[str(path[-1])] = value
