"""Global hourly limit of automatic replies: what exceeds it is held, and the coordinator is told.

Caps for each person keep one sender quiet; this is for what nobody thought of. Only answers that letters cause are
held: what a step, a date or the coordinator causes goes on. Must never drop anything.
"""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.composing.threads import CAPPED
from workflow.codes import AlertKind, DeliveryFault, MessageStatus
from workflow.database.models import Alert, Message
from workflow.records.history import tell

HOUR: Final = timedelta(hours=1)
_ANSWERS: Final = Message.template.in_(CAPPED)


def hold_back(session: Session, now: datetime, most: int) -> int:
    """Hold the answers that wait beyond the `most` that may leave in an hour; how many are held. Called before a pass.

    What leaves just now, whoever sends it, counts as gone: several workers together send no more than one would."""
    recent = sa.select(Message.id).where(_ANSWERS, _gone(now)).limit(most)
    free = most - (session.scalar(sa.select(sa.func.count()).select_from(recent.subquery())) or 0)
    waiting = (
        sa.select(Message.id)
        .where(Message.status.in_((MessageStatus.QUEUED, MessageStatus.UNCERTAIN)), _ANSWERS)
        .order_by(Message.id)
    )
    over = waiting.offset(free)
    if session.scalar(over.limit(1)) is None:
        return 0
    still = (Message.id.in_(over), Message.status.in_((MessageStatus.QUEUED, MessageStatus.UNCERTAIN)))
    change = (
        sa.update(Message)
        .where(*still)
        .values(status=MessageStatus.HELD, fault=DeliveryFault.TOO_MANY_ANSWERS)
        .returning(Message.id)
    )
    held = session.scalars(change.execution_options(synchronize_session=False)).all()
    if held:
        _tell(session, most, now)
    return len(held)


def _gone(now: datetime) -> sa.ColumnElement[bool]:
    """What left within the hour, or is leaving."""
    return sa.or_(
        Message.status == MessageStatus.SENDING,
        sa.and_(Message.status == MessageStatus.SENT, Message.next_at > now - HOUR),
    )


def _tell(session: Session, most: int, now: datetime) -> None:
    """Once for each outbreak: what is not settled yet is not told again."""
    if session.scalar(sa.select(Alert.id).where(Alert.kind == AlertKind.STORM, Alert.standing()).limit(1)):
        return
    says = {
        "et": f"Tunni jooksul läks välja üle {most} automaatvastuse. Ülejäänud hoiame kinni väljuvate kirjade hulgas: "
        "vaadake, kes nii palju kirjutab, ja laske need tunni pärast teele või jätke ära.",
        "en": f"Over {most} automatic answers left within an hour. The rest are held among the outgoing mails: "
        "see who writes so much, and release or drop them in an hour.",
    }
    tell(session, f"storm:{now.isoformat()}", AlertKind.STORM, says, now)
