"""The calendar file that goes with a notice: one person's invitation to one session. Pure.

The organiser is the person's secret address, so that a mail program's own answer buttons reach the question.
"""

from datetime import datetime

from mail import invitation
from mail.build import Unfit, address
from mail.facts import Value
from mail.identity import Identity
from mail.invitation import Event
from workflow.models import StageSession
from workflow.notices import Method, Notice
from workflow.programme import Programme

_WRITERS = {
    Method.REQUEST: invitation.request,
    Method.CANCEL: invitation.cancel,
    Method.PUBLISH: invitation.publish,
}


def uid(programme: Programme, session: StageSession, person_id: int, domain: str) -> str:
    """Never changes while the session lives, however often it moves."""
    group = "all" if session.group == "*" else session.group
    return f"{programme.key}-{session.stage}-{group}-{person_id}@{domain}"


def written(
    notice: Notice, facts: dict[str, Value], programme: Programme, identity: Identity, *,
    organiser: str, sequence: int, now: datetime,
) -> bytes | None:  # fmt: skip
    """The notice's calendar file; None where it has none, or where no file can name the person's address.

    `sequence` is that of this person's invitation.
    """
    attendee = _attendee(notice)
    if notice.calendar is None or not attendee:
        return None
    start, end, own = _meeting(notice, facts, programme, identity)
    event = Event(
        uid=own,
        sequence=sequence,
        summary=f"{facts['short']}: {_subject(facts, programme, notice.person.lang)}",
        description=_description(facts),
        location=str(facts["place"]),
        start=start,
        end=end,
        organiser_name=identity.from_name,
        organiser_address=organiser,
        attendee_name=notice.person.name,
        attendee_address=attendee,
        stamp=now,
    )
    return _WRITERS[notice.calendar](event)


def _meeting(
    notice: Notice, facts: dict[str, Value], programme: Programme, identity: Identity
) -> tuple[datetime, datetime, str]:
    session = notice.session
    if session is not None:
        return session.starts_at, session.ends_at, uid(programme, session, notice.person.id, identity.domain)
    start, end = facts["start"], facts["end"]
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        raise TypeError("a calendar file needs the moments `start` and `end`")
    return start, end, f"{programme.key}-info-day@{identity.domain}"


def _attendee(notice: Notice) -> str:
    """The address as mail takes it; empty where it takes it not: the mail itself must still be queued."""
    try:
        return address(notice.person.address)
    except Unfit:
        return ""


def _subject(facts: dict[str, Value], programme: Programme, lang: str) -> str:
    """The stage's name; a meeting of no stage is the info day."""
    if facts["stage"] or programme.info_day is None:
        return str(facts["stage"])
    return programme.info_day.name.say(lang)


def _description(facts: dict[str, Value]) -> str:
    said = [str(facts[one]) for one in ("programme", "team", "join_link") if facts.get(one)]
    return "\n".join(said)
