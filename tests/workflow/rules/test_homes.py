"""Two teams of one home are told to the coordinator when the second one is selected, once."""

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.codes import AlertKind
from workflow.database.engine import Database
from workflow.database.models import Alert, Team
from workflow.rules import homes
from workflow.rules.machine import Trigger
from workflow.text.bilingual import Text


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Võru vald", "VÕRU  VALD", True),
        ("Võru vald", "Voru", True),
        ("Tartu linn", "City of Tartu", True),
        ("Tartu linnavalitsus", "Tartu linn", True),
        ("Võru vald", "Võrumaa", False),
        ("Vald", "Linn", False),
        ("Vald", "vald", True),
        ("Saaremaa vald", "Hiiumaa vald", False),
        ("", "", False),
    ],
)
def test_names_are_compared_as_people_mean_them(one: str, other: str, same: bool) -> None:
    assert homes.same(one, other, Text(et="omavalitsus", en="municipality")) is same


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def told(world: World) -> list[str]:
    with world.db.reading() as session:
        query = sa.select(Alert.says).where(Alert.kind == AlertKind.SAME_HOME)
        return [says["et"] for says in session.scalars(query)]


def from_there(crew: Crew, home: str) -> Crew:
    with crew.world.db.writing() as session:
        session.get_one(Team, crew.id).home = home
    return crew


def test_the_second_team_of_one_home_is_told_of_once(world: World) -> None:
    one = from_there(world.apply("Üks").verified(), "Võru vald")
    two = from_there(world.apply("Kaks").verified(), "võru")
    three = from_there(world.apply("Kolm").verified(), "Saku vald")
    one.move(Trigger.SELECT)
    three.move(Trigger.SELECT)
    assert told(world) == []
    two.move(Trigger.SELECT)
    (said,) = told(world)
    assert "Kaks" in said and "Üks" in said
    for trigger in (Trigger.RELEASE, Trigger.REINSTATE):
        two.move(trigger)
    assert two.state == "selected" and told(world) == [said]
