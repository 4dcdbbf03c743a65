"""The receiver, over real sockets: what it says it has, it has; what it cannot take, it refuses in a sentence."""

import asyncio
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa

from mail.receiving import store as letter_store
from mail.receiving.smtp_data import Content, has_longer_line
from mail.receiving.smtp_policy import SmtpLimits
from mail.receiving.smtp_server import Listener
from mail.receiving.store import Arrival, StorageFull
from mail.receiving.store_thread import StoreThread
from workflow.database.engine import Database
from workflow.database.models import Letter

NOW = datetime(2022, 4, 5, 7, tzinfo=UTC)
SECRET = "k-secret@kogu.example.org"
MAIL = b"Message-ID: <1@example.org>\r\nSubject: Re: koht\r\n\r\nJAH\r\n"


class Shelf:
    """A store that keeps letters in memory, after a pause or a fault where a test asks for one."""

    def __init__(self) -> None:
        self.kept: list[Arrival] = []
        self.groups: list[int] = []
        self.open = threading.Event()
        self.open.set()
        self.entered = threading.Event()
        self.fault: Exception | None = None

    def __call__(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        self.entered.set()
        self.open.wait(20)
        self.groups.append(len(arrivals))
        if self.fault:
            raise self.fault
        self.kept += arrivals


@contextmanager
def listening(
    store: Callable[[Sequence[Arrival], datetime], None],
    *,
    known: Callable[[str], bool] = lambda address: address.lower() == SECRET,
    lmtp: bool = False,
    limits: SmtpLimits | None = None,
    free: Callable[[], int] | None = None,
) -> Iterator[Listener]:
    listener = Listener(
        ("127.0.0.1", 0),
        hostname="kogu.example.org",
        known=known,
        store=store,
        now=lambda: NOW,
        lmtp=lmtp,
        limits=limits or SmtpLimits(),
        free=free,
    )
    listener.start()
    try:
        yield listener
    finally:
        listener.stop()


class Client:
    """Says lines, hears replies."""

    def __init__(self, listener: Listener) -> None:
        self.socket = socket.create_connection(("127.0.0.1", listener.port), timeout=20)
        self.file = self.socket.makefile("rb")
        self.greeting = self.hear()

    def hear(self) -> str:
        lines = []
        while line := self.file.readline():
            lines.append(line.decode().rstrip())
            if line[3:4] != b"-":
                break
        return "\n".join(lines)

    def say(self, line: bytes) -> str:
        self.socket.sendall(line + b"\r\n")
        return self.hear()

    def open_letter(self, *recipients: bytes, hello: bytes = b"EHLO sender.example.org") -> str:
        self.say(hello)
        self.say(b"MAIL FROM:<mari@example.org>")
        for recipient in recipients or (SECRET.encode(),):
            self.say(b"RCPT TO:<%s>" % recipient)
        return self.say(b"DATA")

    def letter(self, content: bytes, ends: bytes = b"\r\n.\r\n") -> str:
        self.open_letter()
        self.socket.sendall(content + ends)
        return self.hear()


def send(listener: Listener, content: bytes = MAIL, to: str | list[str] = SECRET) -> None:
    with smtplib.SMTP("127.0.0.1", listener.port, timeout=20) as client:
        client.sendmail("mari@example.org", to, content)


# what it has


def test_a_letter_is_in_the_database_when_its_sender_hears_250(db: Database) -> None:
    with listening(partial(letter_store.store, db)) as listener:
        send(listener, b"Message-ID: <1@example.org>\r\n\r\n.dot\r\n..two\r\n.\r\nJAH\r\n")
        with db.reading() as session:
            letter = session.scalars(sa.select(Letter)).one()
            assert (letter.envelope_from, letter.recipients, letter.via) == ("mari@example.org", [SECRET], "smtp")
            assert letter.raw == b"Message-ID: <1@example.org>\r\n\r\n.dot\r\n..two\r\n.\r\nJAH\r\n"


def test_of_many_senders_at_once_nothing_is_lost(db: Database) -> None:
    def sender(number: int) -> None:
        with smtplib.SMTP("127.0.0.1", listener.port, timeout=20) as client:
            for letter in range(10):
                content = b"Message-ID: <%d.%d@example.org>\r\n\r\nJAH\r\n" % (number, letter)
                client.sendmail("mari@example.org", SECRET, content)

    with listening(partial(letter_store.store, db)) as listener, ThreadPoolExecutor(16) as pool:
        list(pool.map(sender, range(16)))
    with db.reading() as session:
        assert session.scalar(sa.select(sa.func.count(Letter.id))) == 160


def test_one_bad_letter_does_not_keep_the_others_out() -> None:
    shelf = Shelf()

    def store(arrivals: Sequence[Arrival], now: datetime) -> None:
        if any(one.raw == b"bad" for one in arrivals):
            raise ValueError("bad letter")
        shelf(arrivals, now)

    async def run() -> list[bool]:
        raws = [b"bad" if number == 3 else b"good" for number in range(6)]
        arrivals = [Arrival(envelope_from="", recipients=(SECRET,), raw=raw, via="smtp") for raw in raws]
        return [await outcome is None for outcome in [thread.submit(arrival) for arrival in arrivals]]

    thread = StoreThread(store, lambda: NOW)
    try:
        assert asyncio.run(run()) == [True, True, True, False, True, True]
    finally:
        thread.stop()
    assert shelf.groups == [1] * 5


def test_a_letter_that_waited_too_long_for_its_turn_is_not_kept_behind_its_senders_back() -> None:
    """The first one blocks the store; both senders are told to try again, and the second letter was never begun."""
    shelf = Shelf()
    shelf.open.clear()
    with listening(shelf, limits=SmtpLimits(answer_within=0.3)) as listener:
        first, second = Client(listener), Client(listener)
        for number, client in enumerate((first, second)):
            client.open_letter()
            client.socket.sendall(b"Message-ID: <%d@example.org>\r\n\r\nJAH\r\n.\r\n" % number)
            assert shelf.entered.wait(20)
        assert [client.hear()[:3] for client in (first, second)] == ["451", "451"]
        assert second.say(b"NOOP")[:3] == "250"  # by then it has left the line
        shelf.open.set()
    assert [one.raw[:17] for one in shelf.kept] == [b"Message-ID: <0@ex"]


def test_nothing_is_said_before_the_commit() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        client.open_letter()
        shelf.open.clear()
        client.socket.sendall(MAIL + b".\r\n")
        client.socket.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.socket.recv(1)
        shelf.open.set()


@pytest.mark.parametrize("leaves", ["half", "wholly"])
def test_a_letter_goes_on_though_its_sender_leaves_behind_the_dot(leaves: str) -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        client.open_letter()
        shelf.open.clear()
        client.socket.sendall(MAIL + b".\r\n")
        shelf.entered.wait(20)
        client.socket.shutdown(socket.SHUT_WR if leaves == "half" else socket.SHUT_RDWR)
        shelf.open.set()
        if leaves == "half":
            assert client.hear().startswith("250 2.0.0")
            assert client.hear() == ""
    assert len(shelf.kept) == 1


def test_stopping_finishes_the_letter_in_hand_and_sends_the_idle_away() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        idle, busy = Client(listener), Client(listener)
        busy.open_letter()
        busy.socket.sendall(b"Subject: x\r\n")
        stopping = threading.Thread(target=listener.stop)
        stopping.start()
        assert idle.hear().startswith("421")
        busy.socket.sendall(b"\r\nJAH\r\n.\r\n")
        assert busy.hear().startswith("250")
        assert busy.hear().startswith("421")
        stopping.join(20)
        with pytest.raises(OSError):
            Client(listener)
    assert [one.raw for one in shelf.kept] == [b"Subject: x\r\n\r\nJAH\r\n"]


# what it refuses


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (sa.exc.OperationalError("INSERT secret", {}, Exception("database is locked: /srv/x.db")), "451 4.3.0"),
        (RuntimeError("secret"), "451 4.3.0"),
        (MemoryError("secret"), "451 4.3.0"),
        (StorageFull("secret"), "452 4.3.1"),
    ],
)
def test_our_own_faults_ask_the_sender_to_try_again(fault: Exception, says: str) -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        shelf.fault = fault
        reply = client.letter(MAIL)
        assert reply.startswith(says)
        assert not {"secret", "locked", "srv", "Error"} & set(reply.replace("/", " ").replace(":", " ").split())
        shelf.fault = None
        assert client.letter(MAIL).startswith("250")


