"""The receiver under attack and under slow senders: caps, time, memory, constant replies, no relay for anybody.

Real sockets; where network addresses matter, clients call from several of the loopback's own.
"""

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from importlib.metadata import version

import psutil
import pytest

from mail.receiving.smtp_policy import MIB, USUAL, Keeper, SmtpLimits, SmtpPolicy
from mail.receiving.store import Arrival
from tests.builders import World
from tests.mail.receiving.test_smtp_server import MAIL, SECRET, Client, Shelf, listening
from tests.paths import ROOT
from workflow.database.engine import Database


class Caller(Client):
    """A client that calls from a network address of its choice."""

    def __init__(self, port: int, source: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        self.file = self.socket.makefile("rb")
        self.greeting = self.hear()


# caps


def test_a_crowd_from_one_address_keeps_nobody_else_out() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        crowd = [Caller(listener.port, "127.0.0.2") for _ in range(800)]
        inside = [one for one in crowd if one.greeting.startswith("220")]
        assert len(inside) == 10
        assert {one.greeting for one in crowd if one not in inside} == {
            "421 4.3.2 Too many connections; please try again later"
        }
        began = time.monotonic()
        assert Caller(listener.port, "127.0.0.3").letter(MAIL).startswith("250")
        assert time.monotonic() - began < 5, "a letter must get through while the crowd is there"
        for one in crowd:
            one.socket.close()
    assert [one.peer for one in shelf.kept] == ["127.0.0.3"]


def test_a_hundred_connections_are_all_there_are() -> None:
    with listening(Shelf()) as listener:
        callers = [Caller(listener.port, f"127.0.0.{2 + n // 10}") for n in range(110)]
        assert [one.greeting[:3] for one in callers] == ["220"] * 100 + ["421"] * 10


class Visiting:
    """A connection, as the house counts it."""

    strangers = 0
    limits_unasked = True
    since = 0.0
    keeping = False
    place = None
    held = None

    def __init__(self) -> None:
        self.keepers: dict[str, Keeper] = {}

    def drop(self) -> None:
        return None

    hang_up = dismiss = drop


def test_over_ipv6_a_whole_network_is_one_crowd() -> None:
    """Whoever has one address there has 2**64 of them; ten connections are theirs all the same."""
    house = SmtpPolicy("kogu.example.org", (), None, USUAL)
    crowd = [(Visiting(), f"2001:db8:1:2:{n:x}::{n * 1319 % 65536:x}") for n in range(50)]
    assert [house.let_in(one, address) for one, address in crowd] == [True] * 10 + [False] * 40
    assert house.let_in(Visiting(), "2001:db8:1:3::1") and house.let_in(Visiting(), "203.0.113.9")
    house.left(crowd[0][0])
    assert house.let_in(Visiting(), "2001:db8:1:2:ffff::1"), "a place is free again"
    assert all(house.let_in(Visiting(), "::ffff:127.0.0.1") for _ in range(20)), "our own relay is trusted"


def test_a_letter_has_a_hundred_recipients_at_most() -> None:
    with listening(Shelf(), known=lambda _: True) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        client.say(b"MAIL FROM:<a@example.org>")
        said = [client.say(b"RCPT TO:<k%d@kogu.example.org>" % n)[:9] for n in range(105)]
    assert said == ["250 2.1.5"] * 100 + ["452 4.5.3"] * 5


def test_twenty_greetings_are_enough_and_none_lengthens_anybodys_lines() -> None:
    with listening(Shelf()) as listener:
        client, other = Client(listener), Client(listener)
        assert [client.say(b"EHLO x")[:3] for _ in range(21)] == ["250"] * 20 + ["421"]
        other.say(b"EHLO x")
        assert other.say(b"MAIL FROM:<a@example.org> " + b"X" * 1100).startswith("500")


def test_unknown_commands_end_the_connection() -> None:
    with listening(Shelf()) as listener:
        client = Client(listener)
        said = [client.say(b"GET / HTTP/1.1")[:3] for _ in range(5)]
        assert said[:4] == ["500"] * 4 and said[4] == "502"
        assert client.hear() == ""


# time


def test_who_says_nothing_is_sent_away() -> None:
    with listening(Shelf(), limits=SmtpLimits(timeout=0.3)) as listener:
        began, client = time.monotonic(), Client(listener)
        assert client.hear() == "421 4.4.2 That took too long; closing"
        assert client.hear() == ""
        assert time.monotonic() - began < 5
        assert Client(listener).greeting.startswith("220")


def test_a_command_that_comes_byte_by_byte_has_no_longer_time() -> None:
    with listening(Shelf(), limits=SmtpLimits(timeout=0.5)) as listener:
        client = Client(listener)
        client.socket.settimeout(0.05)
        said, sent = b"", 0
        while not said and sent < 100:
            client.socket.sendall(b"N")
            sent += 1
            try:
                said = client.socket.recv(100)
            except TimeoutError:
                continue
        assert said.startswith(b"421 4.4.2")
        assert sent < 40


def dribble(client: Client, piece: bytes, pause: float, most: int) -> int:
    """Send a letter piece by piece until the other side has had enough; how many pieces it took."""
    client.open_letter()
    client.socket.setblocking(False)
    for number in range(most):
        try:
            client.socket.send(piece)
            if client.socket.recv(100):
                return number
        except BlockingIOError:
            time.sleep(pause)
        except OSError:
            return number
    client.socket.setblocking(True)
    return most


def test_a_letter_that_comes_too_slowly_is_not_waited_for() -> None:
    shelf = Shelf()
    with listening(shelf, limits=SmtpLimits(timeout=0.5, portion=1000)) as listener:
        assert dribble(Client(listener), b"x\r\n", 0.05, 100) < 40
    assert shelf.kept == []


def test_a_slow_but_steady_sender_may_take_longer_than_any_one_pause() -> None:
    shelf = Shelf()
    with listening(shelf, limits=SmtpLimits(timeout=1.5, portion=1000)) as listener:
        client = Client(listener)
        assert dribble(client, b"x" * 498 + b"\r\n", 0.05, 60) == 60
        client.socket.sendall(b".\r\n")
        assert client.hear().startswith("250")
    assert [len(one.raw) for one in shelf.kept] == [30_000]


def test_the_time_of_a_command_is_not_the_time_of_the_store() -> None:
    shelf = Shelf()
    with listening(shelf, limits=SmtpLimits(timeout=0.3)) as listener:
        client = Client(listener)
        client.open_letter()
        shelf.open.clear()
        client.socket.sendall(MAIL + b".\r\n")
        threading.Timer(1.0, shelf.open.set).start()
        assert client.hear().startswith("250")
    assert len(shelf.kept) == 1


def test_who_does_not_read_the_replies_is_cut_off() -> None:
    with listening(Shelf(), limits=SmtpLimits(timeout=0.5, connections=1, letters=10**6)) as listener:
        deaf = socket.socket()
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)  # so that it is soon full on the way there
        deaf.connect(("127.0.0.1", listener.port))
        deaf.setblocking(False)
        blocked, last = False, time.monotonic()
        while time.monotonic() - last < 0.2:
            try:
                deaf.send(b"DATA\r\n" * 10_000)  # too early: the refusal is longer than the question
                last = time.monotonic()
            except BlockingIOError:
                blocked = True
            except OSError:
                break
        assert blocked
        until = time.monotonic() + 30
        while not (said := Client(listener).greeting).startswith("220"):
            assert said.startswith("421") and time.monotonic() < until
            time.sleep(0.05)


