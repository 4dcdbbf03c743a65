"""OpenID Connect sign-in with an organisation's own directory (code flow with PKCE). The only module that knows
`authlib` and `joserfc`: an extra, `[oidc]`, that `service.lock` brings. The directory may be slow, broken or hostile:
what is asked of it is bounded (`bounded_http`), and whatever it says ends with signing in or with the other way in.

The directory says who comes; who may come in is still ours: somebody already known by the address it has verified.
What belongs to one attempt (state, nonce, verifier) travels in a signed cookie that lives ten minutes. The way back is
a GET, and changes nothing: a button sends on what it brought.
"""

import hmac
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from web.access import cookies, gate, rate_limits, sessions
from web.access.paths import safe_path
from web.access.roles import anybody
from web.access.security_log import event
from web.context import here
from web.sign_in.bounded_http import Conversation
from web.sign_in.directory_claims import Refused, believed_address, scope
from web.sign_in.link import let_in
from workflow.config.installation.oidc import LIBRARIES, Oidc
from workflow.database.models import SignIn
from workflow.lazy_module import Later
from workflow.rules.application import address_key
from workflow.security.keys import mac
from workflow.sign_in import second_factors

if TYPE_CHECKING:
    from authlib.integrations import requests_client
    from joserfc import jwk, jwt
else:  # an extra that only some are signed in by
    requests_client = Later("authlib.integrations.requests_client")
    jwk, jwt = Later("joserfc.jwk"), Later("joserfc.jwt")

INSTALLED: Final = all(map(find_spec, LIBRARIES))
"""whoever configures the extra without its libraries is told so when the pages start"""

blueprint = Blueprint("oidc", __name__, url_prefix="/signin/directory")

COOKIE: Final = "directory"
MINUTES: Final = 10
SIGNED: Final = {"digest_method": sha256, "key_derivation": "hmac"}
"""the library's own choice would be SHA-1"""
SECONDS: Final = 10
"""that the directory may take for all that is asked at a time"""
AT_ONCE: Final = threading.BoundedSemaphore(2)
"""so many threads ask it at a time: a slow directory must not take those that serve everybody else's pages"""
LEEWAY: Final = 60
ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
"""signatures with a public key only: a shared secret would let the client sign for the directory"""


class Missing(Exception):
    """[oidc] is configured and its libraries are not installed."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What the directory vouches for."""

    subject: str
    address: str


def _signer() -> URLSafeTimedSerializer:
    made_from = [mac(key, "an attempt to sign in by the directory").hex() for key in here().keys.believed[::-1]]
    return URLSafeTimedSerializer(made_from, salt="directory", signer_kwargs=SIGNED)


def _settings() -> Oidc:
    found = here().settings.oidc
    assert found is not None, "the room is registered only where it is configured"
    return found


def _back() -> str:
    return f"{here().settings.base_url}/signin/directory/back"


def _client(state: str | None = None) -> Any:
    settings = _settings()
    secret = settings.client_secret.get_secret_value() if settings.client_secret else None
    client = requests_client.OAuth2Session(
        settings.client_id, secret, scope=scope(settings), redirect_uri=_back(), state=state,
        code_challenge_method="S256", token_endpoint_auth_method="client_secret_basic" if secret else "none",
        default_timeout=SECONDS,
    )  # fmt: skip
    client.max_redirects = 0  # nobody whom the directory points to gets the code and our secret
    return client


@contextmanager
def _asking(state: str | None = None) -> Iterator[Any]:
    """A client to ask the directory with, for `SECONDS` in all. Raises Refused where enough others are asking."""
    if not AT_ONCE.acquire(blocking=False):
        raise Refused("the directory is slow: others wait for it already")
    try:
        with Conversation(SECONDS) as conversation, _client(state) as client:
            conversation.join(client)
            yield client
    finally:
        AT_ONCE.release()


def _offered(client: Any) -> Mapping[str, Any]:
    """What the issuer says about itself; it must be the issuer that was configured."""
    issuer = _settings().issuer
    found = _fetched(client, f"{issuer}/.well-known/openid-configuration")
    if str(found.get("issuer")).rstrip("/") != issuer:
        raise Refused("another issuer")
    return found


def _endpoint(offered: Mapping[str, Any], name: str) -> str:
    """An address that the directory offers: a plain one, and over https where the issuer's is."""
    address, issuer = offered.get(name), urlsplit(_settings().issuer)
    parts = urlsplit(address) if isinstance(address, str) else None
    if parts is None or not parts.hostname or parts.username is not None or parts.fragment:
        raise Refused(f"no address: {name}")
    if parts.scheme not in ("https", issuer.scheme):
        raise Refused(f"not over https: {name}")
    return parts.geturl()


def _fetched(client: Any, address: str) -> Mapping[str, Any]:
    answer = client.get(address, withhold_token=True, allow_redirects=False)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise Refused("no object")
    return found


