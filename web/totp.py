"""Codes of six figures from an app on the phone (RFC 6238). The only module that knows `pyotp` and `segno`.

The secret stands nowhere: it is made from the service's key and the factor's seed, so that whoever reads the
database, or a copy of it, cannot make codes.
"""

import base64
import hmac
from datetime import datetime
from typing import Final

import pyotp
import segno

from web import cookies

STEP: Final = 30
"""seconds"""
DRIFT: Final = (0, -1, 1)
"""steps by which the phone's clock may be off"""


def secret(seed: str) -> str:
    """What the app and we share, in base32."""
    return base64.b32encode(bytes.fromhex(cookies.signed(f"totp:{seed}"))[:20]).decode("ascii")


def matching(shared: str, code: str, now: datetime, last: int) -> int | None:
    """The half minute that the code belongs to; None where it fits none, or one no later than `last`."""
    totp, current = pyotp.TOTP(shared), int(now.timestamp()) // STEP
    fits = [
        current + drift
        for drift in DRIFT
        if hmac.compare_digest(totp.at((current + drift) * STEP), code) and current + drift > last
    ]
    return fits[0] if fits else None


def address(shared: str, name: str, service: str) -> str:
    """What the app reads from the picture."""
    return pyotp.TOTP(shared).provisioning_uri(name=name, issuer_name=service)


def picture(told: str) -> str:
    """The same as a QR code: SVG without a style of its own."""
    return segno.make(told, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff", omitsize=True)
