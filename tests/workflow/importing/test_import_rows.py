"""Columns are matched as people head them, and every fault is told with its row."""

import pytest

from tests.builders import config
from tests.paths import ROOT
from tests.workflow.importing.import_sheets import (
    FEBRUARY,
    PROGRAMME,
    TEAMS,
    WHO,
    WHY,
    applications,
    googles,
    microsofts,
    read,
    row_a_member,
    sheet,
)
from workflow.codes import ImportKind
from workflow.config.loader import load
from workflow.importing import columns, import_rows, staff_lines, targets
from workflow.importing.import_rows import StaffMember
from workflow.journey.guests import Guest
from workflow.rules.application import Application
from workflow.sheets.sheet import Sheet

APPLICATIONS = ImportKind.APPLICATIONS


@pytest.mark.parametrize("make", [row_a_member, googles, microsofts])
def test_applications_are_read_from_each_shape_of_sheet(make: "type[Sheet]") -> None:
    found = applications(make())  # type: ignore[call-arg]
    assert [one.name for one in found] == list(TEAMS)
    for one in found:
        assert [m.name for m in one.members] == ["Mari Maa", "Jüri Jõgi", "Kai Kuusk", "Ott Org"]
        assert [m.side for m in one.members] == ["municipality", "municipality", "community", "community"]
        assert one.answers["motivation"] and one.answers["community"]


def test_who_sent_the_form_is_the_contact() -> None:
    for one in [*applications(googles()), *applications(row_a_member())]:
        assert [m.name for m in one.members if m.part == "contact"] == ["Jüri Jõgi"]


HEADS = {
    "Liige 2: e-post": "member.2.address",
    "2. liikme meiliaadress": "member.2.address",
    "Teise liikme nimi": "member.2.name",
    "Member 3 – phone": "member.3.phone",
    "Third member's name": "member.3.name",
    "Keda liige 1 esindab?": "member.1.side",
    "Kontaktisiku telefon": "contact.phone",
    "Contact email": "contact.address",
    "MEESKOND": "name",
    "Omavalitsuse nimi": "home",
    "Linn või vald": "home",
    "Suhtluskeel": "",
    "Keel": "lang",
    "Ajatempel": "",
    "ID": "",
    WHY.et: "answer:motivation",
    WHO.en + " *": "answer:community",
}


@pytest.mark.parametrize("head", HEADS)
def test_a_heading_becomes_what_a_person_means_by_it(head: str) -> None:
    found = columns.match(APPLICATIONS, PROGRAMME, sheet((head, "Liige 9 nimi"), ("x y", "z")))
    assert found.becomes[0] == HEADS[head]


def test_headings_are_found_below_a_title() -> None:
    given = sheet(("Taotlused 2022",), (), *(row.cells for row in row_a_member().rows))
    assert len(applications(given)) == 3


def test_every_fault_is_told_with_its_row_and_column() -> None:
    rows = [list(row.cells) for row in row_a_member().rows]
    rows[3][5], rows[6][6], rows[5][1] = "kai(at)example.org", "naaber", ""
    found = read(sheet(*rows))
    assert found[2].item is not None
    told = {(fault.row, fault.column.en) for row in found for fault in row.faults}
    assert told == {(4, "member 3: email"), (7, "member 2: side"), (6, "Omavalitsus")}


def test_two_rows_may_not_say_two_things_of_one_team() -> None:
    rows = [list(row.cells) for row in row_a_member(["Võru"]).rows]
    rows[2][0], rows[2][1] = "võru", "Antsla vald"
    (one,) = read(sheet(*rows))
    assert [(f.row, f.column.et) for f in one.faults] == [(3, "Omavalitsus")]


def test_a_column_can_be_said_otherwise() -> None:
    given = sheet(("A", "B"), ("Mari Maa", "mari@example.org"))
    found = columns.match(ImportKind.GUESTS, PROGRAMME, given)
    lacking = import_rows.missing(ImportKind.GUESTS, PROGRAMME, found)
    assert lacking == (targets.LISTED["name"], targets.LISTED["address"])
    found = columns.corrected(found, ["name", "address"])
    assert import_rows.missing(ImportKind.GUESTS, PROGRAMME, found) == ()
    (row,) = import_rows.read(ImportKind.GUESTS, PROGRAMME, given, found, FEBRUARY, "et")
    assert row.item == Guest(name="Mari Maa", address="mari@example.org", lang="et")


