"""Parses bytes into a Letter: a mail as all other packages see it. Pure and total: any bytes give a Letter.

It joins what its neighbours know: headers, parts, quotes, robots, bounces, calendar answers, the sender. It must
never raise (but for a lack of memory), never act, never look at a clock, and take bounded time and memory whatever it
is given: where a library behind it does not, `mail/limited_reading/reader.py` ends it. What the caps cut away is
named in `faults`, what is no new text stays in `quoted`.
"""

import email
import re
from dataclasses import dataclass
from email import policy
from email.message import Message
from enum import StrEnum
from itertools import islice
from typing import Final

from mail.reading import body, parts, quotes, sender, signed_data
from mail.reading import calendar as calendar_file
from mail.reading import headers as header_block
from mail.reading.attachments import Attachment, attachment
from mail.reading.automatic import bounces, replies
from mail.reading.automatic.bounces import Bounce
from mail.reading.automatic.replies import RobotVerdict
from mail.reading.body import Contents
from mail.reading.calendar import CalendarReply
from mail.reading.characters import clean, decode
from mail.reading.headers import Headers
from mail.reading.parts import MimePart
from mail.reading.quotes import Cut, LineMark, TextLine
from mail.reading.sender import Sender

_REPORT_CAP: Final = 256 * 1024  # a bounce says what it has to say long before this
_REPORT_LINES: Final = 20_000
_REPORT_PARTS: Final = 60
_REPORT_SEMICOLONS: Final = 4000  # the standard library takes quadratic time over them
_REPORT_FIELD: Final = 2048
_CALENDAR_CAP: Final = 256 * 1024
_CALENDARS_READ: Final = 4  # programs send one file, or the same twice
_IDS_CAP: Final = 100
_WHOLE_CAP: Final = 256 * 1024
_QUOTED_CAP: Final = 64 * 1024
"""kept, searched for secrets of ours and shown; what is over stands in the letter as it came"""

_MESSAGE_ID: Final = re.compile(r"<[^<>\s]{1,990}>")
_ADDRESS: Final = re.compile(r"[^@]{1,64}@[^@]{1,255}")
_BETWEEN: Final = re.compile(r"[\s<>,;:\"'()\[\]]+")
_CALENDARS: Final = frozenset({"text/calendar", "application/ics"})
_ENCRYPTED: Final = frozenset({"application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})


class LetterKind(StrEnum):
    PERSON = "person"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedLetter:
    """`text` is newly written; `quoted` is what was taken for quote or signature; `whole` is all of it.

    Message identities keep their angle brackets; `to` holds To, Cc and where it was delivered, in lower case.
    """

    kind: LetterKind
    sender: Sender
    subject: str
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    to: tuple[str, ...]
    text: str
    quoted: str
    whole: str
    attachments: tuple[Attachment, ...]
    calendar: CalendarReply | None
    bounce: Bounce | None
    robot: RobotVerdict
    faults: tuple[str, ...]
    has_quote: bool


def read(raw: bytes) -> ParsedLetter:
    """The letter in `raw` (a whole mail, headers first, as it came over SMTP)."""
    try:
        return _read(raw)
    except MemoryError:  # not the end of reading alone: see mail/limited_reading/process.py
        raise
    except (Exception, RecursionError) as error:  # the last fence: a mail is never lost to a fault of ours
        return _unreadable(raw, type(error).__name__)


def _read(raw: bytes) -> ParsedLetter:
    raw = signed_data.unwrapped(raw)
    root, faults = parts.parse(raw)
    contents = body.sort(root)
    lines = body.lines(contents)
    cut = quotes.cut(lines)
    whole = _whole(lines)
    calendar = _calendar(root)
    bounce = _bounce(raw, root.headers, whole)
    robot = replies.classify(root.headers, cut.text)
    files = _attachments(contents)
    return ParsedLetter(
        kind=_kind(bounce, calendar, robot),
        sender=sender.from_header(root.headers),
        subject=root.headers.text("subject")[:1000],
        message_id=_first_id(root.headers.first("message-id")),
        in_reply_to=_first_id(root.headers.first("in-reply-to")),
        references=_ids(root.headers),
        to=_recipients(root.headers),
        text=cut.text,
        quoted=cut.quoted[:_QUOTED_CAP],
        whole=whole,
        attachments=files,
        calendar=calendar,
        bounce=bounce,
        robot=robot,
        faults=tuple(dict.fromkeys((*faults, *contents.faults, *_remarks(cut, files)))),
        has_quote=cut.has_quote,
    )


def _kind(bounce: Bounce | None, calendar: CalendarReply | None, robot: RobotVerdict) -> LetterKind:
    if bounce:
        return LetterKind.BOUNCE
    # Calendars answer by themselves in their owner's name, some with the headers of a robot.
    if calendar and calendar.method in ("REPLY", "COUNTER"):
        return LetterKind.CALENDAR
    return LetterKind.AUTOMATIC if robot.automatic else LetterKind.PERSON


def _whole(lines: list[TextLine]) -> str:
    shown = [f"> {text}" if mark is LineMark.QUOTE else text for text, mark in lines]
    return "\n".join(shown).strip()[:_WHOLE_CAP]


def _calendar(root: MimePart) -> CalendarReply | None:
    found = (one for one in root.leaves() if one.media_type in _CALENDARS or one.file_name.lower().endswith(".ics"))
    for leaf in islice(found, _CALENDARS_READ):
        said = calendar_file.read_reply(leaf.content(_CALENDAR_CAP), leaf.params.get("method"))
        if said:
            return said
    return None


def _attachments(contents: Contents) -> tuple[Attachment, ...]:
    shown = b"".join(part.content(body.TEXT_CAP) for said in contents.said for part in said.html)
    return tuple(
        attachment(part, number, _pictured(part, shown)) for number, part in enumerate(contents.files, start=1)
    )


def _pictured(part: MimePart, shown: bytes) -> bool:
    identity = part.headers.first("content-id").strip("<> ")[:200]
    return bool(identity) and b"cid:" in shown and identity.encode("utf-8", "replace") in shown


def _remarks(cut: Cut, files: tuple[Attachment, ...]) -> list[str]:
    """What the coordinator should know about a mail whose words may be elsewhere."""
    found = []
    if cut.long or len(cut.quoted) > _QUOTED_CAP:
        found.append("text too long")
    if any(one.media_type == "application/ms-tnef" or one.name.lower() == "winmail.dat" for one in files):
        found.append("winmail.dat")
    if any(one.media_type in _ENCRYPTED or one.name.lower().endswith(".p7m") for one in files):
        found.append("encrypted")
    return found


# -- who it is for, what it answers ---------------------------------------------------------------------


def _first_id(value: str) -> str:
    found = _MESSAGE_ID.search(value)
    return found[0] if found else ""


def _ids(headers: Headers) -> tuple[str, ...]:
    """Every identity in References and In-Reply-To; Exchange puts commas between them, others nothing."""
    values = " ".join((*headers.all("references"), *headers.all("in-reply-to")))
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(values)))[-_IDS_CAP:]


