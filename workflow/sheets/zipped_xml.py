"""XML parts of a zipped document, read as a stream of events within a budget of bytes. Pure.

A part is never unpacked whole, so a file that would grow to gigabytes is given up at the budget. A document type, which
entities would need, is refused before it is read.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn
from xml.parsers import expat

from workflow.sheets.sheet import DAMAGED, TOO_BIG, BadSheet
from workflow.text.bilingual import Text

BUDGET: Final = 16 * 1024 * 1024
"""bytes that are unpacked of one file, all in all"""
MOST_PARTS: Final = 2000
CHUNK: Final = 64 * 1024
_UNPACKABLE: Final = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, OSError, RuntimeError,
)  # fmt: skip
LOCKED: Final = Text(
    et="Fail on parooliga kaitstud. Salvestage see ilma paroolita ja proovige uuesti.",
    en="The file is protected by a password. Save it without one and try again.",
)
FOREIGN: Final = Text(
    et="Failis on XML-i osi, mida tabelitöötlusprogrammid ei kirjuta. Avage see Excelis või LibreOffice'is ja "
    "salvestage uuesti XLSX-failina.",
    en="The file holds XML that no spreadsheet program writes. Open it in Excel or LibreOffice and save it again as "
    "XLSX.",
)


@dataclass(frozen=True, slots=True)
class XmlEvent:
    """`start` and `end` of an element, by its name without namespace, or `text`."""

    kind: str
    name: str
    attributes: Mapping[str, str]


class ZippedXml:
    """The parts of a zipped document."""

    def __init__(self, content: bytes) -> None:
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            infos = self._archive.infolist()
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
            raise BadSheet(DAMAGED) from error
        if len(infos) > MOST_PARTS:
            raise BadSheet(TOO_BIG)
        if any(info.flag_bits & 1 for info in infos):
            raise BadSheet(LOCKED)
        self.names = frozenset(info.filename for info in infos)
        self._left = BUDGET

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part's bytes; raises BadSheet past the budget, or where it cannot be unpacked."""
        try:
            with self._archive.open(name) as part:
                while chunk := part.read(CHUNK):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise BadSheet(TOO_BIG)
                    yield chunk
        except _UNPACKABLE as error:
            raise BadSheet(DAMAGED) from error

    def events(self, name: str) -> Iterator[XmlEvent]:
        """A part's elements and text, one after another."""
        seen: list[XmlEvent] = []
        parser = _parser(seen)
        try:
            for chunk in self.chunks(name):
                parser.Parse(chunk, False)
                yield from seen
                seen.clear()
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as error:
            if isinstance(error, BadSheet):
                raise
            raise BadSheet(DAMAGED) from error
        yield from seen


def _parser(seen: list[XmlEvent]) -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True

    def start(name: str, attributes: dict[str, str]) -> None:
        plain: dict[str, str] = {}
        for key, value in attributes.items():
            plain.setdefault(_local(key), value)
        seen.append(XmlEvent("start", _local(name), plain))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: seen.append(XmlEvent("end", _local(name), {}))
    parser.CharacterDataHandler = lambda text: seen.append(XmlEvent("text", text, {}))
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _refuse(*_told: object) -> NoReturn:
    raise BadSheet(FOREIGN)