# memory


def receiver(db: Database) -> tuple[subprocess.Popen[str], int]:
    url = db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.mail.receiving.receiver_process", url]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def test_a_large_letter_of_short_lines_costs_little_memory_and_blocks_nobody(sqlite_db: Database) -> None:
    size = 24 * MIB
    process, port = receiver(sqlite_db)
    try:
        watched, before = psutil.Process(process.pid), psutil.Process(process.pid).memory_info().rss
        most, longest = before, 0.0
        big, other = Caller(port, "127.0.0.1"), Caller(port, "127.0.0.2")
        other.say(b"EHLO x")
        with ThreadPoolExecutor(1) as pool:
            answer = pool.submit(big.letter, b"\r\n" * (size // 2), b".\r\n")
            asked = 0
            while not answer.done():
                began = time.monotonic()
                assert other.say(b"NOOP").startswith("250")
                longest = max(longest, time.monotonic() - began)
                most, asked = max(most, watched.memory_info().rss), asked + 1
                time.sleep(0.01)
            assert answer.result().startswith("250")
    finally:
        process.kill()
        process.communicate()
    print(f"{(most - before) / size:.1f} times its size, others waited {longest:.2f} s")
    assert asked > 5
    assert most - before < 4 * size, f"{(most - before) // MIB} MiB for {size // MIB}"
    assert longest < 2, f"blocked for {longest:.1f} s"


# what is said, and to whom


ODD = [
    b"secretword",
    b"SECRETWORD \xff\xfe",
    b"FOO\rsecretword",
    b"FOO\x00secretword",
    b"VRFY secretword",
    b"EXPN secretword",
    b"HELP secretword",
    b"MAIL FROM:<secretword",
    b"MAIL FROM:<a@example.org> secretword=1",
    b"RCPT TO:<secretword@elsewhere.example>",
    b"AUTH PLAIN secretword",
    b"AUTH secretword",
    b"BDAT secretword",
    b"NOOP secretword",
    b"RSET secretword",
    b"QUIT secretword",
    b"STARTTLS secretword",
]


@pytest.mark.parametrize("line", ODD)
@pytest.mark.parametrize("lmtp", [False, True])
def test_replies_never_repeat_what_was_said(line: bytes, lmtp: bool) -> None:
    with listening(Shelf(), lmtp=lmtp) as listener:
        client = Client(listener)
        client.say(b"LHLO x" if lmtp else b"EHLO x")
        client.say(b"MAIL FROM:<a@example.org>") if line.startswith(b"RCPT") else None
        reply = client.say(line)
    assert re.match(r"[2-5]\d\d[ -]", reply)
    assert "secretword" not in reply.lower()
    assert "\0" not in reply and "\r" not in reply


def test_neither_tls_nor_sign_in_nor_chunks_are_offered_or_taken() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        offered = client.say(b"EHLO x").upper()
        assert not {"STARTTLS", "AUTH", "CHUNKING", "BINARYMIME"} & set(re.findall(r"[A-Z]+", offered))
        client.socket.sendall(b"STARTTLS\r\nMAIL FROM:<x@example.org>\r\n")
        assert [client.hear()[:1], client.hear()[:3]] == ["4", "250"]
        assert client.say(b"BDAT 5 LAST").startswith("500")
        assert client.say(b"AUTH PLAIN AGEAYQ==")[:1] in "45"
    assert shelf.kept == []


def test_the_library_is_one_without_known_holes() -> None:
    assert tuple(map(int, version("aiosmtpd").split(".")[:3])) >= (1, 4, 6)


@pytest.mark.parametrize("hello", [b"EHLO", b"HELO"])
def test_who_does_not_wait_for_the_answer_to_the_greeting_is_no_mail_server(hello: bytes) -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        envelope = b"MAIL FROM:<a@example.org>\r\nRCPT TO:<%s>\r\nDATA\r\n" % SECRET.encode()
        client.socket.sendall(hello + b" x\r\n" + envelope + MAIL + b".\r\n")
        assert client.hear() == "554 5.5.0 Wait for the answer to your greeting; closing"
        assert client.hear() == ""
    assert shelf.kept == []


def test_mail_before_a_greeting_is_refused() -> None:
    with listening(Shelf()) as listener:
        client = Client(listener)
        assert client.say(b"MAIL FROM:<a@example.org>").startswith("503")
        assert client.say(b"DATA").startswith("503")


FOREIGN = [
    "u@anything.example",
    "noreply@{domain}",
    "webmaster@{domain}",
    "r-{secret}@anything.example",
    "r-{secret}@{domain}.evil.example",
    "r-{secret}%evil.example@{domain}",
    "evil.example!r-{secret}@{domain}",
    "r-{other}@{domain}",
    "b-1.0123456789abcdef@{domain}",
]


@pytest.mark.parametrize("to", FOREIGN)
def test_it_is_no_open_relay(to: str, sqlite_db: Database) -> None:
    """Asked of the real door, with a secret address that was really given out."""
    world, shelf = World(sqlite_db), Shelf()
    world.apply()
    address = world.asked("verify")[2]
    secret = address.partition("@")[0][2:]
    known: Callable[[str], bool] = lambda recipient: world.inbox.known(sqlite_db, recipient)  # noqa: E731
    with listening(shelf, known=known) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        client.say(b"MAIL FROM:<a@example.org>")
        there = to.format(domain=world.identity.domain, secret=secret, other=secret[::-1])
        assert client.say(b"RCPT TO:<%s>" % there.encode()).startswith("550 5.1.1")
        assert client.say(b"DATA").startswith("503")
        assert client.say(b"RCPT TO:<%s>" % address.encode()).startswith("250")
    assert shelf.kept == []


@pytest.mark.parametrize("route", [b"<@evil.example:r-x@kogu.example.org>", b'<"u@evil.example"@kogu.example.org>'])
def test_source_routes_and_quoted_names_are_no_addresses(route: bytes) -> None:
    with listening(Shelf(), known=lambda _: True) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        client.say(b"MAIL FROM:<a@example.org>")
        assert client.say(b"RCPT TO:" + route).startswith("553")


def test_what_a_fault_says_stays_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    def known(_address: str) -> bool:
        raise ValueError("secretword in /srv/secret/path.db")

    def store(_arrivals: Sequence[Arrival], _now: datetime) -> None:
        raise ValueError("secretword in /srv/secret/path.db")

    with listening(store, known=known) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        client.say(b"MAIL FROM:<a@example.org>")
        assert client.say(b"RCPT TO:<%s>" % SECRET.encode()) == (
            "451 4.3.0 Something is wrong on our side; please try again later"
        )
    assert "ValueError" in caplog.text
    assert "secretword" not in caplog.text


def test_the_usual_limits_are_the_ones_promised() -> None:
    limits = SmtpLimits()
    assert (limits.connections, limits.per_address, limits.recipients) == (100, 10, 100)
    assert (limits.timeout, limits.size) == (60, 25 * MIB)
    assert limits == USUAL
