"""Placeholders for secret links in stored mails: filled in only when a mail's bytes are built. Pure.

The secret of a question's link is its addressee's. Every other link (to sign in, to continue a draft, to apply late) is
made from a seed and a key of the service: the row keeps the seed, which opens nothing, and where the link leads a
digest is kept. So nobody who reads, searches or exports what mails say finds a link that opens anything.
"""

import re
from base64 import b32encode
from collections.abc import Iterable
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Final

from workflow.security.keys import fingerprint, mac

PLACEHOLDER: Final = "own-link"
"""stands in a stored mail where the secret of its addressee's link will"""
OWN_PAGE: Final = "own-page"
"""stands in a stored mail where the link to its reader's own details will"""
DOOR: Final = re.compile(r"own-door-([0-9]{1,18})-([0-9]{1,18})")
"""what `door` writes"""
LENGTH: Final = 26
"""of every secret: so many lower-case letters and digits are 128 bits and more"""


def door(addressee: int, cause: int = 0) -> str:
    """What stands in a stored mail where the secret of another question's addressee will. cause: number of the duty
    that this link takes the place of, 0 where there is none."""
    return f"own-door-{addressee}-{cause}"


def riders(body: str) -> list[tuple[int, int]]:
    """The reminders that ride in a stored mail: the number of each one's addressee, and of the duty it stands for."""
    return [(int(addressee), int(duty)) for addressee, duty in DOOR.findall(body) if int(duty)]


@dataclass(frozen=True, slots=True)
class Link:
    """A new link: what is kept of it, and what it opens with."""

    seed: str
    secret: str = field(repr=False)


def new(about: str, key: str) -> Link:
    """The link about this, by the newest key; the same for the same."""
    seed = f"{fingerprint(key)}:{about}"
    return Link(seed, _secret(seed, key))


def secret(seed: str, keys: Iterable[str]) -> str | None:
    """The secret of the link made from this seed; None where its key is not among these."""
    return next((_secret(seed, key) for key in keys if seed.startswith(f"{fingerprint(key)}:")), None)


def page_of(person_id: int, address: str, key: str) -> str:
    """What the link to a person's own details ends with: their number, and what nobody can make without the key. It
    opens nothing once they have another address. address: as compared."""
    return f"{person_id}-{_secret(f'page:{person_id}:{address}', key)}"


def owner(page: str) -> int | None:
    """Whose details such an ending says that it opens; whether it does, `page_of` tells."""
    found = _PAGE.fullmatch(page)
    return int(found[1]) if found else None


def opens(page: str, person_id: int, address: str, keys: Iterable[str]) -> bool:
    """Whether this ending opens this person's details: made by any of these keys."""
    return any(compare_digest(page.encode(), page_of(person_id, address, key).encode()) for key in keys)


_PAGE: Final = re.compile(rf"([1-9][0-9]{{0,8}})-[a-z2-7]{{{LENGTH}}}")


def _secret(seed: str, key: str) -> str:
    return b32encode(mac(key, f"link {seed}")).decode("ascii").lower()[:LENGTH]
