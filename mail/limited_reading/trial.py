"""Trial letter: whether the reading process can be started and reads. Must never be mistaken for a person's letter: it
is in nobody's name and stored nowhere.
"""

from typing import Final

from mail.limited_reading.letter_reader import LetterReader
from mail.limited_reading.reader import Interrupted, Reader

WORDS: Final = "This is a trial."
LETTER: Final = f"From: trial@example.org\r\nTo: trial@example.org\r\nSubject: Trial\r\n\r\n{WORDS}\r\n".encode()


def fault(reader: Reader) -> str | None:
    """Why a trial letter could not be read; None where it was. Raises Interrupted."""
    try:
        found = LetterReader(reader=reader).read(LETTER, full=True)
    except Interrupted:
        raise
    except Exception as error:
        return str(error)
    return None if WORDS in found.read.text else f"the trial letter was read as {found.read.text[:100]!r}"
