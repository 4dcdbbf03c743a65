"""Secret keys and their rotation: the newest signs and seals, older ones still verify. Pure.

A key says how it signs: `sha3-256:…` in front, or nothing for HMAC-SHA-256, the first. So another way is taken up by a
new key, and everything of before is judged by the key that made it, until that is dropped.

A key that nobody believes any more is *retired*: it signs and opens nothing, and is kept only to know again whom it
marked as erased and which codes on paper it made. Must never show a key: people see fingerprints.
"""

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

NEVER: Final = "-"
WAYS: Final = {"sha256": "sha256", "sha3-256": "sha3_256"}
"""how a key can sign, the newest last, and what the standard library calls it"""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys themselves, newest first."""

    newest: str = field(repr=False)
    older: tuple[str, ...] = field(default=(), repr=False)
    retired: tuple[str, ...] = field(default=(), repr=False)

    @property
    def believed(self) -> tuple[str, ...]:
        """Whose signatures are good."""
        return self.newest, *self.older

    @property
    def known(self) -> tuple[str, ...]:
        """All there ever were, as far as they are kept: marks of theirs are recognised."""
        return *self.believed, *self.retired

    @property
    def first(self) -> str:
        """The very first one."""
        return self.known[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """A key as its file has it: since when it signs, until when it did, and since when nobody believes it."""

    key: str = field(repr=False)
    made: datetime | None = None
    replaced: datetime | None = None
    retired: datetime | None = None

    def line(self) -> str:
        moments = (self.made, self.replaced, self.retired)
        return " ".join([self.key, *(moment.isoformat() if moment else NEVER for moment in moments)])


class Unreadable(ValueError):
    """A line of the file that is no key: its number, never its words."""


def mac(key: str | bytes, about: str) -> bytes:
    """What nobody can make without the key: 32 bytes."""
    plain = key.encode() if isinstance(key, str) else key
    return hmac.digest(plain, about.encode("utf-8", "replace"), WAYS[way_of(plain)])


def way_of(key: str | bytes) -> str:
    """How a key signs; whatever else stands before a colon is part of the key."""
    plain = key if isinstance(key, str) else key.decode("utf-8", "replace")
    name, colon, _ = plain.partition(":")
    return name if colon and name in WAYS else "sha256"


def named(key: str, way: str) -> str:
    """The key, so that it signs in this way."""
    return key if way == "sha256" else f"{way}:{key}"


def fingerprint(key: str) -> str:
    """How a key is spoken of."""
    return hashlib.sha256(f"fingerprint:{key}".encode()).hexdigest()[:12]


def read(text: str) -> tuple[StoredKey, ...]:
    """The keys of a file, newest first; a file of one bare key is one too."""
    rows = [(number, line.split()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    kept = tuple(_kept(number, words) for number, words in rows)
    if not any(one.retired is None for one in kept):
        raise Unreadable("there is no key in it")
    return kept


def write(kept: Iterable[StoredKey]) -> str:
    return "".join(f"{one.line()}\n" for one in kept)


def _kept(number: int, words: Sequence[str]) -> StoredKey:
    key, *rest = words
    try:
        made, replaced, retired = (_moment(word) for word in (*rest, NEVER, NEVER, NEVER)[: max(3, len(rest))])
    except ValueError:
        raise Unreadable(f"line {number} is not a key with its dates") from None  # the fault's own words hold the key
    return StoredKey(key=key, made=made, replaced=replaced, retired=retired)


def _moment(word: str) -> datetime | None:
    return None if word == NEVER else datetime.fromisoformat(word)


def joined(kept: Sequence[StoredKey]) -> Keys:
    """What the service uses of them."""
    believed = [one.key for one in kept if one.retired is None]
    return Keys(believed[0], tuple(believed[1:]), tuple(one.key for one in kept if one.retired is not None))
