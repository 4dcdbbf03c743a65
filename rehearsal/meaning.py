"""What somebody means by a letter or a form: the rehearsal's own words for it, apart from the service's."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`kind`: yes, no, maybe, hours, names, submission, return, ratings, withdraw, status, help, unclear or none."""

    kind: str
    entries: tuple[tuple[int, date | None], ...] = ()
    """hours: minutes and their day"""
    names: frozenset[str] = frozenset()
    """roll-call: those absent"""
    ratings: tuple[tuple[str, int], ...] = ()
    """reflection: learning outcomes and how one rates oneself, 1 to 5"""
    text: str = ""
    """a comment, or a work's own text"""
    files: tuple[bytes, ...] = ()

    @property
    def minutes(self) -> int:
        return sum(minutes for minutes, _ in self.entries)

    @property
    def digests(self) -> frozenset[str]:
        return frozenset(sha256(f).hexdigest() for f in self.files)

    def says(self) -> str:
        """In a few words, for the report."""
        beside = {
            "hours": f" {self.minutes} min",
            "names": f" {', '.join(sorted(self.names)) or '-'}",
            "ratings": f" {' '.join(str(rating) for _, rating in self.ratings)}",
            "submission": f" {len(self.files)} file(s)" if self.files else " text",
        }
        return self.kind + beside.get(self.kind, "")


YES, NO, MAYBE, UNCLEAR, NONE = (Meaning(kind=k) for k in ("yes", "no", "maybe", "unclear", "none"))
