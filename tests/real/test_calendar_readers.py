"""Invitations, changes and cancellations as they really go out, read by three programs that are not ours."""

import json
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.reading import calendar as calendar_file
from tests.builders import World
from tests.conftest import leave_out
from tests.real import libical
from tests.real.programs import run
from workflow.database.engine import Database
from workflow.database.models import Message, StageSession
from workflow.journey import sessions
from workflow.text.bilingual import Text

TALLINN = ZoneInfo("Europe/Tallinn")


@dataclass(frozen=True)
class Sent:
    """One person's calendar files for one meeting, in the order in which they went out."""

    files: list[bytes]
    methods: list[str]
    starts: list[datetime]
    length: timedelta
    uid: str


def carried(world: World, message: Message) -> bytes:
    """The file as a mail program finds it in the mail's bytes."""
    mail = message_from_bytes(message_bytes.to_bytes(message, world.identity), policy=policy.default)
    parts = [part for part in mail.walk() if part.get_content_type() in ("text/calendar", "application/ics")]
    found = {bytes(part.get_payload(decode=True)) for part in parts}
    assert len(parts) == 2 and len(found) == 1
    assert parts[0].get_param("method") == message.calendar_method
    return found.pop()


@pytest.fixture
def sent(sqlite_db: Database) -> Sent:
    """Invited for April (summer time), moved behind the change of the clocks in March, then called off."""
    world = World(sqlite_db)
    team = world.apply(group="I").confirmed()
    planned = world.season.programme.session("workshop_1", "I")
    world.wait_until(planned.start - timedelta(days=13))
    moved = datetime(2022, 3, 25, 10, tzinfo=TALLINN)  # winter time still
    with world.db.writing() as session:
        meeting = session.scalars(sa.select(StageSession).filter_by(stage="workshop_1", group="I")).one()
        place = Text(et="Viljandi, Õpetajate 1; saal „Üks“", en="Viljandi")
        sessions.move_session(
            world.season, session, meeting, moved, moved + (planned.end - planned.start), place, world.now
        )
        session.execute(sa.update(Message).values(status="sent"))
        why = Text(et="Koolitaja on haige.", en="The trainer is ill.")
        sessions.cancel_session(world.season, session, meeting, why, world.now)
    mine = [one for one in world.messages() if one.to_address == team.contact.address and one.calendar]
    mine = [one for one in mine if one.calendar_method != "PUBLISH"]  # all dates at once, before
    files = [carried(world, one) for one in mine]
    uid = str(icalendar.Calendar.from_ical(files[0]).walk("VEVENT")[0]["UID"])
    of_first = [at for at, file in enumerate(files) if uid.encode() in file.replace(b"\r\n ", b"")]
    return Sent(
        files=[files[at] for at in of_first],
        methods=[str(mine[at].calendar_method) for at in of_first],
        starts=[planned.start, moved, moved],
        length=planned.end - planned.start,
        uid=uid,
    )


def test_three_files_go_out_for_a_meeting_that_is_moved_and_taken_back(sent: Sent) -> None:
    assert sent.methods == ["REQUEST", "REQUEST", "CANCEL"]
    assert {moment.astimezone(TALLINN).utcoffset() for moment in sent.starts} == {
        timedelta(hours=2),
        timedelta(hours=3),
    }


def test_icalendar_reads_them(sent: Sent) -> None:
    sequences = []
    for file, method, start in zip(sent.files, sent.methods, sent.starts, strict=True):
        calendar = icalendar.Calendar.from_ical(file)
        (event,) = calendar.walk("VEVENT")
        assert calendar["METHOD"] == method and str(event["UID"]) == sent.uid
        assert (event.start, event.end) == (start, start + sent.length)
        assert event["DTSTART"].params["TZID"] == "Europe/Tallinn"
        sequences.append(int(event["SEQUENCE"]))
    assert sequences == sorted(set(sequences)) and len(sequences) == 3


def test_libical_reads_them_and_finds_no_fault(sent: Sent) -> None:
    seen = [libical.read(file) for file in sent.files]
    assert [one.method for one in seen] == sent.methods
    assert {one.uid for one in seen} == {sent.uid}
    assert [one.start for one in seen] == sent.starts
    assert [one.end for one in seen] == [start + sent.length for start in sent.starts]
    assert all(one.zone.endswith("Europe/Tallinn") for one in seen)
    assert len({one.sequence for one in seen}) == 3 and [one.sequence for one in seen] == sorted(
        one.sequence for one in seen
    )
    assert [(one.faults, one.fit) for one in seen] == [(0, True)] * 3


READ = """
import json, sys, vobject
from datetime import timezone
said = []
for name in sys.argv[1:]:
    calendar = vobject.readOne(open(name, encoding="utf-8", newline="").read(), validate=True)
    event = calendar.vevent
    moments = [one.value.astimezone(timezone.utc).isoformat() for one in (event.dtstart, event.dtend)]
    said.append([calendar.method.value, event.uid.value, int(event.sequence.value), *moments, event.location.value])
print(json.dumps(said))
"""


def with_vobject(files: list[bytes], home: Path) -> list[list[object]]:
    """Debian's own Python and package: another reader than the one that wrote the files."""
    if subprocess.run(["/usr/bin/python3", "-c", "import vobject"], capture_output=True, check=False).returncode:
        leave_out("vobject is not installed for /usr/bin/python3", "apt-get install python3-vobject")
    names = [home / f"{at}.ics" for at in range(len(files))]
    for name, file in zip(names, files, strict=True):
        name.write_bytes(file)
    env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
    said: list[list[object]] = json.loads(run(["/usr/bin/python3", "-c", READ, *map(str, names)], env=env))
    return said


def test_vobject_reads_them(sent: Sent, tmp_path: Path) -> None:
    seen = with_vobject(sent.files, tmp_path)
    assert [one[:2] for one in seen] == [[method, sent.uid] for method in sent.methods]
    assert [datetime.fromisoformat(str(one[3])) for one in seen] == sent.starts
    assert [datetime.fromisoformat(str(one[4])) for one in seen] == [start + sent.length for start in sent.starts]
    assert seen[1][5] == "Viljandi, Õpetajate 1; saal „Üks“"


YEARS = range(2022, 2032)
HOURS = [(3, 26, 23), (3, 28, 9), (7, 1, 12), (10, 30, 2), (10, 31, 15), (12, 31, 23)]
"""around both changes of the clock, and over the end of a year"""


@pytest.mark.parametrize("year", YEARS)
def test_the_hour_is_the_same_in_every_reader_all_year_round(year: int, tmp_path: Path) -> None:
    starts = [datetime(year, month, day, hour, 30, tzinfo=UTC) for month, day, hour in HOURS]
    files = [
        calendar_file.request(
            calendar_file.Event(
                uid=f"{start:%Y%m%d}@example.org", sequence=0, summary="Töötuba", description="", location="Võru",
                start=start, end=start + timedelta(hours=3), organiser_name="Koosloome",
                organiser_address="r-abc@example.org", attendee_name="Õie Paju", attendee_address="oie@example.org",
                stamp=datetime(2022, 1, 1, tzinfo=UTC),
            )
        )
        for start in starts
    ]  # fmt: skip
    assert [libical.read(file).start for file in files] == starts
    assert [datetime.fromisoformat(str(one[3])) for one in with_vobject(files, tmp_path)] == starts
