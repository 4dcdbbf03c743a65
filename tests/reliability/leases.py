"""Workers that are paused, and letters that kill: SIGSTOP in the middle of a letter or of a mail, while others go on.

Each worker is a process with the service's own inbox and outbox and short leases, given as arguments. What is paused
comes back after another worker has finished its work: it must change nothing then, and a mail may have left once
more at most, under the same Message-ID.
"""

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import sqlalchemy as sa

from mail.receiving import store
from mail.receiving.store import Arrival
from mail.sending import outbox
from mail.sending.transport import SmtpTransport
from tests.forked_processes import BORN
from tests.mail.scripted_relay import Relay
from tests.reliability.figures import Figure, Scale
from tests.reliability.postgresql import fresh_database
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Alert, Letter, Message

LEASE: Final = timedelta(seconds=3)
"""of whoever is paused"""
AMPLE: Final = timedelta(minutes=10)
"""of whoever takes over: on a busy machine, too, it comes to its end in time"""
PATIENCE: Final = 60
THINKS: Final = 1.0
"""seconds for which the relay thinks about a mail whose sender is paused meanwhile"""
TRIES: Final = 20
NO_SUCH: Final = "dot: 550 5.1.1 no such user"
ROUNDS: Final = {Scale.SHORT: 2, Scale.LONG: 25}


def run(scale: Scale) -> list[Figure]:
    kinds = ("sqlite",) if scale is Scale.SHORT else ("sqlite", "postgresql")
    return [figure for kind in kinds for figure in on(kind, ROUNDS[scale])]


