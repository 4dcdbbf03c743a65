"""The mailbox over IMAP, against a real Dovecot: taken once, moved only when kept, whatever breaks in between."""

import logging
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.identity import Identity
from mail.mailbox.imap import Pace, Selected
from mail.mailbox.records import Books
from mail.mailbox.watcher import Mailbox
from mail.receiving import store
from mail.receiving.store import Arrival, StorageFull
from tests.builders import FEBRUARY, SECRET, World
from tests.command_line import typed
from tests.paths import ROOT
from tests.real.dovecot import PASSWORD, USER, Dovecot, dovecot, dovecot_at_rest
from tests.real.programs import process, until
from workflow.config import settings as service_settings
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter, Setting
from workflow.text.bilingual import Text

IDENTITY = Identity(
    base_url="https://teekond.example.org", domain="example.org", from_name="Koosloome", from_address=USER,
    secret=SECRET,
)  # fmt: skip
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
QUICK = Pace(idle=540, poll=0.2, timeout=20, delays=(0.1, 0.2, 0.5, 0.5), batch_letters=7)


class Shelf:
    """The real store, with a fault before it or a wait where a test asks for one."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.fault: Exception | None = None
        self.poison = b"\0 no letter has this"
        self.batches: list[int] = []
        self.told: dict[str, Text] = {}
        self.failed = threading.Event()

    def __call__(self, arrivals: Sequence[Arrival], now: datetime) -> None:
        if self.fault or any(self.poison in one.raw for one in arrivals):
            self.failed.set()
            raise self.fault or ValueError("this letter breaks the store")
        store.store(self.db, arrivals, now)
        self.batches.append(len(arrivals))

    def letters(self) -> list[Letter]:
        with self.db.reading() as session:
            return list(session.scalars(sa.select(Letter).order_by(Letter.id)))

    def tell(self, key: str, says: Text) -> None:
        self.told[key] = says


def token() -> str:
    return secrets.token_hex(8)


@pytest.fixture
def shelf(sqlite_db: Database) -> Shelf:
    return Shelf(sqlite_db)


def settings(server: Dovecot, **given: object) -> service_settings.MailboxSettings:
    plain = {"host": "localhost", "port": server.imap, "tls": "none", "user": USER, "password": PASSWORD}
    return service_settings.MailboxSettings.model_validate(plain | given)


@contextmanager
def reading(
    server: Dovecot, shelf: Shelf, *, pace: Pace = QUICK, identity: Identity = IDENTITY, **given: object
) -> Iterator[Mailbox]:
    config = settings(server, **given)
    mailbox = Mailbox(
        config, store=shelf, books=books(shelf.db, config, identity), now=lambda: FEBRUARY, token=token,
        tell=shelf.tell, pace=pace, context=server.context(),
    )  # fmt: skip
    mailbox.start()
    try:
        yield mailbox
    finally:
        mailbox.stop()


def books(db: Database, given: service_settings.MailboxSettings, identity: Identity = IDENTITY) -> Books:
    """Of a service that has read this mailbox for long."""
    found = Books(db, identity, given)
    found.begun(Selected(validity=0, next_uid=0, count=0), LONG_AGO)
    return found


def mail(number: int, body: bytes = b"JAH") -> bytes:
    return (
        b"From: Mari Kask <mari@example.org>\r\nTo: koosloome@example.org\r\nSubject: Re: koht\r\n"
        b"Message-ID: <%d@example.org>\r\n\r\n%s\r\n" % (number, body)
    )


def taken(server: Dovecot, room: str = "Teekond", *, left: int = 0, there: int) -> None:
    until(lambda: server.count("INBOX") == left and server.count(room) == there, f"{there} letters in {room}")


def test_what_waits_and_what_comes_is_taken_once_and_idle_wakes(mail_server: Dovecot, shelf: Shelf) -> None:
    for number in range(20):
        mail_server.append(mail(number))
    with reading(mail_server, shelf):
        taken(mail_server, there=20)
        assert sorted(shelf.batches) == [6, 7, 7]
        for number in range(20, 25):  # the next look without IDLE's waking would be nine minutes away
            mail_server.deliver(mail(number), "koosloome@example.org")
            taken(mail_server, there=number + 1)
    letters = shelf.letters()
    assert len(letters) == 25
    assert {one.via for one in letters} == {"imap"}
    # byte for byte: the store names a letter by its own digest
    appended = {
        store.digest(Arrival(envelope_from="mari@example.org", recipients=(USER,), raw=mail(n), via="imap"))
        for n in range(20)
    }
    assert appended <= {one.digest for one in letters}


def test_the_envelope_is_what_delivery_wrote(mail_server: Dovecot, shelf: Shelf) -> None:
    mail_server.deliver(mail(1), "programm@example.org", sender="mari.kask@example.org")
    mail_server.deliver(mail(2), "programm@example.org", sender="")
    with reading(mail_server, shelf):
        taken(mail_server, there=2)
    by_sender = {one.envelope_from: one.recipients for one in shelf.letters()}
    assert by_sender == {
        sender: ["programm@example.org", "koosloome@example.org"] for sender in ("mari.kask@example.org", "")
    }


def test_a_reply_in_the_mailbox_moves_a_team(mail_server: Dovecot, sqlite_db: Database) -> None:
    world, shelf = World(sqlite_db), Shelf(sqlite_db)
    team = world.apply()
    _, asked, address = world.asked("verify", team=team.id)
    with reading(mail_server, shelf, identity=world.identity):
        raw = f"From: {asked.address}\r\nTo: {address}\r\nMessage-ID: <1@example.org>\r\n\r\nJAH\r\n".encode()
        mail_server.deliver(raw, address, sender=asked.address)
        taken(mail_server, there=1)
    assert world.inbox.handle_due(sqlite_db, world.now) == 1
    assert [(one.status, one.outcome) for one in shelf.letters()] == [("done", "accepted")]
    assert team.row.verified_at == world.now


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from mail.receiving import store
from mail.mailbox.watcher import Mailbox
from mail.mailbox.records import Books
from workflow.config.settings import MailboxSettings
from workflow.database.engine import Database, sqlite_url

url, when, *said = sys.argv[1:]
db = Database(url)

def keep(arrivals, now):
    if when == "after":
        store.store(db, arrivals, now)
    os.kill(os.getpid(), signal.SIGKILL)

host, port, user, password = said
settings = MailboxSettings(host=host, port=int(port), tls="none", user=user, password=password)
from tests.real.test_dovecot_imap import books, token
now = lambda: datetime(2022, 2, 1, tzinfo=UTC)
Mailbox(settings, store=keep, books=books(db, settings), token=token, now=now).start()
"""


