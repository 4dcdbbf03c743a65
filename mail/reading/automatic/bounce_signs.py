"""Detects delivery reports (bounces), with or without their standard parts. Pure.

A report is known by several things together: who writes, the subject, no way back, words of failure and a
returned mail. It must never be known by words and a returned mail alone, for those a person forwards.
"""

import re
from dataclasses import dataclass
from email.message import Message
from functools import cached_property
from typing import Final

from mail.reading import characters
from mail.reading import headers as header_block
from mail.reading.automatic import bounce_text, delivery_status
from mail.reading.headers import Headers


@dataclass(frozen=True)
class ReportParts:
    """A mail taken apart, each thing when it is first asked for: most mails are none after a look at their headers."""

    message: Message
    text: str
    """the mail's readable text, used when no part of the message gives any"""

    @cached_property
    def headers(self) -> Headers:
        return _headers(self.message)

    @cached_property
    def parts(self) -> list[Message]:
        return delivery_status.parts(self.message)

    @cached_property
    def kinds(self) -> set[str]:
        return {delivery_status.kind(part) for part in self.parts}

    @cached_property
    def whole(self) -> str:
        """All its text."""
        return self._parts_text or self.text[: bounce_text.TEXT_CAP]

    @cached_property
    def said(self) -> str:
        """What it says to people."""
        return self._divided[0] or self.whole

    @cached_property
    def returned(self) -> Headers:
        """What came back of ours."""
        return delivery_status.original(self.parts, self._divided[1])

    @cached_property
    def _parts_text(self) -> str:
        return delivery_status.whole_text(self.parts)

    @cached_property
    def _divided(self) -> tuple[str, str]:
        return delivery_status.divided(self._parts_text)


def _headers(message: Message) -> Headers:
    fields = [(str(name).lower(), str(value).encode("utf-8", "surrogateescape")) for name, value in message.raw_items()]
    return Headers(fields=tuple(fields[: header_block.COUNT_CAP]))


_DAEMON: Final = re.compile(
    r"mailer-?daemon|mail[ ._-]?(?:deliver|server)|delivery[ ._-]?(?:sub)?system|microsoft (?:outlook|exchange)|"
    r"mdaemon|^\W*$",
    re.IGNORECASE,
)
_OFFICE: Final = re.compile(
    r"post-?_?master|poostmaster|system administrator|mail ?admin|content-filter|virus|gateway|smtp|imss",
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
# for text in small letters
_FAILED: Final = re.compile(
    r"(?:could|can) ?n[o']t (?:yet )?be delivered|(?:was|were|been|is|be) (?:un)?deliver|"
    r"not (?:yet )?(?:been )?delivered|"
    r"able to deliver|undeliverable|del[ei]very (?:has |[^.]{0,120} )?(?:fail|attempts|was aborted)|"
    r"del[ei]very [^.]{0,120}(?:has )?been (?:delayed|postponed)|"
    r"did ?n[o']t reach|could not send|trouble delivering|returned? (?:to (?:the )?sender|permanent)|"
    r"failed recipients?|"
    r"(?:had|were|returned) (?:permanent|delivery|temporary|transient)|addresses? (?:failed|had)|delivery error|"
    r"invalid final delivery|reject(?:ed|ion)|(?:user|recipient|address|host) (?:is )?(?:unknown|not (?:known|found))|"
    r"no such (?:user|recipient|mailbox)|incorrectly constructed|mailbox (?:is |exceed|full)|"
    r"account is|quota|has been postponed|did not exactly match|returning|"
    r"无法送达|配信できません|送信できません|не доставл|недоставлен|nicht zugestellt|unzustellbar|remis|toimetamata",
)
_CODE: Final = re.compile(r"(?<![\w.])[45][0-5]\d[ -]\S|(?<![\d.])[45]\.\d{1,3}\.\d{1,3}\b|error|fail", re.IGNORECASE)


def is_report(report: ReportParts) -> bool:
    """Who writes, the subject, the way back, what is said and what came back: three of these must speak for it.

    A person forwarding or answering a report shows the last two only, and no subject that begins a report.
    """
    headers = report.headers
    if "message/delivery-status" in report.kinds or headers.first("X-Failed-Recipients"):
        return True
    if not _begins_so(headers):
        return False  # before its words are searched, which takes longest
    machine, subject, no_way_back = author(headers), _subject(headers), _no_way_back(headers)
    words = report.whole if machine == 2 else report.said
    said = 2 if _FAILED.search(characters.small(words)) else 1 if _CODE.search(words) else 0
    returned = bool(report.returned.fields or report.kinds & delivery_status.RETURNED)
    return said > 0 and machine + subject + no_way_back + said + returned > 2


def possible(headers: Headers) -> bool:
    """Whether a mail with these headers may be a report at all; most need not be taken apart to know."""
    several = headers.first("Content-Type").lower().startswith(("multipart/", "message/"))
    return several or bool(headers.first("X-Failed-Recipients")) or _begins_so(headers)


def _begins_so(headers: Headers) -> bool:
    """A machine wrote it, or a subject begins it that a person would not have written."""
    machine = author(headers) or _no_way_back(headers)
    return bool(machine) or (not _written_by_hand(headers) and _subject(headers))


def _subject(headers: Headers) -> bool:
    return bool(_SUBJECT.match(headers.text("Subject")[:300]))


def _no_way_back(headers: Headers) -> bool:
    paths = (value.replace(" ", "").lower() for value in headers.all("Return-Path"))
    return any(one == "<>" or one.startswith("<mailer-daemon") for one in paths)


def _written_by_hand(headers: Headers) -> bool:
    """A name before the address, a mail program, a thread: people ask about reports that reached them."""
    named = re.match(r"\s*[^<\s].*<", headers.first("From")[:300])
    return bool(named) or any(headers.first(name) for name in ("In-Reply-To", "User-Agent", "X-Mailer"))


def author(headers: Headers) -> int:
    """2 for a mail system by its name, 1 for an office where people sit as well, 0 for anybody."""
    author = headers.first("From")[:300]
    return 2 if _DAEMON.search(author) else 1 if _OFFICE.search(author) else 0


def rejected(report: ReportParts) -> bool:
    """A refusal in the dress of a receipt, as Dovecot writes it (RFC 8098 with "deleted")."""
    said = " ".join(
        delivery_status.content(part) for part in report.parts if "notification" in delivery_status.kind(part)
    )
    automatic = "mdn-sent-automatically" in said.lower() and "feedback" not in " ".join(report.kinds)
    return automatic and bool(re.search(r"automatically rejected|quota exceeded", report.said, re.IGNORECASE))


_DELAY: Final = re.compile(
    r"\bdelay(?:ed)?\b(?!.{0,40}fail)|not yet been delivered|still being retried|^\s*warning\W+(?:could not|message)",
    re.IGNORECASE,
)
_STILL_TRYING: Final = re.compile(
    r"not yet been delivered|attempts? (?:to deliver .{0,60})?will (?:continue|be (?:made for|repeated|retried))|"
    r"will (?:be retried|keep trying|continue to)|"
    r"you do not need to (?:resend|do)|warning message only|continue to try|has been postponed|"
    r"only a temporary|no action is required|do not resend",
    re.IGNORECASE,
)


def delayed(report: ReportParts) -> bool:
    """Whether the server goes on trying."""
    return bool(_DELAY.search(report.headers.text("Subject")[:300]) or _STILL_TRYING.search(report.said))
