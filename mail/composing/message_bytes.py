"""Serialises a queued message to RFC 5322 bytes. Pure: the same message gives the same bytes.

What a person typed may stand in the subject, in a name and in the body, and must never become a header, a
recipient or a part: what was built is parsed again and compared with what was meant, else it is `Unfit`. Here alone
a mail gets its secrets: its addressee's own link, and the address that replies and calendars answer to.
"""

import re
import unicodedata
from base64 import b64encode, encodebytes
from binascii import b2a_qp
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.header import Header, decode_header, make_header
from email.message import Message as Mime
from email.parser import BytesHeaderParser, BytesParser
from email.utils import format_datetime, getaddresses
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from mail.composing import markup
from mail.identity import Identity
from mail.reading import calendar as calendar_file
from mail.reading import headers
from mail.reading.characters import one_line
from mail.reading.quote_phrases import MARKERS
from workflow.database.models import Addressee, Message
from workflow.notices import Enclosure
from workflow.rules.application import address_key
from workflow.rules.mail_kinds import MAIL_KINDS, AnswerLimit
from workflow.security.own_links import OWN_PAGE

LINE_CAP: Final = 998
SUBJECT_CAP: Final = 300
ENCODED_CAP: Final = 42
"""bytes in one encoded word: with "Subject: " before it a line of 77 characters"""
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9 '-]+")
_LOCAL: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ID: Final = re.compile(r"<[!-;=?-~]{3,400}>")
_UNQUOTED: Final = re.compile(r'["\\]')
_BROKEN: Final = re.compile(rb"[^\r\n]{%d}|\r(?!\n)|(?<!\r)\n" % (LINE_CAP + 1))


class UnsendableMail(ValueError):
    """This message cannot be sent as it stands; it says why. Trying again will not help."""


def to_bytes(message: Message, identity: Identity, at: datetime | None = None) -> bytes:
    """The whole mail with CRLF line ends, dated `at` or when it was queued. Raises Unfit."""
    try:
        meant = _headers(message, identity, at or message.created_at)
        body = _body(message, identity)
        head = b"".join(_line(name, value) for name, value in meant)
    except (UnicodeError, LookupError, MessageError) as error:
        raise UnsendableMail(f"cannot be written: {error}") from error
    wire = body.head + b"MIME-Version: 1.0\r\n" + head + b"\r\n" + body.content
    _compare(wire, message, identity, [name for name, _ in meant])
    return wire


def words(message: Message, identity: Identity) -> str:
    """The source of its body with its own link in it. Raises Unfit."""
    source = message.body
    if message.person_id is not None:
        to = address_key(message.to_address) or message.to_address.lower()
        source = markup.filled(source, identity.own_page(message.person_id, to), OWN_PAGE)
    if markup.names_doors(source):
        source = markup.with_doors(source, {one.id: one.secret for one in doors(message)})
    if markup.is_filled(source):
        return source
    secret = message.addressee.secret if message.addressee else identity.link_secret(message.link_seed)
    if secret is None:
        raise UnsendableMail("its personal link can no longer be made: a new one has to be asked for")
    return markup.filled(source, secret)


def reply_to(message: Message, identity: Identity) -> str:
    """The addressee's own secret address for this question, else where the service's mail comes from."""
    return identity.reply_address(message.addressee.secret) if message.addressee else identity.from_address


def envelope_from(message: Message, identity: Identity) -> str:
    """The envelope's sender, one for each message: a bounce to it says which mail bounced."""
    return identity.return_address(str(message.id))


# -- headers ------------------------------------------------------------------------------------


def _headers(message: Message, identity: Identity, at: datetime) -> list[tuple[str, str]]:
    said = [
        ("From", _mailbox(identity.from_name, identity.from_address)),
        ("To", _mailbox(message.to_name, message.to_address)),
        ("Subject", _subject(message.subject)),
        ("Date", format_datetime(at)),
        ("Message-ID", _ids(message.message_id)),
        ("In-Reply-To", _ids(message.in_reply_to)),
        ("References", _ids(_references(message, identity))),
        ("Reply-To", _mailbox(identity.from_name, reply_to(message, identity))),
        ("Auto-Submitted", one_line(message.auto_submitted, 40)),
        ("X-Auto-Response-Suppress", "All"),
    ]
    return [(name, value) for name, value in said if value]


def _references(message: Message, identity: Identity) -> str:
    marker = identity.reference(message.addressee.secret) if message.addressee else ""
    return f"{marker} {message.references}".strip()