def test_a_locked_database_asks_the_sender_to_try_again(sqlite_db: Database) -> None:
    with sqlite_db.engine.connect() as other, listening(partial(letter_store.store, sqlite_db)) as listener:
        with sqlite_db.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=50")
        sa.event.listen(sqlite_db.engine, "checkout", lambda c, *_: c.execute("PRAGMA busy_timeout=50"))
        other.exec_driver_sql("SELECT 1")  # begins, and holds the writer's lock
        client = Client(listener)
        assert client.letter(MAIL) == "451 4.3.0 Something is wrong on our side; please try again later"
        other.rollback()
        assert client.letter(MAIL).startswith("250")


def test_a_fault_while_looking_an_address_up_asks_the_sender_to_try_again() -> None:
    def known(_address: str) -> bool:
        raise RuntimeError("secret")

    with listening(Shelf(), known=known) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        client.say(b"MAIL FROM:<mari@example.org>")
        assert client.say(b"RCPT TO:<%s>" % SECRET.encode()).startswith("451 4.3.0")


def test_no_room_is_said_before_the_letter_comes() -> None:
    with listening(Shelf(), free=lambda: 1000) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        assert client.say(b"MAIL FROM:<mari@example.org>").startswith("452 4.3.1")


def test_an_unknown_recipient_hears_what_to_do_and_nothing_is_kept() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(listener, to="someone@elsewhere.example.org")
        assert refused.value.recipients["someone@elsewhere.example.org"][0] == 550
        assert b"5.1.1 Nothing here" in refused.value.recipients["someone@elsewhere.example.org"][1]
    assert shelf.kept == []


