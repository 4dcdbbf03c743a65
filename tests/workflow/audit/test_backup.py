"""A copy taken while the service runs is one moment's state, goes back into either database, and sends nothing."""

import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from mail.sending.outbox import Sent, deliver
from mail.sending.transport import NoTransport
from teekond import main
from tests.builders import World
from tests.conftest import own_database
from workflow.audit.backup import BackupError, backup, restore
from workflow.coordinator import adjustments
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import (
    Alert,
    Base,
    HistoryRow,
    Letter,
    Message,
    Question,
    Setting,
    SignIn,
    Team,
    WebSession,
)
from workflow.journey import moves
from workflow.schedule import tick


def lived_in(db: Database) -> World:
    """Teams on their way, letters with files, mails sent and waiting, somebody signed in."""
    world = World(db)
    crew = world.apply("Võru").confirmed()
    world.apply("Rõuge").selected()
    world.send_all()
    crew.replies("rsvp", "EI", files={"töö.pdf": bytes(range(256))})
    with db.writing() as session:
        person = crew.contact.id
        session.add(SignIn(token_hash="a", person_id=person, expires_at=world.now))
        session.add(WebSession(token_hash="c", person_id=person, started_at=world.now, seen_at=world.now))
        session.merge(Setting(key="relay_pause", value="[]"))
        team = session.get_one(Team, crew.id)
        first, second = session.scalars(sa.select(HistoryRow).order_by(HistoryRow.id).limit(2)).all()
        first.undone_by_id = second.id
        assert team.state == "workshop_1"
    return world


def everything(db: Database) -> dict[str, list[tuple[object, ...]]]:
    with db.engine.connect() as connection:
        return {
            table.name: list(map(tuple, connection.execute(sa.select(table).order_by(*table.primary_key.columns))))
            for table in Base.metadata.sorted_tables
        }


CHANGED = {"messages", "web_sessions", "sign_ins", "alerts", "settings"}


def test_what_comes_back_is_what_was_there(db: Database, empty: str, tmp_path: Path) -> None:
    world = lived_in(db)
    before = everything(db)
    assert backup(db, tmp_path / "copy") == (tmp_path / "copy").stat().st_size
    done = restore(tmp_path / "copy", empty, world.now)
    again = Database(empty)
    after = everything(again)
    assert sum(len(rows) for rows in before.values()) > 200
    assert {name: rows for name, rows in after.items() if name not in CHANGED} == {
        name: rows for name, rows in before.items() if name not in CHANGED
    }
    assert [len(after[name]) for name in ("messages", "web_sessions", "sign_ins")] == [
        len(before[name]) for name in ("messages", "web_sessions", "sign_ins")
    ]
    assert (done.teams, done.letters) == (2, len(before["letters"]))
    again.close()


def test_the_service_goes_on_from_the_copy(db: Database, empty: str, tmp_path: Path) -> None:
    """Numbers go on where they were, history is still guarded, and a reply to an old mail still arrives."""
    world = lived_in(db)
    backup(db, tmp_path / "copy")
    restore(tmp_path / "copy", empty, world.now)
    again = Database(empty)
    other = World(again, now=world.now)
    for _ in range(500):
        other.season.secret()  # those that were given out are not given out again
    other.apply("Saku")
    _, asked, address = other.asked("confirm_place", team=2)
    other.write(asked.address, address, "JAH", message_id="<new@example.org>")
    with again.reading() as session:
        assert session.get_one(Team, 2).state == "workshop_1"
        assert session.scalar(sa.select(sa.func.count()).select_from(Team)) == 3
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), again.writing() as session:
        session.execute(sa.delete(HistoryRow))
    again.close()


def test_nothing_leaves_until_the_coordinator_has_looked(db: Database, empty: str, tmp_path: Path) -> None:
    world = lived_in(db)
    with db.reading() as session:
        waiting = session.scalar(sa.select(sa.func.count()).where(Message.status == "queued"))
    assert waiting
    backup(db, tmp_path / "copy")
    assert restore(tmp_path / "copy", empty, world.now).held == waiting
    again = Database(empty)
    later = world.now + timedelta(days=1)  # an old copy: duties have fallen due since
    with again.writing() as session:
        assert session.scalars(sa.select(WebSession.ended_at)).all() == [world.now]
        assert session.scalars(sa.select(SignIn.used_at)).all() == [world.now]
        moves.open_season(world.season, session, later)
    while tick.tick(world.season, again, later + timedelta(days=30)):
        continue
    with again.writing() as session:
        queued = session.scalar(sa.select(sa.func.count()).where(Message.status == "queued"))
        assert queued, "reminders have fallen due since"
        link = session.scalars(sa.select(Message).order_by(Message.id).limit(1)).one()
        link.template, link.status = "sign_in", "queued"

    def send() -> Sent:
        return deliver(again, later + timedelta(days=31), NoTransport(), build=lambda m: ("a@example.org", b""))

    assert send() == Sent(sent=1), "the link to sign in with"
    assert send() == Sent()
    with again.writing() as session:
        alert = session.scalars(sa.select(Alert).where(Alert.kind == "restored")).one()
        assert str(waiting) in alert.says["et"] and "copy" in alert.says["en"]
        adjustments.settle_alert(session, alert, later)
    sent = send()
    while more := send().sent:
        sent = Sent(sent=sent.sent + more)
    assert sent.sent >= queued
    with again.reading() as session:
        kept = Message.status.in_(["held", "dropped"])  # dropped is what was over before anybody looked
        assert session.scalar(sa.select(sa.func.count()).where(kept)) == waiting
    again.close()


