"""Emergency stop: one button or one command holds all mail in every process; letting go shows a list first."""

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from mail.sending.outbox import Sent, deliver
from mail.sending.transport import SmtpTransport
from tests.command_line import typed
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import MINUTE, NOW, build, queue, send
from tests.paths import ROOT
from workflow.coordinator import mail_hold
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Message, Question


def hold(db: Database, *, by: str = "Kadri") -> bool:
    with db.writing() as session:
        return mail_hold.begin(session, by, NOW)


def let_go(db: Database, **left_out: list[str]) -> int | None:
    with db.writing() as session:
        return mail_hold.release(session, NOW, **left_out)


def statuses(db: Database) -> dict[str, str]:
    with db.reading() as session:
        return {row.key: row.status for row in session.execute(sa.select(Message.key, Message.status))}


def test_nothing_leaves_but_links_to_sign_in_and_all_of_it_when_it_is_let_go(db: Database) -> None:
    queue(db, "mari", "juri")
    queue(db, "kadri", template="sign_in")
    assert hold(db) and not hold(db, by="somebody else")
    other = Database(db.engine.url.render_as_string(hide_password=False))  # another process, or this one restarted
    with Relay() as relay:
        assert send(db, relay) == Sent(sent=1)
        assert send(other, relay, NOW + timedelta(days=3)) == Sent()
        assert relay.tried == ["kadri@example.org"]
        with db.reading() as session:
            assert mail_hold.current(session) == mail_hold.Hold(NOW, "Kadri")
        assert let_go(db) == 0
        assert send(other, relay, NOW + MINUTE) == Sent(sent=2)
        assert let_go(db) is None
    other.close()


def test_a_hold_stops_a_pass_that_is_under_way(db: Database) -> None:
    """With the next mail, not with the next batch."""
    queue(db, *(f"m{n:02}" for n in range(30)))

    def holding(message: Message) -> tuple[str, bytes]:
        if message.key == "m05":
            hold(db)
        return build(message)

    with Relay() as relay:
        assert deliver(db, NOW, SmtpTransport("127.0.0.1", relay.port), build=holding) == Sent(sent=6)


def test_of_many_at_once_each_sends_one_more_at_most(db: Database) -> None:
    queue(db, *(f"m{n:03}" for n in range(200)))
    with Relay() as relay, ThreadPoolExecutor(3) as pool:
        passes = [pool.submit(send, db, relay) for _ in range(3)]
        while len(relay.taken) < 10:
            continue
        hold(db)
        at_hold = len(relay.taken)
        for one in passes:
            one.result()
        assert len(relay.taken) - at_hold <= 3


def asked(db: Database, name: str, **given: object) -> None:
    """A mail that asks something."""
    with db.writing() as session:
        question = Question(key=name, kind="homework", asked_at=NOW, **given)
        session.add(question)
        session.flush()
    queue(db, name, question_id=question.id)


def test_what_was_answered_or_fell_due_meanwhile_is_stale_and_may_be_left_out(db: Database) -> None:
    hold(db)
    asked(db, "open", due_at=NOW + timedelta(days=9))
    asked(db, "answered", closed_at=NOW + MINUTE)
    asked(db, "due", due_at=NOW + timedelta(hours=1))
    asked(db, "thanks", closed_at=NOW, due_at=NOW)  # the question was closed before this was queued: it answers that
    queue(db, "news", template="status")
    queue(db, "kadri", template="sign_in")
    later = NOW + timedelta(days=1)
    with db.reading() as session:
        assert mail_hold.piles(session, later) == [
            mail_hold.HeldMails("homework", 4, 2, NOW, ("Answered", "Due", "Open")),
            mail_hold.HeldMails("status", 1, 0, NOW, ("News",)),
        ]
    with db.writing() as session:
        assert mail_hold.release(session, later, drop=["status"], drop_stale=["homework"]) == 3
    assert statuses(db) == {"open": "queued", "answered": "dropped", "due": "dropped", "thanks": "queued",
                            "news": "dropped", "kadri": "queued"}  # fmt: skip


# commands


def command(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "TEEKOND_SECRET_KEY": "x" * 40}
    return typed("--config", str(ROOT / "config.toml"), "--data", str(data), *words, cwd=data, env=environ)


def test_one_command_holds_another_shows_and_lets_go(tmp_path: Path) -> None:
    assert "holds no books yet" in command(tmp_path, "hold").stderr
    db = Database(sqlite_url(tmp_path))
    db.migrate()
    queue(db, "mari", "juri", template="status")
    queue(db, "kati", template="help")
    assert "nothing was done" in command(tmp_path, "release").stdout
    assert "All mail is held; only sign-in links leave" in command(tmp_path, "hold").stdout
    assert "held already" in command(tmp_path, "hold").stdout
    shown = command(tmp_path, "release").stdout
    assert "Waiting: 3." in shown and "2  status, oldest" in shown and "Juri, Mari" in shown and "Nothing was" in shown
    assert command(tmp_path, "release", "--yes", "--drop", "nonsense").returncode == 1
    with db.reading() as session:
        assert mail_hold.current(session) is not None
    assert "2 dropped" in command(tmp_path, "release", "--yes", "--drop", "status", "--drop-stale").stdout
    assert statuses(db) == {"mari": "dropped", "juri": "dropped", "kati": "queued"}
    db.close()


def test_books_that_cannot_be_used_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "teekond.sqlite").write_bytes(b"no database" * 1000)
    for words in (("hold",), ("release",)):
        said = command(tmp_path, *words)
        assert said.returncode == 1 and "nothing was done" in said.stderr and "Traceback" not in said.stderr
