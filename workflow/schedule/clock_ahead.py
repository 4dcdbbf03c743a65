"""Repairs after a clock that was ahead: postponed times are brought back, and the coordinator is told.

Nothing waits longer than an hour for its next try, save what a coordinator sends at a later time: whatever else should
begin later than that was written by a clock that was ahead. So was a newest row from the future. Looked at when a
worker begins and once a minute. Must never move what a programme's dates say.
"""

import logging
from datetime import UTC, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, LetterStatus, MessageStatus
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Letter, Message, WrittenMail
from workflow.records.history import tell

EVERY: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(hours=1)
"""no mail or letter waits longer for its next try, and no lease is longer"""
APART: Final = timedelta(minutes=2)
"""clocks of two machines may differ by so much"""
IN_HAND: Final = timedelta(minutes=15)
"""so long may a mail still be in the hands of whoever holds a lease from that clock"""
log = logging.getLogger("teekond")


class Watch:
    """Called as often as one likes."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._looked: datetime | None = None

    def __call__(self, now: datetime) -> None:
        if self._looked is not None and timedelta(0) <= now - self._looked < EVERY:
            return
        with self._db.reading() as session:
            ahead = _newest(session) > now + APART or any(session.scalar(query) for query in _late(now))
        if ahead:
            with self._db.writing() as session:
                mend(session, now)
        self._looked = now


def mend(session: Session, now: datetime) -> int:
    """Bring back what waits too long, and tell of it once a day; how many mails and letters that was."""
    moved = 0
    for table, waiting, sending in (
        (Message, (MessageStatus.QUEUED, MessageStatus.UNCERTAIN), MessageStatus.SENDING),
        (Letter, (LetterStatus.NEW,), LetterStatus.NEW),
    ):
        late, held = _beyond(table, waiting, now)
        for which, values in (
            (late, {"next_at": now}),
            (sa.and_(table.status == sending, held), {"leased_until": now + IN_HAND}),
        ):
            change = sa.update(table).where(which).values(values).returning(table.id)
            moved += len(session.execute(change.execution_options(synchronize_session=False)).all())
    _tell(session, moved, _newest(session), now)
    return moved


def _late(now: datetime) -> list[sa.Select[int]]:
    """One of each sort that waits too long."""
    found = []
    for table, waiting in (
        (Message, (MessageStatus.QUEUED, MessageStatus.UNCERTAIN, MessageStatus.SENDING)),
        (Letter, (LetterStatus.NEW,)),
    ):
        late, held = _beyond(table, waiting, now)
        found.append(sa.select(table.id).where(table.status.in_(waiting), sa.or_(late, held)).limit(1))
    return found


def _beyond(
    table: type[Message] | type[Letter], waiting: tuple[str, ...], now: datetime
) -> tuple[sa.ColumnElement[bool], sa.ColumnElement[bool]]:
    limit = now + LONGEST + APART
    late = sa.and_(table.status.in_(waiting), table.next_at > limit)
    return late if table is Letter else sa.and_(late, ~_meant()), table.leased_until > limit


def _meant() -> sa.ColumnElement[bool]:
    """A coordinator said that this mail leaves later."""
    mine = sa.select(WrittenMail.id).where(WrittenMail.id == Message.written_id)
    return mine.where(WrittenMail.leave_at >= Message.next_at).exists()


def _newest(session: Session) -> datetime:
    """The time of the newest rows."""
    columns = (Message.created_at, Message.id), (Letter.received_at, Letter.id), (HistoryRow.at, HistoryRow.id)
    found = [session.scalar(sa.select(at).order_by(number.desc()).limit(1)) for at, number in columns]
    return max((at for at in found if at is not None), default=datetime.min.replace(tzinfo=UTC))


def _tell(session: Session, moved: int, newest: datetime, now: datetime) -> None:
    until = max(newest, now)
    says = {
        "et": f"Serveri kell oli ees (kuni {until:%d.%m.%Y %H:%M} UTC) või on praegu taga. Edasi lükatud kirjad "
        f"({moved}) lähevad nüüd. Mõni meeldetuletus võis minna liiga vara: vaadake üle väljuvad kirjad. Paluge "
        "serveri hooldajal kontrollida kella (teekond doctor).",
        "en": f"The server's clock was ahead (up to {until:%Y-%m-%d %H:%M} UTC), or is behind now. What it had put "
        f"off ({moved}) goes now. Reminders may have gone out too early: look at the outgoing mails. Ask whoever runs "
        "the server to check its clock (teekond doctor).",
    }
    if tell(session, f"clock:{now.date().isoformat()}", AlertKind.CLOCK, says, now):
        log.warning("the clock was ahead or is behind: %d mails and letters brought back", moved)
