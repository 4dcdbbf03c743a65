"""Calendar files: answers as calendar programs write them, and invitations nobody can break into."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import icalendar
import pytest

from mail.reading import calendar as calendar_file
from mail.reading.calendar import CalendarReply, Event
from tests.case_table import each
from tests.paths import DATA

CALENDAR = DATA / "calendar"

REPLY = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//Calendar//EN
METHOD:REPLY
BEGIN:VEVENT
UID:w2-m3-p7@teekond.example
SEQUENCE:2
DTSTAMP:20220309T100000Z
ORGANIZER:mailto:kalender@teekond.example
ATTENDEE;CN="Kask, Kati";PARTSTAT=ACCEPTED:mailto:kati@example.org
COMMENT:Tulen\\, aga hiljem\\nKati
END:VEVENT
END:VCALENDAR
"""

WANTED = CalendarReply(
    method="REPLY",
    uid="w2-m3-p7@teekond.example",
    attendee="kati@example.org",
    partstat="ACCEPTED",
    sequence=2,
    dtstamp=datetime(2022, 3, 9, 10, tzinfo=UTC),
    comment="Tulen, aga hiljem\nKati",
)


def read(text: str, method: str | None = None) -> CalendarReply:
    found = calendar_file.read_reply(text.encode(), method)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "text",
    [
        REPLY,
        REPLY.replace("\n", "\r\n"),
        REPLY.replace("\n", "\r"),
        "\ufeff" + REPLY,
        REPLY.replace("ORGANIZER:mailto:kalender@teekond.example\n", ""),
        REPLY.replace("mailto:kati", "MAILTO:Kati"),
        REPLY.replace("mailto:kati@example.org", "mailto: <kati@example.org>"),
        REPLY.replace("PARTSTAT=ACCEPTED", "PARTSTAT=AC\n CEP\n\tTED"),
        REPLY.replace("PARTSTAT=ACCEPTED", 'partstat="accepted"'),
        REPLY.replace("mailto:kati@example.org", "urn:uuid:1").replace("CN=", "EMAIL=kati@example.org;CN="),
        REPLY.replace("CN=", "X-BROKEN;CN=").replace('CN="Kask, Kati";', 'CN="Kask, Kati";X-A="b:c;d";'),
        REPLY.replace("END:VEVENT", "BEGIN:VALARM\nATTENDEE:mailto:x@example.org\nUID:x\nEND:VALARM\nEND:VEVENT"),
        REPLY.replace("BEGIN:VEVENT", "BEGIN:VTIMEZONE\nTZID:X\nUID:zone\nEND:VTIMEZONE\nBEGIN:VEVENT"),
        REPLY.replace("END:VEVENT\nEND:VCALENDAR\n", ""),
        REPLY.replace("ATTENDEE;", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:mart@example.org\nATTENDEE;"),
    ],
)
def test_a_reply_is_read_in_every_dress(text: str) -> None:
    assert read(text) == WANTED
    assert read(text, "reply") == WANTED


def test_the_method_may_stand_in_the_content_type_alone() -> None:
    bare = REPLY.replace("METHOD:REPLY\n", "")
    assert read(bare, "REPLY") == WANTED
    assert read(bare, None).method == ""
    assert not read(bare, None).is_answer


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "COUNTER", "REFRESH", "PUBLISH", "ADD"])
def test_what_is_no_reply_keeps_its_method_and_is_no_answer(method: str) -> None:
    assert read(REPLY.replace("METHOD:REPLY", f"METHOD:{method}")).method == method
    assert read(REPLY, method).method == method, "the part that is no answer wins"
    assert not read(REPLY, method).is_answer


@pytest.mark.parametrize(("partstat", "answer"), [("DECLINED", True), ("TENTATIVE", True), ("DELEGATED", False)])
def test_every_partstat_is_reported(partstat: str, answer: bool) -> None:
    found = read(REPLY.replace("ACCEPTED", partstat))
    assert (found.partstat, found.is_answer) == (partstat, answer)


def test_without_a_partstat_nothing_is_answered() -> None:
    assert read(REPLY.replace(";PARTSTAT=ACCEPTED", "")).partstat == "NEEDS-ACTION"
    assert not read(REPLY.replace(";PARTSTAT=ACCEPTED", "")).is_answer


