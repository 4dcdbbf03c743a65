"""What a sending process has in hand and what the relay has taken of it, noted where it outlives the process.

Mails are claimed and settled many in one transaction; what the relay said yes to is noted after each, in a file of
the process's own, without waiting for the disk: a killed process loses nothing that it wrote. Before anybody sends
from the same folder the notes of the dead are read: what was sent is written down, and the leases of the rest end, so
that a kill repeats at most the one mail whose answer was on its way. Must never decide what to send.
"""

import fcntl
import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.sending.results import Held, written
from workflow.database.engine import Database
from workflow.database.models import Message

SUFFIX: Final = ".sending"


class Receipts:
    """The notes of this process, in `folder`, under a lock that ends with it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = _own_file(folder)

    def __enter__(self) -> "Receipts":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def claimed(self, mails: Sequence[Held]) -> None:
        """These are in hand now; what was before them is settled and committed. Raises OSError."""
        os.ftruncate(self._file.handle, 0)
        os.write(self._file.handle, "".join(f"claimed {mail.id} {mail.attempt}\n" for mail in mails).encode())

    def taken(self, mail: Held) -> None:
        """The relay has it. Raises OSError."""
        os.write(self._file.handle, b"taken %d %d\n" % (mail.id, mail.attempt))

    def close(self) -> None:
        self._file.path.unlink(missing_ok=True)
        os.close(self._file.handle)


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    handle: int


@dataclass(frozen=True, slots=True)
class _Noted:
    id: int
    attempt: int


def recover(db: Database, folder: Path, now: datetime) -> tuple[int, int] | None:
    """Read the notes that dead processes left in `folder`: how many mails had been sent, how many are free again.

    None where another process is at it: until it is done, what the dead had in hand may not be taken up."""
    folder.mkdir(parents=True, exist_ok=True)
    reading = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(reading, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return _recover(db, folder, now)
    except BlockingIOError:
        return None
    finally:
        os.close(reading)


def _recover(db: Database, folder: Path, now: datetime) -> tuple[int, int]:
    sent = free = 0
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        handle = _of_the_dead(path)
        if handle is None:
            continue
        try:
            claimed, taken = _read(path)
            with db.writing() as session:
                sent += written(session, taken, {"status": "sent", "sent_at": now, "error": ""})
                free += len(_end_leases(session, claimed - set(taken), now))
            path.unlink()
        finally:
            os.close(handle)
    return sent, free


def _own_file(folder: Path) -> _File:
    """A new file under a lock that ends with the process, however it ends."""
    for number in count():
        path = folder / f"{os.getpid()}-{number}{SUFFIX}"
        with suppress(FileExistsError):
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            if path.exists():  # nobody took it for a dead one's before it was locked
                return _File(path, handle)
            os.close(handle)
    raise AssertionError("there is always a next number")


def _of_the_dead(path: Path) -> int | None:
    """A handle on notes that nobody holds any more, now held by us."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _read(path: Path) -> tuple[set[_Noted], list[_Noted]]:
    """What was in hand, and what was taken. A last line that was cut off says nothing."""
    noted: dict[str, list[_Noted]] = {"claimed": [], "taken": []}
    for line in path.read_text(encoding="ascii").splitlines(keepends=True):
        words = line.split()
        if line.endswith("\n") and len(words) == 3 and words[0] in noted:
            noted[words[0]].append(_Noted(int(words[1]), int(words[2])))
    return set(noted["claimed"]), noted["taken"]


def _end_leases(session: Session, mails: set[_Noted], now: datetime) -> list[int]:
    """Their leases are over: the next pass takes them up, one by one."""
    if not mails:
        return []
    held = sa.tuple_(Message.id, Message.attempt).in_([(mail.id, mail.attempt) for mail in mails])
    ending = sa.update(Message).where(held, Message.status == "sending").values(leased_until=now)
    returning = ending.returning(Message.id).execution_options(synchronize_session=False)
    return list(session.scalars(returning))
