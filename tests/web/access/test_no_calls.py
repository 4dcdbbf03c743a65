"""Nothing that somebody wrote makes the service call anybody: letters full of addresses are read and shown, forms with
addresses are taken, every page is opened, and not one connection is tried nor one name looked up."""

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from mail.composing import message_bytes
from tests.web.access.test_route_matrix import there_are
from tests.web.conftest import Pages, build
from tests.web.full_season import COORDINATOR, in_april, path
from workflow.database.engine import Database
from workflow.database.models import Letter, Message

CALLS = frozenset(
    {"socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen", "os.system"}
)
_heard: list[str] | None = None
_whose = 0
_listens: list[bool] = []


def _hear(event: str, args: tuple[object, ...]) -> None:
    if _heard is not None and event in CALLS and threading.get_ident() == _whose:
        _heard.append(f"{event} {args}")


@contextmanager
def calls() -> Iterator[list[str]]:
    """What this thread tries meanwhile, as the interpreter itself reports it (PEP 578)."""
    global _heard, _whose
    if not _listens:
        sys.addaudithook(_hear)  # it can never be taken away again, only be told not to listen
        _listens.append(True)
    _heard, _whose = [], threading.get_ident()
    found = _heard
    try:
        yield found
    finally:
        _heard = None


AT = "http://127.0.0.1:9/track?"
HOSTILE = (
    f'<img src="{AT}img"><link rel=stylesheet href="{AT}css"><style>@import url({AT}import);'
    f'body{{background:url({AT}bg)}}</style><iframe src="{AT}frame"></iframe>'
    f'<script src="{AT}js"></script><base href="{AT}base"><svg><image '
    f'xlink:href="{AT}svg"/></svg><object data="{AT}obj"></object><video poster="{AT}poster" src="{AT}v"></video>',
    f'<!DOCTYPE x SYSTEM "{AT}dtd" [<!ENTITY e SYSTEM "{AT}entity"><!ENTITY f SYSTEM "file:///etc/passwd">]><p>&e;&f;</p>',
    f'<p>Jah</p><img src="file:///etc/passwd"><img src="//{AT[7:]}x"><a href="gopher://127.0.0.1:9/x">JAH</a>',
)
HEADERS = (
    f"List-Unsubscribe: <{AT}unsubscribe>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    f"Disposition-Notification-To: <a@127.0.0.1>\r\nReturn-Receipt-To: <a@127.0.0.1>\r\nBIMI-Location: {AT}bimi\r\n"
    f"Content-Location: {AT}location\r\nContent-Base: {AT}base\r\n"
    "DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=x; q=dns/txt; h=from; bh=AAAA; b=AAAA\r\n"
)
EXTERNAL = (
    f'Content-Type: message/external-body; access-type=URL; URL="{AT}external"\r\n\r\nContent-Type: text/plain\r\n\r\n'
)
CALENDAR = (
    "Content-Type: text/calendar; method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:x\r\n"
    f"ATTACH:{AT}attach\r\nURL:{AT}url\r\nORGANIZER:mailto:a@127.0.0.1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


def letters(sender: str, to: str) -> Iterator[bytes]:
    """Each with every way of naming an address that somebody might follow."""
    for number, page in enumerate(HOSTILE):
        head = f"From: {sender}\r\nTo: {to}\r\nSubject: Re: {AT}subject\r\n{HEADERS}"
        head += f"Message-ID: <c{number}@example.org>\r\n"
        mixed = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        parts = (f"Content-Type: text/html; charset=utf-8\r\n\r\n{page}", EXTERNAL, CALENDAR)
        yield (head + mixed + "".join(f"--b\r\n{part}\r\n" for part in parts) + "--b--\r\n").encode()


def pages_of(pages: Pages, values: dict[str, object]) -> Iterator[str]:
    for (method, _), rule in there_are(pages).items():
        if method == "GET":
            yield path(rule, values)
    with pages.db.reading() as session:
        for number in session.scalars(sa.select(Letter.id)):
            yield f"/office/letter/{number}"
        for number in session.scalars(sa.select(Message.id).limit(20)):
            yield f"/office/outbox/{number}/html"


def test_nothing_that_somebody_wrote_makes_us_call_anybody(sqlite_db: Database) -> None:
    pages = build(sqlite_db)
    season = in_april(pages)
    browser, world = pages.browser(), pages.world
    browser.sign_in(pages, COORDINATOR)
    with calls() as tried:
        contact = season.mine.contact.address
        _, _, address = world.asked("rsvp", team=season.mine.id, person=contact)
        read = [world.deliver(raw, address, sender=contact) for raw in letters(contact, address)]
        shown = {where: browser.get(where).status_code for where in pages_of(pages, season.values())}
        browser.post("/apply", {"name": f"{AT}name", "home": f"{AT}vald", "name_0": f"{AT}inimene"})
        with pages.db.reading() as session:
            built = [
                message_bytes.to_bytes(one, world.identity) for one in session.scalars(sa.select(Message).limit(50))
            ]
    assert tried == []
    assert len(read) == len(HOSTILE) and len(built) > 10
    assert sum(status == 200 for status in shown.values()) > 40, shown


def test_a_call_would_be_heard() -> None:
    with calls() as tried:
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", 9), timeout=1)
    assert any("socket.connect" in one for one in tried)
