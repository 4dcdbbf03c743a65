"""The notes of the dead come before anything is sent, whoever died and whenever the next one looks."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mail.outgoing import Outgoing
from mail.sending import queue as claims
from mail.sending.transport import SmtpTransport
from tests.mail.scripted_relay import Relay
from tests.mail.sending.test_outbox import NOW, build, queue
from workflow.database.engine import Database

LATER = NOW + timedelta(hours=1)
NAMES = [f"m{n:02}" for n in range(20)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "sending"


def sender(db: Database, relay: Relay, folder: Path) -> Outgoing:
    transport = SmtpTransport("127.0.0.1", relay.port)
    return Outgoing(db=db, transport=transport, build=build, made_by="", folder=folder)


def die_with_all_but_one_sent(db: Database, relay: Relay, folder: Path) -> None:
    """As a worker does that is killed between two notes."""
    queue(db, *NAMES)
    with db.writing() as session:
        held = claims.claim(session, NOW, timedelta(minutes=15), 64)
    folder.mkdir(exist_ok=True)
    notes = [f"claimed {mail.id} {mail.attempt}\n" for mail in held]
    for mail in held[:-1]:
        relay.taken.append(("", mail.to_address, b""))
        notes.append(f"taken {mail.id} {mail.attempt}\n")
    (folder / "1-0.sending").write_text("".join(notes))


@contextmanager
def somebody_reads(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def test_nothing_is_sent_while_another_reads_the_notes_of_the_dead(db: Database, folder: Path) -> None:
    with Relay() as relay:
        die_with_all_but_one_sent(db, relay, folder)
        one = sender(db, relay, folder)
        with somebody_reads(folder):
            assert one.work(LATER) == 0
            assert len(relay.taken) == len(NAMES) - 1
        assert one.work(LATER) == 1
    assert Counter(to for _, to, _ in relay.taken) == Counter(f"{name}@example.org" for name in NAMES)


def test_who_lives_on_hears_the_dead_though_nobody_takes_their_place(db: Database, folder: Path) -> None:
    with Relay() as relay:
        living = sender(db, relay, folder)
        assert living.work(NOW) == 0
        die_with_all_but_one_sent(db, relay, folder)
        assert living.work(NOW) == 1, "and need not wait for the lease to end"
        living.work(LATER)
    assert Counter(to for _, to, _ in relay.taken) == Counter(f"{name}@example.org" for name in NAMES)
