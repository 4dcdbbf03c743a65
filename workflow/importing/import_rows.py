"""Rows of a sheet read by their matched columns into applications, guests or staff, every fault by its row. Pure.

An application stands in one row, with numbered columns for its members, or in a row for each member: rows that name the
same team, or name none under one that does, belong together.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from workflow.codes import ImportKind
from workflow.config.loader import Programme
from workflow.database.search import folded
from workflow.importing import targets
from workflow.importing.columns import Matched
from workflow.importing.targets import ANSWER, CONTACT, person_of
from workflow.journey import guests
from workflow.journey.guests import Guest
from workflow.rules import application
from workflow.rules.application import Application, FieldFault, address_key, clean, clean_text
from workflow.sheets.sheet import Sheet, SheetRow
from workflow.text.bilingual import Text

ENGLISH: Final = frozenset({"en", "eng", "inglise", "english", "inglise keel"})
PARTS: Final[Mapping[str, str]] = {
    "kontakt": "contact", "kontaktisik": "contact", "contact": "contact", "jah": "contact", "yes": "contact",
    "x": "contact", "true": "contact", "1": "contact", "asendaja": "deputy", "deputy": "deputy",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellFault:
    """What is to be mended: in which row, under which heading, and how. `column`: empty where it is no one cell."""

    row: int
    column: Text
    says: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """A trainer or a mentor, as a table of config.toml will name them."""

    name: str
    address: str
    lang: str
    phone: str
    role: str
    about: str


ImportItem = Application | Guest | StaffMember


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """What one row, or the rows of one team, hold. `item`: None where there are faults. `here`: where it is in the
    books already."""

    number: int
    name: str
    about: Text
    item: ImportItem | None
    faults: tuple[CellFault, ...] = ()
    here: Text | None = None


@dataclass(slots=True)
class _TeamRows:
    """An application as it is gathered: what was typed, and where each piece of it stands."""

    number: int
    typed: dict[str, str] = field(default_factory=dict)
    members: list[dict[str, str]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    """of each member"""
    heads: Mapping[str, str] = field(default_factory=dict)
    """of the team's own columns: field -> heading"""
    faults: list[CellFault] = field(default_factory=list)


def read(
    kind: ImportKind, programme: Programme, sheet: Sheet, matched: Matched, now: datetime, lang: str
) -> tuple[ImportRow, ...]:
    """Everything below the headings. lang: of people whose row names none."""
    below = sheet.rows[matched.place + 1 :]
    if kind is ImportKind.APPLICATIONS:
        found = [_application(programme, one, now) for one in _gathered(programme, below, matched, lang)]
        return tuple(_each_once(found, _key_of_application))
    make = _guest if kind is ImportKind.GUESTS else _staff
    people = [make(programme, row.number, _fields(row, matched), lang) for row in below]
    return tuple(_each_once(people, _key_of_person))


def missing(kind: ImportKind, programme: Programme, matched: Matched) -> tuple[Text, ...]:
    """What no column becomes, though every row needs it."""
    there = {(of[1] if (of := person_of(key)) else key): key for key in matched.becomes if key}
    team_name = "name" in matched.becomes
    if kind is not ImportKind.APPLICATIONS:
        named = team_name or {"first_name", "last_name"} <= set(matched.becomes)
        return (*(() if named else (targets.LISTED["name"],)), *_lacking(matched, ("address",), targets.LISTED))
    needed = {"name", "home", *(ANSWER + one.key for one in programme.apply.fields if one.required)}
    of_members = ("name", "address", *(("side",) if targets.asks_side(programme) else ()))
    return (
        *(one.says for one in targets.of(kind, programme) if one.key in needed and one.key not in matched.becomes),
        *(
            Text(et=f"liige: {targets.PERSON[key].et}", en=f"member: {targets.PERSON[key].en}")
            for key in of_members
            if key not in there or there[key] == key
        ),
    )


def _lacking(matched: Matched, keys: Sequence[str], names: Mapping[str, Text]) -> Iterator[Text]:
    return (names[key] for key in keys if key not in matched.becomes)


# -- applications ---------------------------------------------------------------------------------