def test_guessing_addresses_ends_the_connection() -> None:
    with listening(Shelf(), limits=SmtpLimits(strangers=3)) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        client.say(b"MAIL FROM:<mari@example.org>")
        assert [client.say(b"RCPT TO:<k%d@kogu.example.org>" % n)[:3] for n in range(4)] == ["550"] * 4
        assert client.hear().startswith("421 4.7.0")
        assert client.hear() == ""


@pytest.mark.parametrize(
    "address",
    [
        b"<a\0@b.example>",
        b"<a@b.example\r>",
        b"<a b@c.example>",
        b"<a@b.example\x0bX>",
        b"<\xe4@b.example>",
        b"<=?utf-8?q?boss=40gov.example?=@evil.example>",
        b"<a@[>",
        b"<@>",
        b"<a@>",
        b'<">',
        b'<"a b"@c.example>',
        b"<a@b.example> RCPT TO:<x@y.example>",
        b"<a@b.example",
        b"a@b.example",
        b"<a@b@c.example>",
        b"<" + b"a" * 300 + b"@b.example>",
    ],
)
@pytest.mark.parametrize("command", [b"MAIL FROM:", b"RCPT TO:"])
def test_an_address_that_is_none_is_refused_for_good(address: bytes, command: bytes) -> None:
    with listening(Shelf(), known=lambda _: True) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        if command.startswith(b"RCPT"):
            client.say(b"MAIL FROM:<>")
        assert client.say(command + address)[:3] in {"500", "501", "553", "555"}


