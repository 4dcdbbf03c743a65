"""External witness of the histories: one digest over all of them, mailed to the coordinators, where nobody with the
database can reach it; the books keep which rows it is about, so that it can be made again and compared.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.engine import digest_of
from workflow.database.models import HistoryHead, HistoryMark, Letter, Message, Question

AT_LEAST: Final = {table.__tablename__: table for table in (Letter, Message, Question)}
"""rows of these never go: fewer than there were is a difference"""


WEEK: Final = timedelta(days=7)


def of(hashes: Mapping[int, str]) -> str:
    """The mark of these teams' hashes."""
    return sha256(json.dumps(sorted(hashes.items())).encode()).hexdigest()


def counts(session: Session) -> dict[str, int]:
    return {n: session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for n, table in AT_LEAST.items()}


def take(session: Session, now: datetime) -> HistoryMark | None:
    """The mark of now, kept with what it is about; None where nothing happened since the last one, or nothing is
    sealed."""
    if digest_of(session) is None:
        return None
    heads = session.execute(sa.select(HistoryHead.team_id, HistoryHead.number, HistoryHead.hash)).all()
    mark = of({team: hashed for team, _, hashed in heads})
    if not heads or session.scalar(sa.select(HistoryMark.id).where(HistoryMark.mark == mark)) is not None:
        return None
    upto: dict[str, Any] = {"teams": {str(team): number for team, number, _ in heads}, "rows": counts(session)}
    row = HistoryMark(mark=mark, at=now, upto=upto)
    session.add(row)
    return row


def weekly(session: Session, now: datetime) -> str:
    """The mark for this morning's mail, where the last one is a week old or more; else nothing."""
    last = session.scalar(sa.select(sa.func.max(HistoryMark.at)))
    fresh = take(session, now) if last is None or now - last >= WEEK else None
    return fresh.mark if fresh else ""


def still_holds(row: HistoryMark, hashes: Mapping[tuple[int, int], str]) -> bool:
    """Whether the rows that it is about are there, and make the same mark."""
    there = {int(team): hashes.get((int(team), number), "") for team, number in row.upto["teams"].items()}
    return of(there) == row.mark
