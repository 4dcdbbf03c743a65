"""A receiver killed in the middle of things loses nothing that it said it had, and keeps nothing twice."""

import random
import smtplib
import subprocess
import sys
import threading

import sqlalchemy as sa

from tests.paths import ROOT
from workflow.database.engine import Database
from workflow.database.models import Letter

KILLS, SENDERS = 8, 4


def start(db: Database, *how: str) -> tuple[subprocess.Popen[str], int]:
    url = db.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.mail.receiving.receiver_process", url, *how]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    return process, int(process.stdout.readline())


def send_until_killed(port: int, sender: str, acknowledged: set[str], enough: threading.Event, goal: int) -> None:
    """Each letter is sent again until it is acknowledged, as a sender's server does."""
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            while True:
                key = f"<{sender}.{sum(one.startswith(f'<{sender}.') for one in acknowledged)}@example.org>"
                client.sendmail("mari@example.org", "k@kogu.example.org", f"Message-ID: {key}\r\n\r\nJAH\r\n")
                acknowledged.add(key)
                if len(acknowledged) >= goal:
                    enough.set()
    except (OSError, smtplib.SMTPException):
        return  # killed


def acknowledged_over_kills(db: Database, *how: str) -> set[str]:
    acknowledged: set[str] = set()
    for _ in range(KILLS):
        process, port = start(db, *how)
        enough = threading.Event()
        goal = len(acknowledged) + random.Random(len(acknowledged)).randint(5, 60)
        arguments = [(port, f"s{n}", acknowledged, enough, goal) for n in range(SENDERS)]
        threads = [threading.Thread(target=send_until_killed, args=each) for each in arguments]
        for thread in threads:
            thread.start()
        reached = enough.wait(30)
        process.kill()
        process.communicate()
        assert reached
        for thread in threads:
            thread.join()
    return acknowledged


def kept(db: Database) -> list[str]:
    with db.reading() as session:
        raws = session.scalars(sa.select(Letter.raw)).all()
    return [raw.split(b"\r\n")[0].split()[1].decode() for raw in raws]


def test_what_was_acknowledged_is_there_once(db: Database) -> None:
    acknowledged = acknowledged_over_kills(db)
    found = kept(db)
    assert acknowledged <= set(found)
    assert len(found) == len(set(found))
    assert len(acknowledged) >= 5 * KILLS


def test_a_receiver_that_acknowledges_too_early_would_be_noticed(sqlite_db: Database) -> None:
    assert not acknowledged_over_kills(sqlite_db, "lying") <= set(kept(sqlite_db))
