"""A letter as plain JSON values, for the command that reads mails from files and for measuring the reader.

Pure: given the bytes, and what was asked, it says what was understood. It must never act on it.
"""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from mail.reading import headers as head
from mail.reading import letter as letters
from mail.reading.automatic.bounces import Bounce
from mail.reading.calendar import CalendarReply
from mail.reading.letter import Letter
from workflow.replies import understand as answers
from workflow.replies.understand import Answer, Asked, Said

_NO_DAY: Final = date(1970, 1, 1)


def as_json(file: str, raw: bytes, question: str | None = None) -> dict[str, Any]:
    """What the mail in `raw` says, and, where the kind of `question` is given, how it answers that."""
    letter = letters.read(raw)
    return {
        "file": file,
        "kind": str(letter.kind),
        "subject": letter.subject,
        "from": letter.sender.address,
        "text": letter.text if question or _replies(letter) else letter.whole,
        "quoted": letter.quoted,
        "attachments": [
            {"name": one.name, "media_type": one.media_type, "size": len(one.content), "sha256": one.sha256}
            for one in letter.attachments
        ],
        "bounce": _bounce(letter.bounce),
        "calendar": _calendar(letter.calendar),
        "answer": _answer(question, letter, raw) if question else None,
    }


def words(raw: bytes) -> str:
    """Everything a letter says that can be read without opening its attachments: to look for somebody's name in."""
    read = letters.read(raw)
    names = " ".join(file.name for file in read.attachments)
    return "\n".join((read.subject, read.whole, read.text, read.quoted, names, raw.decode("latin-1")))


def _replies(letter: Letter) -> bool:
    """Whether the mail answers another. One that answers nothing is news from end to end, signature and all."""
    threaded = bool(letter.in_reply_to or letter.references or letter.has_quote)
    return threaded or letter.subject.lower().startswith(("re:", "vs:", "fwd:", "fw:"))


def _bounce(bounce: Bounce | None) -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {"recipients": [{"address": one.address, "status": one.status} for one in bounce.recipients]}


def _calendar(said: CalendarReply | None) -> dict[str, Any] | None:
    if said is None:
        return None
    return {"method": said.method, "uid": said.uid, "attendee": said.attendee, "partstat": said.partstat}


def said_in(letter: Letter) -> Said:
    """What of a letter may be an answer: its new text, its real files, its calendar's word."""
    reply = letter.calendar if letter.calendar and letter.calendar.method == "REPLY" else None
    return Said(
        text=letter.text,
        attachments=tuple(one.name for one in letter.attachments if not one.inline),
        automatic=letter.kind in (letters.LetterKind.AUTOMATIC, letters.LetterKind.BOUNCE),
        partstat=reply.partstat if reply else None,
    )


def _answer(question: str, letter: Letter, raw: bytes) -> dict[str, Any]:
    understood: Answer = answers.understand(question, said_in(letter), Asked(today=_day(raw)))
    return {
        "kind": str(understood.kind),
        "text": understood.text,
        "entries": [
            {"minutes": one.minutes, "date": one.day.isoformat() if one.day else None} for one in understood.entries
        ],
        "names": list(understood.names),
    }


def _day(raw: bytes) -> date:
    """The day the mail says it was written, for 'yesterday' and '5.04'; there is no clock here."""
    block, _ = head.split(raw)
    try:
        moment: datetime = parsedate_to_datetime(head.parse(block).first("date")[:100])
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _NO_DAY
