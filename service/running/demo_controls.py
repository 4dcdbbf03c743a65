"""Controls of the demonstration: its clock, replies that really go by SMTP, invented teams."""

from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

import sqlalchemy as sa

from mail.sending import outbox
from service.assembly import Service
from service.clocks import SimulatedClock
from service.running import demo_teams
from service.running.worker import Worker
from workflow.codes import MessageStatus
from workflow.database.engine import Database
from workflow.database.models import Duty, Letter, Message


class DemoControls:
    """What the demonstration's pages may do beyond a service's."""

    def __init__(self, house: Service, clock: SimulatedClock, worker: Worker, smtp: tuple[str, int]) -> None:
        self.house, self.clock, self.worker, self.smtp = house, clock, worker, smtp

    def now(self) -> datetime:
        return self.clock.now()

    def advance_to_next(self) -> datetime:
        """To the next thing the calendar makes due."""
        return self.advance_to(self._next_event() or self.now() + timedelta(days=1))

    def advance_to(self, moment: datetime) -> datetime:
        """Event by event, so that everything happens at its own time; never backwards."""
        with self.worker.paused():
            self.worker.drain()
            while (event := self._next_event()) is not None and event <= moment:
                self.clock.set(max(event, self.now()))
                self.worker.drain()
            self.clock.set(max(moment, self.now()))
            self.worker.drain()
        return self.now()

    def _next_event(self) -> datetime | None:
        with self.house.db.reading() as session:
            return session.scalar(sa.select(sa.func.min(Duty.due_at)).where(Duty.done_at.is_(None)))

    def reply(self, sender: str, recipient: str, subject: str, text: str, in_reply_to: str) -> None:
        """Send a person's reply through the demo's own receiver, as their mail program would."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
        mail["Message-ID"], mail["In-Reply-To"] = f"<{self.house.season.secret()}@example.org>", in_reply_to
        mail.set_content(text)
        outbox.SmtpTransport(*self.smtp).hand_over(sender, recipient, mail.as_bytes(policy=SMTP))

    def invent_teams(self, n: int) -> int:
        """Teams that have applied and confirmed their address, to try the rest with. Returns how many came."""
        with self.house.db.writing() as session:
            return demo_teams.apply(self.house.season, session, n, self.now())


def free_leases(db: Database) -> None:
    """The demo is one process: what an earlier one that was killed had in hand is free again."""
    with db.writing() as session:
        session.execute(sa.update(Letter).values(leased_until=None))
        session.execute(
            sa.update(Message)
            .where(Message.status == MessageStatus.SENDING)
            .values(status=MessageStatus.QUEUED, leased_until=None)
        )
