"""Hash chain of a team's history: each row is sealed, and each seal is linked to the row before it. Pure.

A row's `hash` covers what can never change (when, which event, from where to where, by which letter, question and
person's number), the row's `seal`, and the hash of the team's row before it: to change one row is to break all that
follow. Who, why and the proof are covered through the seal, a digest over them and a random salt. To erase them
(a person's right) is to blank them and to forget the salt: the seal stays, says nothing any more, and the chain holds.

One chain a team: whoever adds a row holds the team's newest number anyway, so no writer waits longer for the chain.

The hash is keyed (HMAC with the service's secret key, which is not in the database): who has the database's own tools
can rewrite a row, and not make the hash that fits. Seal and hash say how they were made: `hmac-<key's fingerprint>:…`,
`sha3-256:…`, or 64 hexadecimal digits for SHA-256, the first. Rows from before the key, or before another way was
taken up (`NEWEST`), are judged by theirs; from a newer way there is no going back.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha3_256, sha256
from typing import Any, Final

from workflow.security.keyed_digest import PREFIX, KeyedDigest

FIXED: Final = (
    "team_id", "number", "at", "event", "from_state", "to_state", "person_id", "question_id", "letter_id"
)  # fmt: skip
"""what happened: never changes, and stands in the chain as it is"""
ERASABLE: Final = ("actor", "why", "proof")
"""who and why: stands in the chain by its seal alone"""
WAYS: Final = {
    "sha256": lambda said: sha256(said).hexdigest(),
    "sha3-256": lambda said: f"sha3-256:{urlsafe_b64encode(sha3_256(said).digest()).decode().rstrip('=')}",
}
"""how a digest can be made, the oldest first; each fits into 64 characters and is told from the others by its looks"""
NEWEST: Final = "sha256"
"""how rows are sealed from now on, and linked where there is no key"""
KEYED: Final = "hmac"
"""newer than each of these"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a team's history ends: the newest row's number and hash."""

    number: int = 0
    hash: str = ""


def linked(
    row: Mapping[str, Any], head: Head, salt: str, way: str = NEWEST, *, keyed: KeyedDigest | None = None
) -> dict[str, Any]:
    """The row with its number, salt, seal and hash, as the next one after `head`. Without a key anybody could do it."""
    numbered = {"from_state": None, "to_state": None, **row, "number": head.number + 1}
    sealed = seal(numbered, salt, way)
    said = _linking(numbered, sealed, head.hash)
    hashed = keyed.make(said) if keyed else WAYS[way](said.encode())
    return {**numbered, "salt": salt, "seal": sealed, "hash": hashed}


def seal(row: Mapping[str, Any], salt: str, way: str = NEWEST) -> str:
    """Over what may be erased. Without the salt nobody can try whether a guess was right."""
    return WAYS[way](_JSON.encode([salt, *(row[key] for key in ERASABLE)]).encode())


def link(row: Mapping[str, Any], sealed: str, before: str, way: str = NEWEST) -> str:
    """Over what happened, the seal, and the hash of the row before; without a key."""
    return WAYS[way](_linking(row, sealed, before).encode())


def links(row: Mapping[str, Any], before: str, keyed: KeyedDigest | None) -> bool:
    """Whether the row's own hash is the one that follows from the hash of the row before."""
    way = way_of(row["hash"])
    if way == KEYED:
        return keyed is not None and keyed.holds(row["hash"], _linking(row, row["seal"], before), retired=True)
    return way is not None and row["hash"] == link(row, row["seal"], before, way)


def _linking(row: Mapping[str, Any], sealed: str, before: str) -> str:
    return _JSON.encode([before, sealed, *(row[key] for key in FIXED)])


def way_of(made: str) -> str | None:
    """How a seal or a hash was made; None where it is none that is known here."""
    name, colon, _ = made.partition(":")
    if name.startswith(PREFIX):
        return KEYED
    return (name if name in WAYS else None) if colon else "sha256"


def is_older(way: str, than: str) -> bool:
    """Whether there was a better way already."""
    ways = [*WAYS, KEYED]
    return ways.index(way) < ways.index(than)


def _said(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"cannot be sealed: {value!r}")


_JSON: Final = json.JSONEncoder(sort_keys=True, default=_said)
