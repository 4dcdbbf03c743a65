"""Access tokens for the relay and the mailbox, as configured, and the newest refresh token beside the database.

Microsoft's refresh tokens last for 90 days and each use brings a newer one: the newest is kept in a file that its owner
alone reads, and goes before the one in the environment for as long as that one stays the same.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

import click

from mail.oauth.access_tokens import AccessTokens, NoAccessTokenError
from mail.oauth.grants import AccountKey
from service.clocks import Clock
from workflow.config.installation.oauth import Grant, MailSignIn, OauthSettings
from workflow.config.settings import Settings
from workflow.database import private_files

log = logging.getLogger("teekond")

FILE: Final = "refresh_token"


def of_relay(settings: Settings, data: Path, clock: Clock) -> AccessTokens | None:
    """Where the relay is signed in to with OAuth; None where it is not."""
    if settings.mail.relay_auth is not MailSignIn.OAUTH or settings.oauth is None:
        return None
    return _tokens(settings.oauth, settings.mail.relay_user, data, clock)


def of_mailbox(settings: Settings, data: Path, clock: Clock) -> AccessTokens | None:
    """The same of the mailbox."""
    if settings.mailbox is None or settings.mailbox.auth is not MailSignIn.OAUTH or settings.oauth is None:
        return None
    return _tokens(settings.oauth, settings.mailbox.user, data, clock)


def look_at_key(settings: Settings) -> None:
    """Raises click.ClickException where a service account's key cannot be read."""
    if settings.oauth is None or settings.oauth.grant is not Grant.SERVICE_ACCOUNT:
        return
    try:
        AccountKey.read(Path(settings.oauth.key_file or ""))
    except NoAccessTokenError as error:
        raise click.ClickException(str(error)) from None


def _tokens(oauth: OauthSettings, user: str, data: Path, clock: Clock) -> AccessTokens:
    if oauth.grant is not Grant.REFRESH_TOKEN or oauth.refresh_token is None:
        return AccessTokens(oauth, user, now=clock.now)
    newest = NewestRefreshToken(data / FILE, oauth.refresh_token.get_secret_value())
    return AccessTokens(oauth, user, now=clock.now, refresh_token=newest.read, renewed=newest.write, alone=newest.alone)


@dataclass(frozen=True, slots=True)
class NewestRefreshToken:
    """`given`: the one from the environment, from which the kept one came."""

    file: Path
    given: str

    def read(self) -> str:
        try:
            said = json.loads(self.file.read_text(encoding="ascii"))
            return str(said["token"]) if said["from"] == self._mark() else self.given
        except (OSError, ValueError, KeyError, TypeError):
            return self.given

    @contextmanager
    def alone(self) -> Iterator[None]:
        """From reading one to keeping the next nobody else fetches: some servers take each refresh token once."""
        with ExitStack() as held:
            try:
                held.enter_context(private_files.alone(self.file))
            except OSError as error:
                log.debug("the refresh token is used without a lock: %s", error.strerror)
            yield

    def write(self, token: str) -> None:
        """Whole or not at all. Where it cannot be written, the one from before is used until it runs out."""
        if token == self.read() or not self.file.parent.is_dir():
            return
        try:
            private_files.replace(self.file, json.dumps({"from": self._mark(), "token": token}))
        except OSError as error:
            log.warning("the newer refresh token could not be kept: %s", error.strerror)

    def _mark(self) -> str:
        return sha256(self.given.encode()).hexdigest()
