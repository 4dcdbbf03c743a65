"""Reconstructs the SMTP envelope of a letter fetched from a mailbox, from headers that delivery added. Pure, total.

A mailbox keeps no envelope, only headers that delivery added. Must never decide anything by them: a sender can
write such headers too, so they say where a letter may belong and never who wrote it.
"""

import re
from collections.abc import Iterator
from typing import Final

from mail.mailbox import letter_key
from mail.reading import headers, sender
from mail.reading.headers import Headers
from mail.receiving.store import Arrival

MOST_RECIPIENTS: Final = 100
BY_DELIVERY: Final = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
BY_SENDER: Final = ("To", "Cc")
_CHARACTER: Final = r"[^\s<>()\[\],;:\\\"@]"
_ADDRESS: Final = re.compile(rf"(?<!{_CHARACTER})({_CHARACTER}{{1,128}}@{_CHARACTER}{{1,255}})")


def arrival(raw: bytes, peer: str) -> Arrival:
    """A letter from the mailbox on the server `peer`, with the envelope as its headers have it."""
    found = headers.parse(headers.split(raw)[0])
    return Arrival(
        envelope_from=_envelope_from(found), recipients=tuple(recipients(found)), raw=raw, via="imap", peer=peer,
        mailbox_key=letter_key.of(found),
    )  # fmt: skip


def _envelope_from(found: Headers) -> str:
    """The topmost Return-Path, empty for a bounce; where delivery wrote none, the author's address."""
    written = found.all("Return-Path")
    if not written:
        return sender.from_header(found).address or ""
    return next(iter(_ADDRESS.findall(written[0])), "")


def recipients(found: Headers) -> list[str]:
    """Those that delivery named come first; a catch-all may name only itself, so the sender's follow."""
    once: dict[str, str] = {}
    for name in BY_DELIVERY + BY_SENDER:
        for address in _named(found, name):
            once.setdefault(address.lower(), address)
    return list(once.values())[:MOST_RECIPIENTS]


def _named(found: Headers, name: str) -> Iterator[str]:
    for value in found.all(name):
        yield from _ADDRESS.findall(value)
