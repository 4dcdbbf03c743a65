"""Who is coming foretells whether a team will have attended: told once, a week before, and no longer than it is so."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.season_snapshots import confirmed
from workflow.database.engine import Database
from workflow.database.models import Alert, StageSession
from workflow.journey import sessions
from workflow.records import queries
from workflow.rules.machine import Trigger
from workflow.schedule import alert_checks
from workflow.text.bilingual import Text


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


@pytest.fixture
def team(world: World) -> Crew:
    return confirmed(world, wishes="I")


def _first(world: World) -> StageSession:
    with world.db.reading() as session:
        return queries.sessions_of(session, "I")[0]


def _says(world: World, team: Crew, number: int, words: str) -> None:
    """The member of that number answers the invitation to the first session."""
    person, first = team.people()[number], _first(world)
    with world.db.reading() as session:
        mine = queries.open_questions(session, person_id=person.id)
        secret = next(q for q in mine if q.about.get("session") == first.id).addressees[0].secret
    world.write(person.address, f"r-{secret}@{world.identity.domain}", words)


def _told(world: World) -> list[Alert]:
    alert_checks.look(world.season, world.db, world.now)
    with world.db.reading() as session:
        query = sa.select(Alert).where(Alert.kind == "few_coming", Alert.standing())
        return list(session.scalars(query.order_by(Alert.id)))


def _week_before(world: World) -> datetime:
    return _first(world).starts_at - timedelta(days=7)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, 0),
        ({0: "EI", 1: "EI"}, 0),
        ({0: "EI", 1: "EI", 2: "võib-olla"}, 0),
        ({0: "EI", 1: "EI", 2: "EI"}, 1),
        ({0: "EI", 1: "EI", 2: "EI", 3: "JAH"}, 1),
        ({0: "EI", 1: "EI", 2: "EI", 3: "EI"}, 1),
    ],
)
def test_too_few_are_told_a_week_before_and_once(
    world: World, team: Crew, answers: dict[int, str], told: int
) -> None:
    world.wait_until(_week_before(world) - timedelta(days=3))
    for number, words in answers.items():
        _says(world, team, number, words)
    assert _told(world) == []
    world.wait_until(_week_before(world) + timedelta(hours=2))
    assert len(_told(world)) == told
    world.wait(days=4)
    assert len(_told(world)) == told
    if told:
        assert "vaja on vähemalt 2" in _told(world)[0].says["et"]


def test_it_falls_away_when_an_answer_mends_it(world: World, team: Crew) -> None:
    world.wait_until(_week_before(world) - timedelta(days=3))
    for number in (0, 1, 2):
        _says(world, team, number, "EI")
    world.wait_until(_week_before(world) + timedelta(hours=2))
    assert len(_told(world)) == 1
    _says(world, team, 1, "JAH")
    assert _told(world) == []


def test_who_declines_in_the_last_week_is_counted_too(world: World, team: Crew) -> None:
    world.wait_until(_week_before(world) + timedelta(days=2))
    for number in (0, 1, 2):
        _says(world, team, number, "EI")
    assert len(_told(world)) == 1


@pytest.mark.parametrize("ends", ["the session", "the team"])
def test_nothing_is_told_of_a_session_that_is_off_or_a_team_that_is_out(world: World, team: Crew, ends: str) -> None:
    before = _week_before(world)
    world.wait_until(before - timedelta(days=3))
    for number in (0, 1, 2):
        _says(world, team, number, "EI")
    if ends == "the team":
        team.move(Trigger.WITHDRAW, why="haigus")
    else:
        with world.db.writing() as session:
            first = session.get_one(StageSession, _first(world).id)
            sessions.cancel_session(world.season, session, first, Text(et="haigus", en="illness"), world.now)
    world.wait_until(before + timedelta(days=6))
    assert _told(world) == []