def test_attendees_or_events_that_disagree_give_no_answer() -> None:
    two = REPLY.replace("ATTENDEE;", "ATTENDEE;PARTSTAT=DECLINED:mailto:mart@example.org\nATTENDEE;")
    assert (read(two).attendee, read(two).partstat) == ("", "")
    event = REPLY[REPLY.index("BEGIN:VEVENT") : REPLY.index("END:VCALENDAR")]
    other = event.replace("ACCEPTED", "DECLINED")
    assert read(REPLY.replace(event, event + other)).partstat == ""
    assert read(REPLY.replace(event, event + event)) == WANTED
    assert read(REPLY.replace(event, event + event.replace("UID:w2", "UID:w3"))).uid == ""


def test_the_comment_may_stand_in_a_parameter() -> None:
    text = REPLY.replace("COMMENT:Tulen\\, aga hiljem\\nKati\n", "").replace("CN=", 'X-RESPONSE-COMMENT="Ei tea";CN=')
    assert read(text).comment == "Ei tea"


@pytest.mark.parametrize(("written", "read_as"), [("x", None), ("20229999T100000Z", None), ("20220309T100000", 10)])
def test_a_stamp_is_utc_or_nothing(written: str, read_as: int | None) -> None:
    stamp = read(REPLY.replace("20220309T100000Z", written)).dtstamp
    assert stamp == (read_as and datetime(2022, 3, 9, read_as, tzinfo=UTC))


@pytest.mark.parametrize("written", ["-1", "x", "9" * 5000, "٣"])
def test_a_sequence_that_is_no_number_is_nought(written: str) -> None:
    assert read(REPLY.replace("SEQUENCE:2", f"SEQUENCE:{written}")).sequence == 0


def test_letters_cut_by_a_fold_and_other_charsets_are_read() -> None:
    cut = REPLY.replace("Kask, Kati", "Õ").encode().replace("Õ".encode(), b"\xc3\r\n \x95")
    assert calendar_file.read_reply(cut, None) == WANTED
    assert calendar_file.read_reply(REPLY.encode("utf-16"), None) == WANTED


