"""Trainers and mentors of a sheet as tables of config.toml, where a programme's staff is named. Pure."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from workflow.codes import ImportKind
from workflow.config.loader import Programme
from workflow.database.search import folded
from workflow.importing.import_rows import StaffMember
from workflow.rules.application import address_key

LONGEST_KEY: Final = 40


def toml(kind: ImportKind, programme: Programme, people: Iterable[StaffMember]) -> str:
    """The lines to add to the config; whoever it names already, by address, is left out."""
    known = {address_key(one.address) for one in getattr(programme, kind.value)}
    taken = {person.key for person in programme.people}
    same = {address_key(person.address): person.key for person in programme.people}
    tables = []
    for person in people:
        address = address_key(person.address)
        if address in known:
            continue
        known.add(address)
        key = same.get(address) or _free_key(person.name, taken)
        taken.add(key)
        tables.append("\n".join((f"[[{kind.value}]]", *_lines(key, person))))
    return "\n\n".join(tables) + ("\n" if tables else "")


def _lines(key: str, person: StaffMember) -> Iterator[str]:
    yield f"key = {_quoted(key)}"
    for name in ("name", "address", "lang", "phone"):
        if value := getattr(person, name):
            yield f"{name} = {_quoted(value)}"
    for name in ("role", "about"):
        if value := getattr(person, name):
            yield f"{name} = {{ et = {_quoted(value)}, en = {_quoted(value)} }}"


def _quoted(value: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _free_key(name: str, taken: set[str]) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:LONGEST_KEY].strip("-") or "person"
    key, number = plain, 1
    while key in taken:
        number += 1
        key = f"{plain}-{number}"
    return key
