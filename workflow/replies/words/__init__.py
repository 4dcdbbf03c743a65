"""Tables of words that a linguist edits, as lines of text: acts, verbs, nouns, topics. `rows` reads them.

It must never hold a rule of reading.
"""

from collections.abc import Iterator
from pathlib import Path

__all__: list[str] = []


def rows(name: str) -> Iterator[list[str]]:
    """The cells of each line of a table in this folder; lines that begin with # are notes."""
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
        if line and line[0] != "#":
            yield line.split("\t")
