"""Emergency stop for outgoing mail: all of it is held, in every process, until somebody lets it go again.

One row of `settings` says since when and by whom, and each claim of a mail looks at it, so that a hold takes effect
with the next mail and survives restarts. Sign-in links leave all the same: whoever is to let go must get in. Before
mail is let go it is shown what waits and what has become stale. Must never drop what was not named.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database import notify
from workflow.database.engine import insert
from workflow.database.models import Message, Question, Setting

KEY: Final = "mail_hold"
EXCEPT: Final = "sign_in"
"""the template of the one kind of mail that leaves all the same"""
WAITING: Final = (MessageStatus.QUEUED, MessageStatus.UNCERTAIN)
NAMED: Final = 3
"""so many of the people to whom a kind of mail goes are named"""


@dataclass(frozen=True, slots=True)
class Hold:
    since: datetime
    by: str
    """a coordinator's name, or that it was the command line"""


@dataclass(frozen=True, slots=True)
class HeldMails:
    """The mails of one kind that wait."""

    template: str
    mails: int
    stale: int
    oldest: datetime
    people: tuple[str, ...]
    """some of those to whom they go"""


def current(session: Session) -> Hold | None:
    """The hold there is."""
    value = session.scalar(sa.select(Setting.value).where(Setting.key == KEY))
    if value is None:
        return None
    since, by = json.loads(value)
    return Hold(datetime.fromisoformat(since), by)


def may_leave() -> sa.ColumnElement[bool]:
    """Of a message: whether the hold lets it leave."""
    return sa.or_(Message.template == EXCEPT, ~sa.exists().where(Setting.key == KEY))


def begin(session: Session, by: str, now: datetime) -> bool:
    """Hold all mail. False where it is held already: then the first hold stays."""
    row = insert(session.get_bind(), Setting).values(key=KEY, value=json.dumps([now.isoformat(), by]))
    return session.scalar(row.on_conflict_do_nothing().returning(Setting.key)) is not None


# -- letting go ---------------------------------------------------------------------------------------


def piles(session: Session, now: datetime) -> list[HeldMails]:
    """What waits, by kind: the largest first."""
    stale = sa.func.coalesce(sa.func.sum(sa.case((_stale(now), 1), else_=0)), 0)
    columns = Message.template, sa.func.count(), stale, sa.func.min(Message.created_at)
    query = sa.select(*columns).where(_held()).group_by(Message.template)
    rows = session.execute(query.order_by(sa.func.count().desc(), Message.template)).all()
    return [
        HeldMails(template, mails, late, oldest, _people(session, template)) for template, mails, late, oldest in rows
    ]


def _people(session: Session, template: str) -> tuple[str, ...]:
    query = sa.select(Message.to_name).where(_held(), Message.template == template)
    return tuple(session.scalars(query.group_by(Message.to_name).order_by(Message.to_name).limit(NAMED)))


def release(
    session: Session, now: datetime, *, drop: Collection[str] = (), drop_stale: Collection[str] = ()
) -> int | None:
    """Let mail go; but what waits of the kinds `drop`, and what is stale of the kinds `drop_stale`, is never sent. How
    many mails that was; None where nothing was held."""
    held = sa.delete(Setting).where(Setting.key == KEY).returning(Setting.key)
    if session.scalar(held.execution_options(synchronize_session=False)) is None:
        return None
    gone = sa.or_(Message.template.in_(drop), sa.and_(Message.template.in_(drop_stale), _stale(now)))
    change = (
        sa.update(Message).where(_held(), gone).values(status=MessageStatus.DROPPED, next_at=now).returning(Message.id)
    )
    dropped = session.scalars(change.execution_options(synchronize_session=False)).all()
    notify.ring(session)
    return len(dropped)


def _held() -> sa.ColumnElement[bool]:
    return sa.and_(Message.status.in_(WAITING), Message.template != EXCEPT)


def _stale(now: datetime) -> sa.ColumnElement[bool]:
    """What a mail asks was answered or closed since it was queued, or its due date has come meanwhile."""
    about = sa.select(Question.id).where(Question.id == Message.question_id)
    over = sa.or_(
        Question.closed_at > Message.created_at,
        sa.and_(Question.due_at > Message.created_at, Question.due_at <= now),
    )
    return about.where(over).exists()
