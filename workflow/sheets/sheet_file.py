"""A spreadsheet file read by what it is, whatever its name says: XLSX, ODS or CSV. Pure."""

from typing import Final

from workflow.sheets import csv_file, ods_file, xlsx_file
from workflow.sheets.sheet import DAMAGED, EMPTY, MOST_BYTES, TOO_BIG, BadSheet, Sheet
from workflow.sheets.zipped_xml import ZippedXml
from workflow.text.bilingual import Text

OLD: Final = Text(
    et="See on vana XLS-fail või parooliga kaitstud fail. Salvestage see paroolita XLSX-failina.",
    en="This is an old XLS file, or one protected by a password. Save it as XLSX without a password.",
)
OTHERS: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf")
"""how files begin that people take for tables"""
BINARY: Final = Text(
    et="See on kahendkujul Exceli fail (XLSB). Salvestage see XLSX-failina.",
    en="This is a binary Excel file (XLSB). Save it as XLSX.",
)


def read(content: bytes) -> Sheet:
    """The first sheet with anything in it. Raises BadSheet, which says what to do."""
    if len(content) > MOST_BYTES:
        raise BadSheet(TOO_BIG)
    if not content.strip():
        raise BadSheet(EMPTY)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadSheet(OLD)
    return _zipped(content) if content.startswith(b"PK") else _text(content)


def _text(content: bytes) -> Sheet:
    if content.startswith(OTHERS) or content.lstrip().startswith(b"<"):
        raise BadSheet(csv_file.NO_TEXT)
    return csv_file.read(content)


def _zipped(content: bytes) -> Sheet:
    parts = ZippedXml(content)
    if xlsx_file.BOOK in parts.names:
        return xlsx_file.read(parts)
    if "xl/workbook.bin" in parts.names:
        raise BadSheet(BINARY)
    if ods_file.CONTENT in parts.names:
        return ods_file.read(parts)
    raise BadSheet(csv_file.NO_TEXT if any("/" in name for name in parts.names) else DAMAGED)
