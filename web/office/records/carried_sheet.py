"""A sheet on its way through the pages of the import: in the form itself, signed. Nothing is kept of a file that
is only looked at.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from web.context import here
from workflow.security.keys import mac
from workflow.sheets.sheet import TOO_BIG, BadSheet, Sheet, SheetRow

HOURS: Final = 12
LONGEST: Final = 700_000
"""characters: what a form's fields may come to, and a margin"""
SIGNED: Final = {"digest_method": sha256, "key_derivation": "hmac"}


@dataclass(frozen=True, slots=True)
class CarriedSheet:
    """A sheet with its file's name and digest."""

    file: str
    sha256: str
    sheet: Sheet


def packed(carried: CarriedSheet) -> str:
    """For a hidden field. Raises BadSheet where it is too much for a form."""
    sheet = carried.sheet
    rows = [[row.number, *row.cells] for row in sheet.rows]
    value = str(_signer().dumps([carried.file, carried.sha256, sheet.name, rows]))
    if len(value) > LONGEST:
        raise BadSheet(TOO_BIG)
    return value


def unpacked(value: str) -> CarriedSheet | None:
    """None where it is not ours, or lay open for too long."""
    try:
        told: Any = _signer().loads(value, max_age=HOURS * 3600)
    except BadSignature:
        return None
    file, digest, name, rows = told
    return CarriedSheet(file, digest, Sheet(name, tuple(SheetRow(row[0], tuple(row[1:])) for row in rows)))


def _signer() -> URLSafeTimedSerializer:
    made_from = [mac(key, "a sheet that is brought in").hex() for key in here().keys.believed[::-1]]
    return URLSafeTimedSerializer(made_from, salt="sheet", signer_kwargs=SIGNED)
