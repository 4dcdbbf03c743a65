"""Gettext catalogue of the pages: the source texts are English, `locale/et.po` holds the Estonian. See
`web.i18n.extract`.

The catalogue is read as it is written, once a process: nothing has to be compiled, and nothing compiled can be stale.
"""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LOCALE: Final = Path(__file__).parent / "locale"


def path(lang: str) -> Path:
    """Where a language's words stand."""
    return LOCALE / f"{lang}.po"


def read(lang: str) -> Catalog:
    """A language's words as they are written; `ValueError` where the file is not a catalogue."""
    with path(lang).open("rb") as file:
        return read_po(file, locale=lang, abort_invalid=True)


@cache
def words(lang: str) -> NullTranslations:
    """What texts are called in a language; a text the catalogue does not have stays English."""
    if lang == "en":
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read(lang))
    compiled.seek(0)
    return Translations(compiled)