@pytest.mark.parametrize(("when", "kept"), [("before", 0), ("after", 5)])
def test_killed_around_the_commit_nothing_is_lost_or_doubled(
    mail_server: Dovecot, shelf: Shelf, when: str, kept: int
) -> None:
    for number in range(5):
        mail_server.append(mail(number))
    url = shelf.db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", KILLED, url, when, "localhost", str(mail_server.imap), USER, PASSWORD]
    for _ in range(3):
        ended = subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
        assert ended.returncode == -signal.SIGKILL
        assert (mail_server.count("INBOX"), mail_server.count("Teekond")) == (5, 0)
        assert len(shelf.letters()) == kept
    with reading(mail_server, shelf):
        taken(mail_server, there=5)
    assert len(shelf.letters()) == 5


def test_nothing_is_moved_while_the_store_fails(mail_server: Dovecot, shelf: Shelf) -> None:
    shelf.fault = StorageFull()
    mail_server.append(mail(1))
    with reading(mail_server, shelf):
        until(lambda: shelf.told, "the coordinator is told")
        assert (mail_server.count("INBOX"), mail_server.count("Teekond"), shelf.letters()) == (1, 0, [])
        shelf.fault = None
        taken(mail_server, there=1)
    assert list(shelf.told) == [f"mailbox:away:{FEBRUARY.date()}"]
    assert len(shelf.letters()) == 1