@pytest.mark.parametrize(
    "sender",
    [b"<>", b"<prvs=1=mari@example.org>", b"<SRS0=a=b=c=d@example.org>", b"<m.i+x@[192.0.2.1]>", b"<root@localhost>"],
)
def test_senders_that_there_are_are_taken(sender: bytes) -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        assert client.say(b"MAIL FROM:" + sender + b" SIZE=100 BODY=8BITMIME").startswith("250")
        client.say(b"RCPT TO:<%s>" % SECRET.encode())
        client.say(b"DATA")
        assert client.say(b"x\r\n.").startswith("250")
    assert shelf.kept[0].envelope_from == sender.decode().strip("<>")


def test_the_limits_of_a_letter() -> None:
    shelf = Shelf()
    with listening(shelf, known=lambda _: True, limits=SmtpLimits(recipients=2, size=1000)) as listener:
        client = Client(listener)
        client.say(b"EHLO x")
        assert client.say(b"MAIL FROM:<a@example.org> SIZE=1001").startswith("552")
        client.say(b"MAIL FROM:<a@example.org>")
        said = [client.say(b"RCPT TO:<k%d@kogu.example.org>" % n)[:9] for n in range(3)]
        assert said == ["250 2.1.5", "250 2.1.5", "452 4.5.3"]
        assert client.say(b"DATA").startswith("354")
        assert client.say(b"x" * 998 + b"\r\n.").startswith("250")
        assert client.letter(b"x" * 5000).startswith("552 5.3.4")
        assert client.letter(b"x" * 10, b"\r\n.\r\n").startswith("250")
    assert [len(one.raw) for one in shelf.kept] == [1000, 12]


def test_long_lines_are_taken_and_too_long_ones_refused() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        assert client.letter(b"x" * 60_000 + b"\r\n" + b"y" * 60_000).startswith("250")
        assert client.letter(b"x" * 70_000).startswith("554 5.6.0")
        assert client.say(b"NOOP " + b"x" * 70_000).startswith("500")
        assert client.say(b"NOOP").startswith("250")
    assert len(shelf.kept) == 1


def test_all_letters_in_flight_have_one_limit() -> None:
    shelf = Shelf()
    with listening(shelf, limits=SmtpLimits(in_flight=200_000, small=0)) as listener:
        slow, quick = Client(listener), Client(listener)
        slow.open_letter()
        slow.socket.sendall((b"x" * 998 + b"\r\n") * 150)
        while (reply := quick.letter((b"y" * 998 + b"\r\n") * 100)).startswith("250"):
            continue  # the slow one's bytes are still on their way
        assert reply.startswith("452 4.3.1")
        slow.socket.sendall(b".\r\n")
        assert slow.hear().startswith("250")
        assert quick.letter((b"y" * 998 + b"\r\n") * 100).startswith("250")


def test_connections_are_limited_in_all_and_for_each_address() -> None:
    with listening(Shelf(), limits=SmtpLimits(connections=3)) as listener:
        inside = [Client(listener) for _ in range(3)]
        assert Client(listener).greeting.startswith("421 4.3.2")
        inside[0].say(b"QUIT")
        while not Client(listener).greeting.startswith("220"):
            continue  # the one that left is on its way out
    with listening(Shelf(), limits=SmtpLimits(per_address=2, trusted=frozenset())) as listener:
        inside = [Client(listener) for _ in range(2)]
        assert Client(listener).greeting.startswith("421 4.3.2")


def test_commands_are_limited_in_each_connection() -> None:
    with listening(Shelf(), limits=SmtpLimits(letters=2)) as listener:
        client = Client(listener)
        assert [client.say(b"NOOP")[:3] for _ in range(3)] == ["250", "250", "421"]
        assert client.hear() == ""


# one letter is one letter

SMUGGLED = b"Subject: one\r\n\r\nJAH%b\r\nMAIL FROM:<boss@example.org>\r\nDATA\r\nSubject: two\r\n\r\nEI"


