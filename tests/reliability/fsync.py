"""On the disk before 250, and there when the power is back: a run's own system calls, as strace sees them.

Between the last bytes of a letter and the reply that acknowledges it there must be a write of that letter to the
database's log and an fdatasync of it that has come back; and of every disk that a power cut may leave behind (see
power_cuts.py) nothing promised may be missing. A kill cannot show this: what the kernel has it still writes. Must
never take a trace without a single letter for a proof.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.mail.scripted_relay import Relay
from tests.reliability import kill, open_season, power_cuts, trace
from tests.reliability.correspondents import Correspondents
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import Installation, Kind
from tests.reliability.invariants import MESSAGE_ID
from tests.reliability.open_season import PER_PAIR, Task
from tests.reliability.trace import SYNCS, Call, CannotTrace
from workflow.database.engine import Database, sqlite_url


@dataclass(frozen=True, slots=True)
class Size:
    letters: int
    cuts: int
    """power cuts, about"""


SIZES = {Scale.SHORT: Size(letters=60, cuts=12), Scale.LONG: Size(letters=1800, cuts=200)}
TOGETHER = 4
"""connections in the second half; in the first there is one"""
PATIENCE = 300
"""seconds until all is taken and answered"""
ID = re.compile(rb"<[\w.]+@[\w.]+>")
IN_HAND = 1
"""mails that a worker has claimed and not settled"""
LEAST = 0.5
"""of the power cuts that are meant, so many must have come about"""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run's calls, and the books as they were before it."""

    calls: Sequence[Call]
    folder: Path
    before: dict[str, bytes]


def run(scale: Scale) -> list[Figure]:
    size = SIZES[scale]
    try:
        ran = traced(size.letters)
    except CannotTrace as why:
        return [_on_disk("not measured", f"nothing: {why}", holds=False)]
    return [_before_250(ran, size), *_after_a_cut(ran, size)]


def _before_250(ran: Ran, size: Size) -> Figure:
    seen = judge(ran.calls)
    done = (
        f"{seen.acknowledged} letters acknowledged (or again), half over one connection, half over {TOGETHER} at once; "
        f"{seen.synced} fdatasync of the log seen"
    )
    measured = f"{seen.covered} of {seen.acknowledged} acknowledged letters were on the disk first"
    return _on_disk(measured, done, holds=seen.acknowledged == seen.covered >= size.letters)


def _on_disk(measured: str, done: str, *, holds: bool) -> Figure:
    promise = "A letter is on the disk (fdatasync of the database's log) before its 250 is sent"
    return Figure(promise=promise, asked="all", measured=measured, done=done, holds=holds)


def _after_a_cut(ran: Ran, size: Size) -> list[Figure]:
    chance, following = Random(7), power_cuts.Following(ran.before, ran.folder)
    moments = sum(following.take(call) and bool(following.acknowledged) for call in ran.calls)
    share = size.cuts / max(1, moments)
    found = power_cuts.look(power_cuts.moments(ran.calls, ran.before, ran.folder, share, chance))
    done = (
        f"{found.cuts} power cuts at random among {moments} calls, three disks that each may leave ({found.unsure} of "
        f"{found.disks} without something that was written); {len(following.acknowledged)} letters acknowledged, "
        f"{len(following.sent)} mails sent, the log written back {following.synced[power_cuts.BOOKS[0]]} times"
    )
    enough = found.cuts >= LEAST * size.cuts and found.unsure > 0 and bool(following.sent)
    whole = not (found.lost or found.damaged or found.broken)
    wrong = "; ".join([*found.damaged, *sorted(found.lost), *found.broken][:5])
    return [
        Figure(
            promise="After a power cut what was acknowledged is there, and the books are whole (SQLite)",
            asked="0 lost, 0 damaged", done=done, holds=whole and enough,
            measured=f"{len(found.lost)} letters lost, {len(found.damaged)} faults of the file, "
            f"{len(found.broken)} rules broken{': ' if wrong else ''}{wrong}",
        ),
        Figure(
            promise="After a power cut the books know every mail that had left; those in hand may leave again (SQLite)",
            asked=f"0 unknown, {IN_HAND} at most again", done=done,
            measured=f"{len(found.unknown)} unknown, {found.again} at most again",
            holds=not found.unknown and found.again <= IN_HAND and enough,
        ),
    ]  # fmt: skip


