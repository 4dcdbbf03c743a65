"""Spreadsheet files written by other people's libraries, and by hand where none would write such a thing."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape

import openpyxl
import xlsxwriter

Cell = str | int | float | bool | date | datetime | None
Rows = Sequence[Sequence[Cell]]


def by_openpyxl(rows: Rows) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter(rows: Rows) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet("Vastused")
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    book.close()
    return out.getvalue()


def zipped(**parts: str | bytes) -> bytes:
    """A zip with these parts; `__` in a name is a folder, `_x_` a point."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as into:
        for name, content in parts.items():
            into.writestr(name.replace("__", "/").replace("_x_", "."), content)
    return out.getvalue()


BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="Leht" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
)


def xlsx(sheet: str | bytes, **more: str | bytes) -> bytes:
    """A workbook of one sheet, whose XML is given."""
    return zipped(
        **{
            "xl__workbook_x_xml": BOOK,
            "xl___rels__workbook_x_xml_x_rels": RELATIONS,
            "xl__worksheets__sheet1_x_xml": sheet,
            **more,
        }
    )


def ods(table: str) -> bytes:
    """A sheet of LibreOffice, whose table is given."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    head = f"<office:document-content {spaces}><office:body><office:spreadsheet>"
    end = "</office:spreadsheet></office:body></office:document-content>"
    return zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet", content_x_xml=head + table + end)


def ods_of(rows: Rows) -> bytes:
    """As LibreOffice writes these rows."""
    return ods(f'<table:table table:name="Leht1">{"".join(map(_ods_row, rows))}</table:table>')


def _ods_row(row: Sequence[Cell]) -> str:
    return f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>"


def _ods_cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        said = f'office:value-type="boolean" office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        said = f'office:value-type="float" office:value="{value}"'
    elif isinstance(value, date):
        said = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    else:
        said = 'office:value-type="string"'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f"<table:table-cell {said}>{lines}</table:table-cell>"


def csv_of(rows: Rows, separator: str = ",", encoding: str = "utf-8") -> bytes:
    lines = (separator.join(f'"{"" if v is None else str(v)}"' for v in row) for row in rows)
    return "\r\n".join(lines).encode(encoding)
