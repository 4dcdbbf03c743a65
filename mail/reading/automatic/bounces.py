"""Bounces (failed and delayed delivery): recipient, reason, status; and signed return addresses. Pure and total.

What the report's own parts say comes first (RFC 3464), then its headers, then its words. It must never take a
person's mail, a receipt or an abuse report for a bounce, and never a delay for a failure.
"""

import base64
import hmac
import logging
import re
from dataclasses import dataclass
from email.message import Message
from itertools import islice
from typing import Final

from mail.reading.automatic import bounce_signs, bounce_text, delivery_status
from mail.reading.automatic.bounce_signs import ReportParts
from mail.reading.automatic.delivery_status import ReportedRecipient
from mail.reading.characters import one_line
from mail.reading.headers import Headers
from workflow.security.keys import mac

# The library writes a traceback to the log for each mail that one of its patterns trips over.
logging.getLogger("flufl.bounce").disabled = True


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


def possible(headers: Headers) -> bool:
    """Whether a mail with these headers may be a delivery report; most are none, and need not be taken apart."""
    return bounce_signs.possible(headers)


def find(message: Message, text: str) -> Bounce | None:
    """The delivery report in `message` (parsed with the compat32 policy), None when it is none.

    `text` is the mail's readable text, used when no part of the message gives any.
    """
    try:
        return _find(message, text)
    except (Exception, RecursionError):  # the standard library on damaged structure
        return None


def _find(message: Message, text: str) -> Bounce | None:
    report = ReportParts(message, text)
    if report.kinds & delivery_status.OTHER_REPORTS and not bounce_signs.rejected(report):
        return None
    rows = delivery_status.rows(report.parts)
    if not rows and bounce_signs.is_report(report):
        inner = _report_within(report)
        if inner is not None:
            return inner
        rows = _from_words(message, report)
    recipients = tuple(_concluded(row, report) for row in rows if row.action not in _GOOD)
    if not recipients:
        return None
    return Bounce(recipients=recipients, original_message_id=_about(report.returned, report.headers))


def _report_within(report: ReportParts) -> Bounce | None:
    """A report that a filter on its way wrapped into one of its own; one wrapping deep, and no person's."""
    for part in report.parts:
        payload = part.get_payload()
        inner = payload[0] if isinstance(payload, list) and payload else None
        if delivery_status.kind(part) == "message/rfc822" and isinstance(inner, Message):
            within = ReportParts(inner, "")
            rows = delivery_status.rows(within.parts) if bounce_signs.author(within.headers) else []
            recipients = tuple(_concluded(row, within) for row in rows if row.action not in _GOOD)
            if recipients:
                about = _about(within.returned, within.headers)
                return Bounce(recipients=recipients, original_message_id=about)
    return None


_GOOD: Final = frozenset({"delivered", "relayed", "expanded", "deliverable"})


def _about(returned: Headers, headers: Headers) -> str:
    """The Message-ID of the mail that was not delivered: from what came back, else from the thread."""
    for value in (returned.first("Message-ID"), headers.first("In-Reply-To"), headers.first("References")):
        found = re.findall(r"<[^<>\s]{1,250}>", value[:2000])
        if found:
            return str(found[-1])
    return ""


# -- where no RFC 3464 part names anybody -------------------------------------------------------

_ADDRESS: Final = re.compile(r"[^\s<>\"(),:;\[\]]{1,128}@[^\s<>\"(),:;\[\]]{1,255}")
LINES_CAP: Final = 4000
LINE_CAP: Final = 1000
WORDS_CAP: Final = 200_000
_LIST_MARKS: Final = (
    "List-Id",
    "List-Post",
    "Mailing-List",
    "X-Mailing-List",
    "X-BeenThere",
    "Errors-To",
    "Sender",
)


def _from_words(message: Message, report: ReportParts) -> list[ReportedRecipient]:
    """X-Failed-Recipients first, then whom the words and the returned mail agree on, then the words alone."""
    failed = ",".join(report.headers.all("X-Failed-Recipients"))[:8000]
    named = [ReportedRecipient(address=one) for one in _ADDRESS.findall(failed)]
    fields = delivery_status.rows_in_words(report.whole)
    never = _not_recipients(report)
    told = bounce_text.addresses(report.said, never) or bounce_text.addresses(report.whole, never)
    known = [ReportedRecipient(address=address, diagnostic=text) for address, text in told]
    guessed = [row for row in _flufl(message) if row.address.lower() not in never]
    rows = named or fields or _agreed(known, guessed, report.returned) or [ReportedRecipient(address="")]
    return [_with_words(row, known, guessed) for row in rows[:100]]


def _agreed(
    told: list[ReportedRecipient], guessed: list[ReportedRecipient], returned: Headers
) -> list[ReportedRecipient]:
    written_to = _recipients(returned)
    for rows in (told, guessed):
        both = [row for row in rows if row.address.lower() in written_to]
        if both:
            return both
    only = written_to if len(written_to) == 1 and not any(map(returned.all, _LIST_MARKS)) else []
    words = " ".join(row.diagnostic for row in told)  # the mail was passed on: what failed there is ours' fault
    return [ReportedRecipient(address=one, diagnostic=words) for one in only] or guessed or told


def _with_words(
    row: ReportedRecipient, told: list[ReportedRecipient], guessed: list[ReportedRecipient]
) -> ReportedRecipient:
    same = [one for one in (*told, *guessed) if one.address.lower() == row.address.lower()]
    words = next((one.diagnostic for one in same if one.diagnostic), row.diagnostic)
    action = next((one.action for one in same if one.action), row.action)
    return ReportedRecipient(
        address=row.address,
        action=row.action or action,
        status=row.status,
        diagnostic=row.diagnostic or words,
    )


