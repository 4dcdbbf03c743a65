"""The service at work for one moment: letters handled, duties performed, mails sent, until nothing waits.

The outbox's transport points at the sink on loopback, whatever the config says: nothing can leave the machine.
"""

import ssl
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.handling import bounce_effects
from mail.sending import outbox
from rehearsal.setting import House
from rehearsal.sink import LOOPBACK
from workflow.codes import LetterStatus, MessageStatus
from workflow.database.models import Duty, Letter, Message, Person
from workflow.schedule import tick

MOST = 1000
_WAITING = sa.select(
    sa.select(sa.func.min(Letter.next_at)).where(Letter.status == LetterStatus.NEW).scalar_subquery(),
    sa.select(sa.func.min(Duty.due_at)).where(Duty.done_at.is_(None)).scalar_subquery(),
    sa.select(sa.func.min(Message.next_at))
    .where(Message.status.in_((MessageStatus.QUEUED, MessageStatus.UNCERTAIN)))
    .scalar_subquery(),
)


class Works:
    """What the worker does in the service, done here once for each moment of the simulated time."""

    def __init__(self, house: House, sink_port: int) -> None:
        self._house = house
        self._transport = outbox.SmtpTransport(LOOPBACK, sink_port, trust=ssl.create_default_context())

    def drain(self, now: datetime) -> None:
        """Only what has something to do is woken: asking it in vain at each moment would take most of the time."""
        house = self._house
        while True:
            letter, duty, message = self.waiting()
            if letter is not None and letter <= now:
                house.inbox.handle_due(house.db, now, limit=MOST)
            elif duty is not None and duty <= now:
                tick.tick(house.season, house.db, now, limit=MOST)
            elif message is not None and message <= now:
                outbox.deliver(house.db, now, self._transport, build=house.build, refused=self._refused, limit=MOST)
            else:
                return

    def waiting(self) -> tuple[datetime | None, datetime | None, datetime | None]:
        """From when on a letter, a duty and a message wait; None where there is none."""
        with self._house.db.reading() as session:
            letter, duty, message = session.execute(_WAITING).one()
        return letter, duty, message

    def _refused(self, session: Session, message: Message, person: Person, now: datetime) -> None:
        bounce_effects.refused(self._house.season, session, message, person, now)