def _recipients(headers: Headers) -> tuple[str, ...]:
    names = ("to", "cc", "delivered-to", "x-original-to", "envelope-to")
    values = " ".join(value for name in names for value in headers.all(name))
    found = (word.lower() for word in _BETWEEN.split(values) if _ADDRESS.fullmatch(word))
    return tuple(dict.fromkeys(found))


# -- for the bounce reader, which wants a standard message ----------------------------------------------


def _bounce(raw: bytes, headers: Headers, whole: str) -> Bounce | None:
    plain = _plain(headers)
    return bounces.find(_message(raw, plain), whole) if bounces.possible(plain) else None


def _message(raw: bytes, headers: Headers) -> Message:
    """The mail's beginning as a standard message, or its headers alone where parsing could be dear."""
    _, begins = header_block.split(raw)
    several = headers.first("content-type").lower().startswith("multipart/")
    start = raw[begins : begins + (_REPORT_CAP if several else _REPORT_CAP // 8)].replace(b"\r\n", b"\n")
    dear = start.count(b"\n") > _REPORT_LINES or start.lower().count(b"content-type:") > _REPORT_PARTS
    dear = dear or start.count(b";") > _REPORT_SEMICOLONS
    try:
        return email.message_from_bytes(_block(headers) + (b"" if dear else start), policy=policy.compat32)
    except (Exception, RecursionError):  # parameters that the standard library trips over while parsing
        return Message()


def _block(headers: Headers) -> bytes:
    return b"".join(name.encode() + b": " + value + b"\n" for name, value in headers.fields) + b"\n"


def _plain(headers: Headers) -> Headers:
    """The header fields in ASCII: raw 8-bit ones make objects of headers that others take for text."""
    fields = tuple((name, _in_ascii(value)) for name, value in headers.fields)
    return headers if fields == headers.fields else Headers(fields=fields)


def _in_ascii(value: bytes) -> bytes:
    if len(value) <= _REPORT_FIELD and value.isascii() and b"\n" not in value and b"\r" not in value:
        return value  # as most are
    kept = value[:_REPORT_FIELD].decode("ascii", "replace").replace("\r", " ").strip("\n")
    return kept.encode("ascii", "replace")


def _unreadable(raw: bytes, why: str) -> ParsedLetter:
    whole = clean(decode(bytes(raw[:_WHOLE_CAP])))
    return ParsedLetter(
        kind=LetterKind.PERSON,
        sender=sender.from_header(Headers()),
        subject="",
        message_id="",
        in_reply_to="",
        references=(),
        to=(),
        text="",
        quoted="",
        whole=whole,
        attachments=(),
        calendar=None,
        bounce=None,
        robot=RobotVerdict(automatic=False),
        faults=(f"unreadable: {why}",),
        has_quote=False,
    )
