"""Reports of failed delivery: to whom, why, for how long; and signed return addresses. Pure and total.

What the report's own parts say comes first (RFC 3464), then its headers, then its words. It must never take a
person's mail, a receipt or an abuse report for a bounce, and never a delay for a failure.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from email.message import Message
from typing import Final

from flufl.bounce import all_failures

from mail import bounce_text, delivery_status
from mail import headers as blocks
from mail.characters import one_line
from mail.delivery_status import Row
from mail.headers import Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class BounceRecipient:
    """`address` as reported, "" when the report names none; `status` as in RFC 3463, "5.1.1".

    `hard`: the address itself is at fault and will stay so. `action` is failed or delayed (RFC 3464 2.3.3).
    """

    address: str
    status: str
    hard: bool
    action: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """A delivery report on a mail of ours. `original_message_id` with its angle brackets, or ""."""

    recipients: tuple[BounceRecipient, ...]
    original_message_id: str = ""

    @property
    def failed(self) -> tuple[BounceRecipient, ...]:
        """Those whom the mail will not reach; a delay is none."""
        return tuple(one for one in self.recipients if one.action == "failed")


def find(message: Message, text: str) -> Bounce | None:
    """The delivery report in `message` (parsed with the compat32 policy), None when it is none.

    `text` is the mail's readable text, used when no part of the message gives any.
    """
    try:
        return _find(message, text)
    except (Exception, RecursionError):  # the standard library on damaged structure
        return None


def _find(message: Message, text: str) -> Bounce | None:
    found = delivery_status.parts(message)
    kinds = {delivery_status.kind(part) for part in found}
    if kinds & delivery_status.OTHER_REPORTS:
        return None
    headers, returned = _headers(message), delivery_status.original(found)
    said = delivery_status.explanation(found) or text[: bounce_text.TEXT_CAP]
    rows = delivery_status.rows(found)
    if not rows and _reports(headers, said, kinds):
        rows = _from_words(message, headers, said, returned)
    recipients = tuple(
        _concluded(row, said, _delayed(headers, said)) for row in rows if row.action not in _GOOD
    )
    return (
        Bounce(recipients=recipients, original_message_id=_about(returned, headers)) if recipients else None
    )


_GOOD: Final = frozenset({"delivered", "relayed", "expanded", "deliverable"})


def _headers(message: Message) -> Headers:
    fields = [
        (str(name).lower(), str(value).encode("utf-8", "surrogateescape"))
        for name, value in message.raw_items()
    ]
    return Headers(fields=tuple(fields[: blocks.COUNT_CAP]))


def _about(returned: Headers, headers: Headers) -> str:
    """The Message-ID of the mail that was not delivered: from what came back, else from the thread."""
    for value in (returned.first("Message-ID"), headers.first("In-Reply-To"), headers.first("References")):
        found = re.findall(r"<[^<>\s]{1,250}>", value[:2000])
        if found:
            return str(found[-1])
    return ""


# -- is it a report at all ----------------------------------------------------------------------

_MACHINE: Final = re.compile(
    r"mailer-?daemon|post-?_?master|poostmaster|mail[ ._-]?delivery|delivery[ ._-]?(?:sub)?system|"
    r"system administrator|mail ?admin|mdaemon|microsoft (?:outlook|exchange)|content-filter|<>",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"(?!\s*(?:re|vs|sv|aw|fwd?|vl)\s*:(?! your message)).{0,60}?(?:"
    r"undeliver|non[- ]?(?:deliver|remis)|deliver\w* (?:fail|problem|error|report|status|notif|delay|has failed)|"
    r"return(?:ed|ing) (?:mail|message|to sender|e-?mail)|fail(?:ure|ed)? (?:notice|delivery|mail)|"
    r"mail (?:fail|delivery|system error|could not|not deliver|error)|could not be delivered|not delivered|"
    r"(?:message|mail) (?:delayed|delivery|could not|rejected|blocked|bounced)|could not send|has not yet been|"
    r"error sending|user unknown|unknown (?:user|recipient)|rejected mail|processing error|errors from|"
    r"fail\w* (?:mail|message)|bounce|\bnotice: mail|blocked by|loop alert|не доставлено|недоставлен|"
    r"unzustellbar|nicht zugestellt|non recens|kohale toimetamata|ei saanud kohale|toimetamine ebaõnn)",
    re.IGNORECASE,
)
_FAILURE: Final = re.compile(
    r"(?<![\w.])[45]\d\d[ -]|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}\b|undeliver|could ?n[o']t be|cannot be|can't be|fail|"
    r"unknown|not (?:be )?deliver|reject|return(?:ed|ing)|unable to|error|refused|delayed|not found|не доставл|"
    r"недоставлен|unzustellbar|non remis|inconnu|toimetamata|exceed|full\b",
    re.IGNORECASE,
)


def _reports(headers: Headers, said: str, kinds: set[str]) -> bool:
    """Two of: a machine wrote it, the subject says so, it came with no way back; and words of failure."""
    if "message/delivery-status" in kinds or headers.first("X-Failed-Recipients"):
        return True
    machine = bool(_MACHINE.search(headers.first("From")[:300])) or not headers.first("From").strip()
    subject = bool(_SUBJECT.match(headers.text("Subject")[:300]))
    no_way_back = any(value.strip().replace(" ", "") == "<>" for value in headers.all("Return-Path"))
    return machine + subject + no_way_back >= 2 and bool(_FAILURE.search(said))


_DELAY: Final = re.compile(
    r"delay(?:ed)?\b|not yet been delivered|still being retried|warning: (?:could not|message)|"
    r"will (?:be retried|continue|keep) |you do not need to (?:resend|do)|transient",
    re.IGNORECASE,
)


def _delayed(headers: Headers, said: str) -> bool:
    return bool(
        _DELAY.search(headers.text("Subject")[:300]) or re.search(r"warning message only", said, re.I)
    )


# -- where no RFC 3464 part names anybody -------------------------------------------------------

_ADDRESS: Final = re.compile(r"[^\s<>\"(),:;\[\]]{1,128}@[^\s<>\"(),:;\[\]]{1,255}")
FLUFL_CAP: Final = 128 * 1024


def _from_words(message: Message, headers: Headers, said: str, returned: Headers) -> list[Row]:
    named = [
        Row(address=one) for one in _ADDRESS.findall(",".join(headers.all("X-Failed-Recipients"))[:8000])
    ]
    told = bounce_text.addresses(said, _not_recipients(headers, returned))
    rows = named or _flufl(message) or _wanted(told, returned) or _only_one(returned)
    words = {address.lower(): text for address, text in told}
    return [_with_words(row, words) for row in rows] or [Row(address="")]


def _with_words(row: Row, words: dict[str, str]) -> Row:
    return Row(
        address=row.address, action=row.action, diagnostic=words.get(row.address.lower(), row.diagnostic)
    )


def _not_recipients(headers: Headers, returned: Headers) -> set[str]:
    """Those who wrote the mail or its report, unless they wrote to themselves."""
    own = (
        headers.first("To"),
        headers.first("From"),
        returned.first("From"),
        returned.first("Sender"),
        returned.first("Return-Path"),
    )
    never = {one.lower() for value in own for one in _ADDRESS.findall(value[:2000])}
    return never - set(_recipients(returned))


def _recipients(returned: Headers) -> list[str]:
    values = [
        *returned.all("To"),
        *returned.all("Cc"),
        *returned.all("X-Original-To"),
        *returned.all("Delivered-To"),
    ]
    return [one.lower() for one in _ADDRESS.findall(",".join(values)[:8000])]


def _wanted(told: list[tuple[str, str]], returned: Headers) -> list[Row]:
    """The addresses told of; where some are the ones written to, only these."""
    written_to = set(_recipients(returned))
    known = [(one, text) for one, text in told if one.lower() in written_to]
    return [Row(address=one, diagnostic=text) for one, text in (known or told)[:50]]


def _only_one(returned: Headers) -> list[Row]:
    found = list(dict.fromkeys(_recipients(returned)))
    return [Row(address=found[0])] if len(found) == 1 else []


def _flufl(message: Message) -> list[Row]:
    if len(str(message.get_payload())) > FLUFL_CAP and not message.is_multipart():
        return []
    temporary, permanent = all_failures(message)
    rows = [(one, "delayed") for one in sorted(temporary)] + [(one, "") for one in sorted(permanent)]
    named = [(one.decode("utf-8", "replace"), action) for one, action in rows]
    return [Row(address=one, action=action) for one, action in named if _ADDRESS.fullmatch(one)]


# -- conclusions --------------------------------------------------------------------------------

_HARD: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4", "5.1.351", "5.2.1"})


def _concluded(row: Row, said: str, delayed: bool) -> BounceRecipient:
    status = _status(row, said, delayed or row.action == "delayed")
    action = "delayed" if row.action == "delayed" or (delayed and row.action != "failed") else "failed"
    return BounceRecipient(
        address=row.address,
        status=status,
        hard=action == "failed" and status in _HARD,
        action=action,
        reason=one_line(row.diagnostic or said, 300),
    )


def _status(row: Row, said: str, delayed: bool) -> str:
    """The most telling status: the server's reply, then the field, then the words."""
    field = bounce_text.status_in(row.status)
    for text in (row.diagnostic, row.status, said):
        status = bounce_text.status_in(text)
        if status and not status.endswith(".0.0") and (not field or status[0] == field[0]):
            return status
    return (
        field
        or bounce_text.status_in(row.diagnostic)
        or bounce_text.status_in(said)
        or ("4.0.0" if delayed else "5.0.0")
    )


# -- return addresses that name their mail and cannot be made up --------------------------------

_KEY: Final = re.compile(r"[a-z0-9]{1,40}")
_VERP: Final = re.compile(r"b-([a-z0-9]{1,40})-([a-z2-7]{16})@", re.IGNORECASE)


def verp(message_key: str, secret: bytes, domain: str) -> str:
    """The return address for the mail known by `message_key` (lower-case letters and digits, at most 40).

    80 bits of HMAC-SHA256; letters, digits and hyphens only, for other marks do not survive every server.
    """
    if not _KEY.fullmatch(message_key):
        raise ValueError(f"not a key for a return address: {message_key[:60]!r}")
    return f"b-{message_key}-{_signature(message_key, secret)}@{domain}"


def verp_key(address: str, secret: bytes) -> str | None:
    """The key within a return address of ours, whatever its case; None when it is not signed by us."""
    found = _VERP.match(address.strip().strip("<>")[:320])
    if not found:
        return None
    key = found[1].lower()
    return key if hmac.compare_digest(_signature(key, secret), found[2].lower()) else None


def _signature(key: str, secret: bytes) -> str:
    digest = hmac.new(secret, b"return address of " + key.encode("ascii"), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()
