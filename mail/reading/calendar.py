"""iCalendar (RFC 5545): parses answers to invitations, writes invitations and cancellations. Pure.

Reading is total: hostile content gives None or empty fields. Only a REPLY that names one event, one attendee
and one answer carries a `partstat`; where parts disagree it stays empty. An invitation or cancellation from
elsewhere keeps its own method and must never be read as an answer. Writing never lets what a person typed
become a property, a parameter or a line of its own.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from mail.reading.characters import clean, decode, one_line

if TYPE_CHECKING:
    import icalendar

TALLINN: Final = ZoneInfo("Europe/Tallinn")
PRODID: Final = "-//Teekond//Teekond//ET"
CONTENT_CAP: Final = 256 * 1024
LINES_CAP: Final = 5000
VALUE_CAP: Final = 4000

# -- what came back (RFC 5546 3.2.3, RFC 6047) --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarReply:
    """One iTIP message. `method` is in capitals; `attendee` is an address in lower case without mailto:.

    `partstat` is in capitals, NEEDS-ACTION where the attendee has none, "" where events or attendees disagree.
    """

    method: str
    uid: str
    attendee: str
    partstat: str
    sequence: int = 0
    dtstamp: datetime | None = None
    comment: str = ""

    @property
    def is_answer(self) -> bool:
        """Whether this says yes, no or maybe to an invitation of ours."""
        return self.method == "REPLY" and self.partstat in {"ACCEPTED", "DECLINED", "TENTATIVE"}


@dataclass(frozen=True, slots=True)
class _Line:
    name: str
    params: dict[str, str]
    value: str


_FOLD: Final = re.compile(rb"\r?\n[ \t]|\r[ \t]")
_VALUE: Final = r"(?:\"[^\"]*\"|[^\";:,]*)"
_PARAM: Final = re.compile(rf";([A-Za-z0-9-]{{1,64}})(?:=({_VALUE}(?:,{_VALUE})*+))?")
_NAME: Final = re.compile(r"\s*(?:[A-Za-z0-9-]{1,64}\.)?([A-Za-z0-9-]{1,64})")
_MAILTO: Final = re.compile(r"\s*(?:mailto:)?\s*<?\s*([^\s<>,;:\"]{1,64}@[^\s<>,;:\"]{1,255})", re.IGNORECASE)
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_STAMP: Final = re.compile(r"(\d{8}T\d{6})Z?", re.ASCII)


def read_reply(content: bytes, method: str | None) -> CalendarReply | None:
    """The iTIP message in `content` (decoded bytes of the part); `method` is what its Content-Type says.

    None when there is no event in it. Where header and body name different methods, the one that is no
    answer wins.
    """
    lines = list(_lines(_text(content)))
    events = list(_events(lines))
    if not events:
        return None
    said = next((line.value for line in lines if line.name == "METHOD"), "")
    return _reply(_method(method or "", said), events)


def _text(content: bytes) -> str:
    """Unfolded before decoding: a fold may stand inside a character (RFC 5545 3.1)."""
    data = content[:CONTENT_CAP]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data, "utf-16").encode("utf-8", "replace")
    return decode(_FOLD.sub(b"", data), "utf-8").lstrip("\ufeff")


def _lines(text: str) -> Iterator[_Line]:
    for line in re.split(r"[\r\n]+", text, maxsplit=LINES_CAP)[:LINES_CAP]:
        start = _NAME.match(line)
        if start:
            yield _line(start[1].upper(), line, start.end())


def _line(name: str, line: str, at: int) -> _Line:
    params: dict[str, str] = {}
    while param := _PARAM.match(line, at):
        params.setdefault(param[1].upper(), (param[2] or "").strip().strip('"'))
        at = param.end()
    # A parameter nobody can read is passed over: the value begins at the next colon.
    value = line[at + 1 :] if line[at : at + 1] == ":" else line[at:].partition(":")[2]
    return _Line(name, params, value[:VALUE_CAP].strip())


def _events(lines: list[_Line]) -> Iterator[list[_Line]]:
    """The lines that stand directly in a VEVENT or VTODO, not those of alarms within."""
    inside: list[str] = []
    event: list[_Line] = []
    for line in lines:
        if line.name == "BEGIN":
            inside.append(line.value.upper())
        elif line.name == "END":
            if event and inside and inside[-1] in _EVENTS:
                yield event
                event = []
            del inside[-1:]
        elif inside and inside[-1] in _EVENTS:
            event.append(line)
    if event:
        yield event  # cut off before its END


_EVENTS: Final = frozenset({"VEVENT", "VTODO"})


def _method(header: str, body: str) -> str:
    said = [one.strip("\"' ").upper()[:40] for one in (body, header) if one.strip("\"' ")]
    return next((one for one in said if one != "REPLY"), said[0] if said else "")


def _reply(method: str, events: list[list[_Line]]) -> CalendarReply:
    uids = {_one(event, "UID") for event in events}
    answers = {_answer(event) for event in events}
    attendee, partstat = answers.pop() if len(answers) == 1 else ("", "")
    first = events[0]
    return CalendarReply(
        method=method,
        uid=uids.pop() if len(uids) == 1 else "",
        attendee=attendee,
        partstat=partstat,
        sequence=_number(_one(first, "SEQUENCE")),
        dtstamp=_stamp(_one(first, "DTSTAMP")),
        comment=_comment(first),
    )


def _answer(event: list[_Line]) -> tuple[str, str]:
    """The attendee and the answer of one event; several attendees count only if just one has answered, and an answer
    to one of a series (RECURRENCE-ID) not at all: no invitation of ours is a series."""
    if any(line.name == "RECURRENCE-ID" for line in event):
        return "", ""
    said = {(_address(line), _partstat(line)) for line in event if line.name == "ATTENDEE"}
    given = {one for one in said if one[1] != "NEEDS-ACTION"} or said
    return given.pop() if len(given) == 1 else ("", "")


def _partstat(line: _Line) -> str:
    return line.params.get("PARTSTAT", "NEEDS-ACTION").upper()[:40]


def _address(line: _Line) -> str:
    """The mailto address, else what the EMAIL parameter says (RFC 7986), in lower case."""
    found = _MAILTO.match(line.value) or _MAILTO.match(line.params.get("EMAIL", ""))
    return found[1].lower() if found else ""


def _comment(event: list[_Line]) -> str:
    said = _one(event, "COMMENT")
    if not said:
        params = (line.params.get("X-RESPONSE-COMMENT", "") for line in event if line.name == "ATTENDEE")
        said = next(filter(None, params), "")
    return clean(said).strip()


def _one(event: list[_Line], name: str) -> str:
    value = next((line.value for line in event if line.name == name), "")
    return _ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text.strip()) else 0


def _stamp(text: str) -> datetime | None:
    """A DTSTAMP is in UTC (RFC 5545 3.8.7.2), whether it says so or not."""
    found = _STAMP.fullmatch(text.strip())
    try:
        return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


# -- what goes out ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A meeting as one person is invited to it. `start`, `end`, `stamp` are aware; `uid` never changes,
    `sequence` grows with every change of time, place or cancellation (RFC 5546 2.1.4)."""

    uid: str
    sequence: int
    summary: str
    description: str
    location: str
    start: datetime
    end: datetime
    organiser_name: str
    organiser_address: str
    attendee_name: str
    attendee_address: str
    stamp: datetime
    url: str = ""
    partstat: str = ""
    """what the person answered before, in capitals; empty where nothing"""
    removed: bool = False
    """it is taken off calendars"""


