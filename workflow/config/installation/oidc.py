"""Settings of signing in by an organisation's own directory, and what of its tokens is believed.

Pure. The secret comes from the environment.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from pydantic import SecretStr

from workflow.config.types import ConfigPart, Domain, Line, WebAddress

LIBRARIES: Final = ("requests", "authlib", "joserfc")
"""what asking a directory takes: an extra, `[oidc]`"""


class AddressClaim(StrEnum):
    """The claim of a directory's token that holds a person's mail address."""

    EMAIL = "email"
    PREFERRED_USERNAME = "preferred_username"


class Oidc(ConfigPart):
    """Signing in with your own directory (OpenID Connect); `service.lock` brings what it needs. Recipes:
    docs/signing-in.md."""

    issuer: WebAddress
    """The issuer's address; what it offers is read from `<issuer>/.well-known/openid-configuration`."""
    client_id: Line
    """The name under which this service is known there; the return address is `<base_url>/signin/directory/back`."""
    client_secret: SecretStr | None = None
    """The secret that goes with it. Environment only: TEEKOND_OIDC__CLIENT_SECRET."""
    name: Line = "OpenID"
    """What the button calls it."""
    checks_second_factor: bool = False
    """The directory asks for a second factor itself: it is not asked for again here."""
    trusted_domains: tuple[Domain, ...] = ()
    """Domains whose addresses are believed without `email_verified`, such as your own with Entra ID, which never sends
    it. An address that the directory calls unverified is not believed in any case."""
    address_claim: AddressClaim = AddressClaim.EMAIL
    """Where the token has the address: `email`, or `preferred_username` for Entra ID accounts without `email`; needs
    trusted_domains."""
