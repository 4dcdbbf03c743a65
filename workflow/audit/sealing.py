"""Seals all rows at once: in databases begun before there was a key, and before an old key is dropped.

What stands in old books is taken as it is, for nobody can tell any more; `verify` says since when they are sealed. Must
never seal what a seal of before does not fit: it would be made good.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.engine import digest_of, insert
from workflow.database.models import HistoryHead, HistoryRow, SealedCount, SecondFactor, Setting, Team
from workflow.privacy.erase_rows import left_said, seal_erased
from workflow.records import history_heads
from workflow.records.row_seals import SEALED, erasures, marked, reseal
from workflow.security.chain import Head
from workflow.security.keyed_digest import PREFIX, KeyedDigest

SINCE: Final = "books_sealed_since"


def adopt(session: Session, now: datetime) -> bool:
    """Seal everything, where nothing is sealed yet; whether that was so."""
    digest = digest_of(session)
    if digest is None or is_sealed(session):
        return False
    first = insert(session.get_bind(), Setting).values(key=SINCE, value=now.isoformat()).on_conflict_do_nothing()
    if session.scalar(first.returning(Setting.key)) is None:
        return False  # another process is at it, or was
    connection = session.connection()
    for sealed in SEALED.values():
        reseal(session, sealed, session.scalars(sa.select(sealed.table.c.id).order_by(sealed.table.c.id)).all())
    seal_erased(session, sa.true())
    numbers = {
        table.__tablename__: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in (Team, SecondFactor)
    }
    history_heads.begin_counts(connection, digest, numbers)
    history_heads.begin_heads(connection, digest, _ends(session))
    return True


def is_sealed(session: Session) -> bool:
    """Whether any trace of a key stands in them: then they are not begun anew, whatever is missing."""
    if session.scalar(sa.select(SealedCount.what).limit(1)) is not None:
        return True
    return session.scalar(sa.select(HistoryRow.id).where(HistoryRow.hash.like(f"{PREFIX}%")).limit(1)) is not None


def seal_anew(session: Session) -> int:
    """With the newest key whatever older ones sealed, so that these can go; how many rows."""
    digest = digest_of(session)
    assert digest is not None
    connection, done = session.connection(), 0
    for column, fitting in _SEALS:
        table, key = column.table, next(iter(column.table.primary_key))
        older = sa.select(key).where(column.not_like(f"{digest.newest}:%")).order_by(key)
        for row_key in session.scalars(older).all():
            row = connection.execute(sa.select(table).where(key == row_key)).mappings().one()
            fits = fitting(digest, row[column.name], row)
            if fits is not None:
                fresh = {column.name: marked(digest.make(fits), erasures(row[column.name]))}
                done += connection.execute(sa.update(table).where(key == row_key).values(fresh)).rowcount
    return done


Fitting = Callable[[KeyedDigest, str, Any], str | None]


def _of(said: Callable[[Any], str]) -> Fitting:
    def fitting(digest: KeyedDigest, seal: str, row: Any) -> str | None:
        return said(row) if digest.holds(seal, said(row)) else None

    return fitting


_SEALS: Final[tuple[tuple[Any, Fitting], ...]] = (
    *((sealed.table.c.seal, sealed.fitting) for sealed in SEALED.values()),
    (
        HistoryHead.__table__.c.seal,
        _of(lambda row: history_heads.said(row["team_id"], Head(row["number"], row["hash"]))),
    ),
    (SealedCount.__table__.c.seal, _of(lambda row: history_heads.count_said(row["what"], row["number"]))),
    (HistoryRow.__table__.c.erased, _of(left_said)),
)
"""every column that holds a seal which a retired key could not vouch for any more, and what a seal that fits covers"""


def _ends(session: Session) -> list[tuple[int, Head]]:
    last = sa.select(HistoryRow.team_id, sa.func.max(HistoryRow.number).label("number")).group_by(HistoryRow.team_id)
    ends = last.subquery()
    same = sa.and_(HistoryRow.team_id == ends.c.team_id, HistoryRow.number == ends.c.number)
    rows = session.execute(sa.select(HistoryRow.team_id, HistoryRow.number, HistoryRow.hash).join(ends, same))
    return [(team, Head(number, hashed)) for team, number, hashed in rows]
