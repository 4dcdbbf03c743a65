"""Ledger of mentoring hours: pooled per team over all its mentors, and their cap.

Pure. Entries are only ever added; what they add up to is computed here and nowhere else. Minutes are whole.

    reserved   a booked session: counts until it is reported or dropped
    reported   what a mentor says was given: counts; may settle a reservation (about)
    corrected  more or less of a reported entry (about), signed: counts
    confirmed, disputed   what the team says of a reported entry (about): count nothing
    held       reported, but more than is left, or what stands there already (about): counts nothing until the
               coordinator settles it
    granted    more hours for this team: raises the cap
    dropped    settles a reserved or held entry (about) without counting it
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import TypedDict

from workflow.text import formatting
from workflow.text.bilingual import Text


class EntryKind(StrEnum):
    RESERVED = "reserved"
    REPORTED = "reported"
    CORRECTED = "corrected"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    HELD = "held"
    GRANTED = "granted"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: int
    person_id: int
    kind: EntryKind
    minutes: int
    about_id: int | None = None
    day: date | None = None
    month: str = ""
    """`2022-07`: the month in which it counts, its day's or, without a day, the one that was asked about"""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """Minutes: `cap` with what was granted, `used` with what is reserved, `reserved` alone."""

    cap: int
    used: int
    reserved: int

    @property
    def left(self) -> int:
        return self.cap - self.used


_SETTLES = {EntryKind.REPORTED, EntryKind.DROPPED}
_COUNTS = {EntryKind.REPORTED, EntryKind.CORRECTED}


def balance(entries: Iterable[Entry], cap_minutes: int) -> Balance:
    """What a team has used of its hours and has left."""
    entries = tuple(entries)
    reserved = sum(e.minutes for e in open_entries(entries, EntryKind.RESERVED))
    used = sum(e.minutes for e in entries if e.kind in _COUNTS)
    granted = sum(e.minutes for e in entries if e.kind is EntryKind.GRANTED)
    return Balance(cap_minutes + granted, used + reserved, reserved)


def open_entries(entries: Iterable[Entry], kind: EntryKind) -> tuple[Entry, ...]:
    """Reserved or held entries that nothing has settled yet."""
    entries = tuple(entries)
    settled = {e.about_id for e in entries if e.kind in _SETTLES}
    return tuple(e for e in entries if e.kind is kind and e.id not in settled)


def effective(entries: Iterable[Entry]) -> tuple[tuple[Entry, int], ...]:
    """Each reported entry with its minutes after corrections; those corrected to nothing are left out."""
    entries = tuple(entries)
    totals = {e.id: e.minutes for e in entries if e.kind is EntryKind.REPORTED}
    for entry in entries:
        if entry.kind is EntryKind.CORRECTED and entry.about_id in totals:
            totals[entry.about_id] += entry.minutes
    return tuple((e, totals[e.id]) for e in entries if totals.get(e.id))


def month_of(day: date | None, asked: str) -> str:
    """The month in which hours of this day count; without a day, the one that was asked about."""
    return f"{day:%Y-%m}" if day else asked


def when(day: date | None, month: str) -> Text:
    """When hours were given, as people say it: the day, or the month where no day was said."""
    if day is not None:
        return Text(et=formatting.day(day, "et"), en=formatting.day(day, "en"))
    first = date.fromisoformat(f"{month}-01")
    return Text(et=formatting.month(first, "et"), en=formatting.month(first, "en"))


def repeated(said: Entry, there: Iterable[tuple[Entry, int]]) -> Entry | None:
    """The entry that says the same already, of those that stand there with what they count for: the same mentor, as
    long, in the same month, and no other day. Without a day it may also be the month's whole sum once more."""
    month = [(e, m) for e, m in there if (e.person_id, e.month) == (said.person_id, said.month)]
    for entry, minutes in month:
        other_day = said.day is not None and entry.day is not None and said.day != entry.day
        if not other_day and said.minutes in (entry.minutes, minutes):
            return entry
    whole = sum(minutes for _, minutes in month)
    return month[-1][0] if month and said.day is None and said.minutes == whole else None


class Fingerprint(TypedDict):
    """A ledger as it stood: the newest entry, what all entries add up to, and a digest over them."""

    upto: int
    minutes: int
    digest: str


def fingerprint(entries: Iterable[Entry], upto: int | None = None) -> Fingerprint:
    """Kept with each step of history that writes into the ledger, so that an entry changed later is noticed. Notes
    are left out: they may be erased."""
    standing = sorted((e for e in entries if upto is None or e.id <= upto), key=lambda e: e.id)
    said = [f"{e.id} {e.person_id} {e.kind} {e.minutes} {e.about_id} {e.day} {e.month}" for e in standing]
    return {
        "upto": standing[-1].id if standing else 0,
        "minutes": sum(e.minutes for e in standing),
        "digest": sha256("\n".join(said).encode()).hexdigest(),
    }
