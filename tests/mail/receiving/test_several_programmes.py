"""Several programmes behind one receiver: each letter goes to the stores of those it is for, and to no others."""

import smtplib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from mail.receiving.smtp_policy import KEPT, OUR_FAULT, UNKNOWN, Keeper
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival
from mail.receiving.store_thread import StoreThread
from tests.mail.receiving.test_smtp_server import MAIL, Client

NOW = datetime(2022, 4, 6, 12, 0, tzinfo=UTC)
OURS, THEIRS, NOBODYS = "r-ours@kogu.example.org", "r-theirs@kogu.example.org", "r-none@kogu.example.org"


@dataclass
class Shelf:
    """A store that may be out of order."""

    broken: bool = False
    letters: list[Arrival] = field(default_factory=list)

    def __call__(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        if self.broken:
            raise OSError("the disk is gone")
        self.letters += arrivals


@contextmanager
def running(
    ours: Shelf, theirs: Shelf, *, known: Callable[[str], bool] | None = None, lmtp: bool
) -> Iterator[Listener]:
    second = Keeper(known=known or (lambda to: to == THEIRS), store=StoreThread(theirs, lambda: NOW))
    listener = Listener(
        ("127.0.0.1", 0), hostname="kogu.example.org", known=lambda to: to == OURS, store=ours, now=lambda: NOW,
        at_once=True, beside=(second,), lmtp=lmtp,
    )  # fmt: skip
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


def to_both(listener: Listener, hello: bytes) -> list[str]:
    """One letter for both; the replies behind its end."""
    client = Client(listener)
    client.open_letter(OURS.encode(), THEIRS.encode(), hello=hello)
    client.socket.sendall(MAIL + b"\r\n.\r\n")
    return [client.hear() for _ in range(2 if hello.startswith(b"LHLO") else 1)]


@pytest.mark.parametrize("lmtp", [False, True])
def test_a_letter_to_both_is_kept_by_both_and_neither_learns_of_the_other(lmtp: bool) -> None:
    ours, theirs = Shelf(), Shelf()
    with running(ours, theirs, lmtp=lmtp) as listener:
        said = to_both(listener, b"LHLO relay" if lmtp else b"EHLO sender.example.org")
    assert said == [KEPT] * (2 if lmtp else 1)
    assert [one.recipients for one in ours.letters] == [(OURS,)]
    assert [one.recipients for one in theirs.letters] == [(THEIRS,)]
    assert ours.letters[0].raw == theirs.letters[0].raw


def test_a_letter_that_one_of_them_could_not_keep_is_not_acknowledged() -> None:
    ours, theirs = Shelf(), Shelf(broken=True)
    with running(ours, theirs, lmtp=False) as listener:
        assert to_both(listener, b"EHLO sender.example.org") == [OUR_FAULT]
        theirs.broken = False
        assert to_both(listener, b"EHLO sender.example.org") == [KEPT]
    assert len(theirs.letters) == 1


def test_over_lmtp_each_recipient_hears_of_its_own_store() -> None:
    ours, theirs = Shelf(broken=True), Shelf()
    with running(ours, theirs, lmtp=True) as listener:
        assert to_both(listener, b"LHLO relay") == [OUR_FAULT, KEPT]
    assert (len(ours.letters), len(theirs.letters)) == (0, 1)


def test_a_programme_that_cannot_be_asked_loses_nothing_and_holds_up_nobody() -> None:
    def away(_address: str) -> bool:
        raise ConnectionError

    ours, theirs = Shelf(), Shelf()
    with running(ours, theirs, known=away, lmtp=False) as listener:
        client = Client(listener)
        client.say(b"EHLO sender.example.org")
        client.say(b"MAIL FROM:<mari@example.org>")
        assert client.say(b"RCPT TO:<%s>" % OURS.encode()).startswith("250")
        assert client.say(b"RCPT TO:<%s>" % NOBODYS.encode()) == OUR_FAULT  # it might be theirs: come again
    with running(ours, theirs, lmtp=False) as listener:
        client = Client(listener)
        client.say(b"EHLO sender.example.org")
        client.say(b"MAIL FROM:<mari@example.org>")
        assert client.say(b"RCPT TO:<%s>" % NOBODYS.encode()) == UNKNOWN


def test_the_next_letter_of_a_connection_goes_where_it_is_for() -> None:
    ours, theirs = Shelf(), Shelf()
    with running(ours, theirs, lmtp=False) as listener, smtplib.SMTP("127.0.0.1", listener.port, timeout=20) as client:
        for to in (OURS, THEIRS, OURS):
            client.sendmail("mari@example.org", [to], MAIL)
    assert [one.recipients for one in ours.letters] == [(OURS,), (OURS,)]
    assert [one.recipients for one in theirs.letters] == [(THEIRS,)]
