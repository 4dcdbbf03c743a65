"""OAuth grants: the form that an authorisation server is sent, by how the service was let in. Reads the key file alone.

`client_credentials` (RFC 6749, 4.4), `refresh_token` (6) and `service_account`, an assertion signed with a key that
Google calls so (RFC 7523).
"""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mail.oauth.token_endpoint import NoAccessTokenError
from workflow.config.installation.oauth import Grant, OauthSettings
from workflow.lazy_module import Later

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding
else:  # where a service account signs in, and nowhere else
    hashes = Later("cryptography.hazmat.primitives.hashes")
    serialization = Later("cryptography.hazmat.primitives.serialization")
    padding = Later("cryptography.hazmat.primitives.asymmetric.padding")

ASSERTION: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LIFE: Final = 600
"""seconds that an assertion is good for; Google takes up to an hour"""


def form(settings: OauthSettings, user: str, refresh_token: str, now: datetime) -> dict[str, str]:
    """What to send. `user`: the mailbox's address, which a service account acts for. Raises NoAccessTokenError where
    the key file cannot be read."""
    if settings.grant is Grant.SERVICE_ACCOUNT:
        return {"grant_type": ASSERTION, "assertion": assertion(settings, user, now)}
    said = {"grant_type": settings.grant.value, "client_id": settings.client_id or ""}
    if settings.client_secret is not None:
        said["client_secret"] = settings.client_secret.get_secret_value()
    if settings.grant is Grant.REFRESH_TOKEN:
        said["refresh_token"] = refresh_token
    return {**said, "scope": settings.scopes} if settings.scopes else said


@dataclass(frozen=True, slots=True)
class AccountKey:
    """The file that Google lets one download for a service account."""

    address: str
    key_id: str
    private_key: Any

    @classmethod
    def read(cls, file: Path) -> "AccountKey":
        """Raises NoAccessTokenError."""
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            key = serialization.load_pem_private_key(said["private_key"].encode(), password=None)
            return cls(said["client_email"], said["private_key_id"], key)
        except OSError as error:
            raise NoAccessTokenError(f"[oauth] key_file {file}: {error.strerror}", "key_file") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            fault = f"[oauth] key_file {file} is not the JSON key of a service account"
            raise NoAccessTokenError(fault, "key_file") from None


def assertion(settings: OauthSettings, user: str, now: datetime) -> str:
    """Who asks, for whom and for what, signed with RS256."""
    account, at = AccountKey.read(Path(settings.key_file or "")), int(now.timestamp())
    claims = {
        "iss": account.address, "sub": user, "scope": settings.scopes, "aud": settings.token_address,
        "iat": at, "exp": at + LIFE,
    }  # fmt: skip
    head = {"alg": "RS256", "typ": "JWT", "kid": account.key_id}
    said = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}"
    signature: bytes = account.private_key.sign(said.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{said}.{_encoded(signature)}"


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
