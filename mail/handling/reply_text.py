"""What of a letter may be an answer, and all of its text. Pure; it must never act on it."""

from collections.abc import Callable
from typing import Final

from mail.limited_reading.reader import SHARE_SECONDS, OverLimit, Reader, ReaderBroke
from mail.reading import letter as letter_parser
from mail.reading.letter import ParsedLetter
from workflow.codes import LetterOutcome
from workflow.replies.answers import ReplyContent
from workflow.rules.questions import WORK


def words(raw: bytes) -> str:
    """Everything a letter says that can be read without opening its attachments: to look for somebody's name in."""
    read = letter_parser.read(raw)
    names = " ".join(file.name for file in read.attachments)
    return "\n".join((read.subject, read.whole, read.text, read.quoted, names, raw.decode("latin-1")))


def words_by(reads: Reader) -> Callable[[bytes], str]:
    """`words`, read within the limits; of a letter that passes them, its bytes as they are."""

    def found(raw: bytes) -> str:
        try:
            return reads.call(words, raw, seconds=SHARE_SECONDS)
        except (OverLimit, ReaderBroke):
            return raw.decode("latin-1")

    return found


_CUT: Final = frozenset({"mail too large", "too many parts", "parts too deep", "too much markup"})
_SEALED: Final = frozenset({"winmail.dat", "encrypted"})


def incomplete(letter: ParsedLetter, kind: str) -> LetterOutcome | None:
    """Why what the person sent may be elsewhere than in what was read, if so: such a letter is held."""
    faults = set(letter.faults)
    files = [one for one in letter.attachments if not one.inline]
    if faults & _CUT:
        return LetterOutcome.CUT
    sealed = "encrypted" in faults or (faults & _SEALED and kind in WORK and len(files) == 1)
    return LetterOutcome.SEALED if sealed else None


def said_in(letter: ParsedLetter) -> ReplyContent:
    """What of a letter may be an answer: its new text, its real files, its calendar's word."""
    reply = letter.calendar if letter.calendar and letter.calendar.method == "REPLY" else None
    return ReplyContent(
        text=letter.text,
        attachments=tuple(one.name for one in letter.attachments if not one.inline),
        automatic=letter.kind in (letter_parser.LetterKind.AUTOMATIC, letter_parser.LetterKind.BOUNCE),
        partstat=reply.partstat if reply else None,
        comment=reply.comment if reply else "",
        sender=letter.sender.name,
    )