def test_what_is_missing_is_named_by_its_column() -> None:
    found = columns.match(APPLICATIONS, PROGRAMME, sheet(("Meeskond", "Liikme nimi"), ("Võru", "Mari")))
    assert [one.en for one in import_rows.missing(APPLICATIONS, PROGRAMME, found)] == [
        "Municipality", WHY.en, WHO.en, "member: email", "member: side",
    ]  # fmt: skip


def test_guests_are_read_and_each_but_once() -> None:
    given = sheet(
        ("Timestamp", "First name", "Last name", "Email Address", "Language"),
        ("1", "Mari", "Maa", "mari@example.org", "Eesti"),
        ("2", "John", "Doe", "john@example.org", "English"),
        ("3", "Mari", "Maa", "MARI@example.org", "Eesti"),
        ("4", "Katki", "", "ei ole", ""),
    )
    found = read(given, ImportKind.GUESTS)
    assert [row.item for row in found[:2]] == [
        Guest(name="Mari Maa", address="mari@example.org", lang="et"),
        Guest(name="John Doe", address="john@example.org", lang="en"),
    ]
    assert found[2].here is not None and "row 2" in found[2].here.en
    assert [fault.column.en for fault in found[3].faults] == ["Email"]


def test_staff_become_tables_that_the_config_takes() -> None:
    given = sheet(
        ("Nimi", "E-post", "Telefon", "Roll", "Tutvustus"),
        ('Õie "Ö" Öpik', "oie@example.org", "+372 5555 0101", "mentor", "Rida\nkaks \\ siin"),
        ("Õie Öpik", "oie2@example.org", "", "", ""),
        ("Juba Siin", PROGRAMME.mentors[0].address, "", "", ""),
    )
    people = [row.item for row in read(given, ImportKind.MENTORS) if isinstance(row.item, StaffMember)]
    lines = staff_lines.toml(ImportKind.MENTORS, PROGRAMME, people)
    whole = (ROOT / "config.toml").read_text(encoding="utf-8") + "\n" + lines
    added = load(whole, {}).programme.mentors[len(PROGRAMME.mentors) :]
    assert [(one.name, one.address) for one in added] == [
        ('Õie "Ö" Öpik', "oie@example.org"), ("Õie Öpik", "oie2@example.org"),
    ]  # fmt: skip
    assert len({one.key for one in added}) == 2
    assert added[0].about.et == "Rida kaks \\ siin"


def test_sides_and_the_home_are_those_of_the_programme() -> None:
    """Of a programme of schools: what a team is made of, and where it comes from, are its own words."""
    told = {
        'home = { name = { et = "omavalitsus", en = "municipality" }, different = true }':
            'home = { name = { et = "kool", en = "school" } }',
        '"municipality", name = { et = "omavalitsus", en = "municipality" }, one = { et = "omavalitsuse esindaja", '
        'en = "municipality member" }': '"teacher", name = { et = "õpetajad", en = "teachers" }, '
        'one = { et = "õpetaja", en = "teacher" }',
        '"community", name = { et = "kogukond", en = "community" }, one = { et = "kogukonna esindaja", '
        'en = "community member" }': '"pupil", name = { et = "õpilased", en = "pupils" }, '
        'one = { et = "õpilane", en = "pupil" }',
    }  # fmt: skip
    programme = config(told).programme
    given = sheet(
        ("Meeskond", "Kooli nimi", WHY.et, WHO.et, "Liikme nimi", "E-post", "Keda liige esindab?"),
        ("Tiim", "Tartu kool", "x", "y", "A B", "a@example.org", "Õpetaja"),
        ("", "", "", "", "C D", "c@example.org", "õpetaja"),
        ("", "", "", "", "E F", "e@example.org", "Õpilane"),
        ("", "", "", "", "G H", "g@example.org", "pupil"),
    )
    found = columns.match(APPLICATIONS, programme, given)
    (row,) = import_rows.read(APPLICATIONS, programme, given, found, FEBRUARY, "et")
    assert isinstance(row.item, Application), row.faults
    assert row.item.home == "Tartu kool"
    assert [m.side for m in row.item.members] == ["teacher", "teacher", "pupil", "pupil"]