def test_a_letter_that_breaks_the_store_or_is_too_large_holds_up_no_other(mail_server: Dovecot, shelf: Shelf) -> None:
    shelf.poison = b"poison"
    bodies = [b"JAH", b"poison", b"JAH", b"x" * 5000, b"JAH"]
    for number, body in enumerate(bodies):
        mail_server.append(mail(number, body))
    with reading(mail_server, shelf, pace=Pace(size=4000)):
        taken(mail_server, left=1, there=3)
        assert mail_server.count("Teekond too large") == 1
        mail_server.append(mail(9))
        taken(mail_server, left=1, there=4)
    assert len(shelf.letters()) == 4
    assert sorted(key.rsplit(":", 1)[0].rstrip("0123456789") for key in shelf.told) == [
        "mailbox:large:",
        "mailbox:unkept",
    ]
    assert "Teekond too large" in " ".join(says.en for says in shelf.told.values())


def test_it_connects_anew_after_a_restart_of_the_server(shelf: Shelf) -> None:
    with dovecot_at_rest() as server, reading(server, shelf):
        for number in range(3):
            with server.running():
                server.append(mail(number))
                taken(server, there=number + 1)
    assert len(shelf.letters()) == 3


@pytest.mark.parametrize("capability", ["IMAP4rev1 UIDPLUS", "IMAP4rev1", "IMAP4rev1 IDLE", "IMAP4rev1 MOVE"])
def test_a_server_that_can_do_little_is_read_too(shelf: Shelf, capability: str) -> None:
    with dovecot(capability=capability) as server:
        server.append(mail(0))
        with server.client() as client:
            client.select()
            client.store("1", "+FLAGS", r"(\Deleted)")  # by a person, in a mail program
        for number in range(1, 4):
            server.append(mail(number))
        with reading(server, shelf):
            taken(server, there=3)
            server.append(mail(4))
            taken(server, there=4)
        with server.client() as client:
            client.select()
            assert client.search(None, "DELETED")[1][0].split()[:1] == [b"1"]  # it was left to that person
    assert len(shelf.letters()) == 4


def test_a_server_that_wants_all_folders_below_inbox(shelf: Shelf) -> None:
    with dovecot(separator=".", prefix="INBOX.") as server:
        server.append(mail(1))
        with reading(server, shelf):
            taken(server, "INBOX.Teekond", there=1)
    assert len(shelf.letters()) == 1


def test_a_folder_made_anew_brings_nothing_twice_and_loses_nothing(mail_server: Dovecot, shelf: Shelf) -> None:
    mail_server.do("create Programm")
    mail_server.append(mail(1), "Programm")
    with reading(mail_server, shelf, folder="Programm", pace=Pace(idle=0.5)):
        until(lambda: mail_server.count("Teekond") == 1, "the first letter is taken")
        mail_server.do("delete Programm", "create Programm")  # a new UIDVALIDITY, and UID 1 once more
        mail_server.append(mail(1), "Programm")
        mail_server.append(mail(2), "Programm")
        until(lambda: mail_server.count("Teekond") == 3 and mail_server.count("Programm") == 0, "both are taken")
    assert [one.digest for one in shelf.letters()] == [
        store.digest(
            Arrival(envelope_from="mari@example.org", recipients=("koosloome@example.org",), raw=mail(n), via="imap")
        )
        for n in (1, 2)
    ]


@pytest.mark.parametrize(("tls", "port"), [("tls", "imaps"), ("starttls", "imap")])
def test_connections_are_protected(mail_server: Dovecot, shelf: Shelf, tls: str, port: str) -> None:
    mail_server.append(mail(1))
    with reading(mail_server, shelf, tls=tls, port=getattr(mail_server, port)):
        taken(mail_server, there=1)
        mail_server.append(mail(2))  # IDLE wakes through TLS as well
        taken(mail_server, there=2)
    assert len(shelf.letters()) == 2