@pytest.mark.parametrize(
    "false_end",
    [b"\n.\n", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r", b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\n..\r\n"],
)
def test_no_false_end_makes_two_letters_of_one(false_end: bytes) -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        reply = Client(listener).letter(SMUGGLED % false_end)
    bare = false_end.replace(b"\r\n", b"").strip(b".\0") != b""
    assert reply.startswith("550 5.5.2" if bare else "250")
    assert len(shelf.kept) == (0 if bare else 1)


def test_commands_may_follow_a_letter_in_one_breath() -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        client = Client(listener)
        client.open_letter()
        client.socket.sendall(b"one\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<%s>\r\nDATA\r\n" % SECRET.encode())
        assert [client.hear()[:3] for _ in range(4)] == ["250", "250", "250", "354"]
        client.socket.sendall(b".\r\nQUIT\r\n")
        assert [client.hear()[:3] for _ in range(2)] == ["250", "221"]
    assert [(one.envelope_from, one.raw) for one in shelf.kept] == [("mari@example.org", b"one\r\n"), ("", b"")]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7])
def test_a_letter_is_the_same_in_whatever_pieces_it_comes(size: int) -> None:
    stream = b"..\r\n.x\r\n\r\n..\r\nJAH\r\n.\r\nQUIT\r\n"
    content, rest = Content(100), None
    pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
    while rest is None:
        rest = content.feed(pieces.pop(0))
    assert content.letter() == b".\r\nx\r\n\r\n.\r\nJAH\r\n"
    assert rest + b"".join(pieces) == b"QUIT\r\n"


def test_the_length_of_lines() -> None:
    assert not has_longer_line(b"x" * 9 + b"\n" + b"y" * 9 + b"\n" + b"z" * 10, 10)
    assert has_longer_line(b"x" * 9 + b"\n" + b"y" * 10 + b"\n", 10)


# LMTP


def test_lmtp_answers_once_for_each_recipient() -> None:
    shelf = Shelf()
    with listening(shelf, lmtp=True, known=lambda _: True) as listener:
        client = Client(listener)
        client.open_letter(b"a@kogu.example.org", b"b@kogu.example.org", hello=b"LHLO relay.example.org")
        assert client.say(b"JAH\nbare\r\n.").startswith("250")
        assert client.hear().startswith("250")
        assert client.say(b"NOOP").startswith("250 OK")
        assert client.say(b"EHLO x").startswith("500")
    assert [(one.recipients, one.via) for one in shelf.kept] == [(("a@kogu.example.org", "b@kogu.example.org"), "lmtp")]


def test_lmtp_answers_once_for_each_recipient_when_it_cannot_keep_the_letter() -> None:
    shelf = Shelf()
    shelf.fault = RuntimeError()
    with listening(shelf, lmtp=True, known=lambda _: True) as listener:
        client = Client(listener)
        client.open_letter(b"a@kogu.example.org", b"b@kogu.example.org", hello=b"LHLO relay.example.org")
        assert client.say(b"JAH\r\n.").startswith("451")
        assert client.hear().startswith("451")
        assert client.say(b"NOOP").startswith("250 OK")


def test_a_letter_with_lf_alone_all_through_is_taken_in_the_form_mail_has() -> None:
    """As Python's sendmail says bytes made on Unix: one kind of line end, dots doubled."""
    shelf = Shelf()
    with listening(shelf) as listener, smtplib.SMTP("127.0.0.1", listener.port) as client:
        client.sendmail("a@example.org", [SECRET], b"Subject: one\n\nJAH\n.\n..two\n")
    assert [a.raw for a in shelf.kept] == [b"Subject: one\r\n\r\nJAH\r\n.\r\n..two\r\n"]


@pytest.mark.parametrize(
    "body", [b"Subject: a\n\nJAH\n.\nMAIL", b"Subject: a\r\n\nJAH", b"Subject: a\n\nJAH\rEI", b"A: b\n.\n"]
)
def test_a_letter_that_mixes_its_line_ends_is_not_mended(body: bytes) -> None:
    shelf = Shelf()
    with listening(shelf) as listener:
        assert Client(listener).letter(body).startswith("550 5.5.2")
    assert shelf.kept == []
