"""A sheet is read the same whatever wrote it; a hostile file is refused in one sentence, soon."""

import time
from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.workflow.sheets.sheet_files import Rows, by_openpyxl, by_xlsxwriter, csv_of, ods, ods_of, xlsx, zipped
from workflow.sheets import sheet_file, zipped_xml
from workflow.sheets.sheet import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, BadSheet

NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ROWS: Rows = (
    ("Meeskond", "Õpetaja & <mentor>", "Telefon", "Vanus"),
    ("Võru", "=1+1 ei arvutata", 55550101, 2.5),
    (None, "kaks\nrida", True, None),
)
READ = [
    ["Meeskond", "Õpetaja & <mentor>", "Telefon", "Vanus"],
    ["Võru", "=1+1 ei arvutata", "55550101", "2.5"],
    ["", "kaks\nrida", "TRUE"],
]


def read(content: bytes) -> list[list[str]]:
    return [list(row.cells) for row in sheet_file.read(content).rows]


def refused(content: bytes) -> BadSheet:
    with pytest.raises(BadSheet) as told:
        sheet_file.read(content)
    assert told.value.says.et and told.value.says.en.count(".") <= 3
    return told.value


def as_text(make: Callable[[Rows], bytes]) -> bytes:
    """Text that begins with an equals sign is text, as our own workbooks and LibreOffice write it."""
    return make([[("ei arvutata" if v == "=1+1 ei arvutata" else v) for v in row] for row in ROWS])


@pytest.mark.parametrize("make", [by_openpyxl, by_xlsxwriter, ods_of])
def test_the_same_rows_are_read_whatever_wrote_them(make: Callable[[Rows], bytes]) -> None:
    meant = [["ei arvutata" if cell == "=1+1 ei arvutata" else cell for cell in row] for row in READ]
    assert read(as_text(make)) == meant


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1257", "utf-16"])
def test_csv_is_read_in_the_encodings_and_separators_of_estonian_programs(separator: str, encoding: str) -> None:
    rows = [("Meeskond", "Kes, mis; kus"), ("Võru", "žürii šokk"), ("õäöü", "x")]
    assert read(csv_of(rows, separator, encoding)) == [list(row) for row in rows]


def test_a_separator_that_excel_wrote_first_is_believed() -> None:
    assert read(b"sep=;\r\na;b,c,d,e\r\n1;2\r\n") == [["a", "b,c,d,e"], ["1", "2"]]


def test_days_and_moments_are_written_as_such() -> None:
    rows = [(date(2026, 2, 1), datetime(2026, 2, 1, 9, 30))]  # noqa: DTZ001  a sheet's dates have no zone
    assert read(by_openpyxl(rows)) == [["2026-02-01", "2026-02-01 09:30"]]
    assert read(ods_of(rows)) == [["2026-02-01", "2026-02-01 09:30"]]


def test_rows_keep_the_numbers_that_a_person_sees() -> None:
    sheet = sheet_file.read(by_openpyxl([("a",), (None,), (None,), ("b",)]))
    assert [row.number for row in sheet.rows] == [1, 4]


def test_a_hidden_sheet_and_an_empty_one_are_passed_over() -> None:
    cells = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row></sheetData>'
    book = (
        f'<workbook {NS} xmlns:r="r"><sheets><sheet name="H" state="hidden" r:id="a"/><sheet name="E" r:id="b"/>'
        '<sheet name="Õige" r:id="c"/></sheets></workbook>'
    )
    names = "abc"
    relations = "".join(f'<Relationship Id="{n}" Target="worksheets/{n}.xml"/>' for n in names)
    parts = {f"xl__worksheets__{n}_x_xml": f"<worksheet {NS}>{cells.format(n) if n != 'b' else ''}</worksheet>"
             for n in names}  # fmt: skip
    content = zipped(xl__workbook_x_xml=book, xl___rels__workbook_x_xml_x_rels=f"<R>{relations}</R>", **parts)
    sheet = sheet_file.read(content)
    assert (sheet.name, sheet.rows[0].cells) == ("Õige", ("c",))


def test_a_formula_gives_what_its_program_reckoned_and_none_is_computed() -> None:
    cell = '<c r="A1" t="str"><f>A2&amp;1</f><v>Võru</v></c>'
    assert read(xlsx(f'<worksheet {NS}><row r="1">{cell}</row></worksheet>')) == [["Võru"]]
    told = refused(by_openpyxl([("nimi",), ('=HYPERLINK("http://evil.example.org")',)]))
    assert "A2" in told.says.en and "formula" in told.says.en


