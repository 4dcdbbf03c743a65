"""On the disk before 250: the receiver's own system calls, as strace sees them.

Between the last bytes of a letter and the reply that acknowledges it there must be a write of that letter to the
database's log and an fdatasync of it that has come back. A kill cannot show this: what the kernel has it still
writes. Must never take a trace without a single letter for a proof.
"""

import re
import shutil
import smtplib
import subprocess
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.reliability import laid
from tests.reliability.figures import Figure, Scale
from tests.reliability.installation import Installation, Kind

LETTERS = {Scale.SHORT: 60, Scale.LONG: 2000}
TOGETHER = 4
"""connections in the second half; in the first there is one, so that every write to the log is that letter's"""
CALLS = "recvfrom,sendto,write,pwrite64,fdatasync,fsync"
LINE = re.compile(r"^(\d+) +(.*)$")
BEGUN = re.compile(r"^(\w+)\((\d+)<([^>]*)>(.*)$")
KEY = re.compile(r"<[a-z0-9]+\.\d+@example\.org>")
SYNCS = ("fdatasync", "fsync")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
TO = "koosloome@teekond.example.org"


class CannotTrace(Exception):
    """This machine has no strace, or does not let it look."""


def run(scale: Scale) -> list[Figure]:
    letters = LETTERS[scale]
    try:
        calls = traced(letters)
    except CannotTrace as why:
        return [_figure("not measured", f"nothing: {why}", holds=False)]
    seen = judge(calls)
    done = (
        f"{seen.acknowledged} letters acknowledged, of {letters} sent, half of them over one connection, half over "
        f"{TOGETHER} at once; {seen.synced} fdatasync of the log seen"
    )
    measured = f"{seen.covered} of {seen.acknowledged} acknowledged letters were on the disk first"
    return [_figure(measured, done, holds=seen.acknowledged == seen.covered == letters)]


def _figure(measured: str, done: str, *, holds: bool) -> Figure:
    promise = "A letter is on the disk (fdatasync of the database's log) before its 250 is sent"
    return Figure(promise=promise, asked="all", measured=measured, done=done, holds=holds)


# -- the run ----------------------------------------------------------------------------------------


def able() -> None:
    """Raises CannotTrace with the reason."""
    if shutil.which("strace") is None:
        raise CannotTrace("strace is not installed (apt-get install strace)")
    tried = subprocess.run(["strace", "-f", "-e", "trace=none", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise CannotTrace(f"strace may not look at processes here ({tried.stderr.strip()[:200]})")


def traced(letters: int) -> list[str]:
    """The system calls of a receiver that took so many letters, a line each."""
    able()
    with TemporaryDirectory(prefix="teekond-fsync-") as folder:
        trace, config = Path(folder) / "trace", laid.config_file(Path(folder))
        words = ("strace", "-f", "-y", "-s", "8192", "-o", str(trace), "-e", f"trace={CALLS}")
        with Installation(Path(folder), config, 9, counts={Kind.RECEIVE: 1}, wrapped_in=words) as house:
            house.start(*house.places)
            port = house.places[0].port
            _send(port, "one", letters // 2)
            shares = [letters // 2 // TOGETHER + (n < letters // 2 % TOGETHER) for n in range(TOGETHER)]
            if letters % 2:
                shares[0] += 1
            threads = [threading.Thread(target=_send, args=(port, f"n{n}", many)) for n, many in enumerate(shares)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            house.kill(house.places[0])
        return trace.read_text(encoding="ascii", errors="replace").splitlines()


def _send(port: int, name: str, many: int) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        for number in range(many):
            letter = f"From: mari@example.org\r\nMessage-ID: <{name}.{number}@example.org>\r\n\r\nTere!\r\n"
            client.sendmail("mari@example.org", TO, letter)


# -- reading the trace ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Call:
    """One system call's beginning or end, in the order of the trace."""

    name: str
    file: str
    what: str
    begins: bool
    ends: bool


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


def judge(lines: Iterable[str]) -> Seen:
    """Follow each letter by its Message-ID: it came in, the log was written with it and synced, and only then 250."""
    seen, letters, inside = Seen(), dict[str, _Letter](), dict[str, str]()
    for call in calls(lines):
        if call.name == "recvfrom" and call.ends and (name := KEY.search(call.what)):
            inside[call.file], letters[name[0]] = name[0], _Letter()
        elif call.file.endswith("-wal"):
            _logged(call, letters)
            seen.synced += call.ends and call.name in SYNCS
        elif call.name in ("sendto", "write") and call.begins and '"250 2.0.0 Thank you' in call.what:
            letter = letters.pop(inside.pop(call.file, ""), _Letter())
            seen.acknowledged += 1
            seen.covered += letter.synced
    return seen


def _logged(call: Call, letters: dict[str, _Letter]) -> None:
    """What this call did for the letters that wait."""
    if call.name not in SYNCS and call.begins:
        for name in set(KEY.findall(call.what)) & set(letters):
            letters[name].written = True
    for one in letters.values() if call.name in SYNCS else ():
        one.syncing = one.syncing or (call.begins and one.written)
        one.synced = one.synced or (call.ends and one.syncing)


@dataclass(slots=True)
class _Open:
    """Calls that were begun and have not come back, by thread."""

    calls: dict[str, tuple[str, str]] = field(default_factory=dict)


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """strace's lines as calls: one that another thread's call interrupts comes as a beginning and an end."""
    unfinished = _Open()
    for line in lines:
        thread = LINE.match(line)
        if thread is None:
            continue
        if resumed := RESUMED.match(thread[2]):
            name, file = unfinished.calls.pop(thread[1], (resumed[1], ""))
            yield Call(name, file, resumed[2], begins=False, ends=_went_well(resumed[2]))
        elif begun := BEGUN.match(thread[2]):
            whole = not begun[4].endswith("<unfinished ...>")
            if not whole:
                unfinished.calls[thread[1]] = (begun[1], begun[3])
            yield Call(begun[1], begun[3], begun[4], begins=True, ends=whole and _went_well(begun[4]))


def _went_well(what: str) -> bool:
    result = what.rpartition(" = ")[2]
    return not result.startswith("-1") and result != "0 (Timeout)"
