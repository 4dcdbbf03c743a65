"""One-time codes (TOTP, RFC 6238) from an app on the phone. The only module that knows `pyotp` and `segno`.

How the secret that both sides share is kept: `sealed_secrets`.
"""

import hmac
from datetime import datetime
from typing import Final

import pyotp
import segno

STEP: Final = 30
"""seconds"""
DRIFT: Final = (0, -1, 1)
"""steps by which the phone's clock may be off"""


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
