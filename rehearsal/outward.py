"""The service at work for one moment: letters handled, duties performed, mails sent, until nothing waits.

The outbox's transport points at the sink on loopback, whatever the config says: nothing can leave the machine.
"""

import ssl
from datetime import datetime

from sqlalchemy.orm import Session

from mail import bounced, outbox
from rehearsal.setting import House
from rehearsal.sink import LOOPBACK
from workflow import calendar
from workflow.models import Message, Person

MOST = 1000


class Works:
    """What the worker does in the service, done here once for each moment of the simulated time."""

    def __init__(self, house: House, sink_port: int) -> None:
        self._house = house
        self._transport = outbox.SmtpTransport(LOOPBACK, sink_port, trust=ssl.create_default_context())

    def drain(self, now: datetime) -> None:
        while self._one_pass(now):
            pass

    def _one_pass(self, now: datetime) -> int:
        house = self._house
        handled = house.inbox.handle_due(house.db, now, limit=MOST)
        due = calendar.tick(house.season, house.db, now, limit=MOST)
        sent = outbox.deliver(
            house.db, now, self._transport, build=house.build, refused=self._refused, limit=MOST
        ).handled
        return handled + due + sent

    def _refused(self, session: Session, message: Message, person: Person, now: datetime) -> None:
        bounced.refused(self._house.season, session, message, person, now)
