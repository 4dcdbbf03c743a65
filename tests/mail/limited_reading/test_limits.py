"""Reading has a limit of processor time and memory, whatever a library does with a letter; nobody behind it waits.

What a library might do is done here by the check of signatures, which is asked for each letter in the reading process.
"""

import io
import os
import pickle
import re
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.handling.inbox import Inbox
from mail.handling.lookups import addressed
from mail.limited_reading import reader as reader_module
from mail.limited_reading.opening import OpenedLetter, OpeningMeans, opened
from mail.limited_reading.reader import Interrupted, OverLimit, Reader, ReaderBroke
from mail.reading.sender import Dns, Verdict
from mail.receiving import store
from mail.receiving.store import Arrival, Priority
from service.running.worker import Job, Worker
from tests.builders import READER, World
from tests.case_table import each
from tests.paths import DATA
from workflow.database.engine import Database
from workflow.database.models import Letter

MAILS = sorted(DATA.glob("*/*.eml"))


def never_ends(raw: bytes, _dns: Dns) -> Verdict:
    """As a pattern of a library that some letter makes exponential: no signal handler of Python's runs meanwhile."""
    if b"HEAVY" in raw:
        re.match(r"(a+)+$", "a" * 200 + "b")
    return Verdict.NONE


def takes_memory(raw: bytes, _dns: Dns) -> Verdict:
    if b"HEAVY" in raw:
        list(range(10**9))
    return Verdict.NONE


def dies(raw: bytes, _dns: Dns) -> Verdict:
    if b"HEAVY" in raw:
        os.kill(os.getpid(), signal.SIGSEGV)
    return Verdict.NONE


def asks_and_dies(raw: bytes, dns: Dns) -> Verdict:
    return Verdict.PASS if dns("a.example.org") == b"v=1" and dns("b.example.org") is None else Verdict.FAIL


def no_record(_name: str) -> None:
    return None


def mail(sender: str, word: str, number: int) -> bytes:
    return f"From: {sender}\nSubject: {word} {number}\nMessage-ID: <{number}@mail.example.org>\n\nJAH\n".encode()


def came(world: World, *letters: tuple[str, str]) -> list[Letter]:
    """These letters (recipient, word of the subject) come from strangers and are handled; the letters as they are."""
    arrivals = [
        Arrival(envelope_from="a@example.org", recipients=(to,), raw=mail("a@example.org", word, n), via="smtp")
        for n, (to, word) in enumerate(letters)
    ]
    store.store(world.db, arrivals, world.now)
    while world.inbox.handle_due(world.db, world.now):
        pass
    return rows(world)


def rows(world: World) -> list[Letter]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Letter).order_by(Letter.id)))


def checking(world: World, check: Callable[[bytes, Dns], Verdict]) -> Inbox:
    return replace(world.inbox, dns=no_record, check=check)


# -- one letter -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("check", "why"), [(never_ends, "processor time"), (takes_memory, "memory")])
def test_a_letter_over_the_limit_is_parked_at_once_with_its_reason(
    db: Database, check: Callable[[bytes, Dns], Verdict], why: str
) -> None:
    world = World(db)
    world.inbox = checking(world, check)
    public = world.identity.from_address
    heavy, honest = sorted(came(world, (public, "HEAVY"), (public, "news")), key=lambda one: "HEAVY" not in one.subject)
    assert (heavy.status, heavy.outcome, heavy.attempt) == ("parked", "over_limit", 1)
    assert why in heavy.reason and "limit" not in heavy.reason
    assert (heavy.sender, heavy.subject, heavy.text, heavy.files) == ("a@example.org", "HEAVY 0", "", None)
    assert (honest.status, honest.outcome, honest.files) == ("held", "unrouted", [])


