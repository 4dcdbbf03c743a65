"""A team's composition is kept all season: one that is short is held back at its next step, but for a reason."""

from datetime import timedelta

import pytest

from tests.builders import Crew, World
from workflow.database.engine import Database
from workflow.database.models import Person, Team
from workflow.journey import members, moves
from workflow.rules.application import NewMember
from workflow.rules.machine import Refusal, Trigger


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def _ready_but_one_short(world: World) -> Crew:
    """A team that has done all of the first workshop after a community member left."""
    team = world.apply(group="I").confirmed()
    gone = team.people()[3]
    with world.db.writing() as session:
        members.leave(world.season, session, session.get_one(Person, gone.id), world.coordinator(), world.now)
    first = world.season.programme.session("workshop_1", "I")
    assert first is not None
    world.wait_until(first.end + timedelta(hours=1))
    world.replies("roll_call", "kõik")
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.replies("review", "JAH", team=team.id)
    return team


def test_a_team_that_is_short_is_held_back_and_goes_on_when_it_is_complete(world: World) -> None:
    team = _ready_but_one_short(world)
    assert team.state == "workshop_1"
    refused = team.move(Trigger.ADVANCE)
    assert isinstance(refused, Refusal)
    assert [(r.key, r.who) for r in refused.reasons] == [("eligible", "contact")]
    assert team.replies("rsvp", "SEIS", person=team.contact.address).outcome == "status"
    assert "Puudu on 1 kogukonna" in team.got("status")[-1].body
    new = NewMember(name="Uus Liige", address="uus@example.org", side="community")
    with world.db.writing() as session:
        row = session.get_one(Team, team.id)
        members.join(world.season, session, row, new, world.coordinator(), world.now)
        moves.settle(world.season, session, row, world.now)
    assert team.state == "workshop_2"


def test_a_reason_lets_a_team_that_is_short_go_on(world: World) -> None:
    team = _ready_but_one_short(world)
    team.move(Trigger.ADVANCE, override="uus liige leitakse maiks")
    assert team.state == "workshop_2"
    last = [row for row in team.history() if row.event == "advance"][-1]
    assert "1 community" in last.proof["overridden"][0]["en"]
