"""Line numbers of the keys of a TOML text: path -> line, so that a fault can be shown with its place.

Pure. Not a TOML parser: tomllib has read the text before and refused what is not TOML. This only walks over
the same text again and notes the lines, which tomllib does not keep.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from typing import Final

Path = tuple[str | int, ...]

BLANK: Final = " \t"
GAP: Final = " \t\r\n,"
BARE_END: Final = frozenset(" \t\r\n,]}=.#")
QUOTES: Final = ('"""', "'''", '"', "'")


class _Walk:
    """A walk over the text: the position, and the lines noted so far."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[Path, int] = {}
        self.base: Path = ()
        self._elements: dict[Path, int] = {}
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    def note(self, path: Path) -> None:
        self.lines.setdefault(path, bisect_right(self._starts, self.at))

    def sees(self, *words: str) -> bool:
        return self.text.startswith(words, self.at)

    def skip(self, blanks: str = GAP) -> None:
        """Over blanks and comments."""
        while self.at < len(self.text):
            if self.text[self.at] in blanks:
                self.at += 1
            elif self.text[self.at] == "#":
                self.to_line_end()
            else:
                return

    def to_line_end(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def everything(self) -> None:
        self.skip()
        while self.at < len(self.text):
            if self.sees("["):
                self.header()
            else:
                self.pair(self.base)
            self.skip()

    def header(self) -> None:
        """[a.b] or [[a.b]]: what follows belongs to it."""
        line_at, many = self.at, self.sees("[[")
        self.at += 2 if many else 1
        keys = self.keys()
        self.at, after = line_at, self.at + (2 if many else 1)
        self.base = ()
        for key in keys[:-1]:
            self.base = (*self.base, key)
            self.note(self.base)
            self.base = self.newest(self.base)
        self.base = (*self.base, keys[-1])
        self.note(self.base)
        if many:
            self._elements[self.base] = self._elements.get(self.base, -1) + 1
        self.base = self.newest(self.base)
        self.note(self.base)
        self.at = after

    def newest(self, path: Path) -> Path:
        """The newest table of an array of tables; the path itself where it is none."""
        return (*path, self._elements[path]) if path in self._elements else path

    def keys(self) -> list[str]:
        """One key, dotted or not, up to and without = or ]."""
        found = []
        while True:
            self.skip(BLANK)
            found.append(self.key())
            self.skip(BLANK)
            if not self.sees("."):
                return found
            self.at += 1

    def key(self) -> str:
        start = self.at
        if self.sees('"', "'"):
            self.string()
            return next(iter(tomllib.loads(f"{self.text[start : self.at]} = 0")))
        self.bare()
        return self.text[start : self.at]

    def bare(self, ends: frozenset[str] = BARE_END) -> None:
        # At least one character, so that a walk over whatever text comes to an end.
        self.at += 1
        while self.at < len(self.text) and self.text[self.at] not in ends:
            self.at += 1

    def string(self) -> None:
        quote = next(quote for quote in QUOTES if self.sees(quote))
        self.at += len(quote)
        while self.at < len(self.text) and not self.sees(quote):
            self.at += 2 if self.sees("\\") and quote[0] == '"' else 1
        self.at += len(quote)
        # Up to two more quotes may end a long string: they are its last characters.
        while len(quote) == 3 and self.sees(quote[0]):
            self.at += 1

    def pair(self, base: Path) -> None:
        """key = value."""
        start = self.at
        path, after = base, start
        for key in self.keys():
            path, after = (*path, key), self.at
            self.at = start
            self.note(path)
            self.at = after
        self.at += 1
        self.skip(BLANK)
        self.value(path)

    def value(self, path: Path) -> None:
        if self.sees("["):
            self.array(path)
        elif self.sees("{"):
            self.inline(path)
        elif self.sees('"', "'"):
            self.string()
        else:
            self.bare(BARE_END - {".", "="})

    def array(self, path: Path) -> None:
        self.at += 1
        self.skip()
        index = 0
        while self.at < len(self.text) and not self.sees("]"):
            self.note((*path, index))
            self.value((*path, index))
            self.skip()
            index += 1
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        self.skip()
        while self.at < len(self.text) and not self.sees("}"):
            self.pair(path)
            self.skip()
        self.at += 1


def lines_of(text: str) -> Mapping[Path, int]:
    """The line, from 1, of each key and each array element of a text that tomllib has accepted."""
    walk = _Walk(text.replace("\r\n", "\n"))
    walk.everything()
    return walk.lines


def line_of(lines: Mapping[Path, int], path: Path) -> int | None:
    """The line of `path`; for what is not there, of the table it is missing from."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def dotted(path: Path) -> str:
    """A path as people read it: ("stages", 2, "work", "due") -> "stages[2].work.due"."""
    words = ""
    for step in path:
        words += f"[{step}]" if isinstance(step, int) else f".{step}" if words else step
    return words
