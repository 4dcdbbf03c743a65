"""Recovery codes, on paper, for when the second factor is lost: ten, each good once, kept as digests with the
service's key.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from web.access import cookies
from web.context import here
from workflow.database.models import RecoveryCode

CODES: Final = 10
LENGTH: Final = 26
"""letters and figures: 130 bits, too many to try even for whoever has the digests and the key (ASVS 5.0, 11.5.1)"""


def fresh(session: Session, person: int, people: Sequence[int]) -> list[str]:
    """New codes instead of all the old ones: shown once, to be written down."""
    session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id.in_(people)))
    codes = [here().token()[:LENGTH] for _ in range(CODES)]
    now = here().now()
    session.add_all(RecoveryCode(person_id=person, code_hash=_digests(code)[0], made_at=now) for code in codes)
    return ["-".join(code[at : at + 4] for at in range(0, LENGTH, 4)) for code in codes]


def use(session: Session, people: Sequence[int], typed: str, now: datetime) -> bool:
    """Whether it is one of theirs and unused; it is used now."""
    mine = sa.update(RecoveryCode).where(
        RecoveryCode.person_id.in_(people),
        RecoveryCode.used_at.is_(None),
        RecoveryCode.code_hash.in_(_digests(re.sub(r"[\W_]", "", typed.lower())[:100])),
    )
    return getattr(session.execute(mine.values(used_at=now)), "rowcount", 0) == 1


def left(session: Session, people: Sequence[int]) -> int:
    """How many are unused."""
    query = sa.select(sa.func.count()).where(RecoveryCode.person_id.in_(people), RecoveryCode.used_at.is_(None))
    return session.scalar(query) or 0


def _digests(code: str) -> list[str]:
    """How a code is kept, by each key there ever was, the newest first: paper lives longer than keys."""
    return [cookies.signed(f"recovery:{code}", key) for key in here().keys.known]