def _gathered(programme: Programme, below: Sequence[SheetRow], matched: Matched, lang: str) -> list[_TeamRows]:
    """Rows put together by team, in the order in which the teams first come."""
    apart = any((of := person_of(key)) and of[0] for key in matched.becomes)  # a row is a whole application
    heads = {key.removeprefix(ANSWER): head for key, head in zip(matched.becomes, matched.heads, strict=True)}
    found: dict[str, _TeamRows] = {}
    team: _TeamRows | None = None
    for row in below:
        values = dict(_cells(row, matched))
        key = f"row {row.number}" if apart else folded(clean(values.get("name", "")))
        if team is None or key:
            team = found.setdefault(key, _TeamRows(row.number, {"lang": lang}, heads=heads))
        _note_team(programme, team, row.number, values)
        _note_people(programme, team, row.number, values)
    return list(found.values())


def _cells(row: SheetRow, matched: Matched) -> Iterator[tuple[str, str]]:
    return ((key, row.cell(column)) for column, key in enumerate(matched.becomes) if key and row.cell(column))


def _fields(row: SheetRow, matched: Matched) -> dict[str, str]:
    return dict(_cells(row, matched))


def _note_team(programme: Programme, team: _TeamRows, row: int, values: Mapping[str, str]) -> None:
    """What is said of the team as a whole; two rows may not say two things."""
    for key, raw in values.items():
        if person_of(key):
            continue
        name, value = key.removeprefix(ANSWER), _team_value(programme, key, raw)
        before, head = team.typed.get(name), team.heads[name]
        if before is not None and name != "lang" and folded(before) != folded(value):
            says = Text(
                et=f"Rida {team.number} ütleb sama meeskonna kohta midagi muud. Kirjutage mõlemasse sama.",
                en=f"Row {team.number} says something else of the same team. Write the same in both.",
            )
            team.faults.append(CellFault(row, Text(et=head, en=head), says))
        team.typed[name] = value


def _team_value(programme: Programme, key: str, raw: str) -> str:
    if key == "lang":
        return language(raw)
    if key == "wish_group":
        said = folded(raw).strip()
        names = {folded(name): group.key for group in programme.groups for name in (group.key, *_both(group.name))}
        return names.get(said, raw)
    return raw


def _both(text: Text) -> tuple[str, str]:
    return text.et, text.en


def _note_people(programme: Programme, team: _TeamRows, row: int, values: Mapping[str, str]) -> None:
    people: dict[int | None, dict[str, str]] = {}
    for key, raw in values.items():
        of = person_of(key)
        if of is not None:
            people.setdefault(of[0], {})[of[1]] = _person_value(programme, of[1], raw)
    contact = people.pop(CONTACT, None)
    for _, person in sorted(people.items(), key=lambda one: one[0] or 0):
        team.members.append(person)
        team.rows.append(row)
    if contact:
        _note_contact(team, row, contact)


def _note_contact(team: _TeamRows, row: int, contact: dict[str, str]) -> None:
    """Who was asked for apart is one of the members, where one has the same address or, without one, the same name;
    else a member more."""
    key, name = address_key(contact.get("address", "")), folded(contact.get("name", ""))
    for member in team.members:
        same = key is not None and address_key(member.get("address", "")) == key
        if same or (name and folded(member.get("name", "")) == name and not (key and member.get("address"))):
            member.update({k: v for k, v in contact.items() if not member.get(k)}, part="contact")
            return
    team.members.insert(0, {**contact, "part": "contact"})
    team.rows.insert(0, row)


def _person_value(programme: Programme, name: str, raw: str) -> str:
    if name == "part":
        return PARTS.get(folded(raw).strip(), "member")
    return side(programme, raw) if name == "side" else raw


def side(programme: Programme, raw: str) -> str:
    """The side that a cell names, by its key or its name, whatever stands beside it; the cell's own words where it
    names none or several."""
    said = folded(raw)
    found = {
        key
        for key, names in targets.sides(programme).items()
        for word in (key, *(word for name in names for word in _both(name)))
        if _stem(folded(word)) in said
    }
    return found.pop() if len(found) == 1 else raw


