"""A sheet as read: rows of text with the numbers they have in the file, and what is too much of them. Pure."""

import re
from dataclasses import dataclass, field
from typing import Final

from workflow.text.bilingual import Text

MOST_BYTES: Final = 5 * 1024 * 1024
"""of a file"""
MOST_ROWS: Final = 2000
MOST_COLUMNS: Final = 300
MOST_IN_A_CELL: Final = 20_000
"""characters"""
MOST_TEXT: Final = 2_000_000
"""characters of all cells together"""
_BROKEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class BadSheet(ValueError):
    """The file cannot be read as a table. `says`: what is wrong with it and what to do."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row with anything in it. `number`: the one that a spreadsheet program shows beside it."""

    number: int
    cells: tuple[str, ...]

    def cell(self, column: int) -> str:
        """What stands there; empty where nothing does."""
        return self.cells[column] if column < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of one sheet, its headings among them. `name`: as on its tab; empty of a text file."""

    name: str
    rows: tuple[SheetRow, ...]


@dataclass(slots=True)
class RowsRead:
    """Cells gathered one after another; raises BadSheet where they become too many."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    text: int = 0

    def put(self, row: int, column: int, value: str) -> None:
        """Note a cell; a blank one takes no place. Rows and columns begin with 0."""
        value = _BROKEN.sub("", value).strip()
        if not value:
            return
        if column >= MOST_COLUMNS:
            raise BadSheet(TOO_MANY_COLUMNS)
        if len(value) > MOST_IN_A_CELL:
            raise BadSheet(_long_cell(row, column))
        if row not in self.rows and len(self.rows) >= MOST_ROWS:
            raise BadSheet(TOO_MANY_ROWS)
        self.text += len(value)
        if self.text > MOST_TEXT:
            raise BadSheet(TOO_BIG)
        self.rows.setdefault(row, {})[column] = value

    def sheet(self, name: str) -> Sheet:
        """What was gathered, in order."""
        rows = ((number, cells) for number, cells in sorted(self.rows.items()))
        return Sheet(
            name,
            tuple(
                SheetRow(number + 1, tuple(cells.get(i, "") for i in range(max(cells) + 1))) for number, cells in rows
            ),
        )


def cell_name(row: int, column: int) -> str:
    """As spreadsheet programs call it: `B3`. Rows and columns begin with 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"


def _long_cell(row: int, column: int) -> Text:
    at, most = cell_name(row, column), MOST_IN_A_CELL
    return Text(
        et=f"Lahtris {at} on üle {most} tähemärgi. Lühendage seda ja salvestage fail uuesti.",
        en=f"Cell {at} holds more than {most} characters. Shorten it and save the file again.",
    )


TOO_BIG: Final = Text(
    et="Fail on liiga suur. Jätke alles ainult leht ridadega, mida soovite üle tuua, ja salvestage uuesti.",
    en="The file is too big. Keep only the sheet with the rows that you want to bring in, and save it again.",
)
TOO_MANY_ROWS: Final = Text(
    et=f"Lehel on üle {MOST_ROWS} rea. Tooge need üle mitmes failis.",
    en=f"The sheet has more than {MOST_ROWS} rows. Bring them in by several files.",
)
TOO_MANY_COLUMNS: Final = Text(
    et=f"Lehel on üle {MOST_COLUMNS} veeru. Kustutage veerud, mida pole vaja, ja salvestage fail uuesti.",
    en=f"The sheet has more than {MOST_COLUMNS} columns. Delete those not needed and save the file again.",
)
DAMAGED: Final = Text(
    et="Fail on rikutud või pole see, mille nime ta kannab. Avage see tabelitöötlusprogrammis ja salvestage uuesti "
    "XLSX-failina.",
    en="The file is damaged, or not what its name says. Open it in a spreadsheet program and save it again as XLSX.",
)
EMPTY: Final = Text(
    et="Failis pole ühtegi rida. Kas õige leht on esimene?",
    en="There is no row in the file. Is the right sheet the first one?",
)
