"""Asks an authorisation server for an access token (RFC 6749): one POST, bounded in time and size, never redirected.

The secrets in it go to the configured address and nowhere else. Must never log what is sent or what comes back.
"""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from mail.reading.characters import one_line

SECONDS: Final = 20.0
"""for the whole conversation"""
LARGEST: Final = 64 * 1024
"""bytes of an answer; a Microsoft token with its wrapping takes some 3,000"""
SAYS_LENGTH: Final = 250
USUAL_LIFE: Final = 3600
"""seconds that a token lasts whose answer does not say (RFC 6749, 5.1, leaves it to documentation)"""
Ask = Callable[[str, Mapping[str, str]], "Granted"]


class NoAccessTokenError(ConnectionError):
    """The authorisation server gave no token. `code` is its own (`invalid_client`, …), empty where none came."""

    def __init__(self, says: str, code: str = "") -> None:
        super().__init__(says)
        self.code = code


@dataclass(frozen=True, slots=True)
class Granted:
    """`seconds`: how long the token lasts. `refresh_token`: a newer one than was used, empty where none came."""

    token: str = field(repr=False)
    seconds: int
    refresh_token: str = field(default="", repr=False)


def ask(url: str, form: Mapping[str, str], *, trust: ssl.SSLContext | None = None, seconds: float = SECONDS) -> Granted:
    """The token that this form is good for. Raises NoAccessTokenError."""
    where = urlsplit(url).hostname or url
    try:
        status, body = _posted(url, urlencode(form), trust, seconds)
    except (OSError, http.client.HTTPException) as error:
        said = one_line(f"{type(error).__name__}: {error}", SAYS_LENGTH)
        raise NoAccessTokenError(f"{where} cannot be asked for an access token: {said}") from None
    return _granted(where, status, body)


def _posted(url: str, form: str, trust: ssl.SSLContext | None, seconds: float) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection: http.client.HTTPConnection = (
        http.client.HTTPSConnection(parts.netloc, timeout=seconds, context=trust or ssl.create_default_context())
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.netloc, timeout=seconds)
    )
    over = threading.Timer(seconds, _hang_up, (connection,))  # the library's timeout is for each read
    over.daemon = True
    over.start()
    try:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request("POST", path, form, headers)
        response = connection.getresponse()
        return response.status, response.read(LARGEST + 1)
    finally:
        over.cancel()
        connection.close()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):  # it is closed already
        connection.sock.shutdown(socket.SHUT_RDWR)


def _granted(where: str, status: int, body: bytes) -> Granted:
    said = _read(body)
    if "error" in said or status != http.client.OK:
        code = one_line(str(said.get("error", "")), 60)
        # the first sentence; behind it stand the server's own numbers for the request
        why = one_line(str(said.get("error_description", "")).partition(" Trace ID")[0], SAYS_LENGTH)
        raise NoAccessTokenError(f"{where} gives no access token ({status} {code}) {why}".strip(), code)
    token, kind = said.get("access_token"), str(said.get("token_type", "Bearer"))
    if not isinstance(token, str) or not (token.isascii() and token.isprintable() and token):
        raise NoAccessTokenError(f"{where} answers without an access token; see that its address is right")
    if kind.lower() != "bearer":
        raise NoAccessTokenError(f"{where} gives a token of another kind: {one_line(kind, 40)}")
    fresh = said.get("refresh_token")
    return Granted(token, _life(said.get("expires_in")), fresh if isinstance(fresh, str) else "")


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body) if len(body) <= LARGEST else None
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {}


def _life(said: object) -> int:
    """Some write the number as text."""
    try:
        return max(0, min(int(str(said)), 24 * 3600))
    except ValueError:
        return USUAL_LIFE
