"""ODS read: the first sheet that holds anything, as text. Pure.

Cells that repeat take no place while they are blank. A formula's result is what its program left in the file. Comments
are no part of a cell.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from workflow.sheets.sheet import (
    EMPTY,
    MOST_COLUMNS,
    MOST_ROWS,
    TOO_MANY_COLUMNS,
    TOO_MANY_ROWS,
    BadSheet,
    RowsRead,
    Sheet,
)
from workflow.sheets.xlsx_file import plain_number
from workflow.sheets.zipped_xml import XmlEvent, ZippedXml

CONTENT: Final = "content.xml"
_CELLS: Final = ("table-cell", "covered-table-cell")
_MOST_REPEATED: Final = 9
"""digits of a number of repetitions; no program knows so many rows"""


@dataclass(slots=True)
class _OdsCell:
    attributes: dict[str, str]
    text: list[str] = field(default_factory=list)


def read(parts: ZippedXml) -> Sheet:
    """The sheet, or BadSheet."""
    for name, rows in _tables(parts):
        if rows.rows:
            return rows.sheet(name)
    raise BadSheet(EMPTY)


def _tables(parts: ZippedXml) -> Iterator[tuple[str, RowsRead]]:
    name, rows, line, row, repeated, column = "", RowsRead(), dict[int, str](), 0, 1, 0
    for event in _elements(parts):
        if isinstance(event, _OdsCell):
            column = _put(line, column, event)
        elif event.name == "table":
            if event.kind == "start":
                name, rows, row = event.attributes.get("name", ""), RowsRead(), 0
            else:
                yield name, rows
        elif event.name == "table-row":
            if event.kind == "start":
                line, column, repeated = {}, 0, _repeated(event.attributes, "number-rows-repeated")
            else:
                _lay(rows, line, row, repeated)
                row += repeated


def _elements(parts: ZippedXml) -> Iterator[XmlEvent | _OdsCell]:
    """Tables and rows as they begin and end; each cell whole."""
    cell: _OdsCell | None = None
    aside = 0
    for event in parts.events(CONTENT):
        if event.name in _CELLS and event.kind != "text":
            if event.kind == "start":
                cell = _OdsCell(dict(event.attributes))
            elif cell is not None:
                yield cell
                cell = None
        elif cell is None:
            if event.kind != "text" and event.name in ("table", "table-row"):
                yield event
        elif event.name == "annotation" and event.kind != "text":
            aside += 1 if event.kind == "start" else -1
        elif not aside:
            _say(cell, event)


def _say(cell: _OdsCell, event: XmlEvent) -> None:
    """What stands in a cell: paragraphs are lines, and a file writes spaces in a row by their number."""
    if event.kind == "text":
        cell.text.append(event.name)
    elif event.kind == "start" and event.name == "s":
        cell.text.append(" " * min(_repeated(event.attributes, "c"), 1000))
    elif event.kind == "start" and event.name == "tab":
        cell.text.append("\t")
    elif (event.kind, event.name) in (("start", "line-break"), ("end", "p")):
        cell.text.append("\n")


def _put(line: dict[int, str], column: int, cell: _OdsCell) -> int:
    """Note a cell as often as it repeats; returns the next column."""
    repeated, value = _repeated(cell.attributes, "number-columns-repeated"), _value(cell)
    if value:
        if column + repeated > MOST_COLUMNS:
            raise BadSheet(TOO_MANY_COLUMNS)
        line.update(dict.fromkeys(range(column, column + repeated), value))
    return column + repeated


def _lay(rows: RowsRead, line: dict[int, str], row: int, repeated: int) -> None:
    if line and repeated > MOST_ROWS:
        raise BadSheet(TOO_MANY_ROWS)
    for number in range(row, row + repeated) if line else ():
        for column, value in line.items():
            rows.put(number, column, value)


def _repeated(attributes: Mapping[str, str], name: str) -> int:
    said = attributes.get(name, "1")
    return max(1, int(said)) if said.isdecimal() and len(said) <= _MOST_REPEATED else 1


def _value(cell: _OdsCell) -> str:
    text = "".join(cell.text).strip()
    match cell.attributes.get("value-type"):
        case "float":
            return _number(cell.attributes.get("value", ""), text)
        case "date":
            return cell.attributes.get("date-value", text).replace("T", " ")[:16]
        case "boolean":
            return cell.attributes.get("boolean-value", text).upper()
    return text


def _number(said: str, text: str) -> str:
    try:
        return plain_number(float(said))
    except (ValueError, OverflowError):
        return text
