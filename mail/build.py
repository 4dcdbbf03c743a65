"""A queued message as the bytes that go over the wire. Pure: the same message gives the same bytes.

What a person typed may stand in the subject, in a name and in the body, and must never become a header, a
recipient or a part: what was built is parsed again and compared with what was meant, else it is `Unfit`.
"""

import re
from datetime import datetime
from email import policy
from email.charset import QP, Charset
from email.encoders import encode_base64
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.message import Message as Mime
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from hashlib import sha256
from typing import Final

from mail import headers, markup
from mail.bounces import verp
from mail.characters import one_line
from mail.identity import Identity
from mail.quotes_words import MARKERS
from workflow.models import Message

LINE_CAP: Final = 998
SUBJECT_CAP: Final = 300
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 '-]+")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ID: Final = re.compile(r"<[!-;=?-~]{3,400}>")
_WIRE: Final = policy.compat32.clone(linesep="\r\n", max_line_length=0)
_TEXT: Final = Charset("utf-8")
_TEXT.body_encoding = QP


class Unfit(ValueError):
    """This message cannot be sent as it stands; it says why. Trying again will not help."""


def to_bytes(message: Message, identity: Identity, at: datetime | None = None) -> bytes:
    """The whole mail with CRLF line ends, dated `at` or when it was queued. Raises Unfit."""
    try:
        meant = _headers(message, identity, at or message.created_at)
        built = _body(message, identity)
        for name, value in meant:
            built[name] = value
        wire = built.as_bytes(policy=_WIRE)
    except (UnicodeError, LookupError, MessageError) as error:
        raise Unfit(f"cannot be written: {error}") from error
    _compare(wire, message, [name for name, _ in meant])
    return wire


def envelope_from(message: Message, identity: Identity) -> str:
    """The envelope's sender, one for each message: a bounce to it says which mail bounced."""
    return verp(str(message.id), identity.secret, identity.domain)


# -- headers ------------------------------------------------------------------------------------


def _headers(message: Message, identity: Identity, at: datetime) -> list[tuple[str, str]]:
    said = [
        ("From", _mailbox(identity.from_name, identity.from_address)),
        ("To", _mailbox(message.to_name, message.to_address)),
        ("Subject", _subject(message.subject)),
        ("Date", format_datetime(at)),
        ("Message-ID", _ids(message.message_id)),
        ("In-Reply-To", _ids(message.in_reply_to)),
        ("References", _ids(message.references)),
        ("Reply-To", address(message.reply_to) if message.reply_to else ""),
        ("Auto-Submitted", one_line(message.auto_submitted, 40)),
        ("X-Auto-Response-Suppress", "All"),
        ("List-Id", f"<{identity.list_id}>"),
    ]
    return [(name, value) for name, value in said if value]


def address(said: str) -> str:
    """The address as SMTP takes it, its domain in ASCII; no quoted local part. Raises Unfit."""
    local, _, domain = said.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Unfit("an address whose domain is none") from error
    fits = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(local) <= 64
    if not fits or len(local) + len(domain) > 253:
        raise Unfit("an address that mail cannot be sent to")
    return f"{local}@{domain}"


def _mailbox(name: str, said: str) -> str:
    shown = one_line(name, 200)
    if not shown:
        return address(said)
    return f"{shown if _PLAIN_NAME.fullmatch(shown) else _encoded(shown)} <{address(said)}>"


def _subject(said: str) -> str:
    """What looks like an encoded word is encoded once more, so that it is shown and never decoded."""
    shown = _title(said)
    if shown.isascii() and "=?" not in shown:
        return Header(shown, "us-ascii", header_name="Subject").encode()
    return _encoded(shown)


def _title(said: str) -> str:
    return one_line(said, SUBJECT_CAP).strip()


def _encoded(words: str) -> str:
    return Header(words, "utf-8", maxlinelen=66).encode()


def _ids(said: str) -> str:
    """Message-IDs one a line; what is none is left out."""
    return "\n ".join(_ID.findall(said))


# -- body ---------------------------------------------------------------------------------------


def _body(message: Message, identity: Identity) -> Mime:
    content = _alternatives(message, identity)
    if message.calendar is None:
        return content
    whole = MIMEMultipart("mixed", boundary=_boundary(message, "m"))
    whole.attach(content)
    whole.attach(_calendar_file(message))
    del whole["MIME-Version"]
    whole["MIME-Version"] = "1.0"
    return whole


def _alternatives(message: Message, identity: Identity) -> Mime:
    """Text, HTML and, where an answer or a cancellation is meant, the calendar's own part (RFC 6047 2.4)."""
    marker = MARKERS[message.lang] if asks(message) else ""
    text = markup.text(message.body, identity.base_url)
    html = markup.html(
        message.body, identity.base_url, lang=message.lang, title=message.subject, marker=marker
    )
    both = MIMEMultipart("alternative", boundary=_boundary(message, "a"))
    both.attach(MIMEText(f"{marker}\n\n{text}" if marker else text, "plain", _TEXT))  # type: ignore[arg-type]
    both.attach(MIMEText(html, "html", _TEXT))  # type: ignore[arg-type]
    if message.calendar and message.calendar_method in {"REQUEST", "CANCEL"}:
        both.attach(_calendar_part(message))
    return both


def asks(message: Message) -> bool:
    """Whether a reply to it is read as an answer: then it says where to write."""
    return message.reply_to.startswith("r-")


def _calendar_part(message: Message) -> Mime:
    part = MIMEBase("text", "calendar", method=message.calendar_method or "PUBLISH", charset="utf-8")
    return _carrying(part, message)


def _calendar_file(message: Message) -> Mime:
    name = "kutse.ics" if message.lang == "et" else "invitation.ics"
    part = MIMEBase("application", "ics", name=name)
    part.add_header("Content-Disposition", "attachment", filename=name)
    return _carrying(part, message)


def _carrying(part: Mime, message: Message) -> Mime:
    part.set_payload(message.calendar or b"")
    encode_base64(part)
    del part["MIME-Version"]
    return part


def _boundary(message: Message, which: str) -> str:
    """Holds `=_`, which neither quoted-printable nor base64 ever writes."""
    return f"=_{which}_{sha256(message.message_id.encode()).hexdigest()[:32]}"


# -- the check ----------------------------------------------------------------------------------

_OF_MIME: Final = ["mime-version", "content-type"]


def _compare(wire: bytes, message: Message, meant: list[str]) -> None:
    """Two parsers, ours and the standard library's, must find the headers and recipients that were meant."""
    wanted = sorted([*(name.lower() for name in meant), *_OF_MIME])
    ours = headers.parse(headers.split(wire)[0])
    theirs = BytesHeaderParser().parsebytes(wire)
    if sorted(name for name, _ in ours.fields) != wanted or ours.faults:
        raise Unfit("its headers are not those that were meant")
    if sorted(name.lower() for name in theirs) != wanted:
        raise Unfit("its headers read otherwise than they were meant")
    _compare_people(theirs, message)
    if any(len(line) > LINE_CAP or b"\r" in line or b"\n" in line for line in wire.split(b"\r\n")):
        raise Unfit("a line is too long or broken")


def _compare_people(found: Mime, message: Message) -> None:
    for name, wanted in (("To", message.to_address), ("Reply-To", message.reply_to)):
        values = found.get_all(name, [])
        if [one for _, one in getaddresses(values)] != ([address(wanted)] if wanted else []):
            raise Unfit(f"{name} does not name the one meant")
    shown = str(make_header(decode_header(found.get("Subject", ""))))
    if one_line(shown) != _title(message.subject):
        raise Unfit("its subject reads otherwise than it was meant")
