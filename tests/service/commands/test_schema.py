"""The schema of config.toml says of a file what the service says of it, as far as a schema can."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any

import pytest

from service.commands import schema
from tests.command_line import typed
from tests.paths import ROOT

FILE = ROOT / "docs" / "config.schema.json"
WHOLE = schema.made()
KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str, date, datetime, time), "integer": (int,), "boolean": (bool,),
    "number": (int, float), "null": (type(None),),
}  # fmt: skip
READ = frozenset({
    "$ref", "anyOf", "type", "enum", "const", "properties", "required", "additionalProperties", "items", "pattern",
    "minimum", "maximum", "exclusiveMinimum", "minItems", "minLength", "maxLength", "prefixItems", "uniqueItems",
})  # fmt: skip
SAID_ONLY = frozenset({"title", "description", "default", "format", "$schema", "definitions"})


def faults(value: Any, said: Mapping[str, Any] = WHOLE, place: str = "") -> Iterator[str]:
    """What a validator of Draft 7 says, of the words that our schema uses; an unknown word is no word of ours."""
    assert said.keys() <= READ | SAID_ONLY, said.keys() - READ - SAID_ONLY
    if "$ref" in said:
        yield from faults(value, WHOLE["definitions"][said["$ref"].rpartition("/")[2]], place)
    if "anyOf" in said and all(list(faults(value, one, place)) for one in said["anyOf"]):
        yield place
    if not _fits(value, said):
        yield place
    elif isinstance(value, dict):
        yield from (f"{place}/{name}" for name in said.get("required", ()) if name not in value)
        other = said.get("additionalProperties", True)
        for name, one in value.items():
            inner = said.get("properties", {}).get(name, other)
            if isinstance(inner, bool):
                yield from () if inner else (f"{place}/{name}",)
            else:
                yield from faults(one, inner, f"{place}/{name}")
    elif isinstance(value, list) and isinstance(said.get("items"), dict):
        for number, one in enumerate(value):
            yield from faults(one, said["items"], f"{place}/{number}")


def _fits(value: Any, said: Mapping[str, Any]) -> bool:
    kind = said.get("type")
    right = kind is None or (isinstance(value, KINDS[kind]) and (kind == "boolean") >= isinstance(value, bool))
    return (
        right
        and ("enum" not in said or value in said["enum"])
        and ("const" not in said or value == said["const"])
        and (not isinstance(value, str) or re.search(said.get("pattern", ""), value) is not None)
        and (not isinstance(value, str | list) or len(value) >= said.get("minLength", said.get("minItems", 0)))
        and (not isinstance(value, str) or len(value) <= said.get("maxLength", len(value)))
        and (not isinstance(value, int) or said.get("minimum", value) <= value <= said.get("maximum", value))
        and (not isinstance(value, int) or value > said.get("exclusiveMinimum", value - 1))
    )


def of(text: str) -> list[str]:
    return list(faults(tomllib.loads(text)))


def test_the_file_in_docs_is_what_the_command_prints() -> None:
    printed = typed("schema").stdout
    assert printed == FILE.read_text(encoding="utf-8"), "run: make schema"
    assert json.loads(printed) == WHOLE


def test_a_config_without_faults_has_none_by_the_schema() -> None:
    assert of((ROOT / "config.toml").read_text(encoding="utf-8")) == []


WRONG = {
    "capacity = 10": ('capacity = "ten"', "/capacity"),
    "attend_at_least = 2": ("attend_at_lest = 2", "/attend_at_lest"),
    'advance = "automatic"': ('advance = "automaatne"', "/approve/advance"),
    "size = 5": ("size = 0", "/groups/0/size"),
    'timezone = "Europe/Tallinn"': ("timezone = 2", "/timezone"),
    "[database]": ("[databse]", "/databse"),
}


@pytest.mark.parametrize("line", WRONG)
def test_a_fault_is_marked_where_it_is(line: str) -> None:
    text = (ROOT / "config.toml").read_text(encoding="utf-8")
    assert line in text, line
    wrong, place = WRONG[line]
    assert place in of(text.replace(line, wrong, 1))


def test_no_secret_is_a_key_of_the_file() -> None:
    said = json.dumps(WHOLE)
    assert "writeOnly" not in said and '"relay_password"' not in said and '"client_secret"' not in said
