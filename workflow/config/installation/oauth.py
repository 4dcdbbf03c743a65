"""Settings of OAuth for the relay and the mailbox: Microsoft 365, Google Workspace, or another authorisation server.

Pure. Secrets come from the environment, as the passwords do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import SecretStr, StringConstraints
from pydantic.types import Strict

from workflow.config.types import ConfigPart, Line

LOOPBACK: Final = r"http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?(/[^\s#]*)?"
TokenAddress = Annotated[
    str, Strict(), StringConstraints(pattern=rf"^(https://[^/\s?#@]+(/[^\s#]*)?|{LOOPBACK})$")
]
Tenant = Annotated[str, Strict(), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]


class MailSignIn(StrEnum):
    """How the service signs in to a mail server."""

    PASSWORD = "password"
    OAUTH = "oauth"


class OauthProvider(StrEnum):
    """Whose authorisation server it is: address and scope are known of the first two."""

    MICROSOFT = "microsoft"
    GOOGLE = "google"
    OTHER = "other"


class Grant(StrEnum):
    """How the service was let in."""

    CLIENT_CREDENTIALS = "client_credentials"
    REFRESH_TOKEN = "refresh_token"
    SERVICE_ACCOUNT = "service_account"


ADDRESSES: Final = {
    OauthProvider.MICROSOFT: "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    OauthProvider.GOOGLE: "https://oauth2.googleapis.com/token",
}
GOOGLE_SCOPE: Final = "https://mail.google.com/"
MICROSOFT_APP: Final = "https://outlook.office365.com/.default"
MICROSOFT_USER: Final = (
    "https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access"
)


class OauthSettings(ConfigPart):
    """Signing in to the relay and the mailbox with OAuth, where they take no password; recipes: docs/mailboxes.md."""

    provider: OauthProvider
    """`microsoft` and `google` know their addresses and scopes; `other` needs token_url."""
    grant: Grant
    """`client_credentials` (Microsoft): the application's own secret. `refresh_token`: one that a person allowed.
    `service_account` (Google Workspace): a key with domain-wide delegation."""
    tenant: Tenant | None = None
    """Microsoft's directory (tenant) ID."""
    client_id: Line | None = None
    """The application's (client) ID; a service account has it in its key file."""
    client_secret: SecretStr | None = None
    """The application's secret. Environment only: TEEKOND_OAUTH__CLIENT_SECRET."""
    refresh_token: SecretStr | None = None
    """The token that a person's consent brought. Environment only: TEEKOND_OAUTH__REFRESH_TOKEN."""
    key_file: Line | None = None
    """The service account's key as Google gives it (JSON), readable by the service alone."""
    token_url: TokenAddress | None = None
    """Where access tokens are fetched, instead of the provider's own address."""
    scope: Line | None = None
    """What the tokens are for, instead of the provider's own."""

    @property
    def token_address(self) -> str:
        """Where access tokens are fetched."""
        return self.token_url or ADDRESSES.get(self.provider, "").format(tenant=self.tenant)

    @property
    def scopes(self) -> str:
        """What the tokens are for; with Google a refresh token carries it already."""
        if self.scope is not None:
            return self.scope
        if self.provider is OauthProvider.MICROSOFT:
            return MICROSOFT_APP if self.grant is Grant.CLIENT_CREDENTIALS else MICROSOFT_USER
        return GOOGLE_SCOPE if self.provider is OauthProvider.GOOGLE else ""