def _not_recipients(report: ReportParts) -> set[str]:
    """Those who wrote the mail or its report, unless they wrote to themselves."""
    values = [report.headers.first(name) for name in ("To", "From", "Message-ID")]
    values += [report.returned.first(name) for name in ("From", "Sender", "Return-Path", "Reply-To", "Message-ID")]
    never = {one.lower() for value in values for one in _ADDRESS.findall(value[:2000])}
    return never - set(_recipients(report.returned))


def _recipients(returned: Headers) -> list[str]:
    values = [value for name in ("To", "Cc", "X-Original-To", "Delivered-To") for value in returned.all(name)]
    return list(dict.fromkeys(one.lower() for one in _ADDRESS.findall(",".join(values)[:8000])))


def _flufl(message: Message) -> list[ReportedRecipient]:
    """What the library makes of it; only of mails it reads in a moment, for its patterns are not linear."""
    texts = [part.get_payload() for part in islice(message.walk(), delivery_status.PARTS_CAP)]
    lines = [line for text in texts if isinstance(text, str) for line in text.split("\n", LINES_CAP)]
    lengths = [len(line) for line in lines]
    if len(lines) > LINES_CAP or max(lengths, default=0) > LINE_CAP or sum(lengths) > WORDS_CAP:
        return []

    from flufl.bounce import all_failures

    temporary, permanent = all_failures(message)
    rows = [(one, "delayed") for one in sorted(temporary)] + [(one, "") for one in sorted(permanent)]
    named = [(one.decode("utf-8", "replace"), action) for one, action in rows]
    return [ReportedRecipient(address=one, action=action) for one, action in named if _ADDRESS.fullmatch(one)]


# -- conclusions --------------------------------------------------------------------------------

# The address is wrong (RFC 3463 3.2): nobody there, no such host, moved, mail refused for good (RFC 7505).
_HARD: Final = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.1.351", "5.4.4"})


def _concluded(row: ReportedRecipient, report: ReportParts) -> BounceRecipient:
    final = row.action == "failed" or bounce_text.status_in(row.diagnostic)[:1] == "5"
    trying = row.action == "delayed" or (not final and bounce_signs.delayed(report))
    status = _status(row, report.said, trying)
    return BounceRecipient(
        address=row.address,
        status=status,
        hard=not trying and (status in _HARD or (status[:2] == "5." and _nobody_there(row, policy=status[2] == "7"))),
        action="delayed" if trying else "failed",
        reason=one_line(row.diagnostic or report.said, 300),
    )


# Plain even beside a number that says policy (5.7.1), under which much else is refused that may pass tomorrow.
_NO_SUCH: Final = re.compile(r"no such (?:user|mailbox)|unknown user|user unknown", re.IGNORECASE)


def _nobody_there(row: ReportedRecipient, *, policy: bool) -> bool:
    """The server's words may be plainer than the number it gave."""
    if policy:
        return bool(_NO_SUCH.search(row.diagnostic))
    return bounce_text.reason_status(row.diagnostic) in {"5.1.1", "5.1.2", "5.1.10"}


# True of much, so that anything closer is better: something with the address, the time is over.
_VAGUE: Final = frozenset({"5.1.0", "4.4.7"})


def _status(row: ReportedRecipient, said: str, trying: bool) -> str:
    """The most telling status of the server's reply, the report's field and its words, in the field's class."""
    field = bounce_text.status_in(row.status)
    given = [bounce_text.status_in(text) for text in (row.diagnostic, row.status, said)]
    kind = field[:1] or ("4" if trying else "")
    fitting = [one for one in given if one and one.startswith(kind)]
    exact = [one for one in fitting if not one.endswith(".0.0")]
    close = [one for one in exact if one not in _VAGUE]
    expired = "5.4.7" if row.action == "expired" and not field else ""
    return next(iter([*filter(None, [expired]), *close, *exact, *fitting]), f"{kind or '5'}.0.0")


# -- return addresses that name their mail and cannot be made up --------------------------------

_KEY: Final = re.compile(r"[a-z0-9]{1,40}")
_VERP: Final = re.compile(r"(?:[^\s@+]{1,64}\+)?b-([a-z0-9]{1,40})-([a-z2-7]{16})@", re.IGNORECASE)


def verp(message_key: str, secret: bytes, domain: str) -> str:
    """The return address for the mail known by `message_key` (lower-case letters and digits, at most 40).

    80 bits of the key's own digest; letters, digits and hyphens only, for other marks do not survive every server.
    """
    return f"{verp_local(message_key, secret)}@{domain}"


def verp_local(message_key: str, secret: bytes) -> str:
    """The part before the @ (or behind the plus sign)."""
    if not _KEY.fullmatch(message_key):
        raise ValueError(f"not a key for a return address: {message_key[:60]!r}")
    return f"b-{message_key}-{_signature(message_key, secret)}"


def is_verp(address: str) -> bool:
    """Whether it has the form of a return address of ours, whoever signed it."""
    return _VERP.match(address) is not None


def verp_key(address: str, *secrets: bytes) -> str | None:
    """The key within a return address of ours, whatever its case; None when none of the secrets signed it."""
    found = _VERP.match(address.strip().strip("<>")[:320])
    if not found:
        return None
    key = found[1].lower()
    signed = any(hmac.compare_digest(_signature(key, secret), found[2].lower()) for secret in secrets)
    return key if signed else None


def _signature(key: str, secret: bytes) -> str:
    return base64.b32encode(mac(secret, f"return address of {key}")[:10]).decode("ascii").lower()