def _stem(word: str) -> str:
    """Without the ending that Estonian changes: `õpetaja`, `õpetajad`."""
    return word[: max(5, len(word) - 2)]


def language(raw: str) -> str:
    """`en` where a cell says so in words, else `et`."""
    return "en" if folded(raw).strip() in ENGLISH else "et"


def _application(programme: Programme, team: _TeamRows, now: datetime) -> ImportRow:
    built, wrong = application.check(programme, team.typed, team.members, now, late_pass=True)
    faults = [*team.faults, *(_cell_fault(team, fault) for fault in wrong)]
    name = clean(team.typed.get("name", ""))
    place, members = clean(team.typed.get("home", "")), len(team.members)
    begins = f"{place}, " if place else ""
    about = Text(et=f"{begins}{members} liiget", en=f"{begins}{members} members")
    item = None if faults else built
    return ImportRow(number=team.number, name=name, about=about, item=item, faults=tuple(faults))


def _cell_fault(team: _TeamRows, fault: FieldFault) -> CellFault:
    kind, _, rest = fault.field.partition(".")
    if kind != "members":
        head = team.heads.get(fault.field, "")
        column = Text(et=head, en=head) if head else targets.TEAM.get(fault.field, Text(et="", en=""))
        return CellFault(team.number, column, fault.says)
    if not rest:
        return CellFault(team.number, Text(et="liikmed", en="members"), fault.says)
    place, _, name = rest.partition(".")
    says, number = targets.PERSON[name], int(place) + 1
    column = Text(et=f"liige {number}: {says.et}", en=f"member {number}: {says.en}")
    return CellFault(team.rows[int(place)], column, fault.says)


def _key_of_application(row: ImportRow) -> str | None:
    if not isinstance(row.item, Application):
        return None
    contact = next(one for one in row.item.members if one.part == "contact")
    return f"{folded(row.item.name)} {address_key(contact.address)}"


# -- people ---------------------------------------------------------------------------------------


def _guest(_programme: Programme, number: int, said: Mapping[str, str], lang: str) -> ImportRow:
    name, address = _name(said), clean(said.get("address", ""))
    spoken = language(said["lang"]) if said.get("lang") else lang
    guest, wrong = guests.check_guest(name, address, spoken)
    faults = tuple(_of_list(number, fault) for fault in wrong)
    return ImportRow(number=number, name=name, about=Text(et=address, en=address), item=guest, faults=faults)


def _name(said: Mapping[str, str]) -> str:
    return clean(said.get("name", "") or f"{said.get('first_name', '')} {said.get('last_name', '')}")


def _staff(programme: Programme, number: int, said: Mapping[str, str], lang: str) -> ImportRow:
    name, address = _name(said), clean(said.get("address", ""))
    row = {"name": name, "address": address, "phone": clean(said.get("phone", ""))}
    wrong = application.person_faults(programme, row, on_a_team=False)
    if address_key(address) is None:
        wrong.append(FieldFault("address", application.NO_ADDRESS))
    spoken = language(said["lang"]) if said.get("lang") else lang
    person = StaffMember(
        **row, lang=spoken, role=clean(said.get("role", "")), about=clean_text(said.get("about", "")).replace("\n", " ")
    )
    faults = tuple(_of_list(number, fault) for fault in wrong)
    about = Text(et=address, en=address)
    return ImportRow(number=number, name=name, about=about, item=None if faults else person, faults=faults)


def _of_list(number: int, fault: FieldFault) -> CellFault:
    return CellFault(number, targets.STAFF[fault.field], fault.says)


def _key_of_person(row: ImportRow) -> str | None:
    return None if row.item is None or isinstance(row.item, Application) else address_key(row.item.address)


def _each_once(rows: Sequence[ImportRow], key_of: Callable[[ImportRow], str | None]) -> Iterator[ImportRow]:
    """What comes twice in one file is taken once, by its first row."""
    first: dict[str, int] = {}
    for row in rows:
        key = key_of(row)
        if key is None or first.setdefault(key, row.number) == row.number:
            yield row
            continue
        says = Text(et=f"Sama mis rida {first[key]}.", en=f"The same as row {first[key]}.")
        yield ImportRow(number=row.number, name=row.name, about=row.about, item=None, here=says)
