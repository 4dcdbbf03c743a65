"""Spacing of mails to one person: of those that do as well an hour later, at most two leave within an hour.

What answers a letter, lets people in, or is of the day itself never waits (`MailKind.can_wait`).
"""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import MessageStatus
from workflow.database.models import Message
from workflow.notices import Notice
from workflow.rules.mail_kinds import MAIL_KINDS

AN_HOUR: Final = 2
_HOUR: Final = timedelta(hours=1)
_COUNTS: Final = (MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.UNCERTAIN)


def leaves_at(session: Session, notice: Notice, now: datetime) -> datetime:
    """From when on the notice's mail may leave: now, or an hour after the last but one that its person got; what a
    coordinator wrote, when they said."""
    if notice.written is not None and notice.written.leave_at is not None:
        return max(now, notice.written.leave_at)
    if notice.answering is not None or not MAIL_KINDS[notice.template].can_wait:
        return now
    ours = Message.letter_id.is_(None), Message.written_id.is_(None)  # by hand it may leave weeks ahead
    begun = (Message.person_id == notice.person.id, *ours, Message.status.in_(_COUNTS))
    query = sa.select(Message.next_at).where(*begun, Message.next_at > now - _HOUR)
    recent = session.scalars(query.order_by(Message.next_at.desc()).limit(AN_HOUR)).all()
    return max(now, recent[-1] + _HOUR) if len(recent) == AN_HOUR else now
