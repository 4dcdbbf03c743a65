"""Outbox queue: which mail a worker sends next, claimed under a lease and an attempt number before a byte leaves.

What another worker left behind goes last: it may be what ended it, and must not take others along. Must never send,
and never settle.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending import results
from workflow.codes import DeliveryFault, MessageStatus
from workflow.coordinator import mail_hold
from workflow.database.models import Message
from workflow.records.undelivered import FAULTS

MOST_STARTS: Final = 3
"""a mail whose sending never came to a result so often is sent no more: it may be what ends the worker"""


@dataclass(frozen=True, slots=True)
class ClaimedMail:
    """A mail in hand: what sending and settling it need to know."""

    id: int
    attempt: int
    tries: int
    to_name: str
    to_address: str
    person_id: int | None
    team_id: int | None

    @classmethod
    def of(cls, message: Message) -> "ClaimedMail":
        return cls(message.id, message.attempt, message.tries, message.to_name, message.to_address,
                   message.person_id, message.team_id)  # fmt: skip

    @property
    def domain(self) -> str:
        return self.to_address.rpartition("@")[2].lower()


def any_due(session: Session, now: datetime, *, held: bool) -> bool:
    """Whether there is anything to send. `held`: the books were restored from a copy and nobody has looked at them;
    only who is to look may sign in."""
    return session.scalar(_any_due(held), {"at": now}) is not None


def claim(session: Session, now: datetime, lease: timedelta, *, held: bool = False) -> Message | None:
    """The oldest that waits; where none does, one whose fate is not known; last what another worker left behind, for
    it may be what ended it."""
    given = {"at": now, "until": now + lease}
    for status in (MessageStatus.QUEUED, MessageStatus.UNCERTAIN, MessageStatus.SENDING):
        if (message := session.scalars(_claiming(status, held), given).first()) is not None:
            return message
    return None


def give_back(session: Session, mail: results.MailInHand) -> None:
    """What was not begun waits on, as if it had not been taken."""
    results.written(session, mail, {"status": MessageStatus.QUEUED})


def stop_the_broken(session: Session, now: datetime) -> None:
    """A mail that ends its worker each time must not end them all."""
    stopped = session.scalars(
        sa.update(Message)
        .where(_left_behind(), Message.broken >= MOST_STARTS - 1)
        .values(status=MessageStatus.FAILED, leased_until=None, fault=DeliveryFault.BROKE_OFF)
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True),
        {"at": now},
    )
    for message in stopped.all():
        results.tell_unsent(session, message, FAULTS[DeliveryFault.BROKE_OFF], now)


# -- statements, made once: putting one together takes longer than the database does -----------------


@cache
def _any_due(held: bool) -> sa.Select[int]:
    return sa.select(Message.id).where(sa.or_(_waiting(), _left_behind()), _may_leave(held)).limit(1)


@cache
def _claiming(status: MessageStatus, held: bool) -> sa.sql.dml.ReturningUpdate[Message]:
    """One of this status: looked for by itself, so that an index says which is the oldest."""
    left = status == MessageStatus.SENDING
    which = _left_behind() if left else sa.and_(Message.status == status, Message.next_at <= sa.bindparam("at"))
    order = (Message.broken, Message.next_at, Message.id) if left else (Message.next_at, Message.id)
    due = sa.select(Message.id).where(which, _may_leave(held)).order_by(*order).limit(1)
    chosen = due.with_for_update(skip_locked=True).cte("due")
    return (
        sa.update(Message)
        .where(Message.id.in_(sa.select(chosen.c.id)))
        .values(
            status=MessageStatus.SENDING,
            attempt=Message.attempt + 1,
            leased_until=sa.bindparam("until"),
            broken=Message.broken + 1 if left else 0,
        )
        .returning(Message)
        .execution_options(synchronize_session=False, populate_existing=True)
    )


def _waiting() -> sa.ColumnElement[bool]:
    return sa.and_(
        Message.status.in_((MessageStatus.QUEUED, MessageStatus.UNCERTAIN)), Message.next_at <= sa.bindparam("at")
    )


def _left_behind() -> sa.ColumnElement[bool]:
    return sa.and_(Message.status == MessageStatus.SENDING, Message.leased_until <= sa.bindparam("at"))


def _may_leave(held: bool) -> sa.ColumnElement[bool]:
    return Message.template == mail_hold.EXCEPT if held else mail_hold.may_leave()
