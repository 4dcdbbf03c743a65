"""What people call themselves is text, everywhere: on pages, in both parts of a mail, in calendars and spreadsheets."""

import csv
import io
import shutil
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import icalendar
import pytest
from lxml.html import HtmlElement, document_fromstring

from mail.composing import message_bytes
from tests.fast_sqlite import swift
from tests.web.conftest import build
from tests.web.office_season import Desk, at_the_desk
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Team
from workflow.text.unlinkable import unlinked

NAMES = (
    "{{7*7}} {% for x in y %} {{config}}",
    "{{ ''.__class__.__mro__ }} {0.__class__} #{7*7}",
    "%(x)s %s %n ${x} $x",
    "<script>alert(1)</script> **[x](http://evil.example)**",
    "\"><img src=x onerror=alert(1)> javascript:alert(1)",
    '=HYPERLINK("http://evil.example")',
    "@SUM(1+1) =?utf-8?q?a=0D=0ABcc:_evil@x?=",
    "-2+3",
    "Võru; ATTENDEE:mailto:evil@example.org",
)


@pytest.fixture(scope="module")
def named(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, dict[int, str]]]:
    """Teams that call themselves so, each with a confirmed place; and the coordinator at the desk."""
    folder = tmp_path_factory.mktemp("names")
    shutil.copy(sqlite_template, folder / "teekond.sqlite")
    database = swift(Database(sqlite_url(folder)))
    pages, names = build(database), {}
    for number, name in enumerate(NAMES):
        crew = pages.world.apply(f"Vald {number}")
        with database.writing() as session:
            session.get_one(Team, crew.id).name = name
        names[crew.confirmed("I" if number % 2 else "II").id] = name
    yield at_the_desk(pages), names
    database.close()


def harmless(page: str) -> HtmlElement:
    """The page as a browser sees it, when nothing in it runs or loads what is not ours."""
    tree = document_fromstring(page)
    assert not tree.xpath("//script[not(starts-with(@src, '/static/'))] | //iframe[not(starts-with(@src, '/'))]")
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    assert not [link for link in tree.xpath("//@href | //@src") if "evil" in link or link.startswith("javascript")]
    return tree


Named = tuple[Desk, dict[int, str]]


def test_on_pages(named: Named) -> None:
    desk, names = named
    board = " ".join(harmless(desk.get("/office/board")).text_content().split())
    for team, name in names.items():
        assert name in board
        assert name in " ".join(harmless(desk.get(f"/office/team/{team}")).text_content().split())
        harmless(desk.pages.browser().get(desk.pages.door("rsvp", team=team)).text)


def test_in_both_parts_of_mails_and_in_their_headers(named: Named) -> None:
    desk, names = named
    said: set[int] = set()
    for message in (m for m in desk.pages.world.messages() if m.team_id in names):
        assert message.team_id is not None
        text, shown = desk.pages.world.composer.shown(message.subject, message.body, message.lang)
        seen = " ".join(harmless(shown).text_content().split())
        shown_as = unlinked(names[message.team_id])
        if shown_as in " ".join(text.split()) and shown_as in seen:
            said.add(message.team_id)
        mail = message_from_bytes(message_bytes.to_bytes(message, desk.pages.world.identity), policy=policy.default)
        assert mail["Bcc"] is None and [a.addr_spec for a in mail["To"].addresses] == [message.to_address]
        assert "49" not in str(mail["Subject"])
    assert said == set(names)


def test_in_calendar_files(named: Named) -> None:
    desk, names = named
    files = [m for m in desk.pages.world.messages() if m.team_id in names and m.calendar]
    assert len(files) > len(names)
    for message in files:
        events = icalendar.Calendar.from_ical(message.calendar or b"").walk("VEVENT")
        asked = {str(event.get("ATTENDEE")).lower() for event in events}
        all_dates = message.calendar_method == "PUBLISH"  # for everybody's calendar: nobody is asked in it
        assert asked == ({"none"} if all_dates else {f"mailto:{message.to_address}".lower()})


def test_in_spreadsheets(named: Named) -> None:
    desk, names = named
    content = desk.browser.get("/office/reports/teams.csv?lang=en").data.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(content)) for cell in row]
    for name in names.values():
        assert (f"'{name}" if name[0] in "=@+-" else name) in cells, name
    assert not [cell for cell in cells if cell.startswith(("=", "@", "+", "\t", "-2+"))]
