"""Columns of a sheet matched to what they become, by their headings in Estonian or English. Pure.

As people and the forms of Google and Microsoft write them: `Liige 2: e-post`, `2. liikme meiliaadress`, `Email3`. What
is not recognised is passed over; a person can say otherwise.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workflow.codes import ImportKind
from workflow.config.loader import Programme
from workflow.database.search import folded
from workflow.importing import targets
from workflow.importing.targets import ANSWER, CONTACT, person_key, person_of
from workflow.rules import homes
from workflow.sheets.sheet import Sheet, SheetRow
from workflow.text.bilingual import LANGUAGES

FIRST_ROWS: Final = 10
"""the headings stand in one of these"""
OF_THE_FORM: Final = frozenset({
    "id", "nr", "jrk", "ajatempel", "timestamp", "start time", "completion time", "last modified time", "algusaeg",
    "algusaja", "lopuaeg", "lopetamisaeg", "lopetamise aeg", "viimati muutmise aeg", "punktid", "score", "total points",
    "quiz feedback", "kasutajanimi", "username", "markused", "notes", "kuupaev", "date",
})  # fmt: skip
"""what the programs of forms add of their own"""
ORDINALS: Final = {
    "esimene": 1, "esimese": 1, "teine": 2, "teise": 2, "kolmas": 3, "kolmanda": 3, "neljas": 4, "neljanda": 4,
    "viies": 5, "viienda": 5, "kuues": 6, "kuuenda": 6, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5,
    "sixth": 6,
}  # fmt: skip
MEMBER: Final = (
    "liige", "liikme", "liikmed", "member", "members", "osaleja", "participant", "esindaja", "representative",
)  # fmt: skip
CONTACT_WORDS: Final = ("kontakt", "kontaktisik", "kontaktisiku", "contact", "contacts")
FIELDS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("address", frozenset({"epost", "eposti", "email", "mail", "meil", "meili", "meiliaadress", "aadress", "address",
                           "emailiaadress", "epostiaadress", "eposti aadress"})),
    ("phone", frozenset({"telefon", "telefoni", "telefoninumber", "tel", "phone", "mobiil", "mobile"})),
    ("side", frozenset({"pool", "side", "esindab", "represents", "kumba", "keda"})),
    ("post", frozenset({"amet", "ametikoht", "amet voi roll", "post", "position", "job", "title", "roll", "role"})),
    ("part", frozenset({"osa", "part", "vastutus"})),
    ("lang", frozenset({"keel", "language"})),
    ("first_name", frozenset({"eesnimi", "firstname", "given"})),
    ("last_name", frozenset({"perekonnanimi", "perenimi", "lastname", "surname", "family"})),
    ("name", frozenset({"nimi", "name"})),
)  # fmt: skip
"""the first that fits counts"""
TEAM: Final = frozenset({"meeskond", "meeskonna", "tiim", "tiimi", "team", "teams"})
GROUP: Final = frozenset({"ruhm", "ruhma", "group"})
ABOUT: Final = frozenset({"tutvustus", "about", "bio", "kirjeldus"})
_YES: Final = frozenset({"", "jah", "ei", "yes", "no", "x", "1", "0", "true", "false", "kontakt", "kontaktisik",
                         "contact", "asendaja", "deputy", "liige", "member"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Matched:
    """The row of headings, its words, and what each column becomes: a target's key, or nothing."""

    place: int
    """of the headings among the sheet's rows"""
    heads: tuple[str, ...]
    becomes: tuple[str, ...]

    @property
    def members(self) -> int:
        """How many members have numbered columns."""
        numbers = [found[0] or 0 for key in self.becomes if (found := person_of(key))]
        return max(numbers, default=0)


def match(kind: ImportKind, programme: Programme, sheet: Sheet) -> Matched:
    """The row of the first ones whose words are best known, and what they say."""
    tried = [_matched(kind, programme, sheet, place) for place in range(min(FIRST_ROWS, len(sheet.rows)))]
    return max(tried, key=lambda one: (sum(map(bool, one.becomes)), -one.place))


def _matched(kind: ImportKind, programme: Programme, sheet: Sheet, place: int) -> Matched:
    below = sheet.rows[place + 1 : place + 1 + FIRST_ROWS]
    width = max((len(row.cells) for row in (sheet.rows[place], *below)), default=0)
    heads = tuple(sheet.rows[place].cell(column) for column in range(width))
    if kind is ImportKind.APPLICATIONS:
        found = _numbered([_of_application(programme, head, below, i) for i, head in enumerate(heads)])
    else:
        found = [_of_list(kind, head, below, i) for i, head in enumerate(heads)]
    return Matched(place, heads, tuple(_once(kind, programme, found)))


def _once(kind: ImportKind, programme: Programme, found: Sequence[str]) -> Iterator[str]:
    """Each target by its first column alone, and none that the programme does not have."""
    there = {one.key for one in targets.of(kind, programme, programme.most_members)}
    seen = set[str]()
    for key in found:
        yield key if key in there - seen else ""
        seen.add(key)


