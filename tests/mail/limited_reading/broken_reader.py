"""A reader whose process dies at its start, as after an upgrade that went half-way: a library there is broken."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mail.limited_reading.reader import Reader

LAST_WORDS = "ImportError: this library is broken"


@contextmanager
def broken_reader(folder: Path) -> Iterator[Reader]:
    """Until the end; then it is whole again."""
    (folder / "pickle.py").write_text("raise ImportError('this library is broken')\n")  # this process has its own
    before, reader = list(sys.path), Reader()
    sys.path.insert(0, str(folder))
    try:
        yield reader
    finally:
        sys.path[:] = before
        reader.close()
