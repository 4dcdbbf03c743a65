"""Parses a letter and authenticates its sender (Authentication-Results, DKIM, DMARC). Pure but for DNS.

This is what runs in the reading process (`mail/limited_reading/reader.py`), so it imports no database. It must never
raise for what a letter holds, but for a lack of memory.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from mail.reading import headers, letter, quoted_secrets, sender
from mail.reading.headers import Headers
from mail.reading.sender import Dns, Verdict

Check: TypeAlias = Callable[[bytes, Dns], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningMeans:
    """With what a letter is opened. `no_sender`: its envelope named none; `check`: how signatures are checked here;
    `most`: so many candidates for secrets of ours may stand in it."""

    no_sender: bool = False
    most: int = 0
    authserv_id: str | None = None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class OpenedLetter:
    """A letter as it was read, and its header; `verdict`: what our own server and the check of signatures here say of
    the sender's domain; `candidates`: what in it may be a secret of ours."""

    read: letter.ParsedLetter
    head: Headers
    verdict: Verdict = Verdict.NONE
    candidates: frozenset[str] = frozenset()


def opened(raw: bytes, how: OpeningMeans, dns: Dns) -> OpenedLetter:
    """The letter in `raw`, its signatures checked with TXT records from `dns` where that is asked for."""
    head = headers.parse(headers.split(raw)[0])
    said = {sender.authentication(head, how.authserv_id), how.check(raw, dns) if how.check else Verdict.NONE}
    verdict = next((one for one in (Verdict.FAIL, Verdict.PASS) if one in said), Verdict.NONE)  # a failure comes first
    read = letter.read(_with_return_path(raw, head) if how.no_sender else raw)
    return OpenedLetter(read, head, verdict, quoted_secrets.candidates(read, how.most))


def _with_return_path(raw: bytes, head: Headers) -> bytes:
    """The letter, with the header that says that its envelope named no sender: people's mails name one."""
    return raw if not head or "Return-Path" in head else b"Return-Path: <>\r\n" + raw


def header_alone(raw: bytes) -> bytes:
    """The header of a letter that cannot be read whole: who wrote it, and about what."""
    return raw[: headers.split(raw)[1]][: headers.BLOCK_CAP]
