"""The system calls of an installation in their order, as strace saw them, with the bytes that were read and written.

Must never take what it does not understand for nothing: a call cut off in the middle stays open until it came back.
"""

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

WATCHED = "openat,unlink,recvfrom,sendto,write,pwrite64,ftruncate,fdatasync,fsync"
LONGEST = 1 << 20
"""bytes of one call that are shown; no letter here comes near"""
SYNCS = ("fdatasync", "fsync")
NAMING = ("openat", "unlink")
"""calls that name a file by its path"""
LINE = re.compile(r"^(\d+) +(.*)$")
BEGUN = re.compile(r"^(\w+)\((?:(?:\d+|AT_FDCWD)<([^>]*)>(?:, )?)?(.*)$")
RESUMED = re.compile(r"^<\.\.\. (\w+) resumed>(.*)$")
UNFINISHED = "<unfinished ...>"
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')


class CannotTrace(Exception):
    """This machine has no strace, or does not let it look."""


class Unclear(Exception):
    """A call that was shown cut short: what it wrote is not known."""


def able() -> None:
    """Raises CannotTrace with the reason."""
    if shutil.which("strace") is None:
        raise CannotTrace("strace is not installed (apt-get install strace)")
    tried = subprocess.run(["strace", "-f", "-e", "trace=none", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise CannotTrace(f"strace may not look at processes here ({tried.stderr.strip()[:200]})")


def words(out: Path) -> tuple[str, ...]:
    """What stands before a command whose calls are written to `out`."""
    return ("strace", "-f", "-y", "-xx", "-s", str(LONGEST), "-o", str(out), "-e", f"trace={WATCHED}")


@dataclass(frozen=True, slots=True)
class Call:
    """One system call's beginning or end, or both. `rest`: its other arguments and its result, as strace says them."""

    name: str
    file: str
    data: bytes
    rest: str
    begins: bool
    ends: bool
    """it came back, and went well"""


def calls(lines: Iterable[str]) -> Iterator[Call]:
    """One that another thread's call interrupts comes as a beginning and an end."""
    unfinished: dict[str, Call] = {}
    for line in lines:
        thread = LINE.match(line)
        if thread is None:
            continue
        if resumed := RESUMED.match(thread[2]):
            begun = unfinished.pop(thread[1], Call(resumed[1], "", b"", "", begins=True, ends=False))
            data, rest = _string(resumed[2])
            said = begun.rest.removesuffix(UNFINISHED) + rest
            yield replace(begun, data=data or begun.data, rest=said, begins=False, ends=_went_well(said))
        elif begun_now := BEGUN.match(thread[2]):
            call = _call(*begun_now.groups())
            if call.rest.endswith(UNFINISHED):
                unfinished[thread[1]] = call
            yield call


def _call(name: str, file: str | None, arguments: str) -> Call:
    data, rest = _string(arguments)
    whole = not arguments.endswith(UNFINISHED)
    path = data if name in NAMING else bytes.fromhex((file or "").replace("\\x", ""))
    return Call(name, path.decode(), data, rest, begins=True, ends=whole and _went_well(rest))


def _string(arguments: str) -> tuple[bytes, str]:
    """The bytes that a call was given or gave, and what else was said."""
    found = STRING.search(arguments)
    if found is None:
        return b"", arguments
    if found[2]:
        raise Unclear(f"more than {LONGEST} bytes in one call")
    return bytes.fromhex(found[1].replace("\\x", "")), arguments[found.end() :]


def _went_well(rest: str) -> bool:
    result = rest.rpartition(" = ")[2]
    return not result.startswith("-1") and result != "0 (Timeout)"
