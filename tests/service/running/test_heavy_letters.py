"""A real worker with letters before it that were made to be heavy: an honest one behind them does not wait long."""

import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from tests.service.commands.test_run import TEEKOND, own_address
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Letter

HEAVY = 50
PATIENCE = 30


def attributes() -> bytes:
    """3 MB, a third of it one tag's attributes in each part: 47 s of a parser's time each, were it to see them."""
    one = b"--b\nContent-Type: text/html\n\n<p " + b" ".join(b"a%05x" % n for n in range(140_000)) + b">x\n"
    return b"Content-Type: multipart/mixed; boundary=b\n\n" + one * 3 + b"--b--\n"


def quotes() -> bytes:
    """Very many short lines of a quote."""
    return b"\n" + b"> x\n" * 260_000


def test_an_honest_letter_behind_fifty_heavy_ones_is_handled_within_half_a_minute(tmp_path: Path) -> None:
    db, now = Database(sqlite_url(tmp_path)), datetime.now(UTC)
    db.migrate()
    bodies = (attributes(), quotes())
    for number in range(HEAVY):
        keep(db, f"heavy{number}", bodies[number % 2], now)
    keep(db, "honest", b"\nKas saaksite mulle helistada?\n", now)
    worker = subprocess.Popen([*TEEKOND, "--data", str(tmp_path), "work"], stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout is not None and "at work" in worker.stdout.readline()
        began = time.monotonic()
        while state(db, "honest") != "held":
            assert time.monotonic() - began < PATIENCE
            time.sleep(0.2)
        worker.terminate()
        assert worker.wait(15) == 0
    finally:
        worker.kill()
        worker.wait()
    with db.reading() as session:
        assert set(session.scalars(sa.select(Letter.status))) <= {"held", "parked"}
    db.close()


def keep(db: Database, word: str, body: bytes, now: datetime) -> None:
    raw = b"From: x@example.org\nSubject: %b\nMessage-ID: <%b@example.org>\n" % (word.encode(), word.encode()) + body
    arrival = Arrival(envelope_from="x@example.org", recipients=(own_address(),), raw=raw, via="smtp")
    store(db, [arrival], now)


def state(db: Database, word: str) -> str | None:
    with db.reading() as session:
        return session.scalar(sa.select(Letter.status).where(Letter.subject == word))
