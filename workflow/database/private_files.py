"""Private files beside the database: replaced whole and durably, one process at a time, and the service's own.

Whoever looks after the server types commands as root. A file that root makes in the service's folder would be root's,
and the service could not read its own key, token or list of the erased again: so it is handed to the folder's owner.
Must never open a name that somebody else may have put there: root would write through a link into another file.
"""

import contextlib
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

LOCK = ".lock"


@contextlib.contextmanager
def alone(file: Path) -> Iterator[None]:
    """Nobody else, in this process or another, is within this for the same file. Raises OSError."""
    descriptor = os.open(f"{file}{LOCK}", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        hand_over(descriptor, file.parent)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def change(file: Path, words: Callable[[str], str]) -> None:
    """What stands there (nothing: no file yet) becomes what `words` makes of it. Raises OSError: nothing changed."""
    with alone(file):
        replace(file, words(file.read_text(encoding="utf-8") if file.exists() else ""))


def replace(file: Path, words: str) -> None:
    """Whole or not at all, also where the power fails. Raises OSError."""
    descriptor, fresh = tempfile.mkstemp(prefix=f"{file.name}.", dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            hand_over(descriptor, file.parent)
            out.write(words)
            out.flush()
            os.fsync(descriptor)
        os.replace(fresh, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise


def hand_over(descriptor: int, folder: Path) -> None:
    """To the folder's owner, where root made it; a root that may not (in some containers) keeps it."""
    if os.geteuid() == 0:
        whose = folder.stat()
        with contextlib.suppress(PermissionError):
            os.fchown(descriptor, whose.st_uid, whose.st_gid)
