"""A worker whose reader is broken says so: in the log when that begins and ends, to the coordinator once a day, and to
whoever watches. Letters wait meanwhile and use up no attempt."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa

from mail.limited_reading.reader import Reader, ReaderDown
from service.running.trial_letter import BROKEN_EVERY, EVERY, TrialLetter
from tests.builders import READER, World
from tests.mail.limited_reading.broken_reader import broken_reader
from workflow.database.engine import Database
from workflow.database.models import Alert, Letter
from workflow.schedule import heartbeat


def alerts(world: World) -> list[str]:
    with world.db.reading() as session:
        return [row.says["en"] for row in session.scalars(sa.select(Alert).where(Alert.kind == "reading"))]


def test_a_reader_that_reads_is_told_of_to_nobody(sqlite_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    world = World(sqlite_db)
    TrialLetter(world.db, world.season, READER)(world.now)
    assert alerts(world) == [] and not caplog.records


def test_a_broken_reader_is_told_of_at_the_start_and_when_it_is_well_again(
    sqlite_db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = World(sqlite_db)
    with broken_reader(tmp_path) as reader:
        tries = TrialLetter(world.db, world.season, reader)
        for minutes in range(30):
            tries(world.now + timedelta(minutes=minutes))
        assert len(alerts(world)) == 1 and "could not read a trial letter" in alerts(world)[0]
        mailed = world.messages("alert")
        assert mailed and all("teekond doctor" in message.body for message in mailed)
        told = [record.getMessage() for record in caplog.records if "trial letter" in record.getMessage()]
        assert len(told) == 1 and "library is broken" in told[0]
        tries(world.now + timedelta(days=1))
        assert len(alerts(world)) == 2
    tries(world.now + timedelta(days=1) + EVERY)
    assert len(alerts(world)) == 2 and "can be read again" in caplog.records[-1].getMessage()
    reader.close()


@contextmanager
def reader_without_python(_folder: Path) -> Iterator[Reader]:
    before, sys.executable = sys.executable, "/no/such/python"
    reader = Reader()
    try:
        yield reader
    finally:
        sys.executable = before
        reader.close()


BROKEN: Final = (broken_reader, reader_without_python)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda one: one.__name__)
def test_letters_wait_without_using_up_an_attempt_and_go_once_it_reads_again(
    db: Database, tmp_path: Path, broken: Callable[[Path], AbstractContextManager[Reader]]
) -> None:
    world = World(db)
    crew = world.apply("Võru")
    _, _, secret = world.asked("verify")
    with broken(tmp_path) as reader:
        world.inbox = replace(world.inbox, reader=reader)
        tries = TrialLetter(world.db, world.season, reader)
        assert tries(world.now) is False
        for _ in range(8):
            with pytest.raises(ReaderDown):
                world.deliver(f"From: {crew.contact.address}\r\nSubject: x\r\n\r\nJAH\r\n".encode(), secret)
            world.now += timedelta(minutes=1)
            assert tries(world.now) is False
        with db.reading() as session:
            (letter,) = session.scalars(sa.select(Letter))
            assert (letter.status, letter.attempt, letter.leased_until) == ("new", 0, None)
            assert heartbeat.reading_broken(session, world.now)
    assert tries(world.now + BROKEN_EVERY) is True
    with db.reading() as session:
        assert not heartbeat.reading_broken(session, world.now)
    assert world.inbox.handle_due(db, world.now) == 1
    with db.reading() as session:
        (letter,) = session.scalars(sa.select(Letter))
        assert (letter.status, letter.outcome, letter.attempt) == ("done", "accepted", 1)
    reader.close()


def test_what_the_worker_finds_on_the_way_counts_as_a_trial(sqlite_db: Database, tmp_path: Path) -> None:
    world = World(sqlite_db)
    tries = TrialLetter(world.db, world.season, READER)
    assert tries(world.now) is True
    tries.judge("died", world.now)
    with sqlite_db.reading() as session:
        assert heartbeat.reading_broken(session, world.now)
    assert tries(world.now) is False and tries(world.now + BROKEN_EVERY) is True
