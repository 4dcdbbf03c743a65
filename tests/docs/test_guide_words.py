"""The coordinator's guide names buttons, headings and pages with the very words that stand on them."""

import re

from tests.paths import ROOT
from web.i18n import catalogue, labels
from workflow.text.bilingual import Text

GUIDE = (ROOT / "docs" / "koordinaatorile.md").read_text(encoding="utf-8")
ANSWERS = {"JAH", "EI", "KÕIK", "TAGASI:"}
"""what people write in mails; `tests/mail` tries that these are understood"""
STRESSED = {
    "Enne", "Pärast", "Edasi", "Kodutöö", "Taotlused", "Programmi lõpetamine",
    "Koolitajate, mentorite ja koordinaatorite", "Piirist rohkem tunde ise arvesse ei lähe",
}  # fmt: skip
"""what a paragraph is about; openings that are whole sentences end with a full stop"""


def on_the_pages() -> set[str]:
    found = {str(one) for message in catalogue.read("et") for one in _forms(message.string)}
    for name in dir(labels):
        table = getattr(labels, name)
        if isinstance(table, dict):
            found |= {one.et for value in table.values() for one in _texts(value)}
    return found


def _forms(string: object) -> tuple[object, ...]:
    return string if isinstance(string, tuple) else (string,)


def _texts(value: object) -> list[Text]:
    return [one for one in (value if isinstance(value, tuple) else (value,)) if isinstance(one, Text)]


def test_every_word_in_bold_stands_on_a_page() -> None:
    bold = set(re.findall(r"\*\*(.+?)\*\*", re.sub(r"\s+", " ", GUIDE)))
    named = {one for one in bold if not one.endswith((".", "?"))} - ANSWERS - STRESSED
    assert len(named) > 50
    assert sorted(named - on_the_pages()) == []


def test_the_words_to_answer_with_stand_in_the_mails() -> None:
    mails = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates/email/et").glob("*.md"))
    assert [one for one in sorted(ANSWERS) if one not in mails] == []
