"""Encryption of TOTP secrets at rest with the service's key, so that whoever reads the database, or a copy of it,
cannot make codes. The only module that knows `cryptography`.

An app set up before secrets were sealed has a seed instead, and its secret is made from that and the very first key.
"""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import SecondFactor
from workflow.lazy_module import Later
from workflow.security.keys import Keys, mac

if TYPE_CHECKING:
    from cryptography import fernet
else:  # for the few who sign in with an app
    fernet = Later("cryptography.fernet")


def made_from(seed: str, key: str) -> str:
    """A new secret in base32: the same while key and seed are."""
    return base64.b32encode(mac(key, f"totp:{seed}")[:20]).decode("ascii")


def seal(shared: str, keys: Keys) -> str:
    """By the newest key."""
    return _locks((keys.newest,)).encrypt(shared.encode("ascii")).decode("ascii")


def opened(one: SecondFactor, keys: Keys) -> str | None:
    """The app's secret; None where no key that is believed opens it."""
    if not one.sealed:
        return made_from(one.seed, keys.first)
    try:
        return _locks(keys.believed).decrypt(one.sealed.encode("ascii")).decode("ascii")
    except fernet.InvalidToken:
        return None


def seal_anew(session: Session, keys: Keys) -> tuple[int, int]:
    """Every app's secret by the newest key, so that the older ones can go: how many, and how many no key opens."""
    apps = session.scalars(sa.select(SecondFactor).where(SecondFactor.kind == "totp").with_for_update()).all()
    lost = 0
    for one in apps:
        shared = opened(one, keys)
        if shared is None:
            lost += 1
        else:
            one.sealed, one.seed = seal(shared, keys), ""
    return len(apps) - lost, lost


def _locks(keys: Sequence[str]) -> "fernet.MultiFernet":
    return fernet.MultiFernet([fernet.Fernet(_lock(key)) for key in keys])


def _lock(key: str) -> bytes:
    """A key of its own for this purpose: what signs elsewhere opens nothing here."""
    return base64.urlsafe_b64encode(mac(key, "seals the secrets of apps"))
