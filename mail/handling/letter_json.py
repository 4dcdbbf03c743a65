"""A letter as plain JSON values, for the command that reads mails from files and for measuring the reader.

Pure: given the bytes, and what was asked, it says what was understood. It must never act on it. What it needs is
imported where it runs, in the reading process: the command line only names it.
"""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from mail.reading.automatic.bounces import Bounce
    from mail.reading.calendar import CalendarReply
    from mail.reading.letter import ParsedLetter

_NO_DAY: Final = date(1970, 1, 1)


def as_json(file: str, raw: bytes, question: str | None = None, told: dict[str, Any] | None = None) -> dict[str, Any]:
    """What the mail in `raw` says, and, where the kind of `question` is given, how it answers that.

    told: what the question had said besides, as `asked_json.from_json` takes it."""
    from mail.reading import letter as letter_parser

    letter = letter_parser.read(raw)
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
        "answer": _answer(question, letter, raw, told or {}) if question else None,
        "faults": list(letter.faults),
    }


def _replies(letter: "ParsedLetter") -> bool:
    """Whether the mail answers another. One that answers nothing is news from end to end, signature and all."""
    threaded = bool(letter.in_reply_to or letter.references or letter.has_quote)
    return threaded or letter.subject.lower().startswith(("re:", "vs:", "fwd:", "fw:"))


def _bounce(bounce: "Bounce | None") -> dict[str, Any] | None:
    if bounce is None:
        return None
    return {"recipients": [{"address": one.address, "status": one.status} for one in bounce.recipients]}


def _calendar(said: "CalendarReply | None") -> dict[str, Any] | None:
    if said is None:
        return None
    return {"method": said.method, "uid": said.uid, "attendee": said.attendee, "partstat": said.partstat}


def _answer(question: str, letter: "ParsedLetter", raw: bytes, told: dict[str, Any]) -> dict[str, Any]:
    from mail.handling.asked_json import from_json
    from mail.handling.reply_text import incomplete, said_in
    from workflow.replies.understand import understand

    understood = understand(question, said_in(letter), from_json(told, _day(raw)))
    held = incomplete(letter, question)
    return {
        "kind": str(understood.kind),
        "held": held.value if held else None,
        "likely": understood.likely.value if understood.likely else None,
        "text": understood.text,
        "rule": understood.rule,
        "entries": [
            {"minutes": one.minutes, "date": one.day.isoformat() if one.day else None} for one in understood.entries
        ],
        "names": list(understood.names),
    }


def _day(raw: bytes) -> date:
    """The day the mail says it was written, for 'yesterday' and '5.04'; there is no clock here."""
    from mail.reading import headers

    block, _ = headers.split(raw)
    try:
        moment: datetime = parsedate_to_datetime(headers.parse(block).first("date")[:100])
        return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return _NO_DAY
