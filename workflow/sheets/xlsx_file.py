"""XLSX read: the first sheet that is shown and holds anything, as text. Pure.

What a formula came to is taken from the file as its program left it; nothing is computed. Dates are written as in
ISO 8601, whole numbers without a point.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from posixpath import join, normpath
from typing import Final

from workflow.sheets.sheet import DAMAGED, EMPTY, MOST_IN_A_CELL, BadSheet, RowsRead, Sheet, cell_name
from workflow.sheets.zipped_xml import XmlEvent, ZippedXml
from workflow.text.bilingual import Text

BOOK: Final = "xl/workbook.xml"
DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""numbers of formats that are dates or times in every program"""
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_PLACE: Final = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_WHOLE: Final = 10**15
"""a larger number is no longer exact in a cell"""


def read(parts: ZippedXml) -> Sheet:
    """The sheet, or BadSheet."""
    book = _book(parts)
    strings, styles = _strings(parts), _date_styles(parts)
    for name, part in book.sheets:
        rows = RowsRead()
        for cell in _cells(parts, part):
            rows.put(cell.row, cell.column, _value(cell, strings, styles, book.since))
        if rows.rows:
            return rows.sheet(name)
    raise BadSheet(EMPTY)


# -- the workbook ---------------------------------------------------------------------------------


@dataclass(slots=True)
class _Book:
    """The sheets that are shown (name, part), and the day from which its dates are counted."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    since: datetime = datetime(1899, 12, 30)  # noqa: DTZ001  a spreadsheet's dates have no zone


def _book(parts: ZippedXml) -> _Book:
    targets, found = _targets(parts), _Book()
    for event in parts.events(BOOK):
        if event.kind != "start":
            continue
        if event.name == "workbookPr" and event.attributes.get("date1904") in ("1", "true"):
            found.since = datetime(1904, 1, 1)  # noqa: DTZ001  as above
        if event.name == "sheet" and event.attributes.get("state", "visible") == "visible":
            part = targets.get(event.attributes.get("id", ""))
            if part in parts.names:
                found.sheets.append((event.attributes.get("name", ""), str(part)))
    return found


def _targets(parts: ZippedXml) -> dict[str, str]:
    """Where each relation of the workbook leads, inside the file."""
    found, beside = {}, "xl/_rels/workbook.xml.rels"
    for event in parts.events(beside) if beside in parts.names else ():
        target = event.attributes.get("Target", "")
        if event.name == "Relationship" and event.attributes.get("TargetMode") != "External" and target:
            found[event.attributes.get("Id", "")] = normpath(join("xl", target)).lstrip("/")
    return found


def _strings(parts: ZippedXml) -> list[str]:
    """The texts that cells name by number; how a word is pronounced is no part of it."""
    found: list[str] = []
    text: list[str] = []
    inside = spoken = False
    for event in parts.events("xl/sharedStrings.xml") if "xl/sharedStrings.xml" in parts.names else ():
        if event.kind == "text":
            if inside and not spoken:
                text.append(event.name)
        elif event.name == "si":
            if event.kind == "end":
                found.append("".join(text))
            text = []
        elif event.name == "rPh":
            spoken = event.kind == "start"
        elif event.name == "t":
            inside = event.kind == "start"
    return found


def _date_styles(parts: ZippedXml) -> frozenset[int]:
    """The styles of cells, by number, whose numbers are dates."""
    own: dict[str, str] = {}
    formats: list[str] = []
    inside = False
    for event in parts.events("xl/styles.xml") if "xl/styles.xml" in parts.names else ():
        if event.name == "cellXfs":
            inside = event.kind == "start"
        elif event.kind == "start" and event.name == "numFmt":
            own[event.attributes.get("numFmtId", "")] = event.attributes.get("formatCode", "")
        elif event.kind == "start" and event.name == "xf" and inside:
            formats.append(event.attributes.get("numFmtId", "0"))
    return frozenset(i for i, one in enumerate(formats) if _is_date(one, own.get(one)))


def _is_date(number: str, code: str | None) -> bool:
    if code is None:
        return number.isdecimal() and int(number) in DATES
    return re.search(r"[dmyhs]", _QUOTED.sub("", code).lower().replace("general", "")) is not None


# -- its cells ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cell:
    row: int
    column: int
    kind: str
    style: int
    text: list[str] = field(default_factory=list)
    formula: bool = False


def _cells(parts: ZippedXml, name: str) -> Iterator[_Cell]:
    row, column, taken, spoken = -1, -1, False, False
    cell: _Cell | None = None
    for event in parts.events(name):
        if event.kind == "text":
            if cell is not None and taken and not spoken:
                cell.text.append(event.name)
        elif event.name == "row" and event.kind == "start":
            row, column = _row(event, row), -1
        elif event.name == "c":
            if event.kind == "end" and cell is not None:
                yield cell
                cell = None
            elif event.kind == "start":
                row, column = _place(event.attributes.get("r", ""), row, column + 1)
                style = event.attributes.get("s", "0")
                number = int(style) if style.isdecimal() and len(style) < 7 else 0
                cell = _Cell(row, column, event.attributes.get("t", "n"), number)
        elif event.name in ("v", "t"):
            taken = event.kind == "start"
        elif event.name == "rPh":
            spoken = event.kind == "start"
        elif event.name == "f" and cell is not None:
            cell.formula = True


def _row(event: XmlEvent, before: int) -> int:
    said = event.attributes.get("r", "")
    return int(said) - 1 if said.isdecimal() and 0 < len(said) <= 7 and int(said) else before + 1


def _place(said: str, row: int, column: int) -> tuple[int, int]:
    """Where a cell stands; one that does not say it stands behind the one before."""
    found = _PLACE.fullmatch(said)
    if found is None:
        return max(row, 0), column
    at = 0
    for letter in found[1]:
        at = at * 26 + ord(letter) - ord("A") + 1
    return int(found[2]) - 1, at - 1


def _value(cell: _Cell, strings: list[str], styles: frozenset[int], since: datetime) -> str:
    text = "".join(cell.text)
    if cell.formula and not text and cell.kind != "str":
        raise BadSheet(_unreckoned(cell))
    match cell.kind:
        case "s":
            if not text.isdecimal() or len(text) > 9 or int(text) >= len(strings):
                raise BadSheet(DAMAGED)
            return strings[int(text)]
        case "b":
            return {"1": "TRUE", "0": "FALSE"}.get(text, text)
        case "n":
            return _number(text, since if cell.style in styles else None)
    return text[: MOST_IN_A_CELL + 1]


def _unreckoned(cell: _Cell) -> Text:
    at = cell_name(cell.row, cell.column)
    return Text(
        et=f"Lahtris {at} on valem, mille tulemust failis pole. Avage fail Excelis või LibreOffice'is ja salvestage "
        "uuesti.",
        en=f"Cell {at} holds a formula whose result is not in the file. Open it in Excel or LibreOffice and save it "
        "again.",
    )


def _number(text: str, since: datetime | None) -> str:
    """A number as people write it, or the date that it stands for."""
    try:
        value = float(text)
    except ValueError:
        return text[:100]
    if since is not None and 0 <= value < 2_958_466:  # the last day that programs know
        at = since + timedelta(seconds=round(value * 86_400))
        return f"{at:%Y-%m-%d}" if value == int(value) else f"{at:%Y-%m-%d %H:%M}"
    return plain_number(value)


def plain_number(value: float) -> str:
    """Without a point where it is whole, and never with an exponent where it is exact."""
    return str(int(value)) if abs(value) < _WHOLE and value == int(value) else f"{value:.15g}"
