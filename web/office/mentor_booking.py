"""Form that reserves a mentor's hours for a session ahead: the coordinator's and the mentor's own are one and the
same.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from web import flash
from web.context import here
from web.i18n.language import _, minutes
from web.request import field, length_of, moment_of
from workflow.database.models import Person, Team
from workflow.journey import mentoring
from workflow.records import queries
from workflow.rules import hours
from workflow.season import Actor
from workflow.text.bilingual import Text

_WHEN: Final = Text(
    et="Kirjutage tulevane aeg ja tunnid, näiteks 1,5.", en="Write a time that lies ahead and the hours, such as 1.5."
)


def book(session: Session, team: Team, mentor: Person, who: Actor) -> flash.FlashMessage | Text:
    """Book as the form says, and what became of it in words; the fault where it cannot be. A second click books nothing
    a second time."""
    starts, length = moment_of(field("starts")), length_of(field("hours"))
    if starts is None or not length or starts <= here().now():
        return _WHEN
    if _booked_before(session, team, mentor, starts, length):
        return flash.warn(_("This is booked already."))
    row = mentoring.book(here().season, session, team, mentor, starts, length, who, here().now())
    if isinstance(row, Text):
        return row
    return flash.good(_("Booked %(length)s: %(mentor)s.", length=minutes(length), mentor=mentor.name))


def _booked_before(session: Session, team: Team, mentor: Person, starts: datetime, length: int) -> bool:
    plain = queries.entries(queries.ledger(session, team.id))
    day = starts.astimezone(here().programme.tz).date()
    open_now = hours.open_entries(plain, hours.EntryKind.RESERVED)
    return any((e.person_id, e.day, e.minutes) == (mentor.id, day, length) for e in open_now)
