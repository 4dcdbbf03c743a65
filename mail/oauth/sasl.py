"""SASL mechanisms that sign in with an access token: XOAUTH2 (Google's and Microsoft's) and OAUTHBEARER (RFC 7628).

Pure. A server that refuses a token says why as JSON in a challenge, and waits for an answer to it before it says no.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from mail.reading.characters import one_line

XOAUTH2: Final = "XOAUTH2"
OAUTHBEARER: Final = "OAUTHBEARER"
MECHANISMS: Final = (XOAUTH2, OAUTHBEARER)
WITH_PASSWORD: Final = frozenset({"PLAIN", "LOGIN", "CRAM-MD5"})
SAYS_LENGTH: Final = 200


def chosen(offered: Iterable[str]) -> str:
    """The mechanism to use, of those that the server offers; XOAUTH2 where it names none of ours."""
    names = {name.upper() for name in offered}
    return next((one for one in MECHANISMS if one in names), XOAUTH2)


def only_tokens(offered: Iterable[str]) -> bool:
    """Whether the server lets in with a token and with no password."""
    names = {name.upper() for name in offered}
    return not names.isdisjoint(MECHANISMS) and names.isdisjoint(WITH_PASSWORD)


@dataclass(slots=True)
class TokenExchange:
    """One attempt: what is said first, and what is answered to the challenge in which a server says why it refuses."""

    mechanism: str
    user: str
    token: str = field(repr=False)
    host: str = ""
    port: int = 0
    refused: str = ""
    """what the server said against the token; empty where it said nothing"""

    def first(self) -> str:
        """The initial response, before base64."""
        if self.mechanism == OAUTHBEARER:
            name = self.user.replace("=", "=3D").replace(",", "=2C")
            where = f"host={self.host}\x01port={self.port}\x01"
            return f"n,a={name},\x01{where}auth=Bearer {self.token}\x01\x01"
        return f"user={self.user}\x01auth=Bearer {self.token}\x01\x01"

    def answer(self, challenge: bytes) -> str:
        """To the server's reason: nothing (XOAUTH2), or the character that ends it (RFC 7628, 3.2.3)."""
        self.refused = reason(challenge)
        return "\x01" if self.mechanism == OAUTHBEARER else ""


def reason(challenge: bytes) -> str:
    """The server's reason in a few words; the challenge itself where it is not the JSON that it should be."""
    try:
        found = json.loads(challenge)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return one_line(challenge.decode("utf-8", "replace"), SAYS_LENGTH)
    said = [f"{key} {found[key]}" for key in ("status", "error", "scope") if key in found]
    return one_line(", ".join(said), SAYS_LENGTH)