@blueprint.get("")
@anybody
def leave() -> Response:
    """To the directory, with a question only it and this browser can answer. A link and no form: our policy lets
    forms lead nowhere else. Nothing changes here but how often this was done from one place (row D9 of the list of
    threats): each time makes us call the directory."""
    gate.count(rate_limits.DIRECTORY, "signin")
    attempt = {name: here().token() + here().token() for name in ("nonce", "verifier")}
    try:
        with _asking() as client:
            address, state = client.create_authorization_url(
                _endpoint(_offered(client), "authorization_endpoint"), nonce=attempt["nonce"],
                code_verifier=attempt["verifier"], state=here().token(),
            )  # fmt: skip
    except Exception as error:  # whatever a directory says, it ends with the other way in
        return _no(error)
    response = redirect(address, 303)
    kept = {**attempt, "state": state, "next": safe_path(request.args.get("next"))}
    cookies.write(response, COOKIE, str(_signer().dumps(kept)), timedelta(minutes=MINUTES))
    return response


@blueprint.get("/back")
@anybody
def back() -> str:
    """Where the directory sends people: a button that goes on. Looking signs nobody in."""
    return render_template(
        "directory_back.html", code=request.args.get("code", "")[:2000], state=request.args.get("state", "")[:200],
        name=_settings().name,
    )  # fmt: skip


@blueprint.post("/back")
@anybody
def enter() -> Response:
    """Asks the directory who it was, and signs them in."""
    try:
        attempt = _attempt()
        claims = _claims(attempt)
    except Exception as error:  # as above: what it sent may be anything
        return _no(error)
    key = address_key(claims.address)
    with here().db.writing() as session:
        people = sessions.of_address(session, key) if key else []
        if not people or not _first_time(session, attempt["state"], people[0].id):
            return _no(Refused("not known here" if not people else "used before"))
        rows = second_factors.rows_of(session, people[0])
        if not second_factors.is_account(session, rows, f"{_settings().issuer} {claims.subject}"):
            return _no(Refused("another account has the address now"))
        response = let_in(session, people[0], attempt["next"], confirmed=_settings().checks_second_factor)
    cookies.erase(response, COOKIE)
    return response


def _attempt() -> dict[str, str]:
    """This browser's own attempt; its state must be the one that came back."""
    try:
        kept = _signer().loads(cookies.read(COOKIE), max_age=MINUTES * 60)
    except BadSignature as error:
        raise Refused("no attempt") from error
    if not hmac.compare_digest(kept["state"].encode(), request.form.get("state", "").encode("utf-8", "replace")):
        raise Refused("another state")
    return dict(kept)


def _first_time(session: Any, state: str, person: int) -> bool:
    """Whether this attempt has not been used: it stands among the used links from now on."""
    token, now = cookies.digest(f"directory:{state}"), here().now()
    if session.scalar(sa.select(SignIn.id).where(SignIn.token_hash == token)) is not None:
        return False
    session.add(SignIn(token_hash=token, person_id=person, expires_at=now, used_at=now))
    return True


def _claims(attempt: Mapping[str, str]) -> Claims:
    with _asking(attempt["state"]) as client:
        offered = _offered(client)
        keys = jwk.KeySet.import_key_set(dict(_fetched(client, _endpoint(offered, "jwks_uri"))))  # type: ignore[arg-type]
        token = client.fetch_token(
            _endpoint(offered, "token_endpoint"), code=request.form.get("code", "")[:2000],
            code_verifier=attempt["verifier"],
        )  # fmt: skip
    found = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        now=lambda: int(here().now().timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": offered["issuer"]},
        aud={"essential": True, "value": _settings().client_id},
        nonce={"essential": True, "value": attempt["nonce"]},
        exp={"essential": True},
        sub={"essential": True},
    ).validate(found)
    if not _for_us_alone(found):
        raise Refused("for another client")
    if not isinstance(found["sub"], str):
        raise Refused("no subject")
    return Claims(found["sub"], believed_address(found, _settings()))


def _for_us_alone(found: Mapping[str, Any]) -> bool:
    """Of a token for several, or one that names whom it was given to, that must be us (OpenID Connect Core 3.1.3.7)."""
    several = isinstance(found["aud"], list) and len(found["aud"]) > 1
    given_to = found.get("azp", None if several else _settings().client_id)
    return bool(given_to == _settings().client_id)


def _no(error: Exception) -> Response:
    """Said to the log; people are sent back to the other way in, and not told who is known."""
    event("directory refused", why=str(error) if isinstance(error, Refused) else type(error).__name__)
    response = redirect(url_for("signin.ask", why="directory"), 303)
    cookies.erase(response, COOKIE)
    return response


def check() -> None:
    """Before anything starts."""
    if not INSTALLED:
        raise Missing("[oidc] needs libraries that are missing: pip install --require-hashes -r service.lock")