def test_a_letter_that_ends_its_reader_otherwise_is_tried_three_times_and_others_go_on(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    world.inbox = checking(world, dies)
    public = world.identity.from_address
    came(world, (public, "HEAVY"), (public, "news"))
    for minutes in (1, 5):
        world.now += timedelta(minutes=minutes)
        while world.inbox.handle_due(world.db, world.now):
            pass
    heavy, honest = sorted(rows(world), key=lambda one: "HEAVY" not in one.subject)
    assert (heavy.status, heavy.outcome, heavy.attempt) == ("parked", "fault", 3)
    assert "broke off" in heavy.reason
    assert honest.outcome == "unrouted"


def test_only_a_secret_that_was_given_out_gives_a_letter_more_time(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    world.apply()
    _, _, secret = world.asked("verify")
    mine = mail("a@example.org", "x", 1)
    arrivals = [
        Arrival(envelope_from="a@example.org", recipients=(to,), raw=mine, via="smtp")
        for to in (secret, secret.replace("r-secret", "r-zecret"), world.identity.from_address)
    ]
    store.store(world.db, arrivals, world.now)
    with world.db.reading() as session:
        kept = session.scalars(sa.select(Letter)).all()
        assert [row.recipients[0] for row in kept if addressed(session, world.identity, row.recipients)] == [secret]
        assert sorted(row.priority for row in kept) == [Priority.SECRET, Priority.SECRET, Priority.OTHER]


def test_letters_to_secret_addresses_go_before_those_that_anybody_may_write(db: Database) -> None:
    world = World(db)
    world.apply()
    _, _, secret = world.asked("verify")
    order: list[tuple[str, bool]] = []
    public = world.identity.from_address
    for number, to in enumerate([public, public, secret, secret]):
        raw = mail("a@example.org", "x", number) + (b"x\n" * store.SMALL if number == 2 else b"")
        arrival = Arrival(envelope_from="", recipients=(to,), raw=raw, via="smtp")
        store.store(world.db, [arrival], world.now + timedelta(seconds=number))
    later = world.now + timedelta(minutes=1)
    for _ in range(4):
        with world.db.writing() as session:
            one = store.claim(session, later, lease=timedelta(hours=1))
            assert one is not None
            order.append((one.recipients[0], len(store.raw(session, one) or b"") > store.SMALL))
    assert order == [(secret, False), (secret, True), (public, False), (public, False)]


# -- the reading process --------------------------------------------------------------------------------------


@each("path", MAILS)
def test_the_reading_process_reads_as_this_one_does(path: Path) -> None:
    """Every value that a letter may be made of crosses over."""
    raw = path.read_bytes()
    assert READER.call(opened, raw, OpeningMeans(), dns=no_record) == opened(raw, OpeningMeans(), no_record)


def test_nothing_but_plain_values_is_built_from_what_the_process_says() -> None:
    for evil in (os.system, Reader, eval, Path("/")):
        with pytest.raises(pickle.UnpicklingError, match="no plain value"):
            reader_module._Plain(io.BytesIO(pickle.dumps(evil))).load()


def environment() -> list[str]:
    return sorted(os.environ)


def writes(path: str) -> int:
    return Path(path).write_text("x")


def spins() -> None:
    while True:
        pass


def test_the_process_has_no_environment_and_writes_no_file(tmp_path: Path) -> None:
    assert not [name for name in READER.call(environment) if name not in ("LC_CTYPE", "__CF_USER_TEXT_ENCODING")]
    with pytest.raises(ReaderBroke):
        READER.call(writes, str(tmp_path / "note"))
    assert (tmp_path / "note").read_bytes() == b"" if (tmp_path / "note").exists() else True


def test_records_that_signatures_need_are_asked_for_here() -> None:
    asked: list[str] = []

    def dns(name: str) -> bytes | None:
        asked.append(name)
        if name.startswith("b."):
            raise TimeoutError
        return b"v=1"

    found: OpenedLetter = READER.call(opened, b"From: a@example.org\n\nx", OpeningMeans(check=asks_and_dies), dns=dns)
    assert asked == ["a.example.org", "b.example.org"] and found.verdict is Verdict.PASS


def test_reading_is_interrupted_at_once_and_goes_on_with_the_next() -> None:
    reader, said = Reader(), list[Exception]()

    def read() -> None:
        try:
            reader.call(spins, seconds=60)
        except Exception as error:
            said.append(error)

    thread = threading.Thread(target=read)
    thread.start()
    time.sleep(1)
    began = time.monotonic()
    reader.interrupt()
    thread.join()
    assert [type(error) for error in said] == [Interrupted] and time.monotonic() - began < 5
    assert reader.call(environment) is not None
    reader.close()


def test_a_process_that_somebody_ended_is_replaced() -> None:
    reader = Reader()
    reader.call(environment)
    os.killpg(reader._idle[0]._child.pid, signal.SIGKILL)
    reader._idle[0]._child.wait()
    assert reader.call(environment) is not None
    reader.close()


def test_over_the_limit_costs_the_next_letter_nothing_but_a_new_copy() -> None:
    for _ in range(3):
        with pytest.raises(OverLimit):
            READER.call(spins, seconds=0.05)
        assert READER.call(environment) is not None


def test_the_worker_ends_promptly_while_a_letter_never_ends(sqlite_db: Database) -> None:
    """The letter waits again, as if nobody had begun with it."""
    world = World(sqlite_db)
    world.apply()
    _, _, secret = world.asked("verify")
    world.inbox = checking(world, never_ends)
    raw = mail("a@example.org", "HEAVY", 1)
    store.store(world.db, [Arrival(envelope_from="", recipients=(secret,), raw=raw, via="smtp")], world.now)
    job = Job("letters", lambda now: world.inbox.handle_due(world.db, now), interrupt=world.inbox.reader.interrupt)
    worker = Worker(world.db, [job], lambda: world.now)
    worker.start()
    time.sleep(1.5)
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 4
    heavy = rows(world)[-1]
    assert (heavy.status, heavy.attempt, heavy.leased_until) == ("new", 0, None)
