"""A way to break the source: edits, and the harness or test that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """`old` stands exactly once in the file."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """`harness`: the module that must fail; or a test by the name that pytest gives it, where the row of the list of
    threats is shown by one. `quick`: tried in every run of the tests."""

    name: str
    harness: str
    edits: tuple[Edit, ...]
    quick: bool = False
