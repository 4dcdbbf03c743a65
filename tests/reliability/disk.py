"""What stands on a disk when the power fails: known by what was written and by which syncs had come back.

What was written before a sync of its file began stays once that sync has come back. What was written since is there,
or not, or in part: sector by sector and in any order, as a drive with a cache does it. A new name stays once its
folder was synced, as POSIX asks, and no sooner. Must never believe that anything stays because it was written.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

SECTOR = 512
"""bytes that a drive writes wholly or not at all"""
Chance = Callable[[], bool]
"""asked for each sector that no sync vouches for: whether it reached the disk"""


@dataclass(slots=True)
class Change:
    """Bytes written at a place of a file; where there are none, the file is cut (or lengthened) to that place."""

    at: int
    data: bytes | None
    over: bool = False
    """the call came back"""


@dataclass(slots=True)
class File:
    synced: bytearray = field(default_factory=bytearray)
    since: list[Change] = field(default_factory=list)
    """changes that no sync vouches for, oldest first"""

    def settle(self, changes: Iterable[Change]) -> None:
        vouched = {id(change) for change in changes}
        for change in self.since:
            if id(change) in vouched:
                _apply(self.synced, change, lambda: True)
        self.since = [change for change in self.since if id(change) not in vouched]

    def after(self, kept: Chance) -> bytes:
        content = bytearray(self.synced)
        for change in self.since:
            _apply(content, change, kept)
        return bytes(content)


class Disk:
    """Files of one folder by their names."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._names: dict[str, list[File | None]] = {
            name: [File(bytearray(content))] for name, content in files.items()
        }
        """what each name meant, beginning with what it means on the disk for certain"""

    def create(self, name: str) -> None:
        """Open a file for writing; where there is none, make it."""
        meanings = self._names.setdefault(name, [None])
        if meanings[-1] is None:
            meanings.append(File())

    def remove(self, name: str) -> None:
        self._names[name].append(None)

    def change(self, name: str, at: int, data: bytes | None) -> Change:
        change = Change(at, data)
        self._file(name).since.append(change)
        return change

    def syncing(self, name: str) -> Callable[[], None]:
        """A sync of the file begins; what is returned is to be called when it has come back."""
        file = self._file(name)
        vouched = [change for change in file.since if change.over]
        return lambda: file.settle(vouched)

    def syncing_names(self) -> Callable[[], None]:
        """The same of the folder."""
        lengths = {name: len(meanings) for name, meanings in self._names.items()}

        def settle() -> None:
            for name, length in lengths.items():
                self._names[name][: length - 1] = []

        return settle

    @property
    def unsure(self) -> int:
        """Changes that a power cut may undo now."""
        names = self._names.values()
        return sum(len(meanings) - 1 + sum(len(file.since) for file in meanings if file) for meanings in names)

    def after_a_cut(self, kept: Chance) -> dict[str, bytes]:
        """The files that are found when the power is back."""
        found = {}
        for name, (meaning, *later) in self._names.items():
            for one in later:
                meaning = one if kept() else meaning
            if meaning is not None:
                found[name] = meaning.after(kept)
        return found

    def _file(self, name: str) -> File:
        file = self._names[name][-1]
        assert file is not None, f"{name} was removed"
        return file


def _apply(content: bytearray, change: Change, kept: Chance) -> None:
    if change.data is None:
        if kept():
            content[change.at :] = bytes(max(0, change.at - len(content)))
        return
    begin = change.at
    while begin < (end := change.at + len(change.data)):
        stop = min(end, (begin // SECTOR + 1) * SECTOR)
        if kept():
            content.extend(bytes(max(0, stop - len(content))))
            content[begin:stop] = change.data[begin - change.at : stop - change.at]
        begin = stop
