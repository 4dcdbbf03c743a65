"""A person's details and a team's name, corrected: what follows, what stays, and what erasing still finds."""

import pytest

from tests.builders import Crew, World
from tests.workflow.journey.test_certificates import completed
from workflow.database.engine import Database
from workflow.database.models import Person, Team
from workflow.journey import details
from workflow.privacy import erase_person
from workflow.privacy.erase_person import Forgotten
from workflow.records import attendance
from workflow.rules.machine import Trigger
from workflow.text.bilingual import Text


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def correct(world: World, person: Person, **typed: str) -> tuple[Text, ...] | Text:
    with world.db.writing() as session:
        row = session.get_one(Person, person.id)
        return details.correct(
            world.season, session, row, details.typed(row, typed), world.coordinator(), world.now, why="Ta kirjutas"
        )


NEW = {"name": "Mari Uus-Kask", "lang": "en", "phone": "+372 5555 0199", "post": "külavanem", "side": "community"}


@pytest.mark.parametrize("key", details.FIELDS)
def test_each_detail_is_corrected_by_itself_and_told_old_and_new(world: World, key: str) -> None:
    crew = world.apply().confirmed("I")
    before = details.of(crew.people()[0])
    said = correct(world, crew.people()[0], **{key: NEW[key]})
    after = details.of(crew.people()[0])
    assert {one for one in details.FIELDS if getattr(before, one) != getattr(after, one)} == {key}
    assert isinstance(said, tuple) and len(said) == 1
    line = crew.history()[-1]
    assert (line.event, line.why, line.proof["person"]) == ("details", "Ta kirjutas", crew.people()[0].id)
    kept = key in ("name", "lang", "side")
    assert (line.proof["changes"] == [said[0].as_dict()]) is kept
    assert kept or NEW[key] not in str(line.proof), "history outlives a phone number and a post"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"name": " "}, "Kirjutage liikme nimi"),
        ({"name": "Vaata www.example.org"}, "veebi- või meiliaadressita"),
        ({"name": "x" * 201}, "Lühendage"),
        ({"phone": "www.example.org"}, "veebi- või meiliaadressita"),
        ({"side": "vald"}, "kes liige on"),
        ({"lang": "de"}, "keel"),
        ({}, "Midagi ei muutunud"),
    ],
)
def test_what_cannot_be_says_why_and_changes_nothing(world: World, typed: dict[str, str], says: str) -> None:
    crew = world.apply().confirmed("I")
    before, lines = details.of(crew.people()[0]), len(crew.history())
    said = correct(world, crew.people()[0], **typed)
    assert isinstance(said, Text) and says in said.et
    assert (details.of(crew.people()[0]), len(crew.history())) == (before, lines)


def test_who_stands_in_the_config_or_has_left_is_not_corrected_here(world: World) -> None:
    crew = world.apply().confirmed("I")
    gone = crew.people()[3]
    with world.db.writing() as session:
        session.get_one(Person, gone.id).left_at = world.now
    said = correct(world, gone, name="Keegi Teine")
    assert isinstance(said, Text) and "on lahkunud" in said.et
    coordinator = world.coordinator().person
    assert coordinator is not None
    said = correct(world, coordinator, name="Keegi Teine")
    assert isinstance(said, Text) and "config.toml" in said.et


def test_a_side_that_changes_can_cost_the_team_its_composition(world: World) -> None:
    crew = world.apply().confirmed("I")
    correct(world, crew.people()[0], side="community")
    assert [m.to_address for m in world.messages("alert")], "nobody is told that the team is short"


@pytest.mark.parametrize("status", ["held", "queued", "failed", "sent"])
@pytest.mark.parametrize("what", ["name", "lang", "team", "phone"])
def test_a_certificate_says_the_corrected_details_and_only_then_is_made_anew(
    world: World, what: str, status: str
) -> None:
    crew = completed(world)
    mine, other = crew.got("certificate")
    with world.db.writing() as session:
        session.merge(mine).status = status
    before = attendance_of(world, crew)
    if what == "team":
        with world.db.writing() as session:
            team = session.get_one(Team, crew.id)
            details.rename(world.season, session, team, "Võru Uus", world.coordinator(), world.now)
    else:
        correct(world, crew.people()[0], **{what: NEW[what]})
    mails = [m for m in crew.got("certificate") if m.person_id == mine.person_id]
    assert attendance_of(world, crew) == before
    if what == "phone":
        assert [m.status for m in mails] == [status]
        return
    assert [m.status for m in mails] == ["sent" if status == "sent" else "dropped", "held"]
    assert mails[-1].lang == ("en" if what == "lang" else "et")
    others = [m.status for m in crew.got("certificate") if m.person_id == other.person_id]
    assert others == (["dropped", "held"] if what == "team" else ["held"])


def attendance_of(world: World, crew: Crew) -> list[tuple[int, str, bool]]:
    with world.db.reading() as session:
        return [(row.person_id, row.stage, row.present) for row in attendance.of_team(session, crew.id)]


def test_a_renamed_team_is_called_so_everywhere(world: World) -> None:
    crew = world.apply().confirmed("I")
    with world.db.writing() as session:
        team = session.get_one(Team, crew.id)
        said = details.rename(world.season, session, team, "Setomaa", world.coordinator(), world.now, why="Liitusid")
    assert isinstance(said, tuple) and "„Võru“ → „Setomaa“" in said[0].et
    assert (crew.row.name, crew.history()[-1].event) == ("Setomaa", "renamed")
    crew.move(Trigger.WITHDRAW)
    assert "Setomaa" in crew.got("withdrawn")[0].body


def test_a_name_of_before_is_erased_with_the_person(world: World) -> None:
    """Somebody else's letter that spoke of them before they were called otherwise."""
    crew = world.apply().confirmed("I")
    person, old = crew.people()[2], crew.people()[2].name
    crew.replies("rsvp", "JAH", person=crew.people()[0].address, subject=f"Re: {old} tuleb ka")
    correct(world, person, name="Tiina Uus-Lepp")
    correct(world, crew.people()[2], name="Tiina Uusim-Lepp")
    with world.db.writing() as session:
        key = b"0" * 32
        found = erase_person.forget(
            world.season, session, person.address, world.now, key=key, plain=lambda raw: raw.decode("latin-1")
        )
        assert isinstance(found, Forgotten)
    with world.db.reading() as session:
        bind = session.connection()
        for table in reversed(Person.metadata.sorted_tables):
            rows = str(bind.execute(table.select()).all())
            for name in (old, "Tiina Uus-Lepp", "Tiina Uusim-Lepp"):
                assert name not in rows, (table.name, name)
