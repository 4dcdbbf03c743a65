"""Signs outgoing mail with DKIM (RFC 6376; ed25519: RFC 8463) and the domain's own key.

Receivers that ask for an aligned signature (DMARC) find one: the signing domain is that of the From address.
Must never sign a body's beginning only (l=), and never leave room for a second From, Subject or Reply-To.
"""

import base64
import binascii
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from workflow.lazy_module import Later

if TYPE_CHECKING:
    import dkim
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519
else:
    dkim = Later("dkim")  # only where there is a key to sign with
    serialization = Later("cryptography.hazmat.primitives.serialization")  # for the doctor alone
    ed25519 = Later("cryptography.hazmat.primitives.asymmetric.ed25519")

Sign = Callable[[bytes], bytes]
"""the mail's bytes with the signature in front"""

SIGNED: Final = (
    b"from", b"to", b"subject", b"date", b"message-id", b"in-reply-to", b"references", b"reply-to",
    b"mime-version", b"content-type", b"auto-submitted", b"list-id",
)  # fmt: skip
ONLY_ONCE: Final = (b"from", b"subject", b"reply-to", b"to", b"date", b"message-id", b"content-type")
"""named once more than they stand there: one that is added breaks the signature (RFC 6376, 8.15)"""

_PEM: Final = re.compile(rb"-----BEGIN (?:RSA )?PRIVATE KEY-----(.+?)-----END", re.DOTALL)
_ED25519: Final = bytes.fromhex("302e020100300506032b657004220420")
"""what stands before the 32 bytes of an ed25519 key in PKCS #8 (RFC 8410, 7)"""


class UnfitKey(ValueError):
    """The key cannot sign. Says nothing of what is in it."""


def signer(*, domain: str, selector: str, key: bytes) -> Sign:
    """Signs for `domain` with the key in PEM (RSA or ed25519) or an ed25519 key in base64. Raises UnfitKey."""
    algorithm, private = _key(key)

    def sign(mail: bytes) -> bytes:
        made = dkim.DKIM(mail)
        named = [name for name in SIGNED if any(one.lower() == name for one, _ in made.headers)]
        header: bytes = made.sign(
            selector.encode("ascii"),
            domain.encode("ascii"),
            private,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*named, *ONLY_ONCE],
            signature_algorithm=algorithm,
        )
        return header + mail

    _try(sign, domain)
    return sign


def record(key: bytes) -> str:
    """What the domain publishes beside such a key (RFC 6376, 3.6.1). Raises UnfitKey."""
    algorithm, private = _key(key)
    try:
        if algorithm == b"ed25519-sha256":
            public = ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(private)).public_key()
            return f"v=DKIM1; k=ed25519; p={base64.b64encode(public.public_bytes_raw()).decode('ascii')}"
        spki = serialization.load_pem_private_key(private, None).public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )  # fmt: skip
    except Exception as error:  # as above: the words may hold the key
        raise UnfitKey(f"the DKIM key cannot be read ({type(error).__name__})") from None
    return f"v=DKIM1; k=rsa; p={base64.b64encode(spki).decode('ascii')}"


def _try(sign: Sign, domain: str) -> None:
    """A key that cannot sign is found when the service starts, not with the first mail."""
    try:
        sign(f"From: test@{domain}\r\nSubject: test\r\n\r\n".encode())
    except Exception as error:  # the library raises what it likes, and its words may hold the key
        raise UnfitKey(f"the DKIM key cannot sign ({type(error).__name__})") from None


def _key(key: bytes) -> tuple[bytes, bytes]:
    """The algorithm's name, and the key as the library wants it."""
    found = _PEM.search(key)
    try:
        der = base64.b64decode(b"".join((found[1] if found else key).split()), validate=True)
    except binascii.Error:
        raise UnfitKey("the DKIM key is neither PEM nor base64") from None
    if not found and len(der) in (32, 64):
        return b"ed25519-sha256", base64.b64encode(der[:32])
    if der.startswith(_ED25519) and len(der) == 48:
        return b"ed25519-sha256", base64.b64encode(der[16:])
    return b"rsa-sha256", key
