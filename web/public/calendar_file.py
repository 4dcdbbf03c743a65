"""Calendar download of a session (iCalendar, RFC 5545). Pure; invitations that ask for an answer come by mail only."""

from datetime import UTC, datetime

import icalendar

from workflow.config.loader import InfoDay, Programme


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
