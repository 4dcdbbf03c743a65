"""Categories of personal data: purpose, legal basis, retention period, and how each is erased. Pure.

`workflow.privacy.register` says this of every column of every table; a column that it does not know fails the build.
The record of processing, the privacy notice, `person-data`, `forget` and `retention` are all made from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase

from workflow.text.bilingual import Text


class Keep(StrEnum):
    """How long: each is a key of [retention] with `_days` after it, save `while_used`."""

    LETTERS = "letters"
    ATTACHMENTS = "attachments"
    PEOPLE = "people"
    BOOKS = "books"
    GUESTS = "guests"
    DRAFTS = "drafts"
    SIGN_INS = "sign_ins"
    WHILE_USED = "while_used"


SINCE: Final[Mapping[Keep, Text]] = {
    Keep.LETTERS: Text(et="programmi viimasest päevast", en="after the programme's last day"),
    Keep.ATTACHMENTS: Text(et="programmi viimasest päevast", en="after the programme's last day"),
    Keep.PEOPLE: Text(et="programmi viimasest päevast", en="after the programme's last day"),
    Keep.BOOKS: Text(et="programmi viimasest päevast", en="after the programme's last day"),
    Keep.GUESTS: Text(et="infopäevast", en="after the info day"),
    Keep.DRAFTS: Text(et="mustandi aegumisest", en="after the draft ran out"),
    Keep.SIGN_INS: Text(et="viimasest kasutamisest", en="after the last use"),
    Keep.WHILE_USED: Text(et="kuni seda kasutatakse", en="while it is used"),
}


class Purpose(StrEnum):
    PROGRAMME = "programme"
    LETTERS = "letters"
    BOOKS = "books"
    RECORD = "record"
    INFO_DAY = "info_day"
    SIGN_IN = "sign_in"


@dataclass(frozen=True, slots=True)
class Ground:
    """A purpose and its legal basis (GDPR article 6(1)), as people are told."""

    purpose: Text
    basis: Text


GROUNDS: Final[Mapping[Purpose, Ground]] = {
    Purpose.PROGRAMME: Ground(
        Text(
            et="Programmi korraldamine: taotlused, meeskonnad, kohtumised, tööd ja mentorlus.",
            en="Running the programme: applications, teams, sessions, works and mentoring.",
        ),
        Text(
            et="Osalemise kokkulepe ja selle ettevalmistamine (IKÜM art 6 lg 1 p b); liikmete puhul, kelle pani kirja "
            "keegi teine, korraldaja õigustatud huvi (p f), mille vastu saab EI vastata.",
            en="The agreement to take part and the steps before it (GDPR art. 6(1)(b)); for members named by somebody "
            "else, the organiser's legitimate interest (f), to which they can reply NO.",
        ),
    ),
    Purpose.LETTERS: Ground(
        Text(
            et="Kirjavahetus: vastused loetakse kirjadest, saadetud kirju saab hiljem kontrollida.",
            en="Correspondence: answers are read from mails, and what was sent can be looked up.",
        ),
        Text(et="Osalemise kokkulepe (IKÜM art 6 lg 1 p b).", en="The agreement to take part (GDPR art. 6(1)(b))."),
    ),
    Purpose.BOOKS: Ground(
        Text(
            et="Aruandlus rahastajale: kes osales ja mitu tundi nõustati.",
            en="Accounts for the funder: who took part and how many hours were given.",
        ),
        Text(et="Juriidiline kohustus (IKÜM art 6 lg 1 p c).", en="A legal obligation (GDPR art. 6(1)(c))."),
    ),
    Purpose.RECORD: Ground(
        Text(
            et="Tõend: kes, millal ja millise vastusega meeskonna edasi viis.",
            en="Proof: who moved a team on, when, and by which answer.",
        ),
        Text(
            et="Õigustatud huvi: otsuseid peab saama kontrollida (IKÜM art 6 lg 1 p f).",
            en="Legitimate interest: decisions must be open to review (GDPR art. 6(1)(f)).",
        ),
    ),
    Purpose.INFO_DAY: Ground(
        Text(et="Infopäeva kutse ja meeldetuletus.", en="The info day's invitation and reminder."),
        Text(et="Nõusolek (IKÜM art 6 lg 1 p a).", en="Consent (GDPR art. 6(1)(a))."),
    ),
    Purpose.SIGN_IN: Ground(
        Text(
            et="Koordinaatori, koolitajate ja mentorite sisselogimine ja selle turvalisus.",
            en="Signing in coordinators, trainers and mentors, and keeping that safe.",
        ),
        Text(et="Õigustatud huvi (IKÜM art 6 lg 1 p f).", en="Legitimate interest (GDPR art. 6(1)(f))."),
    ),
}


class ErasureMethod(StrEnum):
    """What erasing does to a column of the person's own rows."""

    NAME = "name"
    """a pseudonym stands in its place"""
    BLANK = "blank"
    """emptied"""
    VOID = "void"
    """a value that opens nothing and stands for nobody: for what must stay unique"""
    WORDS = "words"
    """a sentence in both languages that says it was erased"""
    PROOF = "proof"
    """what is said of the person goes; numbers and rules stay"""
    REMOVE = "remove"
    """the whole row goes"""
    KEPT = "kept"
    """stays, under the pseudonym"""


TOLD: Final[Mapping[ErasureMethod, Text]] = {
    ErasureMethod.NAME: Text(et="asendatakse varjunimega", en="replaced by a pseudonym"),
    ErasureMethod.BLANK: Text(et="tühjendatakse", en="emptied"),
    ErasureMethod.VOID: Text(et="muudetakse kehtetuks", en="made void"),
    ErasureMethod.WORDS: Text(et="tühjendatakse", en="emptied"),
    ErasureMethod.PROOF: Text(et="isikulised osad tühjendatakse", en="its personal parts emptied"),
    ErasureMethod.REMOVE: Text(et="rida kustutatakse", en="the row is removed"),
    ErasureMethod.KEPT: Text(et="jääb varjunime alla", en="stays, under the pseudonym"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Someone:
    """One person as the tables know them: all their rows, addresses and names."""

    ids: frozenset[int]
    keys: frozenset[str]
    names: frozenset[str]
    """full names borne by nobody else"""

    @property
    def said(self) -> tuple[str, ...]:
        """What to look for in other people's words, longest first."""
        return tuple(sorted(self.keys | self.names, key=lambda each: (-len(each), each)))


Whose = Callable[[Someone], sa.ColumnElement[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldColumns:
    """Columns of one table that are held for one purpose. `whose`: which rows are a person's own; None: none are,
    they may only be spoken of there. `since`: the column from which a row's own period runs."""

    model: type[DeclarativeBase]
    what: Text
    purpose: Purpose
    keep: Keep
    columns: Mapping[str, ErasureMethod]
    whose: Whose | None = None
    since: str | None = None

    @property
    def table(self) -> sa.Table:
        return cast(sa.Table, self.model.__table__)

    @property
    def removes(self) -> bool:
        return ErasureMethod.REMOVE in self.columns.values()


def empty(column: sa.Column[Any]) -> Any:
    """What stands in an emptied column."""
    if column.nullable:
        return None
    kind = column.type
    if isinstance(kind, sa.JSON):
        return [] if column.name in LISTS else {}
    if isinstance(kind, sa.LargeBinary):
        return b""
    return "" if isinstance(kind, sa.String) else 0


LISTS: Final = frozenset({"recipients", "readings"})
ERASED: Final = {"et": "[kustutatud]", "en": "[erased]"}
