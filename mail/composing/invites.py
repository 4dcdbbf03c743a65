"""The calendar file that goes with a notice: one person's invitation to one session. Pure.

The organiser is the person's secret address, so that a mail program's own answer buttons reach the question.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mail.composing.facts import Value
from mail.composing.message_bytes import Unfit, address
from mail.composing.stored_facts import Slot
from mail.identity import Identity
from mail.reading import calendar as invitation
from mail.reading.calendar import Event
from workflow.config.loader import Programme
from workflow.database.models import StageSession
from workflow.notices import Method, Notice

_WRITERS = {
    Method.REQUEST: invitation.request,
    Method.CANCEL: invitation.cancel,
    Method.PUBLISH: invitation.publish,
}


def uid(programme: Programme, session: StageSession, person_id: int, domain: str) -> str:
    """Never changes while the session lives, however often it moves."""
    group = "all" if session.group == "*" else session.group
    return f"{programme.key}-{session.stage}-{group}-{person_id}@{domain}"


def slot(
    notice: Notice, facts: Mapping[str, Value], programme: Programme, identity: Identity, *, sequence: int
) -> Slot | None:
    """Where the notice stands in a calendar; None where it has no calendar file."""
    if notice.calendar is None:
        return None
    session = notice.session
    if session is not None:
        own = uid(programme, session, notice.person.id, identity.domain)
        return Slot(own, sequence, session.starts_at, session.ends_at)
    start, end = facts["start"], facts["end"]
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise TypeError("a calendar file needs the moments `start` and `end`")
    return Slot(f"{programme.key}-info-day@{identity.domain}", sequence, start, end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom a calendar file names, in which language; `organiser` is the address that answers go to."""

    name: str
    address: str
    lang: str
    organiser: str


def written(
    method: Method, at: Slot, facts: Mapping[str, Value], programme: Programme, identity: Identity, *,
    who: Invited, now: datetime,
) -> bytes | None:  # fmt: skip
    """The calendar file; None where no file can name the person's address."""
    attendee = _attendee(who.address)
    if not attendee:
        return None
    event = Event(
        uid=at.uid,
        sequence=at.sequence,
        summary=f"{facts['short']}: {_subject(facts, programme, who.lang)}",
        description=_description(facts),
        location=str(facts["place"]),
        start=at.start,
        end=at.end,
        organiser_name=identity.from_name,
        organiser_address=who.organiser,
        attendee_name=who.name,
        attendee_address=attendee,
        stamp=now,
    )
    return _WRITERS[method](event)


def _attendee(given: str) -> str:
    """The address as mail takes it; empty where it takes it not: the mail itself must still be queued."""
    try:
        return address(given)
    except Unfit:
        return ""


def _subject(facts: Mapping[str, Value], programme: Programme, lang: str) -> str:
    """The stage's name; a meeting of no stage is the info day."""
    if facts["stage"] or programme.info_day is None:
        return str(facts["stage"])
    return programme.info_day.name.say(lang)


def _description(facts: Mapping[str, Value]) -> str:
    said = [str(facts[one]) for one in ("programme", "team", "join_link") if facts.get(one)]
    return "\n".join(said)