def address(said: str) -> str:
    """The address as SMTP takes it, its domain in ASCII; no quoted local part. Raises Unfit."""
    local, _, domain = said.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise UnsendableMail("an address whose domain is none") from error
    fits = _LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain) and len(local) <= 64
    if not fits or len(local) + len(domain) > 253:
        raise UnsendableMail("an address that mail cannot be sent to")
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


def _encoded(said: str) -> str:
    """As encoded words (RFC 2047), one a line. Between two of them decoders leave out the space; some put one in where
    the two are part of a name. So each ends with a word and its space, and nothing is broken but a word too long."""
    pieces = [""]
    for one in _unbroken(said):
        if len((pieces[-1] + one).encode()) > ENCODED_CAP:
            pieces.append("")
        pieces[-1] += one
    return "\n ".join(f"=?utf-8?b?{b64encode(one.encode()).decode('ascii')}?=" for one in pieces)


def _unbroken(said: str) -> list[str]:
    """Words, each with the space behind it; one that fits into no encoded word in parts that do."""
    found = re.findall("[^ ]+ ?| ", said)
    return [
        part for one in found for part in ([one] if len(one.encode()) <= ENCODED_CAP else re.findall(".{1,10}", one))
    ]


def _ids(said: str) -> str:
    """Message-IDs one a line; what is none is left out."""
    return "\n ".join(_ID.findall(said))


# -- body ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as it stands in the mail: its header lines, and its content. Put together here and not by the library,
    which takes ten times as long; that it reads as it was meant is compared all the same."""

    head: bytes
    content: bytes

    def __bytes__(self) -> bytes:
        return self.head + b"\r\n" + self.content


def _line(name: str, value: str) -> bytes:
    """A header line; only where it is folded may it hold a line end. Raises UnicodeError where it is not ASCII."""
    if "\r" in value or value.count("\n") != value.count("\n "):
        raise UnsendableMail(f"{name} holds a line end")
    return f"{name}: {value}\r\n".replace("\n ", "\r\n ").encode("ascii")


def _body(message: Message, identity: Identity) -> _Part:
    content = _alternatives(message, identity)
    files = [_calendar_file(message, identity)] if message.calendar is not None else []
    files += [_file(file) for file in enclosed(message)]
    return _joined("mixed", _boundary(message, "m"), content, *files) if files else content


def _alternatives(message: Message, identity: Identity) -> _Part:
    """Text, HTML and, where an answer or a cancellation is meant, the calendar's own part (RFC 6047 2.4)."""
    marker = MARKERS[message.lang] if asks(message) else ""
    source = words(message, identity)
    text = markup.text(source, identity.base_url)
    ask = str((message.facts or {}).get("ask", "")) if marker else ""
    html = markup.html(source, identity.base_url, lang=message.lang, title=message.subject, marker=marker, ask=ask)
    parts = [_words("plain", f"{marker}\n\n{text}" if marker else text), _words("html", html)]
    if message.calendar and message.calendar_method in {"REQUEST", "CANCEL"}:
        parts.append(_calendar_part(message, identity))
    return _joined("alternative", _boundary(message, "a"), *parts)


