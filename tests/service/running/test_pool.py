"""One pool of threads for many programmes: each gets its turn, none waits for another, and work wakes it at once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from service import logs
from service.running.pool import Pool
from service.running.worker import Job, Worker
from tests.builders import World
from workflow.database import notify
from workflow.database.engine import Database, in_schema, sqlite_url
from workflow.database.models import Letter, Setting

NOW = datetime(2022, 4, 6, tzinfo=UTC)


def worker(db: Database, *jobs: tuple[str, Callable[[datetime], int]]) -> Worker:
    return Worker(db, [Job(name, work) for name, work in jobs], lambda: NOW)


@contextmanager
def running(workers: dict[str, Worker], **how: float) -> Iterator[Pool]:
    at_work = Pool(workers, **how)  # type: ignore[arg-type]
    at_work.start()
    try:
        yield at_work
    finally:
        at_work.stop()
        assert not at_work.healthy


def until(found: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_ten_thousand_letters_of_one_leave_the_others_their_turns(sqlite_db: Database) -> None:
    """With one thread for all: after each piece of the large one the small one's is done."""
    done: list[str] = []
    left = {"large": 10_000, "small": 3}

    def job(key: str) -> Callable[[datetime], int]:
        def work(_now: datetime) -> int:
            piece = min(64, left[key])
            left[key] -= piece if key == "large" else min(1, piece)
            if piece:
                done.append(key)
            return piece

        return work

    with running({key: worker(sqlite_db, ("letters", job(key))) for key in left}, threads=1):
        until(lambda: not any(left.values()))
    assert done.count("large") == 157
    assert max(place for place, key in enumerate(done) if key == "small") <= 6


def test_who_hangs_holds_up_only_its_own_work(sqlite_db: Database) -> None:
    hangs, goes_on, sent = threading.Event(), threading.Event(), threading.Event()

    def hang(_now: datetime) -> int:
        hangs.set()
        goes_on.wait(20)
        return 0

    def send(_now: datetime) -> int:
        sent.set()
        return 0

    workers = {
        "slow": worker(sqlite_db, ("sending", hang)),
        "quick": worker(sqlite_db, ("sending", send), ("letters", lambda _now: 0)),
    }
    with running(workers):
        assert hangs.wait(10) and sent.wait(10)
        sent.clear()
        assert sent.wait(10)  # and again, while the other still hangs
        goes_on.set()


def test_one_job_of_one_programme_is_never_done_twice_at_once(sqlite_db: Database) -> None:
    inside, most, lock, passes = [0], [0], threading.Lock(), [0]

    def work(_now: datetime) -> int:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        time.sleep(0.002)
        with lock:
            inside[0] -= 1
            passes[0] += 1
        return 1

    with running({"a": worker(sqlite_db, ("letters", work)), "b": worker(sqlite_db, ("letters", lambda _n: 1))}):
        until(lambda: passes[0] > 100)
    assert most[0] == 1


def test_a_failing_programme_is_tried_again_and_its_log_names_it(
    sqlite_db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    named: list[str] = []

    def fail(_now: datetime) -> int:
        named.append(logs.PROGRAMME.get())
        raise OSError("the disk is gone")

    fine = threading.Event()

    def work(_now: datetime) -> int:
        fine.set()
        return 0

    with running({"bad": worker(sqlite_db, ("letters", fail)), "good": worker(sqlite_db, ("letters", work))}):
        until(lambda: fine.is_set() and len(named) > 1)
    assert set(named) == {"bad"} and logs.PROGRAMME.get() == ""
    assert "letters failed; trying again" in caplog.text


@pytest.fixture(params=["sqlite", "postgresql"])
def two(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """The books of two programmes, beside each other as in an installation."""
    if request.param == "sqlite":
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        found = Database(sqlite_url(tmp_path / "a")), Database(sqlite_url(tmp_path / "b"))
    else:
        url = request.getfixturevalue("postgresql_url").render_as_string(hide_password=False)
        found = Database(in_schema(url, "p_a")), Database(in_schema(url, "p_b"))
    for db in found:
        db.migrate()
    yield found
    for db in found:
        if request.param == "postgresql":
            with db.engine.begin() as connection:
                connection.execute(sa.schema.DropSchema(db.url.partition("schema=")[2], cascade=True))
        db.close()


def test_what_comes_for_one_wakes_that_one_at_once(two: tuple[Database, Database]) -> None:
    """They look by themselves only once a minute here: whoever is at work within two seconds was woken."""
    passes = {"a": 0, "b": 0}

    def job(key: str) -> Callable[[datetime], int]:
        def work(_now: datetime) -> int:
            passes[key] += 1
            return 0

        return work

    with running({key: worker(db, ("letters", job(key))) for key, db in zip("ab", two, strict=True)}, slow=60):
        time.sleep(1)  # everybody has looked, and listens
        before = dict(passes)
        with two[0].writing() as session:
            session.merge(Setting(key="x", value="y"))
            notify.ring(session)
        until(lambda: passes["a"] > before["a"], 2)
        time.sleep(0.5)
        assert passes["b"] == before["b"]


def test_a_letter_of_a_small_programme_is_not_behind_a_large_ones(two: tuple[Database, Database]) -> None:
    """Real letters in real books: six hundred of one that nobody asked for, and one answer of the other."""
    large, small = (World(db) for db in two)
    crew = small.apply("Türi").verified()
    noise = [
        Arrival(
            envelope_from="a@example.net", recipients=(large.identity.from_address,), via="smtp",
            raw=f"Message-ID: <{n}@example.net>\r\nFrom: a@example.net\r\nSubject: {n}\r\n\r\nTere!\r\n".encode(),
        )
        for n in range(600)
    ]  # fmt: skip
    store(large.db, noise, large.now)
    _, asked, to = small.asked("consent", team=crew.id)
    raw = f"Message-ID: <j@example.org>\r\nFrom: {asked.address}\r\nSubject: Re\r\n\r\nJAH\r\n".encode()
    store(small.db, [Arrival(envelope_from=asked.address, recipients=(to,), via="smtp", raw=raw)], small.now)
    workers = {
        key: worker(world.db, ("letters", partial(world.inbox.handle_due, world.db)))
        for key, world in (("large", large), ("small", small))
    }
    with running(workers, threads=1):
        until(lambda: _waiting(small.db) == 0, 60)
        left = _waiting(large.db)
    assert left >= 400, left
    with small.db.reading() as session:
        assert set(session.scalars(sa.select(Letter.status))) == {"done"}


def _waiting(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Letter).where(Letter.status == "new")) or 0
