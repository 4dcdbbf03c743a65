"""Bringing in on the page: columns and faults first, then one act, then the mails, each as it was shown."""

import csv
import io
import re

import openpyxl
import pytest
import sqlalchemy as sa

from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from tests.workflow.importing.import_sheets import PEOPLE, THIRTY, row_a_member, stem
from tests.workflow.sheets.sheet_files import by_openpyxl, xlsx
from web.office.records import carried_sheet
from workflow.database.models import Import, Team
from workflow.sheets import sheet_file


@pytest.fixture
def desk(pages: Pages) -> Desk:
    return at_the_desk(pages)


def upload(desk: Desk, content: bytes, name: str = "a.xlsx", kind: str = "applications", code: int = 200) -> str:
    data = {"kind": kind, "file": (io.BytesIO(content), name)}
    answer = desk.browser.post("/office/import?lang=en", data, content_type="multipart/form-data")
    assert answer.status_code == code, answer.text
    return answer.text


def fields(page: str) -> dict[str, str]:
    """Hidden fields and chosen columns of the page, as a browser would send them."""
    found = dict(re.findall(r'<input type="hidden" name="(kind|sheet|digest|seen)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select name="(column-\d+)".*?>(.*?)</select>', page, re.DOTALL):
        found[name] = next(iter(re.findall(r'<option value="([^"]*)" selected', options)), "")
    return found


def workbook(teams: list[str]) -> bytes:
    return by_openpyxl([row.cells for row in row_a_member(teams).rows])


def taken(desk: Desk, page: str) -> str:
    """Looked at, then confirmed as shown."""
    typed = fields(page)
    shown = desk.send("/office/import/take", **typed)
    assert 'name="digest"' in shown, shown
    return desk.send("/office/import/take", **{**typed, **fields(shown)})


def count(pages: Pages, model: type = Team) -> int:
    with pages.db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_thirty_applications_from_a_workbook(pages: Pages, desk: Desk) -> None:
    before = pages.digest()
    page = upload(desk, workbook(THIRTY))
    assert pages.digest() == before, "looking changes nothing"
    assert "30 rows in order" in page and "Küla 29" in page
    taken(desk, page)
    assert (count(pages), count(pages, Import)) == (30, 1)
    assert pages.world.messages("verify") == []
    assert "30 have had no mail yet." in desk.get("/office/import", "en")
    done = desk.confirm("/office/import/1/mails")
    assert "teele" in done or "leave" in done
    assert len(pages.world.messages("verify")) == 30
    assert "have had no mail yet" not in desk.get("/office/import", "en")


def test_what_was_taken_in_a_second_click_does_not_take_again(pages: Pages, desk: Desk) -> None:
    page = upload(desk, workbook(["Võru"]))
    taken(desk, page)
    after = pages.digest()
    again = desk.send("/office/import/take", **fields(page))
    assert pages.digest() == after and 'class="notice' in again
    assert "1 here already" in upload(desk, workbook(["Võru"]))


def test_every_fault_is_shown_with_its_row_and_the_good_rows_are_taken(pages: Pages, desk: Desk) -> None:
    rows = [list(row.cells) for row in row_a_member(["Võru", "Põlva"]).rows]
    rows[3][5] = "ei ole aadress"
    page = upload(desk, by_openpyxl(rows))
    assert "1 row in order" in page and "row 4, member 3: email" in page
    taken(desk, page)
    with pages.db.reading() as session:
        assert session.scalars(sa.select(Team.name)).all() == ["Põlva"]


def test_a_column_chosen_otherwise_is_shown_and_taken_so(pages: Pages, desk: Desk) -> None:
    page = upload(desk, by_openpyxl([("Kes", "Kuhu"), ("Mari Maa", "mari@example.org")]), kind="guests")
    assert "No column was found" in page
    chosen = {**fields(page), "column-0": "name", "column-1": "address"}
    page = desk.send("/office/import", **chosen)
    assert "mari@example.org" in page and fields(page)["column-1"] == "address"
    taken(desk, page)
    assert pages.world.messages("info_day") == []
    desk.confirm("/office/import/1/mails")
    assert [m.to_name for m in pages.world.messages("info_day")] == ["Mari Maa"]


def test_mentors_become_lines_for_the_config(desk: Desk) -> None:
    page = upload(desk, by_openpyxl([("Nimi", "E-post"), ("Uus Mentor", "uus@example.org")]), kind="mentors")
    assert "[[mentors]]" in page and "uus@example.org" in page and "/office/import/take" not in page


def test_a_hostile_file_is_one_sentence_on_the_page(pages: Pages, desk: Desk) -> None:
    before = pages.digest()
    for content in (xlsx(b"<a>" + b" " * (64 * 1024 * 1024)), b"%PDF-1.7", b"\xd0\xcf\x11\xe0" + b"\0" * 600):
        page = upload(desk, content, code=400)
        assert page.count('class="notice bad"') == 1
    upload(desk, b"x" * (8 * 1024 * 1024), code=413)
    assert pages.digest() == before


def test_what_somebody_typed_is_shown_as_text(desk: Desk) -> None:
    rows = [("Nimi", "<b>E-post"), ("<script>alert(1)</script>", "a@example.org")]
    page = upload(desk, by_openpyxl(rows), kind="guests")
    assert "<script>alert" not in page and "&lt;b&gt;E-post" in page


def test_a_sheet_that_is_not_ours_is_not_taken(pages: Pages, desk: Desk) -> None:
    page = upload(desk, workbook(["Võru"]))
    typed = fields(page)
    forged = {**typed, "sheet": typed["sheet"][:-4] + "AAAA"}
    answer = desk.browser.post("/office/import/take?lang=en", forged)
    assert answer.status_code == 400 and "open for too long" in answer.text
    pages.world.wait(hours=carried_sheet.HOURS + 1)


@pytest.mark.parametrize("kind", ["applications", "guests", "trainers", "mentors"])
@pytest.mark.parametrize("lang", ["et", "en"])
def test_the_template_filled_in_is_brought_in_without_a_choice(desk: Desk, kind: str, lang: str) -> None:
    answer = desk.browser.get(f"/office/import/{kind}.xlsx?lang={lang}")
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert len(book.worksheets[1]["A"]) == len(heads) + 1
    if kind == "applications":
        words = {"et": ("omavalitsus", "kogukond"), "en": ("municipality", "community")}[lang]
        for i, (name, address, side, post) in enumerate(PEOPLE):
            team = ["Võru", "Võru vald", "et", "", "Miks", "Kes", ""] if i == 0 else [None] * 7
            sheet.append([*team, name, f"{address}.{stem('Võru')}@example.org",
                          words[side == "kogukond"], post, "+372 5555 0101", "jah" if i == 2 else None])  # fmt: skip
    else:
        values = {"Nimi": "Mari Maa", "Name": "Mari Maa", "E-post": "mari@example.org", "Email": "mari@example.org"}
        sheet.append([values.get(head) for head in heads])
    out = io.BytesIO()
    book.save(out)
    page = upload(desk, out.getvalue(), kind=kind)
    assert "1 row in order." in page, page
    if kind == "applications":
        assert [key for name, key in fields(page).items() if name.startswith("column")].count("") == 0


def test_a_csv_of_a_form_is_brought_in(desk: Desk) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows(row.cells for row in row_a_member(["Võru"]).rows)
    assert "1 row in order" in upload(desk, out.getvalue().encode("cp1257"), name="vastused.csv")
    assert sheet_file.read(out.getvalue().encode()).name == ""