def _joined(kind: str, boundary: str, *parts: _Part) -> _Part:
    between = f"--{boundary}\r\n".encode("ascii")
    content = b"".join(between + bytes(part) + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode("ascii")
    return _Part(_line("Content-Type", f'multipart/{kind}; boundary="{boundary}"'), content)


def _words(kind: str, words: str) -> _Part:
    head = _line("Content-Type", f'text/{kind}; charset="utf-8"') + b"Content-Transfer-Encoding: quoted-printable\r\n"
    return _Part(head, b2a_qp(words.encode("utf-8"), istext=True).replace(b"\n", b"\r\n"))


def asks(message: Message) -> bool:
    """Whether an answer to it is waited for, or may take back what it says: then it says where to write."""
    kind = MAIL_KINDS.get(message.template)
    return message.addressee is not None and (kind is None or kind.asks or kind.limit is AnswerLimit.ANSWER)


def calendar(message: Message, identity: Identity) -> bytes:
    """Its calendar file; answers to an entry go to the secret address of the question about it."""
    known = {door_address(one.id, identity): identity.reply_address(one.secret) for one in doors(message)}
    otherwise = reply_to(message, identity)
    return calendar_file.answered_to(message.calendar or b"", lambda said: known.get(said, otherwise))


def door_address(number: int, identity: Identity) -> str:
    """What stands in a stored file for an addressee's secret address."""
    return f"door{number}@{identity.domain}"


def doors(message: Message) -> list[Addressee]:
    """Whose secret addresses its calendar file and its links may name; of other mails nobody need look."""
    return list(message.doors) if message.calendar is not None or markup.names_doors(message.body) else []


def _calendar_part(message: Message, identity: Identity) -> _Part:
    method = one_line(message.calendar_method or "PUBLISH", 20)
    typed = _line("Content-Type", f'text/calendar; method="{method}"; charset="utf-8"')
    return _carrying(typed, calendar(message, identity))


def _calendar_file(message: Message, identity: Identity) -> _Part:
    name = _FILE_NAMES[message.calendar_method == "PUBLISH"][message.lang]
    typed = _line("Content-Type", f'application/ics; name="{name}"')
    head = typed + _line("Content-Disposition", f'attachment; filename="{name}"')
    return _carrying(head, calendar(message, identity))


_FILE_NAMES: Final = {
    False: {"et": "kutse.ics", "en": "invitation.ics"},
    True: {"et": "kuupaevad.ics", "en": "dates.ics"},
}


def enclosed(message: Message) -> list[Enclosure]:
    """The files that go with it, their bytes read; of other mails nobody need look."""
    spec = MAIL_KINDS.get(message.template)
    own = message.files if spec is not None and spec.encloses else ()
    written = message.written.files if message.written_id is not None and message.written is not None else ()
    return [Enclosure(one.name, one.media_type, one.content) for one in (*own, *written)]


def _file(file: Enclosure) -> _Part:
    """A file; its name is nothing but a name. Other letters than ASCII are written as RFC 2231 says."""
    whole = one_line(file.name, 100)
    name = _UNQUOTED.sub("_", _ascii(whole))
    typed = _line("Content-Type", f'{one_line(file.media_type, 100)}; name="{name}"')
    said = f'filename="{name}"' if whole.isascii() else f"filename*=utf-8''{quote(whole, safe='')}"
    return _carrying(typed + _line("Content-Disposition", f"attachment; {said}"), file.content)


def _ascii(name: str) -> str:
    """The name without the marks over its letters, for old programs."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode() or "fail"


def _carrying(head: bytes, content: bytes) -> _Part:
    encoded = encodebytes(content).replace(b"\n", b"\r\n")
    return _Part(head + b"Content-Transfer-Encoding: base64\r\n", encoded)


def _boundary(message: Message, which: str) -> str:
    """Holds `=_`, which neither quoted-printable nor base64 ever writes."""
    return f"=_{which}_{sha256(message.message_id.encode()).hexdigest()[:32]}"


# -- the check ----------------------------------------------------------------------------------

_OF_MIME: Final = ["mime-version", "content-type"]


def _compare(wire: bytes, message: Message, identity: Identity, meant: list[str]) -> None:
    """Two parsers, ours and the standard library's, must find the headers and recipients that were meant."""
    wanted = sorted([*(name.lower() for name in meant), *_OF_MIME])
    head = headers.split(wire)[0]
    ours = headers.parse(head)
    theirs = BytesHeaderParser().parsebytes(head)
    if sorted(name for name, _ in ours.fields) != wanted or ours.faults:
        raise UnsendableMail("its headers are not those that were meant")
    if sorted(name.lower() for name in theirs) != wanted:
        raise UnsendableMail("its headers read otherwise than they were meant")
    _compare_people(theirs, message, reply_to(message, identity))
    _compare_files(wire, message)
    if _BROKEN.search(wire):
        raise UnsendableMail("a line is too long or broken")


def _compare_files(wire: bytes, message: Message) -> None:
    """Each file arrives as the bytes that were meant, and no other file with them."""
    files = enclosed(message)
    if not files:
        return
    parts = [one for one in BytesParser().parsebytes(wire).walk() if one.get_content_disposition() == "attachment"]
    found = [one.get_payload(decode=True) for one in parts if one.get_content_type() != "application/ics"]
    if found != [file.content for file in files]:
        raise UnsendableMail("its files are not those that were meant")


def _compare_people(found: Mime, message: Message, replies: str) -> None:
    for name, wanted in (("To", message.to_address), ("Reply-To", replies)):
        if [one for _, one in getaddresses(found.get_all(name, []))] != [address(wanted)]:
            raise UnsendableMail(f"{name} does not name the one meant")
    shown = str(make_header(decode_header(found.get("Subject", ""))))
    if one_line(shown) != _title(message.subject):
        raise UnsendableMail("its subject reads otherwise than it was meant")
