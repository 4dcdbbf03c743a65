"""The power fails at a random moment: every disk that may be found then, made out of the system calls of a run.

Three are made for each moment: one that kept nothing but what was synced, one that kept everything written, and one
that kept some of it, sector by sector. Each is opened as the service opens its database. Must never count a moment
at which nothing had been acknowledged yet.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from tests.reliability import invariants
from tests.reliability.disk import Disk
from tests.reliability.invariants import MESSAGE_ID
from tests.reliability.trace import SYNCS, Call, Unclear
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Message

BOOKS = ("teekond.sqlite", "teekond.sqlite-wal")
"""what is followed; the index beside the log (-shm) is made anew by whoever opens the database after a cut"""
WRITTEN = re.compile(r"^, (\d+), (\d+)")
LENGTH = re.compile(r"^(\d+)")
THANKS = b"250 2.0.0 Thank you"
NAMES = 20
"""rules named in a figure that does not hold"""


@dataclass(frozen=True, slots=True)
class Moment:
    """What was promised when the power failed, and a disk that may be found afterwards."""

    acknowledged: frozenset[str]
    sent: frozenset[str]
    kept: str
    """nothing, everything or some of what was `unsure`"""
    unsure: int
    disk: Mapping[str, bytes]


@dataclass(slots=True)
class Found:
    """What was found over all moments."""

    cuts: int = 0
    disks: int = 0
    unsure: int = 0
    """disks on which something written was lost, or may have been"""
    damaged: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    """mails that had left and are not in the books"""
    again: int = 0
    """the most mails that had left and will leave once more, for nothing on the disk says that they did"""


class Following:
    """The disk, what was acknowledged and what was sent, call after call."""

    def __init__(self, files: Mapping[str, bytes], folder: Path) -> None:
        self.disk, self._folder = Disk(files), folder
        self.acknowledged, self.sent = set[str](), set[str]()
        self.synced = Counter[str]()
        self._inside: dict[str, str] = {}
        """the letter that each connection has brought and that is not acknowledged yet"""
        self._letters = set[str]()
        """all that came in"""
        self._open: dict[tuple[str, str, bytes], list[Callable[[], None]]] = {}
        """what is to be done when a call comes back"""

    def take(self, call: Call) -> bool:
        """Whether a power cut after this call may find something else than one before it."""
        if call.file.startswith(f"{self._folder}/") and Path(call.file).name in BOOKS:
            return self._books(call, Path(call.file).name)
        if call.name in SYNCS and call.file == str(self._folder):
            return self._through(call, self.disk.syncing_names)
        if call.name == "recvfrom" and call.ends and (came := MESSAGE_ID.search(call.data)):
            self._inside[call.file] = came[1].decode()
            self._letters.add(came[1].decode())
        elif call.name == "sendto" and call.begins:
            return self._said(call)
        return False

    def _books(self, call: Call, name: str) -> bool:
        if call.name in SYNCS:
            self.synced[name] += call.ends
            return self._through(call, lambda: self.disk.syncing(name))
        if call.name == "openat":
            if call.ends and "O_CREAT" in call.rest:
                self.disk.create(name)
            return False
        if call.name == "unlink":
            if call.ends:
                self.disk.remove(name)
            return call.ends
        return self._through(call, lambda: self._change(call, name))

    def _change(self, call: Call, name: str) -> Callable[[], None]:
        written, cut = (pattern.match(call.rest) for pattern in (WRITTEN, LENGTH))
        if call.name == "pwrite64" and written and int(written[1]) == len(call.data):
            change = self.disk.change(name, int(written[2]), call.data)
        elif call.name == "ftruncate" and cut:
            change = self.disk.change(name, int(cut[1]), None)
        else:
            raise Unclear(f"{call.name} of {name}: {call.rest[:100]}")

        def over() -> None:
            change.over = True

        return over

    def _through(self, call: Call, begin: Callable[[], Callable[[], None]]) -> bool:
        """Begin what this call does when it begins, end it when it has come back."""
        which = (call.name, call.file, call.data)
        if call.begins:
            self._open.setdefault(which, []).append(begin())
        if call.ends:
            self._open[which].pop(0)()
        return True

    def _said(self, call: Call) -> bool:
        if call.data.startswith(THANKS):
            self.acknowledged.add(self._inside.pop(call.file))
            return True
        mail = MESSAGE_ID.search(call.data)
        if mail and mail[1].decode() not in self._letters:  # those go to the process that reads them
            self.sent.add(mail[1].decode())
            return True
        return False


def moments(
    calls: Iterable[Call], files: Mapping[str, bytes], folder: Path, share: float, chance: Random
) -> Iterator[Moment]:
    """A power cut after each call that changes what it finds, with the probability `share`."""
    following = Following(files, folder)
    for call in calls:
        if following.take(call) and following.acknowledged and chance.random() < share:
            promised = frozenset(following.acknowledged), frozenset(following.sent)
            disk, unsure = following.disk, following.disk.unsure
            for kept, keeps in (
                ("nothing", lambda: False), ("everything", lambda: True), ("some", lambda: chance.random() < 0.5)
            ):  # fmt: skip
                yield Moment(*promised, kept, unsure, disk.after_a_cut(keeps))


def look(moments: Iterable[Moment]) -> Found:
    """Open each disk as the service would, and compare it with what was promised."""
    found = Found()
    for moment in moments:
        found.cuts += moment.kept == "nothing"
        found.disks += 1
        found.unsure += moment.unsure > 0 and moment.kept != "everything"
        with TemporaryDirectory(prefix="teekond-power-") as folder:
            for name, content in moment.disk.items():
                (Path(folder) / name).write_bytes(content)
            _look_at(Path(folder), moment, found)
    return found


def _look_at(folder: Path, moment: Moment, found: Found) -> None:
    db = Database(sqlite_url(folder))
    try:
        with db.reading() as session:
            said = session.execute(sa.text("PRAGMA integrity_check")).scalars().all()
            there = set(invariants.stored(session))
            mails = dict(session.execute(sa.select(Message.message_id, Message.status)).all())
        found.damaged += [line for line in said if line != "ok"]
        found.lost |= moment.acknowledged - there
        found.unknown |= moment.sent - mails.keys()
        found.again = max(found.again, sum(mails.get(one) != "sent" for one in moment.sent))
        found.broken += invariants.broken(db)[: NAMES - len(found.broken)]
    except sa.exc.DatabaseError as error:
        found.damaged.append(f"it cannot be read: {error.orig}")
    finally:
        db.close()
