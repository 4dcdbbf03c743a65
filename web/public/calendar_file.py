"""Calendar files of sessions to download or to subscribe to (iCalendar, RFC 5545). Pure; invitations that ask for an
answer come by mail only."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import icalendar

from workflow.config.loader import EVERYONE, InfoDay, Programme
from workflow.sign_in.feeds import FeedSession

REFRESHED: Final = timedelta(hours=4)
"""how often a calendar program is asked to look again (RFC 7986)"""


def of_info_day(programme: Programme, info: InfoDay, lang: str, now: datetime) -> bytes:
    """The info day: when and where, for everybody alike."""
    event = icalendar.Event()
    event.add("uid", f"info-day.{programme.key}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", info.start.astimezone(UTC))
    event.add("dtend", info.end.astimezone(UTC))
    event.add("summary", f"{programme.short_name.say(lang)}: {info.name.say(lang)}")
    event.add("location", info.place.say(lang))
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//Teekond//{programme.key}//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def of_sessions(programme: Programme, rows: Sequence[FeedSession], lang: str, link: str, now: datetime) -> bytes:
    """Sessions in one calendar file, moved and cancelled ones as they are now. link: where their reader reads on."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//Teekond//{programme.key}//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", programme.short_name.say(lang))
    calendar.add("refresh-interval", REFRESHED, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT4H")
    for row in rows:
        calendar.add_component(_event(programme, row, lang, link, now))
    return bytes(calendar.to_ical())


def _event(programme: Programme, row: FeedSession, lang: str, link: str, now: datetime) -> icalendar.Event:
    meeting = row.session
    stage = next((one for one in programme.stages if one.key == meeting.stage), None)
    group = programme.group(meeting.group).name.say(lang) if meeting.group != EVERYONE else ""
    name = stage.name.say(lang) if stage else meeting.stage
    event = icalendar.Event()
    event.add("uid", f"session-{meeting.id}.{programme.key}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("sequence", meeting.sequence)
    event.add("status", "CANCELLED" if meeting.cancelled_at is not None else "CONFIRMED")
    event.add("summary", f"{programme.short_name.say(lang)}: {name}{f', {group}' if group and not row.teams else ''}")
    event.add("location", str(meeting.place.get(lang) or meeting.place.get("et") or ""))
    told = "\n".join(part for part in (", ".join(row.teams), link) if part)
    if told:
        event.add("description", told)
    return event
