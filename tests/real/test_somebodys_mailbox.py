"""A mailbox that people use too, on a real Dovecot: only what is ours is touched, and nothing of it is lost."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.handling.reply_text import words as reading_words
from mail.mailbox.imap import Folder, Pace
from mail.mailbox.records import Books
from mail.mailbox.upkeep import SUBJECT, Upkeep
from mail.mailbox.watcher import Mailbox
from service.doctor import mail_servers
from tests.builders import FEBRUARY, SECRET, World
from tests.real.dovecot import USER, Dovecot, dovecot
from tests.real.programs import until
from tests.real.test_dovecot_imap import IDENTITY, QUICK, Shelf, mail, reading, settings, taken, token
from workflow.audit import backup
from workflow.config.settings import MailboxSettings
from workflow.database.engine import Database
from workflow.database.models import Letter, Message
from workflow.privacy import erase_person
from workflow.text.bilingual import Text


@pytest.fixture
def shelf(sqlite_db: Database) -> Shelf:
    return Shelf(sqlite_db)


def to(address: str, number: int, *more: str) -> bytes:
    """A letter from somebody, to whom it is not said to be but by its header."""
    lines = [f"From: keegi@example.org\r\nTo: {address}", f"Message-ID: <{number}@example.org>", *more]
    return "\r\n".join([*lines, "", "Tere!", ""]).encode()


def flags(server: Dovecot) -> list[str]:
    """Of each letter in INBOX."""
    with server.client() as client:
        client.select("INBOX", readonly=True)
        found = client.fetch("1:*", "(FLAGS)")[1]
        return ["\\Seen" if b"\\Seen" in one else "" for one in found if isinstance(one, bytes)]


def begins(server: Dovecot, shelf: Shelf, *, pace: Pace = QUICK, books: Books | None = None) -> Mailbox:
    """A service that has never read this mailbox."""
    config = settings(server)
    found = Mailbox(
        config, store=shelf, books=books or Books(shelf.db, IDENTITY, config), now=lambda: FEBRUARY, token=token,
        tell=shelf.tell, pace=pace,
    )  # fmt: skip
    found.start()
    return found


def kept(shelf: Shelf) -> list[str]:
    with shelf.db.reading() as session:
        raws = session.scalars(sa.select(Letter.raw)).all()
    return sorted(raw.split(b"Message-ID: ")[1].split(b"\r\n")[0].decode() for raw in raws)


def test_what_was_there_before_stays_and_the_coordinator_is_told_once(mail_server: Dovecot, shelf: Shelf) -> None:
    for number in range(50):
        mail_server.append(to(USER, number))
    with mail_server.client() as client:
        client.select()
        client.store("1:20", "+FLAGS", r"(\Seen)")
    before = flags(mail_server)
    for _ in range(2):
        service = begins(mail_server, shelf)
        until(lambda: shelf.told, "the coordinator is told")
        number = 100 + len(shelf.letters())
        mail_server.append(to(USER, number))
        taken(mail_server, left=50, there=number - 99)
        service.stop()
    assert kept(shelf) == ["<100@example.org>", "<101@example.org>"]
    assert flags(mail_server) == before and before.count("\\Seen") == 20
    (says,) = shelf.told.values()
    assert "50 letters were there" in says.en and "50 kirja" in says.et


def test_mail_that_is_not_for_the_programme_stays_as_it_is(mail_server: Dovecot, shelf: Shelf) -> None:
    with reading(mail_server, shelf, pace=Pace(idle=0.3)):
        for number in range(5):
            mail_server.append(to("info@example.org", number))
        mail_server.append(to(USER, 5))
        taken(mail_server, left=5, there=1)
    assert kept(shelf) == ["<5@example.org>"]
    assert set(flags(mail_server)) == {""}


def test_an_answer_that_came_before_the_first_start_is_taken_and_news_is_not(
    mail_server: Dovecot, sqlite_db: Database
) -> None:
    world, shelf = World(sqlite_db), Shelf(sqlite_db)
    team = world.apply()
    _, _, address = world.asked("verify", team=team.id)
    (message,) = world.messages("verify")
    with sqlite_db.writing() as session:
        session.execute(sa.update(Message).values(sent_at=FEBRUARY))
    mail_server.append(to(address, 1))
    mail_server.append(to("keegi@example.org", 2, f"In-Reply-To: {message.message_id}"))
    mail_server.append(to(world.identity.from_address, 3))
    books = Books(sqlite_db, world.identity, settings(mail_server))
    service = begins(mail_server, shelf, books=books)
    taken(mail_server, left=1, there=2)
    service.stop()
    assert kept(shelf) == ["<1@example.org>", "<2@example.org>"]


def test_two_services_on_one_mailbox_leave_each_other_their_answers(
    mail_server: Dovecot, sqlite_db: Database, tmp_path: Path
) -> None:
    """The other one knows its own secrets alone; whichever wakes first takes only what is its own."""
    world, shelf = World(sqlite_db), Shelf(sqlite_db)
    team = world.apply()
    _, _, address = world.asked("verify", team=team.id)
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    theirs = Shelf(other)
    with reading(mail_server, theirs, identity=world.identity, pace=Pace(idle=0.2, calm=0.2, patience=0.5)):
        mail_server.append(to(address, 1))
        until(lambda: theirs.told, "the other one tells of it")
        with reading(mail_server, shelf, identity=world.identity):
            taken(mail_server, there=1)
    assert (kept(shelf), kept(theirs)) == (["<1@example.org>"], [])
    assert [key.rsplit(":", 1)[0] for key in theirs.told] == ["mailbox:unknown"]
    other.close()


def test_after_a_backup_was_restored_what_came_since_is_taken_from_the_done_folder(
    mail_server: Dovecot, shelf: Shelf, tmp_path: Path
) -> None:
    with reading(mail_server, shelf):
        mail_server.append(mail(1))
        taken(mail_server, there=1)
    copy = tmp_path / "copy.db"
    backup.backup(shelf.db, copy)
    with reading(mail_server, shelf):
        for number in (2, 3):
            mail_server.append(mail(number))
        taken(mail_server, there=3)
    mail_server.append(to("info@example.org", 4), "Teekond")
    url = f"sqlite:///{tmp_path / 'restored.db'}"
    backup.restore(copy, url, FEBRUARY)
    restored = Shelf(Database(url))
    for _ in range(2):
        with reading(mail_server, restored):
            until(lambda: len(restored.letters()) == 3, "all three are in the books again")
            mail_server.append(mail(1))  # delivered once more
            until(lambda: mail_server.count("INBOX") == 0, "it is taken")
    assert kept(restored) == kept(shelf) == ["<1@example.org>", "<2@example.org>", "<3@example.org>"]
    restored.db.close()


def test_a_mailbox_that_its_owner_empties_or_renames_folders_in_loses_no_letter(
    mail_server: Dovecot, shelf: Shelf
) -> None:
    with reading(mail_server, shelf, pace=Pace(idle=0.2, calm=0.2)):
        mail_server.append(mail(1))
        taken(mail_server, there=1)
        with mail_server.client() as client:
            assert client.rename("Teekond", "Vana")[0] == "OK"
        mail_server.append(mail(2))
        taken(mail_server, there=1)
        mail_server.append(to("info@example.org", 9))
        for room in ("INBOX", "Teekond"):
            with mail_server.client() as client:
                client.select(room)
                client.store("1:*", "+FLAGS", r"(\Deleted)")
                client.expunge()
        mail_server.append(mail(3))
        until(lambda: len(shelf.letters()) == 3, "the third is kept")
        until(lambda: mail_server.count("INBOX") == 0, "nothing is left")
    assert kept(shelf) == ["<1@example.org>", "<2@example.org>", "<3@example.org>"]


def test_a_done_folder_that_refuses_letters_holds_up_none(mail_server: Dovecot, shelf: Shelf) -> None:
    with reading(mail_server, shelf, done_folder="x" * 300):
        for number in range(10):
            mail_server.append(mail(number))
        until(lambda: len(shelf.letters()) == 10, "all are kept")
    assert mail_server.count("INBOX") == 10
    assert [key.rsplit(":", 1)[0] for key in shelf.told] == ["mailbox:unmoved"]


BUSY = Pace(idle=0.3, poll=0.3, calm=0.2, upkeep=0.3, mark=1, patience=60)


def marks(server: Dovecot) -> int:
    with server.client() as client:
        if client.select("Teekond", readonly=True)[0] != "OK":
            return 0
        return len(client.uid("SEARCH", "UNDELETED", "HEADER", "X-Teekond-Reader", '""')[1][0].split())


def waiting(seconds: float) -> None:
    threading.Event().wait(seconds)


def told(shelf: Shelf) -> set[str]:
    return {key.split(":")[1] for key in shelf.told}


def test_who_is_forgotten_is_forgotten_by_the_mailbox_too(mail_server: Dovecot, sqlite_db: Database) -> None:
    world, shelf = World(sqlite_db), Shelf(sqlite_db)
    team = world.apply()
    _, asked, address = world.asked("verify", team=team.id)
    with reading(mail_server, shelf, identity=world.identity, pace=BUSY):
        for number, sender in enumerate((asked.address, "keegi@example.org")):
            raw = f"From: {sender}\r\nTo: {address}\r\nMessage-ID: <{number}@example.org>\r\n\r\nJAH\r\n"
            mail_server.deliver(raw.encode(), address, sender=sender)
        taken(mail_server, there=2)
        assert world.inbox.handle_due(sqlite_db, world.now) == 2
        with sqlite_db.writing() as session:
            found = erase_person.forget(
                world.season, session, asked.address, world.now, key=SECRET, plain=reading_words
            )
        assert isinstance(found, erase_person.Forgotten)
        said = found.lines("en")
        assert any(line == f"Copies in the mailbox (the service removes them within half an hour): {found.in_mailbox}"
                   for line in said)  # fmt: skip
        until(lambda: mail_server.count("Teekond") == 2 - found.in_mailbox, "the copy is gone")
        until(lambda: not Books(sqlite_db, world.identity, settings(mail_server)).erased(), "nothing waits")
    assert found.in_mailbox >= 1 and told(shelf) == set()
    for name in mail_server.home.rglob("*"):
        if name.is_file() and name.parent.name in ("cur", "new", "tmp"):  # its indexes and log are the server's own
            assert asked.address.encode() not in name.read_bytes(), name


def test_letters_taken_before_there_were_keys_are_reached_too(mail_server: Dovecot, shelf: Shelf) -> None:
    with reading(mail_server, shelf):
        for number in range(3):
            mail_server.append(mail(number))
        taken(mail_server, there=3)
    with shelf.db.writing() as session:
        session.execute(sa.update(Letter).values(mailbox_key=None))
    with reading(mail_server, shelf, pace=BUSY):
        until(lambda: all(one.mailbox_key for one in shelf.letters()), "they have keys")
        with shelf.db.writing() as session:
            session.execute(sa.update(Letter).where(Letter.id == 2).values(raw=b""))
        until(lambda: mail_server.count("Teekond") == 2, "one is gone")


def test_what_was_moved_elsewhere_and_erased_is_told(mail_server: Dovecot, shelf: Shelf) -> None:
    with reading(mail_server, shelf, pace=BUSY):
        mail_server.append(mail(1))
        taken(mail_server, there=1)
        with mail_server.client() as client:
            client.create("Arhiiv")
            client.select("Teekond")
            client.copy("1:*", "Arhiiv")
            client.store("1:*", "+FLAGS", r"(\Deleted)")
            client.expunge()
        with shelf.db.writing() as session:
            session.execute(sa.update(Letter).values(raw=b""))
        until(lambda: shelf.told, "the coordinator is told")
    assert told(shelf) == {"unerased"}


@pytest.mark.parametrize("capability", ["", "IMAP4rev1"])
def test_two_services_on_one_mailbox_are_told_both_even_from_one_backup(
    shelf: Shelf, tmp_path: Path, capability: str
) -> None:
    """A live one and a test one that is its copy, keys, marks and all; and nobody is told of two parts of one."""
    with dovecot(capability=capability) as server:
        with reading(server, shelf, pace=BUSY), reading(server, shelf, pace=BUSY):
            until(lambda: marks(server) >= 1, "a mark is left")
            waiting(3 * BUSY.mark)
            assert told(shelf) == set() and marks(server) <= 2
        copy = tmp_path / "copy.db"
        backup.backup(shelf.db, copy)
        test = Shelf(Database(f"sqlite:///{copy}"))
        with reading(server, shelf, pace=BUSY), reading(server, test, pace=BUSY):
            until(lambda: told(shelf) == told(test) == {"shared"}, "both are told")
        test.db.close()
    (says,) = shelf.told.values()
    assert "https://teekond.example.org" in says.en and "Teekond" in says.et


def test_two_parts_of_one_service_that_leave_their_marks_at_once_are_no_strangers(
    mail_server: Dovecot, shelf: Shelf
) -> None:
    """One does all of its upkeep while the other has noted its mark and not yet left it."""
    config, told_of = settings(mail_server), list[str]()

    def tell(what: str, says: Text, *, once: str = "") -> None:
        told_of.append(what)

    def upkeep(books: Books) -> Upkeep:
        return Upkeep(config, books, BUSY, token=token, now=lambda: FEBRUARY, tell=tell)

    class Slow(Books):
        def leave_mark(self, token: Callable[[], str]) -> str:
            mark = super().leave_mark(token)
            upkeep(Books(shelf.db, IDENTITY, config)).work(other)
            return mark

    one, other = Folder(config, None, BUSY), Folder(config, None, BUSY)
    for folder in (one, other):
        folder.open()
    upkeep(Slow(shelf.db, IDENTITY, config)).work(one)
    assert told_of == [] and marks(mail_server) == 1
    for folder in (one, other):
        folder.close()


def test_two_marks_noted_at_once_are_both_known(db: Database) -> None:
    books = Books(db, IDENTITY, MailboxSettings(host="mail.example.org", user="x"))
    with ThreadPoolExecutor(8) as pool:
        left = set(pool.map(lambda n: books.leave_mark(lambda: f"m{n}"), range(8)))
    assert books.marks() == left


def test_a_strangers_letter_that_looks_like_a_mark_is_none(mail_server: Dovecot, shelf: Shelf) -> None:
    with reading(mail_server, shelf, pace=BUSY):
        forged = to(USER, 1, f"Subject: {SUBJECT}", "X-Teekond-Reader: abc", "X-Teekond-Pages: https://x.example.org")
        mail_server.deliver(forged, USER)
        until(lambda: len(shelf.letters()) == 1 and mail_server.count("INBOX") == 0, "it is taken as a letter")
        waiting(2 * BUSY.mark)
    assert told(shelf) == set()


def test_a_mailbox_that_fills_up_is_told_before_it_is_full(shelf: Shelf, tmp_path: Path) -> None:
    with dovecot(quota="100K") as server:
        with reading(server, shelf, pace=BUSY):
            until(lambda: marks(server) == 1, "it was looked at")
            assert told(shelf) == set()
        server.append(mail(1, b"x" * 90_000))
        with reading(server, shelf, pace=BUSY):
            until(lambda: shelf.told, "the coordinator is told")
        found = mail_servers.mailbox(settings(server))
    assert told(shelf) == {"full"} and not found.well
    assert "% full" in next(iter(shelf.told.values())).en and "% full" in found.says.en
