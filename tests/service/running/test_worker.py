"""The worker: jobs that do not wait for each other, woken when something is committed, by whomever."""

import threading
from datetime import UTC, datetime

import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from service.running.worker import Job, Worker
from tests.builders import World
from workflow.coordinator import adjustments
from workflow.database.engine import Database
from workflow.database.models import Message, Setting
from workflow.database.notify import Waking, ring

NOW = datetime(2022, 3, 1, tzinfo=UTC)
LONG = 20.0


def test_a_commit_of_another_process_wakes_who_waits(db: Database) -> None:
    waking = Waking(db, ["letters"])
    waking.start()
    try:
        assert waking.wait("letters", LONG), "once at the start, for what came before"
        assert not waking.wait("letters", 0.7), "nothing was committed"
        other = Database(db.url)  # as another process has it
        store(other, [Arrival(envelope_from="a@example.org", recipients=(), raw=b"x", via="smtp")], NOW)
        assert waking.wait("letters", LONG)
        other.close()
    finally:
        waking.stop()


def test_what_is_rolled_back_wakes_nobody(db: Database) -> None:
    waking = Waking(db, ["letters"])
    waking.start()
    try:
        waking.wait("letters", LONG)
        with db.reading() as session:  # which never commits
            session.add(Setting(key="a", value="b"))
            ring(session)
            session.flush()
        assert not waking.wait("letters", 0.7)
    finally:
        waking.stop()


def test_a_held_mail_that_is_released_wakes_who_sends(db: Database) -> None:
    world = World(db)
    world.apply()
    with db.writing() as session:
        session.execute(sa.update(Message).values(status="held"))
    waking = Waking(db, ["sending"])
    waking.start()
    try:
        waking.wait("sending", LONG)
        assert not waking.wait("sending", 0.7), "nothing was committed"
        with Database(db.url).writing() as session:  # as the pages' own process has it
            message = session.scalars(sa.select(Message).order_by(Message.id)).first()
            assert message is not None
            assert adjustments.release(session, message, world.now) is None
        assert waking.wait("sending", LONG)
    finally:
        waking.stop()


def test_a_job_does_not_wait_for_another(sqlite_db: Database) -> None:
    """Sending goes on while a letter takes long to handle."""
    sent, handled = threading.Event(), threading.Event()

    def handle(_now: datetime) -> int:
        assert sent.wait(LONG), "sending waited for handling"
        handled.set()
        return 0

    def send(_now: datetime) -> int:
        sent.set()
        return 0

    worker = Worker(sqlite_db, (Job("letters", handle), Job("sending", send)), lambda: NOW)
    worker.start()
    assert handled.wait(LONG)
    worker.stop()


def test_a_job_that_fails_is_tried_again(sqlite_db: Database) -> None:
    tries: list[datetime] = []
    done = threading.Event()

    def fails(now: datetime) -> int:
        tries.append(now)
        if len(tries) == 1:
            raise sa.exc.OperationalError("away", None, OSError())
        done.set()
        return 0

    worker = Worker(sqlite_db, (Job("letters", fails),), lambda: NOW)
    worker.start()
    assert done.wait(LONG)
    worker.stop()


def test_nobody_works_while_it_is_paused(sqlite_db: Database) -> None:
    worked: list[int] = []

    def work(_now: datetime) -> int:
        worked.append(1)
        return 0

    worker = Worker(sqlite_db, (Job("letters", work),), lambda: NOW)
    with worker.paused():
        worker.start()
        worker.waking.ring()
        assert not worked
        worker.drain()
        assert worked == [1]
    worker.stop()
