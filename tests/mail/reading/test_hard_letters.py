"""Letters of real programs, and some made after public threads, that were once read wrongly: from bytes to answer."""

from datetime import date

import pytest

from mail.handling.reply_text import said_in
from mail.reading import letter
from tests.paths import DATA
from workflow.replies.answers import AnswerKind, Asked
from workflow.replies.understand import understand

LETTERS = DATA / "hard_letters"
ROWS = [line.split("\t") for line in (LETTERS / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:]]


@pytest.mark.parametrize(("file", "kind", "wanted", "detail"), [row[:4] for row in ROWS])
def test_a_hard_letter_is_read_as_a_person_would(file: str, kind: str, wanted: str, detail: str) -> None:
    """Each as its label says ("a|b": either); the words of the last column are not lost."""
    read = letter.read((LETTERS / file).read_bytes())
    found = understand(kind, said_in(read), Asked(today=date(2022, 4, 6)))
    nobody = "yes" if found.kind is AnswerKind.NAMES and not found.names else found.kind.value
    assert nobody in wanted.split("|"), (found.rule, read.text)
    assert detail in found.text or detail in read.text
