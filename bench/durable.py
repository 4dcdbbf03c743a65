"""Our letters' table with claims, leases and attempts beside DBOS (`bench/durable_dbos.py`, its own environment): the
same small work for each letter, from handing it in to its last row in the books: its bytes are looked at, a team's row
changed, a line of history and four mails written. Ours marks the letter in the transaction that does the work, fifty
letters to one; DBOS writes down each workflow and each step beside it. By the wall's clock.
"""

import hashlib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench import postgres
from bench.figures import Row, in_turn
from bench.peers import NotHere, python_with
from bench.season import NOW
from mail.receiving.store import Arrival, claim, raw, settle, store
from workflow.codes import LetterStatus
from workflow.database.engine import Database

TITLE = "Durable work, beside DBOS"
DBOS = "dbos==3.4.0"
LETTERS, PATIENCE = 200, 120
Place = Callable[[], AbstractContextManager[str]]
LEASE = timedelta(minutes=5)
TABLES = (
    "CREATE TABLE bench_teams (id INTEGER PRIMARY KEY, state TEXT)",
    "CREATE TABLE bench_history (team INTEGER, said TEXT)",
    "CREATE TABLE bench_mails (team INTEGER, body TEXT)",
)


def run(times: int) -> list[Row]:
    try:
        python = python_with(DBOS, "psycopg[binary]==3.3.9")
    except NotHere as why:
        return [Row(what="letters with durable steps", left_out=str(why))]
    return [_row(name, python, times) for name in ("SQLite", "PostgreSQL")]


def _row(name: str, python: Path, times: int) -> Row:
    place = _file if name == "SQLite" else postgres.database
    try:
        ours, theirs = in_turn((partial(_ours, place), partial(_dbos, place, python)), min(times, 3), "letters/s")
    except NotHere as why:
        return Row(what=name, left_out=str(why))
    return Row(what=f"{LETTERS} letters, {name}", ours=ours, peer=DBOS.replace("==", " "), theirs=theirs)


@contextmanager
def _file() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="tk-bench-") as home:
        yield f"sqlite:///{home}/books.sqlite"


def _laid(db: Database) -> None:
    with db.engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(table)
        teams = [{"n": number} for number in range(1, LETTERS + 1)]
        connection.execute(sa.text("INSERT INTO bench_teams (id, state) VALUES (:n, 'first')"), teams)


def _ours(place: Place) -> float:
    with place() as url:
        db = Database(url)
        db.migrate()
        _laid(db)
        began = time.perf_counter()
        letters = [_arrival(number) for number in range(1, LETTERS + 1)]
        for one in letters:
            store(db, [one], NOW)
        while _one_done(db):
            pass
        spent = time.perf_counter() - began
        with db.reading() as session:
            found = session.scalar(sa.text("SELECT count(*) FROM bench_mails"))
        assert found == LETTERS * 4, found
        db.close()
    return LETTERS / spent


def _arrival(number: int) -> Arrival:
    raw = b"Message-ID: <%d@mail.example.org>\r\n\r\n" % number + b"%d" % number * 400
    return Arrival(envelope_from="mari@example.org", recipients=(f"{number}@example.org",), raw=raw, via="smtp")


def _one_done(db: Database) -> bool:
    with db.writing() as session:
        letter = claim(session, NOW, lease=LEASE)
    if letter is None:
        return False
    with db.writing() as session:
        content = raw(session, letter) or b""
        number = int(content.partition(b"<")[2].partition(b"@")[0])
        _act(session, number, hashlib.sha256(content).hexdigest())
        assert settle(session, letter, {"status": LetterStatus.DONE})
    return True


def _act(session: Session, number: int, digest: str) -> None:
    session.execute(sa.text("UPDATE bench_teams SET state = 'next' WHERE id = :n"), {"n": number})
    session.execute(sa.text("INSERT INTO bench_history (team, said) VALUES (:n, :d)"), {"n": number, "d": digest})
    mails = [{"n": number, "b": "x" * 500} for _ in range(4)]
    session.execute(sa.text("INSERT INTO bench_mails (team, body) VALUES (:n, :b)"), mails)


def _dbos(place: Place, python: Path) -> float:
    with place() as books, place() as system:
        db = Database(books)
        _laid(db)
        db.close()
        script = Path(__file__).with_name("durable_dbos.py")
        command = [str(python), str(script), system, books, str(LETTERS)]
        done = subprocess.run(command, cwd="/tmp", capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode:
            raise NotHere(f"DBOS does not run here: {done.stderr.strip()[-300:]}")
        return float(done.stdout.strip().splitlines()[-1])