def test_a_stranger_with_another_certificate_gets_no_password(mail_server: Dovecot, shelf: Shelf) -> None:
    given = settings(mail_server, tls="tls", port=mail_server.imaps)
    mailbox = Mailbox(
        given, store=shelf, books=books(shelf.db, given), now=lambda: FEBRUARY, token=token, tell=shelf.tell, pace=QUICK
    )
    mailbox.start()
    until(lambda: shelf.told, "the coordinator is told")
    mailbox.stop()
    assert "CERTIFICATE_VERIFY_FAILED" in next(iter(shelf.told.values())).en
    assert "Login:" not in (mail_server.home / "log").read_text()


@pytest.mark.parametrize("wrong", ["vale-sõna-0102", "wrong-word-0102"])
def test_a_refused_password_is_told_and_stands_in_no_log(
    mail_server: Dovecot, shelf: Shelf, caplog: pytest.LogCaptureFixture, wrong: str
) -> None:
    caplog.set_level(logging.DEBUG)
    with reading(mail_server, shelf, password=wrong):
        until(lambda: shelf.told, "the coordinator is told")
    said = caplog.text + " ".join(says.en + says.et for says in shelf.told.values())
    assert "AUTHENTICATIONFAILED" in said
    assert wrong not in said
    assert PASSWORD not in said


def test_two_of_them_on_one_mailbox_keep_each_letter_once(mail_server: Dovecot, shelf: Shelf) -> None:
    for number in range(30):
        mail_server.append(mail(number))
    with reading(mail_server, shelf), reading(mail_server, shelf):
        until(lambda: mail_server.count("INBOX") == 0, "all are taken")
    assert len(shelf.letters()) == 30


def command(home: Path, config: str, *said: str) -> list[str]:
    (home / "config.toml").write_text(config)
    return [sys.executable, str(ROOT / "teekond.py"), "--config", str(home / "config.toml"), "--data", str(home), *said]


def begun(data: Path) -> bool:
    """Whether a service has begun to read its mailbox."""
    db = Database(sqlite_url(data))
    try:
        with db.reading() as session:
            return db.at_head() and session.get(Setting, "mailbox") is not None
    except sa.exc.OperationalError:  # its tables are being made
        return False
    finally:
        db.close()


def test_the_service_itself_reads_the_mailbox_that_its_config_names(mail_server: Dovecot, tmp_path: Path) -> None:
    config = (ROOT / "config.toml").read_text()
    config += f'\n[mailbox]\nhost = "localhost"\nport = {mail_server.imap}\ntls = "none"\nuser = "{USER}"\n'
    config = config.replace("koosloome@teekond.example.org", USER)
    log = tmp_path / "log"
    env = {**os.environ, "TEEKOND_MAILBOX__PASSWORD": PASSWORD}
    receive = command(tmp_path, config, "receive", "--smtp", "127.0.0.1:0")
    mail_server.append(mail(0))
    with process(receive, log, env=env):
        until(lambda: begun(tmp_path), "reading has begun")
        mail_server.append(mail(1))
        taken(mail_server, left=1, there=1)
        mail_server.deliver(mail(2), "koosloome@example.org")
        taken(mail_server, left=1, there=2)
    assert PASSWORD not in log.read_text()
    db = Database(sqlite_url(tmp_path))
    assert [one.via for one in Shelf(db).letters()] == ["imap", "imap"]
    db.close()


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        ('dkim_selector = "kiri"', "both or none"),
        ('dkim_selector = "kiri"\ndkim_key_file = "/nonexistent"', "there is no such file"),
        ('dkim_selector = "kiri"\ndkim_key_file = "/etc/hostname"', "the DKIM key"),
    ],
)
def test_a_key_that_cannot_sign_stops_the_service_at_its_start(tmp_path: Path, keys: str, says: str) -> None:
    config = (ROOT / "config.toml").read_text().replace("[mail]\n", f"[mail]\n{keys}\n", 1)
    _, _, *words = command(tmp_path, config, "work")
    done = typed(*words)
    assert done.returncode == 1
    assert says in done.stderr