# -- the run ----------------------------------------------------------------------------------------


def traced(letters: int) -> Ran:
    """The system calls of a receiver and a worker that took so many answers and sent what follows from them."""
    trace.able()
    with TemporaryDirectory(prefix="teekond-fsync-") as root:
        folder = Path(root)
        (folder / "data").mkdir()
        config = open_season.config_file(folder)
        tasks = _laid(folder, config, letters)
        before = {file.name: file.read_bytes() for file in (folder / "data").iterdir()}
        out = folder / "trace"
        with (
            Relay() as relay,
            Installation(
                folder, config, relay.port, counts={Kind.RECEIVE: 1, Kind.WORK: 1}, wrapped_in=trace.words(out)
            ) as house,
        ):
            house.start(*house.places)
            half = len(tasks) // 2
            for share, many in ((tasks[:half], 1), (tasks[half:], TOGETHER)):
                _send(share, house.of(Kind.RECEIVE)[0].port, many)
            _wait_for(lambda: len(relay.taken) >= len(tasks))  # each is answered, and others are told besides
            for place in house.places:
                house.kill(place)
        with out.open(encoding="ascii", errors="replace") as lines:
            return Ran(tuple(trace.calls(lines)), folder / "data", before)


def _laid(folder: Path, config: Path, letters: int) -> list[Task]:
    db = Database(sqlite_url(folder / "data"))
    try:
        tasks = open_season.lay(db, config, datetime.now(UTC), -(-letters // PER_PAIR), Random(7))
    finally:
        db.close()
    return [replace(task, by="mail") for task in tasks]


def _send(tasks: list[Task], port: int, many: int) -> None:
    with Correspondents(tasks, [port], [], many=many, ahead=len(tasks) + 1) as people:
        _wait_for(lambda: not people.busy())


def _wait_for(true: Callable[[], bool]) -> None:
    kill._wait_for(true, "letters are not taken, or not answered", 0.02, PATIENCE)


# -- reading the trace ------------------------------------------------------------------------------


@dataclass(slots=True)
class Seen:
    acknowledged: int = 0
    covered: int = 0
    synced: int = 0


@dataclass(slots=True)
class _Letter:
    """How far one letter came, from its last bytes on."""

    written: bool = False
    """it stands in a page that was written to the log"""
    syncing: bool = False
    """a sync of the log began after that"""
    synced: bool = False


def judge(calls: Iterable[Call]) -> Seen:
    """Follow each letter by its Message-ID: it came in, the log was written with it and synced, and only then 250."""
    seen, letters, inside = Seen(), dict[bytes, _Letter](), dict[str, bytes]()
    for call in calls:
        if call.name == "recvfrom" and call.ends and (came := MESSAGE_ID.search(call.data)):
            inside[call.file] = came[1]
            letters.setdefault(came[1], _Letter())  # one that comes again is on the disk already
        elif call.file.endswith("-wal"):
            _logged(call, letters)
            seen.synced += call.ends and call.name in SYNCS
        elif call.name == "sendto" and call.begins and call.data.startswith(power_cuts.THANKS):
            letter = letters.get(inside.pop(call.file, b""), _Letter())
            seen.acknowledged += 1
            seen.covered += letter.synced
    return seen


def _logged(call: Call, letters: dict[bytes, _Letter]) -> None:
    """What this call did for the letters that wait."""
    if call.name not in SYNCS and call.begins:
        for name in letters.keys() & set(ID.findall(call.data)):
            letters[name].written = True
    for one in letters.values() if call.name in SYNCS else ():
        one.syncing = one.syncing or (call.begins and one.written)
        one.synced = one.synced or (call.ends and one.syncing)