def test_a_copy_taken_under_load_is_one_moments_state(db: Database, tmp_path: Path) -> None:
    """Each transaction writes two rows; a copy that holds one of them was no single moment."""
    World(db)
    stop, written = threading.Event(), 0

    def write() -> None:
        nonlocal written
        while not stop.is_set():
            with db.writing() as session:
                for table in (Alert, Question):
                    values = {"key": f"load:{written}", "kind": "load"}
                    values |= {"says": {}, "at": NOW} if table is Alert else {"about": {}, "asked_at": NOW}
                    session.add(table(**values))
            written += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            backup(db, tmp_path / f"copy{number}")
    finally:
        stop.set()
        writer.join()
    sizes = []
    for number in range(3):
        with closing(sqlite3.connect(tmp_path / f"copy{number}")) as copy:
            counts = [
                copy.execute(f"SELECT count(*) FROM {table} WHERE kind = 'load'").fetchone()[0]
                for table in ("alerts", "questions")
            ]
        assert counts[0] == counts[1]
        sizes.append(counts[0])
    assert 0 <= sizes[0] <= sizes[1] <= sizes[2] <= written and written > 3


NOW = World.__dataclass_fields__["now"].default


def test_books_that_are_there_are_never_written_over(db: Database, tmp_path: Path) -> None:
    lived_in(db)
    before = everything(db)
    backup(db, tmp_path / "copy")
    with pytest.raises(BackupError, match="already"):
        restore(tmp_path / "copy", db.engine.url.render_as_string(hide_password=False), NOW)
    with pytest.raises(BackupError, match="already"):
        backup(db, tmp_path / "copy")
    assert everything(db) == before
    assert not [p for p in tmp_path.iterdir() if p.suffix in (".part", ".restoring")]


@pytest.mark.parametrize("damage", ["cut", "scribbled", "other"])
def test_a_copy_that_is_none_is_refused_and_nothing_is_made(sqlite_db: Database, tmp_path: Path, damage: str) -> None:
    lived_in(sqlite_db)
    backup(sqlite_db, tmp_path / "copy")
    raw = (tmp_path / "copy").read_bytes()
    middle = len(raw) // 2
    scribbled = raw[:8192] + b"\xff" * (middle - 8192) + raw[middle:]
    (tmp_path / "bad").write_bytes({"cut": raw[:middle], "scribbled": scribbled, "other": b"a letter"}[damage])
    folder = tmp_path / "new"
    folder.mkdir()
    with pytest.raises(BackupError):
        restore(tmp_path / "bad", sqlite_url(folder), NOW)
    assert list(folder.iterdir()) == []


def test_the_commands_make_a_copy_and_take_it_back(sqlite_db: Database, tmp_path: Path) -> None:
    world = lived_in(sqlite_db)
    data, other, copy = tmp_path, tmp_path / "other", tmp_path / "monday.backup"
    made = CliRunner().invoke(main, ["--data", str(data), "backup", str(copy)])
    assert made.exit_code == 0 and "secret_key" in made.output
    assert copy.stat().st_mode & 0o077 == 0
    back = CliRunner().invoke(main, ["--data", str(other), "restore", str(copy)])
    assert back.exit_code == 0 and "2 teams" in back.output, back.output
    assert other.stat().st_mode & 0o077 == 0, "the folder that was made is its owner's alone"
    again = CliRunner().invoke(main, ["--data", str(other), "restore", str(copy)])
    assert again.exit_code == 1 and "already" in again.output
    restored = Database(sqlite_url(other))
    with restored.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Letter)) == len(everything(world.db)["letters"])
    restored.close()
    shutil.rmtree(other)


def test_where_no_books_are_yet_nothing_is_copied_and_nothing_made(tmp_path: Path) -> None:
    for words in (["--data", str(tmp_path / "nowhere")], ["--data", str(tmp_path)]):
        done = CliRunner().invoke(main, [*words, "backup", str(tmp_path / "copy")])
        assert done.exit_code == 1 and "there are no books in sqlite" in done.output, done.output
        assert "--data" in done.output and "[database] url" in done.output
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "teekond.sqlite").touch()
    assert CliRunner().invoke(main, ["--data", str(tmp_path), "backup", str(tmp_path / "copy")]).exit_code == 1
    assert [file.name for file in tmp_path.iterdir()] == ["teekond.sqlite"]


def test_a_database_without_tables_has_no_books_to_copy(postgresql_server: sa.URL, tmp_path: Path) -> None:
    with own_database(postgresql_server) as url:
        empty = Database(url.render_as_string(hide_password=False))
        with pytest.raises(BackupError, match="no books in postgresql"):
            backup(empty, tmp_path / "copy")
        empty.close()
    assert list(tmp_path.iterdir()) == []


def test_a_copy_into_a_folder_that_is_not_there_is_refused_with_its_name(sqlite_db: Database, tmp_path: Path) -> None:
    with pytest.raises(BackupError, match=r"no folder .*away"):
        backup(sqlite_db, tmp_path / "away" / "copy")
