"""What a directory's token says of an address, and whether that is believed. Pure.

Directories differ: Google says `email_verified: true`; Entra ID says nothing of it, and of some accounts names no
`email` but only `preferred_username`. Absent is not false: where the operator wrote in the config that the directory is
the domain's own, its word is enough; what it calls unverified is not believed by anybody.
"""

from collections.abc import Mapping
from typing import Any

from workflow.config.installation.oidc import AddressClaim, Oidc


class Refused(Exception):
    """What came back is not a sign-in of ours."""


def scope(settings: Oidc) -> str:
    """What to ask the directory for, so that the claim is there."""
    return "openid email" if settings.address_claim is AddressClaim.EMAIL else "openid profile email"


def believed_address(claims: Mapping[str, Any], settings: Oidc) -> str:
    """The address that the token vouches for. Raises Refused, with the reason for the log."""
    address = claims.get(settings.address_claim.value)
    if not isinstance(address, str) or "@" not in address:
        raise Refused(f"no address: the token has no {settings.address_claim.value}; see [oidc] address_claim")
    says = claims.get("email_verified")
    of_email = settings.address_claim is AddressClaim.EMAIL  # email_verified speaks of no other claim
    if says is True and of_email:
        return address
    if says is not None and of_email:
        raise Refused("address not verified: the directory says so itself")
    if address.rpartition("@")[2].lower() not in settings.trusted_domains:
        raise Refused("address not verified: the directory does not say, and its domain is not in trusted_domains")
    return address
