"""Which mails a worker sends next: taken under a lease and a number of attempt, committed before a byte leaves.

What another worker left behind is taken alone: it may be what ended it, and must not take others along. Must never
send, and never settle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending import results as settling
from workflow.database.models import Message

MOST_STARTS: Final = 3
"""a mail whose sending never came to a result so often is sent no more: it may be what ends the worker"""
STOPPED: Final = "sending it broke off three times without a result"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail in hand: what sending and settling it need to know."""

    id: int
    attempt: int
    tries: int
    next_at: datetime
    to_name: str
    to_address: str
    person_id: int | None
    team_id: int | None

    @property
    def domain(self) -> str:
        return self.to_address.rpartition("@")[2].lower()


_COLUMNS: Final = (
    Message.id, Message.attempt, Message.tries, Message.next_at, Message.to_name, Message.to_address,
    Message.person_id, Message.team_id,
)  # fmt: skip


def any_due(session: Session, now: datetime, *, held: bool) -> bool:
    """Whether there is anything to send. `held`: the books were restored from a copy and nobody has looked at them;
    only who is to look may sign in."""
    return session.scalar(_any_due(held), {"at": now}) is not None


def claim(session: Session, now: datetime, lease: timedelta, most: int, *, held: bool = False) -> list[Claimed]:
    """One that was left behind, else up to `most` that wait; oldest first."""
    given = {"at": now, "until": now + lease}
    left = session.execute(_claiming_one(held), given).all()
    rows = left or session.execute(_claiming(held), given | {"most": most}).all()
    return sorted((Claimed(*row) for row in rows), key=lambda one: (one.next_at, one.id))


def give_back(session: Session, mails: Sequence[Claimed]) -> None:
    """What was not begun waits on, as if it had not been taken."""
    settling.written(session, mails, {"status": "queued"})


def stop_the_broken(session: Session, now: datetime) -> None:
    """A mail that ends its worker each time must not end them all."""
    stopped = session.scalars(
        sa.update(Message)
        .where(_left_behind(), Message.broken >= MOST_STARTS - 1)
        .values(status="failed", leased_until=None, error=STOPPED)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True),
        {"at": now},
    )
    for message in stopped.all():
        settling.tell_unsent(session, message, STOPPED, now)


# -- statements, made once: putting one together takes longer than the database does -----------------


@cache
def _any_due(held: bool) -> sa.Select[int]:
    return sa.select(Message.id).where(sa.or_(_waiting(), _left_behind()), _may_leave(held)).limit(1)


@cache
def _claiming_one(held: bool) -> sa.UpdateBase:
    """Those that have ended fewest workers first."""
    return _taking(_left_behind(), held, sa.literal(1), Message.broken, broken=Message.broken + 1)


@cache
def _claiming(held: bool) -> sa.UpdateBase:
    return _taking(_waiting(), held, sa.bindparam("most"), broken=0)


def _taking(which: sa.ColumnElement[bool], held: bool, most: Any, *first: Any, broken: Any) -> sa.UpdateBase:
    due = sa.select(Message.id).where(which, _may_leave(held)).order_by(*first, Message.next_at, Message.id)
    chosen = due.limit(most).with_for_update(skip_locked=True).cte("due")
    return (
        sa.update(Message)
        .where(Message.id.in_(sa.select(chosen.c.id)))
        .values(status="sending", attempt=Message.attempt + 1, leased_until=sa.bindparam("until"), broken=broken)
        .returning(*_COLUMNS)
        .execution_options(synchronize_session=False)
    )


def _waiting() -> sa.ColumnElement[bool]:
    return sa.and_(Message.status.in_(("queued", "uncertain")), Message.next_at <= sa.bindparam("at"))


def _left_behind() -> sa.ColumnElement[bool]:
    return sa.and_(Message.status == "sending", Message.leased_until <= sa.bindparam("at"))


def _may_leave(held: bool) -> sa.ColumnElement[bool]:
    return Message.template == "sign_in" if held else sa.true()
