"""Keyed digests (HMAC) of what the database holds, made with the service's secret keys. Pure.

Whoever has the database alone can make none. A digest names the key that made it by the key's fingerprint, so that the
newest key makes new ones and those of older and of retired keys are still checked; it fits into 64 characters.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from workflow.security.keys import Keys, fingerprint, mac

PREFIX: Final = "hmac-"
PURPOSE: Final = "seals the books"
"""a key of its own for this purpose: what signs links or cookies makes no digest here"""


@dataclass(frozen=True, slots=True)
class KeyedDigest:
    """Makes digests with the newest key, and checks those of every key that is known."""

    newest: str
    keys: Mapping[str, bytes] = field(repr=False)
    """by the name that stands before a digest"""
    retired: frozenset[str] = frozenset()
    """names of keys that nobody believes any more"""

    @classmethod
    def of(cls, keys: Keys) -> "KeyedDigest":
        named = {f"{PREFIX}{fingerprint(key)}": mac(key, PURPOSE) for key in reversed(keys.known)}
        retired = frozenset(f"{PREFIX}{fingerprint(key)}" for key in keys.retired)
        return cls(f"{PREFIX}{fingerprint(keys.newest)}", named, retired)

    def make(self, said: str) -> str:
        return self._made(self.newest, said)

    def holds(self, made: str, said: str, *, retired: bool = False) -> bool:
        """Whether this digest was made of these words by a key that is believed; or by a retired one, where those count
        because something newer stands over them."""
        known = self.knows(made) and (retired or name_of(made) not in self.retired)
        return known and compare_digest(made, self._made(name_of(made), said))

    def knows(self, made: str) -> bool:
        return name_of(made) in self.keys

    def _made(self, name: str, said: str) -> str:
        return f"{name}:{urlsafe_b64encode(mac(self.keys[name], said)).decode().rstrip('=')}"


def name_of(made: str) -> str:
    """What stands before a digest: which key made it."""
    return made.partition(":")[0]


def unknown_keys(digest: KeyedDigest, made: Iterable[str]) -> set[str]:
    """The fingerprints of keys that made some of these, and are not here."""
    names = {name_of(one) for one in made if one.startswith(PREFIX)}
    return {name.removeprefix(PREFIX) for name in names - digest.keys.keys()}
