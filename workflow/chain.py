"""The chain of a team's history: each row is sealed, and each seal is linked to the row before it. Pure.

A row's `hash` covers what can never change (when, which event, from where to where, by which letter, question and
person's number), the row's `seal`, and the hash of the team's row before it: to change one row is to break all that
follow. Who, why and the proof are covered through the seal, a digest over them and a random salt. To erase them
(a person's right) is to blank them and to forget the salt: the seal stays, says nothing any more, and the chain holds.

One chain a team: whoever adds a row holds the team's newest number anyway, so no writer waits longer for the chain.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

FIXED: Final = (
    "team_id", "number", "at", "event", "from_state", "to_state", "person_id", "question_id", "letter_id"
)  # fmt: skip
"""what happened: never changes, and stands in the chain as it is"""
ERASABLE: Final = ("actor", "why", "proof")
"""who and why: stands in the chain by its seal alone"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a team's history ends: the newest row's number and hash."""

    number: int = 0
    hash: str = ""


def linked(row: Mapping[str, Any], head: Head, salt: str) -> dict[str, Any]:
    """The row with its number, salt, seal and hash, as the next one after `head`."""
    numbered = {"from_state": None, "to_state": None, **row, "number": head.number + 1}
    sealed = seal(numbered, salt)
    return {**numbered, "salt": salt, "seal": sealed, "hash": link(numbered, sealed, head.hash)}


def linked_all(
    rows: Iterable[Mapping[str, Any]], heads: Mapping[int, Head], salts: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """Many rows of many teams, in their order, for one INSERT: `heads` are the teams' own, a salt for each row."""
    newest = dict(heads)
    for row, salt in zip(rows, salts, strict=True):
        done = linked(row, newest.get(row["team_id"], Head()), salt)
        newest[row["team_id"]] = Head(done["number"], done["hash"])
        yield done


def seal(row: Mapping[str, Any], salt: str) -> str:
    """Over what may be erased. Without the salt nobody can try whether a guess was right."""
    return _digest([salt, *(row[key] for key in ERASABLE)])


def link(row: Mapping[str, Any], sealed: str, before: str) -> str:
    """Over what happened, the seal, and the hash of the row before."""
    return _digest([before, sealed, *(row[key] for key in FIXED)])


def _digest(values: list[Any]) -> str:
    return sha256(_JSON.encode(values).encode()).hexdigest()


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"cannot be sealed: {value!r}")


_JSON: Final = json.JSONEncoder(sort_keys=True, default=_said)
