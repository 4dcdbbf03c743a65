"""Command `schema`: a JSON Schema of config.toml, by which an editor completes keys and marks faults while typing.

Made from the models that read the file; what only the environment may say (secrets) is no key in it.
"""

import json
import warnings
from collections.abc import Mapping
from typing import Any, Final

import click
from pydantic.json_schema import PydanticJsonSchemaWarning

from workflow.config.loader import ROOTS

TITLE: Final = "Teekond: config.toml"
DIALECT: Final = "http://json-schema.org/draft-07/schema#"
"""the one that editors of TOML know"""
_OF_A_MOMENT: Final = ("date-time", "time")
"""formats that a TOML file writes without a zone, as no editor expects"""


@click.command()
def schema() -> None:
    """Print the JSON Schema of config.toml, for editors."""
    click.echo(json.dumps(made(), ensure_ascii=False, indent=2))


def made() -> dict[str, Any]:
    """The schema: both roots of the file as one table."""
    whole: dict[str, Any] = {"$schema": DIALECT, "title": TITLE, "type": "object", "additionalProperties": False}
    properties, required, parts = dict[str, Any](), list[str](), dict[str, Any]()
    for root in ROOTS:
        with warnings.catch_warnings():  # a default that is no plain value is left out, as it is meant
            warnings.simplefilter("ignore", PydanticJsonSchemaWarning)
            one = root.model_json_schema(ref_template="#/definitions/{model}")
        properties |= one["properties"]
        required += one.get("required", ())
        parts |= one.get("$defs", {})
    parts["Text"] = {"anyOf": [{"type": "string"}, parts["Text"]], "description": "One text, or one for each language."}
    parts["ApprovalRule"] = {"anyOf": [{"$ref": "#/definitions/Approval"}, parts["ApprovalRule"]]}
    whole |= {"properties": properties, "required": required, "definitions": parts}
    plain = _plain(whole)
    assert isinstance(plain, dict)
    return plain


def _plain(part: Any) -> Any:
    """Without secrets, without formats that TOML has otherwise, without the titles that only repeat a key."""
    if isinstance(part, list):
        return [_plain(one) for one in part]
    if not isinstance(part, Mapping):
        return part
    out = {key: _plain(value) for key, value in part.items() if not (key == "format" and value in _OF_A_MOMENT)}
    if isinstance(properties := out.get("properties"), dict):
        secret = {name for name, value in properties.items() if _is_secret(value)}
        out["properties"] = {
            name: {key: said for key, said in value.items() if key != "title"}
            for name, value in properties.items()
            if name not in secret
        }
    return out


def _is_secret(value: Mapping[str, Any]) -> bool:
    return any(one.get("writeOnly") for one in (value, *value.get("anyOf", ()), value.get("items", {})))