# -- one heading ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Head:
    """A heading as words: `2. liikme e-post` -> words {liikme, epost}, number 2."""

    whole: str
    words: frozenset[str]
    number: int | None

    def has(self, some: "frozenset[str] | tuple[str, ...]") -> bool:
        return not self.words.isdisjoint(some)

    @property
    def field(self) -> str:
        return next((name for name, words in FIELDS if self.has(words)), "")


def _head(said: str) -> _Head:
    plain = re.sub(r"\be[\s-]+(?=post|mail)", "e", folded(said))
    plain = " ".join(re.sub(r"[^a-z0-9]+", " ", re.sub(r"([a-z])([0-9])", r"\1 \2", plain)).split())
    words = plain.split()
    numbers = [int(word) for word in words if word.isdecimal() and len(word) < 3]
    numbers += [ORDINALS[word] for word in words if word in ORDINALS]
    return _Head(plain, frozenset(words), numbers[0] if numbers else None)


def _of_application(programme: Programme, said: str, below: Sequence[SheetRow], column: int) -> str:
    head = _head(said)
    if not head.words or head.whole in OF_THE_FORM or _nobody(below, column):
        return ""
    question = _question(programme, head.whole)
    if question:
        return question
    if head.has(CONTACT_WORDS):
        if not head.field and not head.has(TEAM) and _all(below, column, _YES):
            return person_key(None, "part")
        return person_key(CONTACT, head.field or "name")
    if head.has(MEMBER):
        return person_key(head.number, head.field or "name")
    if head.has(TEAM) and head.field in ("", "name"):
        return "name"
    if _is_home(programme, head) and head.field in ("", "name"):
        return "home"
    if head.has(GROUP) and not head.field:
        return "wish_group"
    if head.field == "lang":
        return "lang"
    return person_key(head.number, head.field) if head.field else ""


def _is_home(programme: Programme, head: _Head) -> bool:
    """Whether it asks where the team comes from, as the programme calls that, in any case of the word."""
    if programme.team.home is None:
        return False
    called = [_head(name.say(lang)).words for lang in LANGUAGES for name in (programme.team.home.name,)]
    stems = [[word[: max(4, len(word) - 2)] for word in words] for words in called]
    return head.has(homes.KINDS - {"of", "the"}) or any(
        all(any(word.startswith(stem) for word in head.words) for stem in some) for some in stems if some
    )


def _question(programme: Programme, head: str) -> str:
    """The programme's own question that this heading asks, whole or in its first words."""
    for question in programme.apply.fields:
        said = {_head(question.label.et).whole, _head(question.label.en).whole, question.key} - {""}
        cut = len(head) > 20 and any(one.startswith(head) or head.startswith(one) for one in said)
        if cut or head in said:
            return ANSWER + question.key
    return ""


def _nobody(below: Sequence[SheetRow], column: int) -> bool:
    """Microsoft's forms name each sender `anonymous` where they do not sign in."""
    said = {row.cell(column).casefold() for row in below} - {""}
    return said == {"anonymous"} or said == {"anonüümne"}


def _all(below: Sequence[SheetRow], column: int, some: frozenset[str]) -> bool:
    return all(row.cell(column).casefold().strip() in some for row in below)


def _numbered(found: list[str]) -> list[str]:
    """Columns that come again for each member are told apart by their order; where members have numbers, a person's
    columns without one are the contact's."""
    plain = Counter(key for key in found if (of := person_of(key)) and of[0] is None)
    wide = any((of := person_of(key)) and of[0] for key in found) or max(plain.values(), default=0) > 1
    if not wide:
        return found
    taken = {key for key in found if (of := person_of(key)) and of[0]}
    seen, out = Counter[str](), list[str]()
    for key in found:
        of = person_of(key)
        if of is None or of[0] is not None:
            out.append(key)
            continue
        seen[of[1]] += 1
        first = person_key(1, of[1])
        again = plain[key] > 1 or (first not in taken and person_key(2, of[1]) in taken)
        out.append(person_key(seen[of[1]], of[1]) if again else person_key(CONTACT, of[1]))
    return out


def _of_list(kind: ImportKind, said: str, below: Sequence[SheetRow], column: int) -> str:
    head = _head(said)
    if not head.words or head.whole in OF_THE_FORM or _nobody(below, column):
        return ""
    if {"first", "name"} <= head.words:
        return "first_name"
    if {"last", "name"} <= head.words:
        return "last_name"
    if kind is not ImportKind.GUESTS and head.has(ABOUT):
        return "about"
    return {"post": "role"}.get(head.field, head.field)


def corrected(matched: Matched, becomes: Sequence[str]) -> Matched:
    """The same with what a person said of each column."""
    wanted = (*becomes, *("" for _ in matched.heads))[: len(matched.heads)]
    return replace(matched, becomes=wanted)
