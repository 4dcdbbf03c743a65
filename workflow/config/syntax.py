"""TOML syntax errors explained: the line, and the likely mistake, in words for whoever typed it.

Pure. tomllib says where it stopped and what it expected there, in a programmer's words; what people really do wrong is
known: a quote or a comma forgotten, a word processor's quotes, a date as it is spoken. Only looks, never mends.
"""

from __future__ import annotations

import re
from typing import Final

from workflow.config.faults import ConfigFault
from workflow.text.bilingual import Text

CURLY: Final = "“”„‟«»‘’"
WORDS: Final = r"""(?:"[^"\n]*"|'[^'\n]*')"""

HINTS: Final[tuple[tuple[re.Pattern[str], str, str], ...]] = (
    (
        re.compile(rf"^[^#\"']*[={{\[,]\s*[{CURLY}]"),
        'Jutumärgid on sellised, nagu tekstitöötlus neid teeb. Kirjutage tavalised: "…".',
        'The quotes are those of a word processor. Write plain ones: "…".',
    ),
    (
        re.compile(r"=\s*\d{1,2}\.\d{1,2}\.\d{4}"),
        "Kuupäeva kirjutage nii: 2022-02-28.",
        "Write a date like this: 2022-02-28.",
    ),
    (
        re.compile(r"=\s*\d{4}-\d{2}-\d{2}"),
        "Sellist kuupäeva või kellaaega pole, või seisab selle järel midagi üleliigset. Näiteks: 2022-02-28T10:00:00.",
        "There is no such date or hour, or something stands behind it. For instance: 2022-02-28T10:00:00.",
    ),
    (
        re.compile(rf"{WORDS}\s*{WORDS}"),
        "Kahe teksti vahel on puudu koma.",
        "A comma is missing between two texts.",
    ),
    (
        re.compile(r"=\s*(?:True|False|yes|no|jah|ei)\b", re.IGNORECASE),
        "Kirjutage true või false.",
        "Write true or false.",
    ),
)
TWICE: Final = (
    "See võti või tabel on failis kaks korda. Jätke alles üks.",
    "This key or table stands in the file twice. Keep one.",
)
QUOTE: Final = (
    "Teksti lõpust või algusest on puudu jutumärk.",
    "A quote is missing at one end of a text.",
)
UNCLOSED: Final = (
    "Sulg on kinni panemata või koma on puudu.",
    "A bracket is not closed, or a comma is missing.",
)
BARE: Final = (
    "Tekst käib jutumärkidesse.",
    "A text belongs in quotes.",
)
UNKNOWN: Final = ("Parandage see rida.", "Mend this line.")


def syntax_fault(words: str, text: str) -> ConfigFault:
    """The fault that tomllib told in these words, at its line."""
    found = re.search(r"at line (\d+)", words)
    line = int(found[1]) if found else text.count("\n") + 1
    et, en = _hint(words, text.split("\n")[line - 1])
    says = Text(
        et=f"Fail ei ole korrektne TOML ja seda ei saa lugeda. {et} ({words})",
        en=f"The file is not proper TOML and cannot be read. {en} ({words})",
    )
    return ConfigFault("", line, says)


def _hint(words: str, line: str) -> tuple[str, str]:
    if words.startswith(("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate")):
        return TWICE
    for looks, et, en in HINTS:
        if looks.search(line):
            return et, en
    if _quotes(line) % 2 or "Illegal character" in words or "Unterminated" in words:
        return QUOTE
    if words.startswith("Unclosed"):
        return UNCLOSED
    return BARE if re.search(r"^[^\"'#]*=\s*[^\W\d_]", line) else UNKNOWN


def _quotes(line: str) -> int:
    """Double quotes that are not written off with a backslash."""
    return line.replace('\\"', "").count('"')