def on(kind: str, rounds: int) -> list[Figure]:
    with books(kind) as (url, db):
        letters = [_paused_in_a_letter(url, db, number) for number in range(rounds)]
        mails = [_paused_in_a_mail(url, db, number) for number in range(rounds)]
        deadly = [_killed_by_a_letter(url, db, number) for number in range(max(1, rounds // 2))]
    return [_of_letters(kind, letters), *_of_mails(kind, mails), _of_deadly(kind, deadly)]


@contextmanager
def books(kind: str) -> Iterator[tuple[str, Database]]:
    with TemporaryDirectory() as folder, fresh_database(kind) as url:
        url = url or sqlite_url(Path(folder))
        db = Database(url)
        db.migrate()
        yield url, db
        db.close()


# -- the workers --------------------------------------------------------------------------------


@dataclass
class Worker:
    """A process that does one thing: says `begun` when it has its claim and waits for a word to go on."""

    process: ForkServerProcess
    wire: Connection

    @classmethod
    @contextmanager
    def started(cls, *words: str) -> "Iterator[Worker]":
        wire, its_own = BORN.Pipe()
        process = BORN.Process(target=main, args=(its_own, *words))
        process.start()
        its_own.close()
        try:
            yield cls(process, wire)
        finally:
            process.kill()
            process.join()

    def hear(self) -> str:
        try:
            return str(self.wire.recv()) if self.wire.poll(PATIENCE) else "nothing"
        except EOFError:  # it was killed
            return "nothing"

    def pause(self) -> None:
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> str:
        """Continue where it was paused, to its end; what it said last."""
        assert self.process.pid is not None
        os.kill(self.process.pid, signal.SIGCONT)
        self.wire.send("go on")
        return self.end()

    def end(self) -> str:
        """What it says last."""
        said = self.hear()
        self.process.join(PATIENCE)
        return said


def _now() -> datetime:
    return datetime.now(UTC)


def _letter_worker(db: Database, begun: Callable[[], None], lease: timedelta = LEASE) -> str:
    """Claim, work, settle. Returns how many rows it changed."""
    with db.writing() as session:
        claimed = store.claim(session, _now(), lease=lease)
    if claimed is None:
        return "nothing to do"
    begun()
    with db.writing() as session:
        settled = store.settle(session, claimed, {"status": "done", "outcome": f"by {os.getpid()}"})
    return f"changed {int(settled)}"


def _mail_worker(db: Database, begun: Callable[[], None], port: int, lease: timedelta = LEASE) -> str:
    def build(message: Message) -> tuple[str, bytes]:
        begun()
        return "b@kogu.example.org", f"Message-ID: {message.message_id}\r\n\r\nTere\r\n".encode()

    transport = SmtpTransport("127.0.0.1", port, timeout=20, last_timeout=20)
    sent = outbox.deliver(db, _now(), transport, build=build, lease=lease, limit=1)
    return f"sent {sent.sent}"


def _deadly_worker(db: Database) -> str:
    """A worker that some letters kill: nothing of Python's runs any more, as with a fault in a library."""
    read = 0
    while (letter := _claimed(db)) is not None:
        with db.reading() as session:
            if b"poison" in session.get_one(Letter, letter.id).raw:
                os._exit(9)
        with db.writing() as session:
            store.settle(session, letter, {"status": "done", "outcome": "read"})
        read += 1
    return f"read {read}"


def _claimed(db: Database) -> store.ClaimedLetter | None:
    with db.writing() as session:
        return store.claim(session, _now(), lease=LEASE)


def _at_once() -> None:
    """What a worker that nobody pauses waits for."""


def main(wire: Connection, url: str, what: str, *rest: str) -> None:
    def begun() -> None:
        wire.send("begun")
        wire.recv()

    db = Database(url)
    works: dict[str, Callable[[], str]] = {
        "letter": lambda: _letter_worker(db, begun),
        "mail": lambda: _mail_worker(db, begun, int(rest[0])),
        "mail at once": lambda: _mail_worker(db, _at_once, int(rest[0])),
        "deadly": lambda: _deadly_worker(db),
    }
    wire.send(works[what]())
    db.close()


# -- paused in a letter -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    second: str
    """what the worker that took over came to"""
    stale: str
    """what the paused one came to, when it came back"""
    unchanged: bool
    """whether the row is as the one that took over left it"""
    times: int = 0
    ids: int = 0


def _paused_in_a_letter(url: str, db: Database, number: int) -> Pause:
    raw = b"Message-ID: <%d@example.org>\r\n\r\nJAH\r\n" % number
    store.store(db, [Arrival(envelope_from="", recipients=("k@kogu.example.org",), raw=raw, via="smtp")], _now())
    with Worker.started(url, "letter") as stale:
        assert stale.hear() == "begun"
        stale.pause()
        time.sleep(LEASE.total_seconds() + 0.1)
        second = _letter_worker(db, _at_once, AMPLE)
        before = _row(db, Letter)
        said = stale.go_on()
    return Pause(second=second, stale=said, unchanged=_row(db, Letter) == before)


def _row(db: Database, table: type[Letter] | type[Message]) -> dict[str, object]:
    """The newest row, column by column."""
    with db.engine.connect() as connection:
        query = sa.select(table.__table__).order_by(table.id.desc()).limit(1)
        return dict(connection.execute(query).mappings().one())


def _of_letters(kind: str, pauses: list[Pause]) -> Figure:
    right = [one for one in pauses if (one.second, one.stale, one.unchanged) == ("changed 1", "changed 0", True)]
    return Figure(
        promise=f"a worker paused in a letter changes nothing when it comes back ({kind})", asked="0 rows",
        measured=f"{len(pauses) - len(right)} times otherwise", done=f"{len(pauses)} pauses on {kind}",
        holds=bool(pauses) and len(right) == len(pauses),
    )  # fmt: skip


# -- paused in a mail ---------------------------------------------------------------------------


def _paused_in_a_mail(url: str, db: Database, number: int) -> Pause:
    """Before a byte has left; every second time when the relay has the mail and thinks about it."""
    with db.writing() as session:
        session.add(_mail(number))
    with Relay() as relay, (_with_the_relay if number % 2 else _before_a_byte)(url, relay, number) as stale:
        stale.pause()
        time.sleep(LEASE.total_seconds() + 0.1)
        relay.slow = 0
        second = _mail_worker(db, _at_once, relay.port, AMPLE)
        before = _row(db, Message)
        stale.go_on()
        taken = [data.split(b"\r\n")[0] for _, _, data in relay.taken]
        tried = len(relay.tried)
    with db.reading() as session:
        alerts = session.scalar(sa.select(sa.func.count()).select_from(Alert)) or 0
    unchanged = _row(db, Message) == before and alerts == 0
    return Pause(second=second, stale="", unchanged=unchanged, times=tried, ids=len(set(taken)))


@contextmanager
def _before_a_byte(url: str, relay: Relay, number: int) -> Iterator[Worker]:
    for _ in range(TRIES):
        with Worker.started(url, "mail", str(relay.port)) as stale:
            if stale.hear() == "begun":  # else the machine was busy: see below
                yield stale
                return
    raise AssertionError("no mail was begun")


@contextmanager
def _with_the_relay(url: str, relay: Relay, number: int) -> Iterator[Worker]:
    """What the relay will say to it: that it took the mail, or (every second time) that it never will."""
    relay.slow, relay.says[_address(number)] = THINKS, [NO_SUCH] * (number % 4 == 1)
    for _ in range(TRIES):
        with Worker.started(url, "mail at once", str(relay.port)) as stale:
            while not relay.tried and stale.process.is_alive():
                time.sleep(0.005)
            if relay.tried:  # else the machine was busy, and it did not begin what its lease left no time for
                yield stale
                return
    raise AssertionError("no mail reached the relay")


def _address(number: int) -> str:
    return f"m{number}@example.org"


def _mail(number: int) -> Message:
    return Message(
        key=f"{number}", template="homework", lang="et", to_name="Mari", to_address=_address(number),
        subject="Tere", body="Tere", status="queued", message_id=f"<{secrets.token_hex(8)}@kogu.example.org>",
        created_at=_now(), next_at=_now(),
    )  # fmt: skip


def _of_mails(kind: str, pauses: list[Pause]) -> list[Figure]:
    done = f"{len(pauses)} pauses on {kind}"
    changed = sum(not one.unchanged or one.second != "sent 1" for one in pauses)
    times = [one.times for one in pauses]
    return [
        Figure(
            promise=f"a worker paused in a mail changes nothing when it comes back ({kind})", asked="0 rows, 0 alerts",
            measured=f"{changed} times otherwise", done=done, holds=bool(pauses) and not changed,
        ),
        Figure(
            promise=f"its mail leaves twice at most, under one Message-ID ({kind})",
            asked="twice where the relay had it before the pause, once where not; 1 id", done=done,
            measured=f"{times.count(1)} once, {times.count(2)} twice, {max((one.ids for one in pauses), default=0)} id",
            holds=bool(pauses) and all((one.times, one.ids) == (1 + n % 2, 1) for n, one in enumerate(pauses)),
        ),
    ]  # fmt: skip


# -- killed by a letter -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadly:
    deaths: int
    poison: tuple[str, int]
    """(status, attempts) of the letter that kills"""
    others: tuple[str, ...]


def _killed_by_a_letter(url: str, db: Database, number: int) -> Deadly:
    """Workers are started until one ends by itself with nothing left to read."""
    arrivals = [
        Arrival(envelope_from="", recipients=("k@kogu.example.org",), via="smtp",
                raw=b"Message-ID: <p%d.%d@example.org>\r\n\r\n%b\r\n" % (number, n, b"poison" if n == 0 else b"JAH"))
        for n in range(3)
    ]  # fmt: skip
    store.store(db, arrivals, _now())
    deaths = 0
    for _ in range(8):
        with Worker.started(url, "deadly") as worker:
            said = worker.end()
        if said == "read 0":
            break
        deaths += worker.process.exitcode == 9
        time.sleep(LEASE.total_seconds() + 0.1)
    with db.reading() as session:
        newest = session.scalars(sa.select(Letter).order_by(Letter.id.desc()).limit(3)).all()
        poison = next(one for one in newest if b"poison" in one.raw)
        others = tuple(one.status for one in newest if one.id != poison.id)
        return Deadly(deaths=deaths, poison=(poison.status, poison.attempt), others=others)


def _of_deadly(kind: str, found: list[Deadly]) -> Figure:
    meant = Deadly(deaths=store.MOST_ATTEMPTS, poison=("parked", store.MOST_ATTEMPTS), others=("done", "done"))
    right = [one == meant for one in found]
    return Figure(
        promise=f"a letter that kills its worker is parked, and the next ones are read ({kind})",
        asked=f"after {store.MOST_ATTEMPTS} starts",
        measured=f"{sum(right)} times so" + ("" if all(right) else f"; {found[right.index(False)]}"),
        done=f"{len(found)} such letters on {kind}, {sum(one.deaths for one in found)} workers killed",
        holds=bool(found) and all(right),
    )  # fmt: skip
