"""IMAP servers that answer wrongly: every wrong answer to every command. Nothing is lost or kept twice, memory and time
are bounded, the coordinator hears of it, and once the server is right again the letter is taken."""

import itertools
import os
import resource
import shutil
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.identity import Identity
from mail.mailbox.imap import Folder, Pace, Selected
from mail.mailbox.imap_client import Fault
from mail.mailbox.records import Books
from mail.mailbox.watcher import Mailbox
from mail.receiving import store
from tests.builders import FEBRUARY, SECRET
from tests.fast_sqlite import swift
from tests.mail.mailbox.hostile_imap_server import (
    COMMANDS,
    WRONG,
    Answer,
    Server,
    another_folder_each_time,
    drip,
    endless_answer,
    no,
    two_gigabytes,
)
from tests.paths import ROOT
from tests.ports import free_port
from workflow.config import settings as service_settings
from workflow.database.engine import Database
from workflow.database.models import Letter
from workflow.text.bilingual import Text

IDENTITY = Identity(
    base_url="https://teekond.example.org", domain="example.org", from_name="Koosloome",
    from_address="koosloome@example.org", secret=SECRET,
)  # fmt: skip
PASSWORD = "secret word 0101"
MIB = 2**20
LETTER = b"From: mari@example.org\r\nTo: koosloome@example.org\r\nMessage-ID: <1@example.org>\r\n\r\nJAH\r\n"
QUICK = Pace(
    idle=0.5, poll=0.2, timeout=0.4, delays=(0.05, 0.1, 0.2), calm=0.2, again=0.5, upkeep=0.2, size=MIB,
    batch_bytes=MIB, slowest=64 * MIB,
)  # fmt: skip


@dataclass
class Case:
    """A service that reads from a server of its own, with books of its own."""

    server: Server
    db: Database
    told: dict[str, Text] = field(default_factory=dict)

    def __post_init__(self) -> None:
        settings = service_settings.MailboxSettings.model_validate({
            "host": "127.0.0.1", "port": self.server.port, "tls": "none", "user": "koosloome", "password": PASSWORD,
        })  # fmt: skip
        books = Books(self.db, IDENTITY, settings)
        books.begun(Selected(validity=0, next_uid=0, count=0), datetime(2020, 1, 1, tzinfo=UTC))
        words = map(str, itertools.count())
        self.mailbox = Mailbox(
            settings, store=lambda arrivals, now: store.store(self.db, arrivals, now), books=books,
            now=lambda: FEBRUARY, token=lambda: next(words), tell=self.told.__setitem__, pace=QUICK,
        )  # fmt: skip

    def letters(self) -> int:
        with self.db.reading() as session:
            return session.scalar(sa.select(sa.func.count()).select_from(Letter)) or 0

    def stop(self) -> float:
        """How long it took."""
        began = time.monotonic()
        self.mailbox.stop()
        took = time.monotonic() - began
        self.server.close()
        self.db.close()
        return took


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Callable[[dict[str, Answer]], Case]]:
    """Makes one for each server, and sees that each of them stops."""
    first = swift(Database(f"sqlite:///{tmp_path / 'first.db'}"))
    first.migrate()
    first.close()
    made: list[Case] = []

    def make(wrong: dict[str, Answer]) -> Case:
        copy = tmp_path / f"{len(made)}.db"
        shutil.copy(tmp_path / "first.db", copy)
        found = Case(Server(LETTER, wrong), swift(Database(f"sqlite:///{copy}")))
        made.append(found)
        found.mailbox.start()
        return found

    yield make
    took = [one.stop() for one in made]
    assert max(took) < 15, took


def until(condition: Callable[[], object], what: Callable[[], object], seconds: float = 60) -> None:
    given_up, pause = time.monotonic() + seconds, threading.Event()
    while not condition():
        assert time.monotonic() < given_up, f"in vain: {what()}"
        pause.wait(0.05)


UNSAID = {"others_letters": {"UID SEARCH"}}
"""who says nothing of what is there is not told from an empty mailbox"""