@pytest.mark.parametrize(
    "content",
    [b"", b"JAH", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR", b"\x00" * 1000, b"END:VEVENT\r\n" * 10],
)
def test_where_there_is_no_event_there_is_no_reply(content: bytes) -> None:
    assert calendar_file.read_reply(content, "REPLY") is None


@pytest.mark.parametrize("piece", ["ATTENDEE;", ";A=", '"', ":", "\r\n ", "BEGIN:VEVENT\r\n", ",", "A=,", "é"])
def test_hostile_content_takes_no_time(piece: str) -> None:
    calendar_file.read_reply((REPLY[:150] + "ATTENDEE" + piece * 100_000).encode(), None)


def test_a_whole_mail_from_a_phone() -> None:
    mail = (CALENDAR / "phone-accepts.ics").read_bytes()
    found = calendar_file.read_reply(mail, "REPLY")
    assert found is not None
    assert (found.uid, found.attendee, found.partstat) == ("w1-m9@teekond.example", "mart@example.org", "TENTATIVE")


# -- going out ----------------------------------------------------------------------------------

EVENT = Event(
    uid="w2-m3-p7@teekond.example",
    sequence=1,
    summary="II töötuba: ärimudel",
    description="Teisipäev\nTooge kaasa; näiteks, arvuti\\sülearvuti",
    location="Raekoja plats 1, Tartu",
    start=datetime(2022, 4, 12, 7, tzinfo=UTC),
    end=datetime(2022, 4, 12, 13, tzinfo=UTC),
    organiser_name="Programm",
    organiser_address="kalender@teekond.example",
    attendee_name="Kati Kask",
    attendee_address="kati@example.org",
    stamp=datetime(2022, 3, 1, 12, tzinfo=UTC),
    url="https://teekond.example/w/2",
)


def parsed(content: bytes) -> icalendar.Event:
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    return event


def test_an_invitation_says_all_a_calendar_needs() -> None:
    content = calendar_file.request(EVENT)
    calendar = icalendar.Calendar.from_ical(content)
    event = parsed(content)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("REQUEST", "2.0")
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (EVENT.uid, 1, "CONFIRMED")
    assert event["DTSTAMP"].dt == EVENT.stamp
    assert event["DTSTART"].dt == EVENT.start
    assert event["DTSTART"].dt.strftime("%H:%M") == "10:00", "written in Tallinn's time"
    assert event["DTSTART"].params["TZID"] == "Europe/Tallinn"
    assert event["DTEND"].dt == EVENT.end
    assert (event["SUMMARY"], event["DESCRIPTION"]) == (EVENT.summary, EVENT.description)
    assert (event["LOCATION"], event["URL"]) == (EVENT.location, EVENT.url)
    assert event["ORGANIZER"] == "mailto:kalender@teekond.example"
    person = event["ATTENDEE"]
    assert person == "mailto:kati@example.org"
    assert person.params["CN"] == "Kati Kask"
    assert (person.params["PARTSTAT"], person.params["RSVP"]) == ("NEEDS-ACTION", "TRUE")


def test_the_zone_has_both_changes_of_the_clock_of_its_year_and_no_more() -> None:
    (zone,) = icalendar.Calendar.from_ical(calendar_file.request(EVENT)).walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/Tallinn"
    assert len(zone.subcomponents) == 3
    summer = EVENT.start.replace(month=7, tzinfo=None)
    own, known = zone.to_tz(lookup_tzid=False), ZoneInfo("Europe/Tallinn")
    assert own.utcoffset(summer) == known.utcoffset(summer)


def test_a_cancellation_and_a_publication() -> None:
    cancelled = calendar_file.cancel(replace(EVENT, sequence=2))
    assert b"METHOD:CANCEL\r\n" in cancelled
    assert (parsed(cancelled)["STATUS"], parsed(cancelled)["SEQUENCE"]) == ("CANCELLED", 2)
    published = calendar_file.publish(EVENT)
    assert b"METHOD:PUBLISH\r\n" in published
    assert "ATTENDEE" not in parsed(published)
    assert parsed(published)["UID"] == EVENT.uid


def test_what_we_write_we_read() -> None:
    found = calendar_file.read_reply(calendar_file.request(EVENT), "REQUEST")
    assert found is not None
    assert (found.method, found.uid, found.attendee) == ("REQUEST", EVENT.uid, "kati@example.org")
    assert not found.is_answer


HOSTILE = [
    "x\r\nATTENDEE:mailto:evil@example.com",
    "x\nEND:VEVENT\nBEGIN:VEVENT\nUID:evil",
    "x\rMETHOD:CANCEL",
    'x";PARTSTAT=ACCEPTED:mailto:evil@example.com',
    "x\x0b\x0c\x85\u2028\u2029ORGANIZER:mailto:evil@example.com",
    "x\\nATTENDEE:mailto:evil@example.com\\",
    "^nATTENDEE:mailto:evil@example.com^'",
    "{{7*7}} %(x)s ${x} {0.__class__}",
    "\x00\x1b[31m\ud800\ufffe\u202e",
    "õ😀" * 300,
    "\r\n " * 50,
    "",
]


@pytest.mark.parametrize("write", [calendar_file.request, calendar_file.cancel, calendar_file.publish])
@pytest.mark.parametrize("field", ["summary", "description", "location", "organiser_name", "attendee_name", "url"])
@each("value", HOSTILE)
def test_no_text_breaks_out_of_its_place(field: str, write, value: str) -> None:  # type: ignore[no-untyped-def]
    content = write(replace(EVENT, **{field: value}))
    event, wanted = parsed(content), parsed(write(EVENT))
    assert set(event.keys()) - {field.upper()} == set(wanted.keys()) - {field.upper()}
    for name in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND", "SEQUENCE", "STATUS"):
        assert event.get(name) == wanted.get(name)
    assert set(event["ORGANIZER"].params) <= {"CN"}
    assert content.count(b"\r\nBEGIN:VEVENT\r\n") == content.count(b"\r\nMETHOD:") == 1
    lines = content.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\r" in line or b"\n" in line or b"\x00" in line for line in lines)


@pytest.mark.parametrize(
    "wrong",
    [
        {"attendee_address": "kati@example.org\r\nX:y"},
        {"attendee_address": "kati"},
        {"organiser_address": 'a"b@example.org'},
        {"uid": "a\r\nb"},
        {"start": datetime(2022, 4, 12, 7)},  # noqa: DTZ001
    ],
)
def test_what_is_no_address_uid_or_moment_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        calendar_file.request(replace(EVENT, **wrong))  # type: ignore[arg-type]
