"""Calendar file of a notice (iCalendar, RFC 5545 and 5546): one person's sessions, or the info day. Pure.

The organiser of an entry is the secret address of the person's own question about it, so that a mail program's answer
buttons reach the question. Secrets are stored in no mail: the file names the addressee by number
(`door12@example.org`), and `mail.composing.message_bytes` puts the address in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mail.composing.facts import Value
from mail.composing.message_bytes import UnsendableMail, address, door_address
from mail.composing.stored_facts import Slot
from mail.identity import Identity
from mail.reading import calendar
from mail.reading.calendar import Event
from workflow.config.loader import Programme
from workflow.database.models import StageSession
from workflow.notices import CalendarEntry, Method, Notice
from workflow.rules.machine import state_name


def uid(programme: Programme, session: StageSession, person_id: int, domain: str) -> str:
    """Never changes while the session lives, however often it moves."""
    group = "all" if session.group == "*" else session.group
    return f"{programme.key}-{session.stage}-{group}-{person_id}@{domain}"


def slots(
    notice: Notice, facts: Mapping[str, Value], programme: Programme, identity: Identity, lang: str
) -> tuple[Slot, ...]:
    """The entries of the notice's calendar file; none where it has no such file."""
    if notice.calendar is None:
        return ()
    if notice.entries:
        return tuple(_of_session(entry, notice.person.id, programme, identity, lang) for entry in notice.entries)
    start, end = facts["start"], facts["end"]
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise TypeError("a calendar file needs entries, or the moments `start` and `end`")
    name = programme.info_day.name.say(lang) if programme.info_day else ""
    return (Slot(f"{programme.key}-info-day@{identity.domain}", 0, start, end, name, str(facts["place"])),)


def _of_session(entry: CalendarEntry, person_id: int, programme: Programme, identity: Identity, lang: str) -> Slot:
    meeting = entry.session
    return Slot(
        uid=uid(programme, meeting, person_id, identity.domain),
        sequence=entry.sequence,
        start=meeting.starts_at,
        end=meeting.ends_at,
        title=state_name(programme, meeting.stage).say(lang),
        place=str(meeting.place.get(lang) or meeting.place.get("et") or ""),
        door=entry.door.id if entry.door else None,
        said=entry.said,
        removed=entry.removed,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom a calendar file names, in which language."""

    name: str
    address: str
    lang: str


def written(
    method: Method, at: tuple[Slot, ...], facts: Mapping[str, Value], identity: Identity, *,
    who: Invited, now: datetime,
) -> bytes | None:  # fmt: skip
    """The calendar file; None where no file can name the person's address."""
    attendee = _attendee(who.address)
    if not attendee or not at:
        return None
    events = [
        Event(
            uid=slot.uid,
            sequence=slot.sequence,
            summary=f"{facts['short']}: {slot.title}",
            description=_description(facts),
            location=slot.place,
            start=slot.start,
            end=slot.end,
            organiser_name=identity.from_name,
            organiser_address=door_address(slot.door, identity) if slot.door else identity.from_address,
            attendee_name=who.name,
            attendee_address=attendee,
            stamp=now,
            partstat=_PARTSTAT.get(slot.said, ""),
            removed=slot.removed,
        )
        for slot in at
    ]
    return calendar.publish(*events) if method is Method.PUBLISH else _ONE[method](events[0])


_ONE: Final = {Method.REQUEST: calendar.request, Method.CANCEL: calendar.cancel}
_PARTSTAT: Final = {"yes": "ACCEPTED", "no": "DECLINED", "maybe": "TENTATIVE"}


def _attendee(given: str) -> str:
    """The address as mail takes it; empty where it takes it not: the mail itself must still be queued."""
    try:
        return address(given)
    except UnsendableMail:
        return ""


def _description(facts: Mapping[str, Value]) -> str:
    said = [str(facts[one]) for one in ("programme", "team", "join_link") if facts.get(one)]
    return "\n".join(said)