def settled(one: Case) -> bool:
    return bool(one.told) or one.letters() == 1


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__)
def test_whatever_a_server_answers_nothing_is_lost(
    case: Callable[[dict[str, Answer]], Case], caplog: pytest.LogCaptureFixture, wrong: Answer
) -> None:
    """To every command in turn, all at once: the letter is taken in spite of it or the coordinator is told why not."""
    before = rss(os.getpid())
    cases = {command: case({command: wrong}) for command in COMMANDS if command not in UNSAID.get(wrong.__name__, ())}
    until(lambda: all(map(settled, cases.values())), lambda: [c for c, one in cases.items() if not settled(one)])
    grown = rss(os.getpid()) - before
    assert grown < len(cases) * 30 * MIB, grown // MIB
    for one in cases.values():
        one.server.wrong = {}
    until(
        lambda: all(
            one.letters() == 1 and (one.server.moved or command == "UID MOVE") for command, one in cases.items()
        ),  # a letter that the server says to have moved is not asked for again
        lambda: {c: (one.letters(), one.server.moved, one.told) for c, one in cases.items()},
    )
    said = caplog.text + "".join(text.en + text.et for one in cases.values() for text in one.told.values())
    assert PASSWORD not in said
    assert all(len(one.told) <= 2 for one in cases.values()), [one.told for one in cases.values()]


def test_a_folder_that_is_another_one_at_each_look_is_given_up_and_told(
    case: Callable[[dict[str, Answer]], Case],
) -> None:
    one = case({"SELECT": another_folder_each_time(), "UID MOVE": no})
    until(lambda: any("UIDVALIDITY" in says.en for says in one.told.values()), lambda: one.told)
    assert one.letters() == 1
    one.server.wrong = {}
    until(lambda: one.server.moved, lambda: one.told)
    assert one.letters() == 1


@pytest.mark.parametrize("injected", [b"* CAPABILITY IMAP4rev1\r\n", b"\r\n", b"A OK\r\n"])
def test_what_is_said_in_plain_with_starttls_ends_the_connection(injected: bytes) -> None:
    """As a man in the middle does: stripped, or with words of his own behind the answer. No password is said."""

    def answer(tag: bytes) -> Iterator[bytes]:
        yield tag + b" OK go\r\n" + injected

    for wrong, says in (({"STARTTLS": answer}, "goes on in plain"), ({"STARTTLS": no}, "refuses STARTTLS"),
                        ({"CAPABILITY": stripped}, "offers no STARTTLS")):  # fmt: skip
        server = Server(LETTER, wrong)
        settings = service_settings.MailboxSettings.model_validate({
            "host": "127.0.0.1", "port": server.port, "tls": "starttls", "user": "koosloome", "password": PASSWORD,
        })  # fmt: skip
        folder = Folder(settings, ssl.create_default_context(), QUICK)
        with pytest.raises(Fault, match=says):
            folder.open()
        folder.close()
        server.close()
        assert PASSWORD.encode() not in b"".join(server.heard)


def stripped(tag: bytes) -> Iterator[bytes]:
    yield b"* CAPABILITY IMAP4rev1 IDLE MOVE\r\n" + tag + b" OK done\r\n"


@pytest.mark.parametrize("wrong", [two_gigabytes, endless_answer, drip], ids=lambda wrong: wrong.__name__)
def test_the_rest_of_the_service_goes_on(tmp_path: Path, wrong: Answer) -> None:
    """The whole service, in a process of its own: pages answer, memory stays what it was, and it ends when told to."""
    server, port = Server(LETTER, {"UID FETCH": wrong, "SELECT": wrong}), free_port()
    text = (ROOT / "config.toml").read_text().replace('protocol = "smtp"', 'protocol = "none"')
    (tmp_path / "config.toml").write_text(
        f'{text}\n[mailbox]\nhost = "127.0.0.1"\nport = {server.port}\ntls = "none"\nuser = "koosloome"\n'
    )
    said = ["--config", str(tmp_path / "config.toml"), "--data", str(tmp_path), "serve", "--web", f"127.0.0.1:{port}"]
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen([sys.executable, str(ROOT / "teekond.py"), *said], stdout=log, stderr=log)
    try:
        until(lambda: "teekond serve" in (tmp_path / "log").read_text(), (tmp_path / "log").read_text)
        until(lambda: answered(port) < 10, lambda: "the pages answer")
        before, given_up = rss(running.pid), time.monotonic() + 12
        while time.monotonic() < given_up:
            assert answered(port) < 2
        assert rss(running.pid) - before < 100 * MIB
        running.terminate()
        assert running.wait(30) == 0
    finally:
        running.kill()
        running.wait()
        server.close()
    assert server.heard and "Traceback" not in (tmp_path / "log").read_text()


def answered(port: int) -> float:
    """Seconds until the pages answer; a hundred where they do not."""
    began = time.monotonic()
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as page:
            assert page.status == 200
    except OSError:
        return 100
    return time.monotonic() - began


def rss(pid: int) -> int:
    """The resident memory of a process just now, in bytes."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
