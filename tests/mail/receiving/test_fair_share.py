"""Who holds connections or memory of the receiver and brings no letter keeps nobody else out."""

import time

import pytest

from mail.receiving.fair_share import Stay, gives_way
from mail.receiving.smtp_policy import SmtpLimits
from tests.mail.receiving.test_smtp_abuse import Caller
from tests.mail.receiving.test_smtp_server import MAIL, Shelf, listening


def held_open(port: int, count: int, places: int = 13) -> list[Caller]:
    return [Caller(port, f"127.0.3.{1 + n % places}") for n in range(count)]


def test_connections_that_bring_no_letter_give_way_and_those_that_came_just_now_do_not() -> None:
    with listening(Shelf(), limits=SmtpLimits(connections=3, patience=600)) as listener:
        kept = held_open(listener.port, 3)
        assert Caller(listener.port, "127.0.0.9").greeting.startswith("421 4.3.2")
        assert kept[0].say(b"NOOP").startswith("250")
    with listening(Shelf(), limits=SmtpLimits(connections=30, patience=1)) as listener:
        idle = held_open(listener.port, 30)
        time.sleep(1.1)
        for one in idle:
            one.socket.sendall(b"NOOP\r\n")
        honest = [Caller(listener.port, f"127.0.0.{10 + n}") for n in range(3)]
        assert all(one.letter(MAIL).startswith("250") for one in honest)
        said = [(one.hear()[:3], one.hear()[:9]) for one in idle[:3]]
        assert said == [("250", "421 4.4.2")] * 3, "the oldest of the places that hold most"


def test_letters_that_do_not_end_hold_neither_connections_nor_memory_from_others() -> None:
    shelf, large = Shelf(), (b"x" * 998 + b"\r\n") * 40
    limits = SmtpLimits(connections=12, in_flight=100_000, small=10_000, patience=1)
    with listening(shelf, limits=limits) as listener:
        slow = held_open(listener.port, 12)
        for one in slow:
            one.open_letter()
            one.socket.sendall(large)
        time.sleep(1.1)
        assert Caller(listener.port, "127.0.0.9").letter(MAIL).startswith("250"), "a small one has room in any case"
        assert Caller(listener.port, "127.0.0.9").letter(large).startswith("250"), "a large one takes a slow one's"
    assert sorted(len(one.raw) // 100 for one in shelf.kept) == [len(MAIL) // 100, len(large) // 100]


def test_a_small_letter_has_room_while_large_ones_come_quickly() -> None:
    shelf = Shelf()
    with listening(shelf, limits=SmtpLimits(in_flight=100_000, small=10_000, patience=600)) as listener:
        one = Caller(listener.port, "127.0.0.5")
        one.open_letter()
        one.socket.sendall((b"x" * 998 + b"\r\n") * 95)
        time.sleep(0.3)
        assert Caller(listener.port, "127.0.0.6").letter(b"y" * 900).startswith("250")
        assert Caller(listener.port, "127.0.0.7").letter((b"y" * 998 + b"\r\n") * 40).startswith("452 4.3.1")
        one.socket.sendall(b".\r\n")
        assert one.hear().startswith("250")


@pytest.mark.parametrize(
    ("stays", "goes"),
    [
        ({"a": Stay(place="x", since=95)}, None),
        ({"a": Stay(place="x", since=10), "b": Stay(place="y", since=5)}, "b"),
        ({"a": Stay(place="x", since=10), "b": Stay(place="y", since=5), "c": Stay(place="x", since=50)}, "a"),
        ({"a": Stay(place="x", since=10), "b": Stay(place="y", since=5, receiving=True)}, "a"),
        ({"a": Stay(place="x", since=5, trusted=True), "b": Stay(place="y", since=10)}, "b"),
        ({}, None),
    ],
    ids=["just came", "longest", "of the crowd", "no letter", "our relay last", "nobody"],
)
def test_who_gives_way(stays: dict[str, Stay], goes: str | None) -> None:
    assert gives_way(stays, now=100, patience=10) == goes
