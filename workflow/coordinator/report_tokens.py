"""Tokens by which other programs read the reports' tables: each for one purpose, some tables and until a day.

Acts in the caller's transaction. The secret itself is never stored; a token ends with its day, when it is revoked, and
when the coordinator who made it has left.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Person, ReportToken

LONGEST: Final = timedelta(days=400)
"""a season and what follows it; then it is made anew"""
PURPOSE_MAX: Final = 200


def make(
    session: Session, secret: str, *, purpose: str, tables: Sequence[str], lang: str, ends_at: datetime, by: Person,
    now: datetime,
) -> ReportToken:  # fmt: skip
    """A new token of this secret."""
    row = ReportToken(
        token_hash=digest(secret), purpose=purpose, tables=" ".join(tables), lang=lang, made_at=now, made_by_id=by.id,
        ends_at=ends_at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def digest(secret: str) -> str:
    """What is kept of a secret of 130 bits: no salt is needed where nothing can be guessed."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def find(session: Session, secret: str, now: datetime) -> ReportToken | None:
    """The token of this secret, where it holds."""
    row = session.scalars(sa.select(ReportToken).where(ReportToken.token_hash == digest(secret))).first()
    return row if row is not None and holds(row, now) else None


def holds(row: ReportToken, now: datetime) -> bool:
    """Whether it opens anything at this moment."""
    left = row.made_by is not None and row.made_by.left_at is not None
    return row.revoked_at is None and now < row.ends_at and not left


def opens(row: ReportToken, table: str) -> bool:
    return table in row.tables.split()


def used(row: ReportToken, place: str, now: datetime) -> None:
    """Note when and from which network address it was used last."""
    row.used_at, row.place = now, place


def revoke(row: ReportToken, now: datetime) -> bool:
    """From now on it opens nothing; whether it did before."""
    if row.revoked_at is not None:
        return False
    row.revoked_at = now
    return True


def every(session: Session) -> Sequence[ReportToken]:
    """All that are known, the newest first."""
    return session.scalars(sa.select(ReportToken).order_by(ReportToken.id.desc())).all()


def for_purpose(session: Session, purpose: str, now: datetime) -> ReportToken | None:
    """One that holds and has the very same purpose."""
    return next((row for row in every(session) if row.purpose == purpose and holds(row, now)), None)
