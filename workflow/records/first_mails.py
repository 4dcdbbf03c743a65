"""First mails to people who have confirmed nothing: each leaves at once where the rate limit allows it, else later by
itself, by a duty. What caused it is taken in either way.

Acts in the caller's one transaction. Each cause has one function that builds its mail from the row it is about; it is
called when the cause happens and again by the clock (`workflow/schedule/tick.py`), until the mail has left or is wanted
no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Duty, Team
from workflow.records import mail_quota, open_questions
from workflow.records.mail_quota import MailCause
from workflow.rules.duties import Due, DutyKind
from workflow.season import Season
from workflow.security import client_network

WAITS_AS: Final[Mapping[MailCause, DutyKind]] = {
    MailCause.APPLICATION: DutyKind.VERIFY_ASK,
    MailCause.NAMED_MEMBER: DutyKind.CONSENT_ASK,
    MailCause.DRAFT: DutyKind.DRAFT_MAIL,
    MailCause.INFO_DAY: DutyKind.WELCOME_MAIL,
}
"""the duty that sends the mail of each cause"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstMail:
    """A mail to be: what caused it, the number of the row it is about and a key that no other mail of that cause ever
    has; the address it goes to, the network address that caused it (empty where unknown), and what sends it."""

    cause: MailCause
    row: int
    key: str
    address: str
    place: str
    team: Team | None = None
    send: Callable[[], None]


def send_or_wait(season: Season, session: Session, mail: FirstMail, now: datetime) -> datetime | None:
    """Send it where the rate limit allows it; else note its duty. Returns when it leaves at the earliest, None where it
    has left."""
    place = mail.place if "/" in mail.place else client_network.place(mail.place, loopback=False)
    later = mail_quota.wait_until(season, session, mail.cause, mail.address, place, now)
    if later is None:
        mail.send()
        return None
    due = Due(key=_key(mail.cause, mail.key), kind=WAITS_AS[mail.cause], at=later, about={"row": mail.row})
    open_questions.note_duties(session, [due], team=mail.team)
    return later


def waits_until(session: Session, cause: MailCause, key: str) -> datetime | None:
    """When this mail leaves at the earliest; None where it waits for nothing."""
    query = sa.select(Duty.due_at).where(Duty.key == _key(cause, key), Duty.done_at.is_(None))
    return session.scalar(query)


def _key(cause: MailCause, key: str) -> str:
    return f"{WAITS_AS[cause]}:{key}"
