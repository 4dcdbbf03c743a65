"""Passkeys (WebAuthn): a key in the computer, the phone or on a stick that signs what we ask. The only module that
knows `webauthn`.

A passkey is made for one site: of the name in base_url, and asked from there alone. What is to be signed is made from
the session's own secret, which ends when it was signed: so nothing has to be kept, and no signature works twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from web.access import cookies
from web.context import here
from workflow.lazy_module import Later

if TYPE_CHECKING:
    import webauthn
    from webauthn.helpers import exceptions, structs
else:  # several megabytes of cryptography, for a few staff a day
    webauthn = Later("webauthn")
    exceptions, structs = Later("webauthn.helpers.exceptions"), Later("webauthn.helpers.structs")

LONGEST: Final = 20_000
"""characters of what a browser may send"""


@dataclass(frozen=True, slots=True)
class Made:
    """A new passkey, as it is kept."""

    credential_id: str
    public_key: bytes
    sign_count: int


def _site() -> str:
    return urlsplit(here().settings.base_url).hostname or ""


def _origin() -> str:
    base = urlsplit(here().settings.base_url)
    return f"{base.scheme}://{base.netloc}"


def _challenge(what: str) -> bytes:
    return bytes.fromhex(cookies.signed(f"passkey:{what}"))


def _described(known: Sequence[str]) -> "list[structs.PublicKeyCredentialDescriptor]":
    return [structs.PublicKeyCredentialDescriptor(id=webauthn.helpers.base64url_to_bytes(one)) for one in known]


def making(what: str, *, person: int, address: str, name: str, known: Sequence[str]) -> str:
    """What the browser is asked to make, as JSON. `what`: names this very occasion."""
    options = webauthn.generate_registration_options(
        rp_id=_site(),
        rp_name=here().programme.short_name.say("en"),
        user_id=bytes.fromhex(cookies.signed(f"person:{person}"))[:32],
        user_name=address,
        user_display_name=name,
        challenge=_challenge(what),
        exclude_credentials=_described(known),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.DISCOURAGED,
            user_verification=structs.UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(options)


def made(what: str, answer: str) -> Made | None:
    """The passkey that the browser made; None where the answer is not one."""
    try:
        found = webauthn.verify_registration_response(
            credential=answer[:LONGEST],
            expected_challenge=_challenge(what),
            expected_rp_id=_site(),
            expected_origin=_origin(),
        )
    except (exceptions.WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return Made(webauthn.helpers.bytes_to_base64url(found.credential_id), found.credential_public_key, found.sign_count)


def asking(what: str, known: Sequence[str]) -> str:
    """What the browser is asked to sign, as JSON, with one of the known passkeys."""
    options = webauthn.generate_authentication_options(
        rp_id=_site(), challenge=_challenge(what), allow_credentials=_described(known)
    )
    return webauthn.options_to_json(options)


def named_in(answer: str) -> str:
    """Which passkey an answer says it is from; empty where it says none."""
    try:
        return webauthn.helpers.bytes_to_base64url(
            webauthn.helpers.parse_authentication_credential_json(answer[:LONGEST]).raw_id
        )
    except (exceptions.WebAuthnException, ValueError, KeyError, TypeError):
        return ""


def signed(what: str, answer: str, public_key: bytes, sign_count: int) -> int | None:
    """The passkey's new count of signatures; None where the signature is not its own."""
    try:
        found = webauthn.verify_authentication_response(
            credential=answer[:LONGEST],
            expected_challenge=_challenge(what),
            expected_rp_id=_site(),
            expected_origin=_origin(),
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
        )
    except (exceptions.WebAuthnException, ValueError, KeyError, TypeError):
        return None
    return found.new_sign_count