def request(event: Event) -> bytes:
    """An invitation that asks for an answer. ValueError when a time is naive or an address no address."""
    return _file("REQUEST", [event], _invited(event))


def cancel(event: Event) -> bytes:
    """Takes the invitation back; give a higher `sequence` than the last one sent."""
    return _file("CANCEL", [replace(event, removed=True)], _invited(event))


def publish(*events: Event) -> bytes:
    """The events for a calendar, or those removed off it: nobody is invited, nobody is asked. A CANCEL may speak of
    one event alone (RFC 5546 3.2.5), so several are taken off in this way."""
    return _file("PUBLISH", events, None)


def answered_to(content: bytes, address: Callable[[str], str]) -> bytes:
    """A file of ours with other organisers' addresses, made from those in it: there answers go."""

    def line(found: re.Match[bytes]) -> bytes:
        import icalendar

        before, _, said = _FOLD.sub(b"", found[0]).decode("utf-8").rpartition("mailto:")
        whole = icalendar.parser.Contentline(f"{before}mailto:{address(said)}")  # type: ignore[no-untyped-call]
        return bytes(whole.to_ical())  # type: ignore[no-untyped-call]

    return _ORGANISER.sub(line, content)


_ORGANISER: Final = re.compile(rb"^ORGANIZER[;:][^\r\n]*(?:\r\n[ \t][^\r\n]*)*", re.MULTILINE)


