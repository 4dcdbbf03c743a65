"""Reports: what happened as typed tables, that open rightly in a spreadsheet and hold no formula of anybody's."""

import csv
import io
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk, mentored
from web.office.records import spreadsheet
from workflow.database.models import File, Submission, Team
from workflow.journey import attendance
from workflow.season import CLOCK
from workflow.text.bilingual import Text
from workflow.views import funder_report
from workflow.views.funder_report import Table

HOSTILE = '=HYPERLINK("http://evil")'


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world, "Võru", "I")


@pytest.fixture
def desk(pages: Pages, crew: Crew) -> Desk:
    return at_the_desk(pages)


def lived(pages: Pages, crew: Crew) -> None:
    """Two of four came to the first workshop, the homework was accepted, the mentor gave 90 minutes."""
    with pages.db.writing() as session:
        came = {person: number < 2 for number, person in enumerate(crew.people())}
        attendance.roll_call(session, session.get_one(Team, crew.id), "workshop_1", came, CLOCK, pages.world.now)
        question = pages.world.asked("rsvp", team=crew.id)[0]
        session.add(
            Submission(
                team_id=crew.id,
                stage="workshop_1",
                question_id=question.id,
                person_id=crew.contact.id,
                text=HOSTILE,
                at=pages.world.now,
                status="accepted",
                files=[File(name="töö.pdf", media_type="application/pdf", size=1, sha256="0" * 64, content=b"x")],
            )
        )
    mentored(pages.world, crew, 90)


def tables(pages: Pages, lang: str = "et") -> dict[str, Table]:
    with pages.db.reading() as session:
        return {table.key: table for table in funder_report.tables(pages.world.season, session, lang)}


def by_heading(table: Table, lang: str = "et") -> list[dict[str, object]]:
    return [dict(zip((c.say(lang) for c in table.columns), row, strict=True)) for row in table.rows]


def test_a_team_is_summed_up_in_one_row(pages: Pages, crew: Crew) -> None:
    lived(pages, crew)
    pages.world.apply("Unconfirmed")
    (row,) = by_heading(tables(pages)["teams"])
    assert row["Meeskond"] == "Võru" and row["Rühm"] == "I" and row["Taotlus esitatud"] == date(2022, 2, 1)
    assert row["Omavalitsus"] == "Võru vald"
    assert (row["Liikmeid: omavalitsus"], row["Liikmeid: kogukond"]) == (2, 2)
    assert (row["Osaletud kohtumisi"], row["Kohtumisi kokku"], row["Vastu võetud töid"]) == (1, 1, 1)
    assert row["Nõustamistunde"] == Decimal("1.50") and row["Lõpetas"] is None


def test_who_came_what_was_handed_in_and_who_advised(pages: Pages, crew: Crew) -> None:
    lived(pages, crew)
    found = tables(pages, "en")
    came = by_heading(found["attendance"], "en")
    assert [(r["Session"], r["Present"], r["Absent"], r["Attended"]) for r in came] == [("Workshop I", 2, 2, "yes")]
    assert [r["Workshop I"] for r in by_heading(found["members"], "en")].count("yes") == 2
    assert [(r["Files"], r["Status"]) for r in by_heading(found["works"], "en")] == [(1, "accepted")]
    (given,) = by_heading(found["hours"], "en")
    assert given["Hours"] == Decimal("1.50") and given["Day"] == pages.world.now.date()


def test_the_workbook_has_dates_as_dates_and_hours_as_numbers(pages: Pages, crew: Crew, desk: Desk) -> None:
    lived(pages, crew)
    answer = desk.browser.get("/office/reports/all.xlsx?lang=et")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="koosloome-2022.xlsx"')
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames == [
        "Meeskonnad",
        "Osalejad",
        "Osalemine",
        "Tööd",
        "Nõustamine",
        "Lõpuseminar",
        "Enesehinnang",
    ]
    hours = book["Nõustamine"]
    assert hours["D2"].value == datetime(2022, 2, 1) and hours["D2"].number_format == "d.mm.yyyy"  # noqa: DTZ001
    assert hours["E2"].value == 1.5 and hours["E2"].data_type == "n"
    for sheet in book:
        paper = (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.page_setup.fitToHeight)
        assert paper == ("landscape", 9, 0) and sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.print_title_rows == "$1:$1"
    assert book["Meeskonnad"].row_dimensions[1].height == 30, "headings of two lines are seen whole"


def test_csv_opens_in_estonian_excel(pages: Pages, crew: Crew, desk: Desk) -> None:
    lived(pages, crew)
    answer = desk.browser.get("/office/reports/hours.csv?lang=et")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:5] == ["Meeskond", "Mentor", "Kuu", "Päev", "Tunde"]
    assert rows[1][2:5] == ["2022-02", "1.02.2022", "1,50"]
    english = desk.browser.get("/office/reports/hours.csv?lang=en").data.decode("utf-8-sig")
    assert "2022-02-01,1.50" in english


FULL_WIDTH = ("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)")


@pytest.mark.parametrize("typed", [HOSTILE, "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", *FULL_WIDTH])
def test_what_somebody_typed_never_becomes_a_formula(typed: str) -> None:
    table = Table(key="t", title=Text(et="T", en="T"), columns=(Text(et="A", en="A"),), rows=((typed,),))
    cell = openpyxl.load_workbook(io.BytesIO(spreadsheet.xlsx([table], "et")))["T"]["A2"]
    assert cell.data_type == "s" and str(cell.value).endswith(typed.strip()) and cell.quotePrefix
    rows = list(csv.reader(io.StringIO(spreadsheet.comma_separated(table, "et").decode("utf-8-sig"))))
    assert rows[1] == [f"'{typed}"]


def test_the_page_lists_the_tables_and_an_unknown_one_is_not_found(desk: Desk) -> None:
    page = desk.get("/office/reports")
    assert "Aruanded" in page and page.count(".csv") == 7
    assert desk.browser.get("/office/reports/secrets.csv").status_code == 404


def test_reports_take_a_fixed_number_of_queries(pages: Pages, crew: Crew) -> None:
    def count() -> int:
        asked: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            asked.append(statement)

        sa.event.listen(pages.db.engine, "before_cursor_execute", note)
        tables(pages)
        sa.event.remove(pages.db.engine, "before_cursor_execute", note)
        return sum(statement.startswith("SELECT") for statement in asked)

    lived(pages, crew)
    before = count()
    for name in ("Tartu", "Pärnu", "Valga"):
        lived(pages, pages.world.apply(name).confirmed())
    assert (count(), before) == (before, before) and before <= 13
