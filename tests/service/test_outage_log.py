"""An outage of the database is told once when it begins and once when it is over, whoever runs into it meanwhile."""

import io
import shutil
import socket
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.receiving.smtp_policy import said_of
from service.running.worker import Job, Worker
from tests.builders import FEBRUARY
from tests.web.access.test_logs import logged
from workflow.database import outage
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Setting
from workflow.schedule.heartbeat import Pulse


def lines(out: io.StringIO) -> list[str]:
    """Those written since the last look."""
    said = out.getvalue().splitlines()
    out.seek(0)
    out.truncate()
    return said


def write(db: Database) -> int:
    with db.writing() as session:
        session.merge(Setting(key="k", value="v"))
    return 1


def look(db: Database) -> int:
    """Writes nothing, and so succeeds on a full disk too."""
    with db.engine.execution_options(read_only=True).begin() as connection:
        connection.scalar(sa.select(sa.func.count(Setting.key)))
    return 0


def everybody_tries(db: Database, times: int) -> None:
    """Each loop that logs what it runs into."""
    works = {"letters and duties": write, "sending": write, "mailbox": look}
    jobs = [Job(name, lambda _now, work=work: work(db)) for name, work in works.items()]
    worker = Worker(db, jobs, lambda: FEBRUARY, beat=Pulse(db, lambda: FEBRUARY), beat_seconds=-1)
    for _ in range(times):
        for job in jobs:
            worker.one_pass(job)
        try:
            write(db)
        except sa.exc.OperationalError as error:
            said_of(error)


@pytest.fixture(autouse=True)
def _told() -> None:
    outage.tell()  # a command that an earlier test ran in this process says itself what it ran into


def test_one_line_when_it_begins_and_one_when_it_is_over(sqlite_template: Path, tmp_path: Path) -> None:
    passed, refuses = 0.0, "ON"
    db = Database(sqlite_url(shutil.copy(sqlite_template, tmp_path / "teekond.sqlite").parent))
    outage.of(db.engine.dialect).seconds = lambda: passed
    sa.event.listen(db.engine, "checkout", lambda c, *_: c.execute(f"PRAGMA query_only={refuses}"))
    with logged("text", "warning") as out:
        for _ in range(2):
            refuses = "ON"
            everybody_tries(db, 50)
            (gone,) = lines(out)
            assert "the database does not serve (OperationalError)" in gone
            passed, refuses = passed + 60, "OFF"
            everybody_tries(db, 3)
            (back,) = lines(out)
            assert "serves again" in back and "failed attempts: 300" in back
    db.close()


def test_a_server_that_refuses_connections_is_told_once() -> None:
    with logged("text", "warning") as out:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        db = Database(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none")
        everybody_tries(db, 20)
        db.close()
        (gone,) = lines(out)
        assert "does not serve" in gone


def test_another_fault_is_told_each_time_and_during_an_outage_too(sqlite_db: Database) -> None:
    with logged("text", "warning") as out:

        def fails(_now: object) -> int:
            with sqlite_db.writing() as session:
                session.execute(sa.text("SELECT * FROM nothing_of_this_name"))
            return 0

        def stumbles(_now: object) -> int:
            error = sqlite3.OperationalError("disk full")
            setattr(error, outage.MARK, True)
            try:
                raise error
            except sqlite3.OperationalError:
                raise KeyError("a mistake of ours") from None

        worker = Worker(sqlite_db, [], lambda: FEBRUARY)
        for work in (fails, stumbles):
            for _ in range(3):
                worker.one_pass(Job("sending", work))
            assert len(lines(out)) == 3
