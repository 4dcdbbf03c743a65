"""A disk 200 times slower, and a file system that turns read-only under running processes: nothing lost or sent twice.

strace delays each sync, or makes each write to the database fail with EROFS for a while, from outside: nothing of the
service is replaced. Correspondents send again until they are acknowledged; a relay counts what it took. Must never
pass where no write failed.
"""

import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.mail.scripted_relay import Relay
from tests.reliability import invariants, kill, open_season, trace
from tests.reliability.correspondents import Correspondents
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import Installation, Kind
from tests.reliability.open_season import PER_PAIR
from workflow.database.engine import Database, sqlite_url

SYNC = 200_000
"""microseconds that each sync takes longer: a good disk needs one thousandth of a second"""
SLOW = ("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fdatasync,fsync",
        "-e", f"inject=fdatasync,fsync:delay_exit={SYNC}")  # fmt: skip
READ_ONLY = ("-e", "trace=pwrite64,ftruncate", "-e", "inject=pwrite64,ftruncate:error=EROFS")
LETTERS = {Scale.SHORT: 24, Scale.LONG: 400}
SECONDS = {Scale.SHORT: 3.0, Scale.LONG: 15.0}
"""for which nothing can be written"""
TIMES = {Scale.SHORT: 1, Scale.LONG: 10}
PATIENCE = 120


def run(scale: Scale) -> list[Figure]:
    try:
        trace.able()
    except trace.CannotTrace as why:
        return [_figure("A bad disk", [], f"nothing: {why}", enough=False)]
    return [_slow(scale), _read_only(scale)]


def _slow(scale: Scale) -> Figure:
    with _season(LETTERS[scale], SLOW) as (house, relay, people):
        began = time.monotonic()
        with people:
            all_answered = _until_answered(people, relay, LETTERS[scale])
        seconds = time.monotonic() - began
    done = f"{LETTERS[scale]} letters and {len(relay.taken)} mails in {seconds:.0f} s, {SYNC // 1000} ms more each sync"
    return _figure("A disk 200 times slower: nothing is lost or sent twice", _wrong(house, relay, people), done,
                   enough=all_answered)  # fmt: skip


def _read_only(scale: Scale) -> Figure:
    failed = 0
    with _season(LETTERS[scale], ()) as (house, relay, people), people:
        for _ in range(TIMES[scale]):
            failed += _without_writing([place.pid for place in house.places], SECONDS[scale], house.folder / "calls")
        all_answered = _until_answered(people, relay, LETTERS[scale])
    done = f"{LETTERS[scale]} letters, {len(relay.taken)} mails, {failed} writes that failed with EROFS"
    return _figure("A file system that turns read-only and back: nothing is lost or sent twice, all goes on by itself",
                   _wrong(house, relay, people), done, enough=all_answered and failed > 0)  # fmt: skip


def _figure(promise: str, wrong: Sequence[str], done: str, *, enough: bool) -> Figure:
    said = "; ".join(wrong[:5]) or ("0 lost, 0 twice" if enough else "not all answered, or no write failed")
    return Figure(promise=promise, asked="0 lost, 0 twice", measured=said, done=done, holds=enough and not wrong)


@contextmanager
def _season(letters: int, wrapped_in: tuple[str, ...]) -> Iterator[tuple[Installation, Relay, Correspondents]]:
    """A receiver and a worker, and people who will write; the books are looked at before they are gone."""
    with TemporaryDirectory(prefix="teekond-disk-") as root:
        folder = Path(root)
        (folder / "data").mkdir()
        config = open_season.config_file(folder)
        db = Database(sqlite_url(folder / "data"))
        tasks = open_season.lay(db, config, datetime.now(UTC), -(-letters // PER_PAIR), Random(7))[:letters]
        tasks = [replace(task, by="mail") for task in tasks]
        counts = {Kind.RECEIVE: 1, Kind.WORK: 1}
        with Relay() as relay, Installation(folder, config, relay.port, counts=counts, wrapped_in=wrapped_in) as house:
            house.start(*house.places)
            people = Correspondents(tasks, [house.of(Kind.RECEIVE)[0].port], [], many=2, ahead=len(tasks) + 1)
            yield house, relay, people
            BROKEN[house.folder] = invariants.broken(db, set(people.book.letters.values()))
        db.close()


BROKEN: dict[Path, list[str]] = {}
"""by a run's folder, which is gone by then: the rules that its books broke"""


def _until_answered(people: Correspondents, relay: Relay, letters: int) -> bool:
    """Whether every letter was taken in, and as many mails came of them at least."""
    began = time.monotonic()
    while people.busy() or len(relay.taken) < letters:
        if time.monotonic() - began > PATIENCE:
            return False
        time.sleep(0.05)
    return True


def _without_writing(pids: Sequence[int], seconds: float, out: Path) -> int:
    """How many writes failed."""
    attached = [word for pid in pids for word in ("-p", str(pid))]
    tracer = subprocess.Popen(["strace", "-f", "-qq", "-o", str(out), *READ_ONLY, *attached])
    time.sleep(seconds)
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    return out.read_text(encoding="ascii", errors="replace").count("EROFS")


def _wrong(house: Installation, relay: Relay, people: Correspondents) -> list[str]:
    ids = Counter(kill._id_of(data) for _, _, data in relay.taken)
    twice = [f"{name} came {count} times" for name, count in ids.items() if count > 1]
    return [*twice, *BROKEN.pop(house.folder)]