def _file(method: str, events: Sequence[Event], attendee: "icalendar.vCalAddress | None") -> bytes:
    import icalendar

    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(_event(event, attendee))
    first, last = min(event.start for event in events), max(event.end for event in events)
    calendar.add_missing_timezones(first_date=_year(first, 0), last_date=_year(last, 1))
    return bytes(calendar.to_ical())


def _year(moment: datetime, later: int) -> date:
    """The first of January: a VTIMEZONE of whole years, so that both changes of the clock are in it."""
    return date(moment.astimezone(TALLINN).year + later, 1, 1)


def _event(event: Event, attendee: "icalendar.vCalAddress | None") -> "icalendar.Event":
    import icalendar

    made = icalendar.Event()
    made.add("uid", _plain(event.uid))
    made.add("sequence", event.sequence)
    made.add("dtstamp", _aware(event.stamp).astimezone(UTC))
    made.add("dtstart", _aware(event.start).astimezone(TALLINN))
    made.add("dtend", _aware(event.end).astimezone(TALLINN))
    made.add("status", "CANCELLED" if event.removed else "CONFIRMED")
    made.add("organizer", _person(event.organiser_name, event.organiser_address), encode=False)
    if attendee is not None:
        made.add("attendee", attendee, encode=False)
    for name, value in _texts(event).items():
        made.add(name, value)
    return made


def _texts(event: Event) -> dict[str, str]:
    said = {
        "summary": one_line(event.summary, 200),
        "location": one_line(event.location, 200),
        "description": clean(event.description[:VALUE_CAP]).replace("\t", " ").strip(),
        "url": event.url if _URL.fullmatch(event.url) else "",
    }
    return {name: value for name, value in said.items() if value}


def _invited(event: Event) -> "icalendar.vCalAddress":
    person = _person(event.attendee_name, event.attendee_address)
    answered = event.partstat or "NEEDS-ACTION"
    asks = "FALSE" if event.partstat else "TRUE"
    person.params.update({"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": answered, "RSVP": asks})
    return person


_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%\[\]-]{1,1000}")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_NOT_IN_NAME: Final = re.compile(r"[^\w .'\u2019-]+")


def _person(name: str, address: str) -> "icalendar.vCalAddress":
    """A name is a parameter's value: only letters, digits, spaces and . ' - of it are kept."""
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"not an address for a calendar file: {address[:80]!r}")
    import icalendar

    person = icalendar.vCalAddress(f"mailto:{address}")
    shown = " ".join(_NOT_IN_NAME.sub(" ", one_line(name, 100)).split())
    if shown:
        person.params["CN"] = shown
    return person


def _plain(uid: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9@._-]{1,255}", uid):
        raise ValueError(f"not a UID: {uid[:80]!r}")
    return uid


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError("a calendar file needs times with a zone")
    return moment