def test_an_ods_keeps_spaces_and_leaves_comments_out() -> None:
    cell = (
        '<table:table-cell office:value-type="string"><office:annotation><text:p>märkus</text:p></office:annotation>'
        '<text:p>Mari<text:s text:c="2"/>Maa<text:line-break/><text:span>Tee 1</text:span></text:p></table:table-cell>'
    )
    assert read(ods(f'<table:table table:name="L"><table:table-row>{cell}</table:table-row></table:table>')) == [
        ["Mari  Maa\nTee 1"]
    ]


# -- hostile files --------------------------------------------------------------------------------

WIDE = f'<worksheet {NS}><sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'
MANY = "".join(f'<row r="{i}"><c r="A{i}"><v>1</v></c></row>' for i in range(1, MOST_ROWS + 3))
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<worksheet {NS}><sheetData><row r="1"><c t="str"><v>&b;</v></c></row></sheetData></worksheet>'
)
OUTSIDE = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet {NS}><c t="str"><v>&a;</v></c></worksheet>'
REPEATED = (
    '<table:table><table:table-row table:number-rows-repeated="1048576">'
    '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
)
BROAD = REPEATED.replace('table:number-rows-repeated="1048576"', "").replace(
    "<table:table-cell", '<table:table-cell table:number-columns-repeated="16384"'
)
HOSTILE = {
    "a zip bomb": xlsx(b"<a>" + b" " * (200 * 1024 * 1024)),
    "a bomb in the strings": xlsx("<a/>", xl__sharedStrings_x_xml=b"<sst><si><t>" + b"a" * (64 * 1024 * 1024)),
    "a million columns": xlsx(WIDE),
    "too many rows": xlsx(f"<worksheet {NS}><sheetData>{MANY}</sheetData></worksheet>"),
    "entities": xlsx(ENTITIES),
    "an entity outside": xlsx(OUTSIDE),
    "a row a million times": ods(REPEATED),
    "a column many times": ods(BROAD),
    "a cell without end": csv_of([("a",), ("x" * 30_000,)]),
    "an open quote": b'a,b\r\n"' + b"x" * 200_000,
    "a string that is not there": xlsx(f'<worksheet {NS}><row r="1"><c t="s"><v>99</v></c></row></worksheet>'),
    "too many parts": zipped(**{f"xl__{i}": "" for i in range(2100)}),
    "cut off": by_openpyxl(ROWS[:1])[:-60],
    "not a zip": b"PK\x03\x04" + b"\0" * 500,
    "an old workbook": b"\xd0\xcf\x11\xe0" + b"\0" * 500,
    "a PDF": b"%PDF-1.7\n" + b"\0" * 100,
    "a web page": b"<html><table><tr><td>x</td></tr></table>",
    "a program": b"\x7fELF" + b"\0" * 400,
    "nothing": b"",
    "blank lines": b"\r\n;;\r\n",
    "too big": b"a;b\n" * (MOST_BYTES // 4 + 1),
    "columns of text": csv_of([tuple("x" * 1 for _ in range(MOST_COLUMNS + 1))]),
    "another zip": zipped(word__document_x_xml="<w/>"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_file_is_refused_in_a_sentence_and_soon(what: str) -> None:
    begun = time.process_time()
    refused(HOSTILE[what])
    assert time.process_time() - begun < 5


def test_a_file_with_a_password_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    content = bytearray(by_openpyxl(ROWS[:1]))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refused(bytes(content)).says is zipped_xml.LOCKED


@given(st.binary(max_size=2000))
def test_whatever_bytes_come_a_sheet_is_read_or_refused(content: bytes) -> None:
    for given_bytes in (content, b"PK\x03\x04" + content, zipped(xl__workbook_x_xml=content, content_x_xml=content)):
        try:
            sheet = sheet_file.read(given_bytes)
        except BadSheet:
            continue
        assert sheet.rows


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20),
                         min_size=1, max_size=5), min_size=1, max_size=5))  # fmt: skip
def test_what_one_library_writes_is_read_as_another_reads_it(rows: list[list[str]]) -> None:
    rows = [[cell.lstrip("=") for cell in row] for row in rows]
    content = by_xlsxwriter([[f"'{cell}" for cell in row] for row in rows])
    assert [[cell.removeprefix("'").strip() for cell in row] for row in read(content)] == [
        [cell.strip() for cell in row] for row in rows
    ]


