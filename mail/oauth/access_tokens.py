"""Access tokens of one user of a mail server: kept until shortly before they run out, and fetched anew once where a
server refuses one that was kept.

Safe among threads: one asks, the others wait for what it gets.
"""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mail.oauth import grants, token_endpoint
from mail.oauth.token_endpoint import Ask, NoAccessTokenError
from workflow.config.installation.oauth import OauthSettings

EARLY: Final = 300
"""seconds before its end a token is not used any more; of a short one a tenth of its life"""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """`kept`: it was fetched for an earlier sign-in, so a server may refuse it for its age alone."""

    value: str = field(repr=False)
    kept: bool


class AccessTokens:
    """`refresh_token` reads the newest one, `renewed` is told of a newer one that came with a token; `alone`: within it
    no other process does the same."""

    def __init__(
        self,
        settings: OauthSettings,
        user: str,
        *,
        now: Callable[[], datetime],
        refresh_token: Callable[[], str] | None = None,
        renewed: Callable[[str], None] = lambda _token: None,
        alone: Callable[[], AbstractContextManager[None]] = nullcontext,
        ask: Ask = token_endpoint.ask,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.settings, self.user = settings, user
        self._refresh_token = refresh_token or (lambda: _configured(settings))
        self._alone = alone
        self._now, self._renewed, self._ask, self._seconds = now, renewed, ask, seconds
        self._lock = threading.Lock()
        self._value, self._until = "", 0.0

    def current(self) -> AccessToken:
        """One that lasts for a while yet. Raises NoAccessTokenError."""
        with self._lock:
            if self._value and self._seconds() < self._until:
                return AccessToken(self._value, kept=True)
            return AccessToken(self._fetched(), kept=False)

    def refused(self, token: AccessToken) -> None:
        """A server did not take this one: it is used no more."""
        with self._lock:
            if token.value == self._value:
                self._value = ""

    def _fetched(self) -> str:
        with self._alone():
            return self._fetched_alone()

    def _fetched_alone(self) -> str:
        form = grants.form(self.settings, self.user, self._refresh_token(), self._now())
        granted = self._ask(self.settings.token_address, form)
        self._value = granted.token
        self._until = self._seconds() + granted.seconds - min(EARLY, granted.seconds / 10)
        if granted.refresh_token:
            self._renewed(granted.refresh_token)
        return self._value


def _configured(settings: OauthSettings) -> str:
    return settings.refresh_token.get_secret_value() if settings.refresh_token else ""


__all__ = ["AccessToken", "AccessTokens", "NoAccessTokenError"]
