"""CSV read: whatever separates its cells, and in the encodings that Estonian programs write. Pure."""

import codecs
import csv
import io
from typing import Final

from workflow.sheets.sheet import DAMAGED, EMPTY, MOST_IN_A_CELL, BadSheet, RowsRead, Sheet
from workflow.text.bilingual import Text

SEPARATORS: Final = (";", ",", "\t", "|")
NO_TEXT: Final = Text(
    et="See pole tabel. Salvestage see XLSX-, ODS- või CSV-failina.",
    en="This is no table. Save it as XLSX, ODS or CSV.",
)


def read(content: bytes) -> Sheet:
    """The rows, or BadSheet."""
    text, rows = decoded(content), RowsRead()
    first = text.split("\n", 1)[0].strip()
    separator = _separator(text)
    if first.lower().startswith("sep=") and len(first) == 5:  # a line of Excel's own
        separator, text = first[4], text.partition("\n")[2]
    csv.field_size_limit(max(csv.field_size_limit(), MOST_IN_A_CELL))
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
            for column, value in enumerate(cells):
                rows.put(number, column, value)
    except csv.Error as error:
        raise BadSheet(DAMAGED) from error
    if not rows.rows:
        raise BadSheet(EMPTY)
    return rows.sheet("")


def decoded(content: bytes) -> str:
    """UTF-8, UTF-16 where it says so itself, else Windows's code page of the Baltic countries."""
    if b"\0" in content[:4096] and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadSheet(NO_TEXT)
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1257"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadSheet(NO_TEXT)


def _separator(text: str) -> str:
    """The sign that stands most often in the first row, outside of quotes."""
    counts = dict.fromkeys(SEPARATORS, 0)
    quoted = False
    for sign in text[:MOST_IN_A_CELL]:
        if sign == '"':
            quoted = not quoted
        elif sign == "\n" and not quoted and any(counts.values()):
            break
        elif not quoted and sign in counts:
            counts[sign] += 1
    return max(SEPARATORS, key=lambda sign: counts[sign])
