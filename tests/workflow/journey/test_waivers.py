"""What a forced step passed over is owed by nobody: not asked, not reminded, not told, until the step is taken back."""

import pytest

from tests.builders import Crew, World
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Team
from workflow.journey import moves
from workflow.records import queries
from workflow.rules.machine import Trigger

FIRST = "workshop_1"


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


def asked(crew: Crew) -> list[str]:
    """The stages whose works are asked for and not handed in."""
    with crew.world.db.reading() as session:
        return [q.stage or "" for q in queries.open_questions(session, team_id=crew.id) if q.kind == "homework"]


def after_the_session(world: World) -> None:
    world.wait_until(world.season.programme.stage(FIRST).sessions["I"].end)
    world.wait(days=1)


def test_a_work_that_a_step_passed_over_is_not_asked_for_when_its_session_is_over(world: World) -> None:
    crew, beside = world.apply("Võru").confirmed("I"), world.apply("Saku").confirmed("I")
    crew.move(Trigger.ADVANCE, override="tegid selle juba eelmisel aastal")
    after_the_session(world)
    assert asked(beside) == [FIRST] and asked(crew) == []
    assert crew.got("homework") == [] and [m for m in crew.got("reminder") if m.template == "homework"] == []


def test_who_comes_back_owes_what_was_not_passed_over_alone(world: World) -> None:
    crew = world.apply("Võru").confirmed("I")
    crew.move(Trigger.ADVANCE, override="tegid selle juba eelmisel aastal")
    crew.move(Trigger.WITHDRAW)
    world.wait_until(world.season.programme.stage("workshop_2").sessions["I"].end)
    world.wait(days=1)
    crew.move(Trigger.REINSTATE, override="jõuavad järele")
    assert crew.state == "workshop_2" and asked(crew) == ["workshop_2"]
    status = crew.world.write(crew.contact.address, world.identity.from_address, "SEIS")
    assert status.outcome == "status"
    work = world.season.programme.stage(FIRST).work
    assert work is not None and work.name.et not in crew.got("status")[-1].body


def test_a_step_that_is_taken_back_waives_nothing(world: World) -> None:
    crew = world.apply("Võru").confirmed("I")
    crew.move(Trigger.ADVANCE, override="tegid selle juba eelmisel aastal")
    after_the_session(world)
    assert asked(crew) == []
    with world.db.writing() as session:
        team, row = session.get_one(Team, crew.id), queries.last_transition(session, crew.id)
        assert isinstance(row, HistoryRow)
        assert moves.undo(world.season, session, team, row, world.coordinator(), world.now, why="eksitus") is not None
    assert crew.state == FIRST and asked(crew) == [FIRST]


def test_a_step_with_nothing_missing_waives_nothing(world: World) -> None:
    crew = world.apply("Võru").confirmed("I")
    crew.move(Trigger.WITHDRAW)
    assert [row.proof["waived"] for row in crew.history() if row.to_state] == [[], [], []]
