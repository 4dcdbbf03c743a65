"""Spreadsheet export: XLSX with a sheet each, or CSV as Estonian and English Excel read it.

Text is always text: what somebody typed never becomes a formula (CWE-1236). Dates are dates, hours are numbers.
Pure: values in, bytes out.
"""

import csv
import io
import textwrap
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from workflow.lazy_module import Later
from workflow.views.funder_report import Table, Value

if TYPE_CHECKING:
    import xlsxwriter
else:
    xlsxwriter = Later("xlsxwriter")  # only for the few reports that somebody opens in a spreadsheet

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""what a spreadsheet may take for the beginning of a formula, full-width signs too: some read those as plain ones"""
DATE: Final = {"et": "d.mm.yyyy", "en": "d mmm yyyy"}
WIDEST: Final = 50
LINE: Final = 15
"""a line's height, in points"""


def xlsx(tables: Sequence[Table], lang: str) -> bytes:
    """A workbook with a sheet a table: headings fixed and filtered, columns as wide as what stands in them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {
        date: book.add_format({"num_format": DATE[lang]}),
        Decimal: book.add_format({"num_format": "0.00"}),
        str: book.add_format({"quote_prefix": True}),
    }
    for table in tables:
        sheet = book.add_worksheet(table.title.say(lang)[:31])
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
        sheet.set_row(0, LINE * _lines(table, lang))
        _print_on_a4(sheet)
        for column, heading in enumerate(table.columns):
            sheet.write_string(0, column, heading.say(lang), bold)
            sheet.set_column(column, column, _width(table, column, lang))
        for number, row in enumerate(table.rows, start=1):
            for column, value in enumerate(row):
                _write(sheet, number, column, value, formats)
    book.close()
    return out.getvalue()


def _print_on_a4(sheet: "xlsxwriter.worksheet.Worksheet") -> None:
    """Across the page, as wide as the table, its headings on each sheet of paper."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(
    sheet: "xlsxwriter.worksheet.Worksheet",
    row: int,
    column: int,
    value: Value,
    formats: dict[type, "xlsxwriter.format.Format"],
) -> None:
    if value is None or value == "":
        return
    if isinstance(value, str):
        # text by its kind already; marked as typed with an apostrophe, it stays text when somebody edits the cell
        sheet.write_string(row, column, value, formats[str] if value.startswith(FORMULA_STARTS) else None)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[date])
    elif isinstance(value, Decimal):
        sheet.write_number(row, column, float(value), formats[Decimal])
    else:
        sheet.write_number(row, column, value)


def _width(table: Table, column: int, lang: str) -> int:
    longest = max((len(str(row[column] or "")) for row in table.rows), default=0)
    return min(WIDEST, max(longest, min(len(table.columns[column].say(lang)), 16)) + 2)


def _lines(table: Table, lang: str) -> int:
    """How many lines the longest heading takes in its column; a word is never broken."""
    wrapped = (
        textwrap.wrap(heading.say(lang), _width(table, column, lang), break_long_words=False)
        for column, heading in enumerate(table.columns)
    )
    return max(map(len, wrapped), default=1)


def comma_separated(table: Table, lang: str) -> bytes:
    """One table as CSV (UTF-8 with BOM). As Estonian Excel reads it in Estonian: semicolons, decimal comma."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";" if lang == "et" else ",", lineterminator="\r\n")
    writer.writerow([heading.say(lang) for heading in table.columns])
    writer.writerows([_plain(value, lang) for value in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(value: Value, lang: str) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return f"{value.day}.{value:%m.%Y}" if lang == "et" else value.isoformat()
    if isinstance(value, Decimal):
        return str(value).replace(".", ",") if lang == "et" else str(value)
    return harmless(value) if isinstance(value, str) else str(value)


def number_or_text(value: Value) -> str | int | float | None:
    """A value as JSON has it: numbers as numbers, days as ISO 8601, text as it is."""
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what would begin one."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
