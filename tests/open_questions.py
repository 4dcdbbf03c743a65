"""Scenes of a season in which a question of each kind is open: what the tests of answers begin with.

A scene takes an empty world and gives the id of the team to whom, or about whom, the question is asked.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.builders import Crew, World
from workflow.database.models import Team
from workflow.journey import mentoring, submissions
from workflow.records import queries
from workflow.rules.machine import Trigger
from workflow.rules.questions import QuestionKind as Q


def applied(world: World) -> int:
    return world.apply().id


def named(world: World) -> int:
    return world.apply().verified().id


def chosen(world: World) -> int:
    return world.apply().selected().id


def confirmed(world: World) -> int:
    return world.apply().confirmed().id


def invited(world: World) -> int:
    """The first workshop is a fortnight away: its invitations have left."""
    return world.apply().invited().id


def met(world: World) -> int:
    """The first workshop is over: its roll-call and its work are asked for."""
    crew = world.apply().confirmed("I")
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=2))
    return crew.id


def handed_in(world: World) -> int:
    """Everybody was there, and the work waits for its trainer: accepted, the team moves on."""
    crew = Crew(world, met(world))
    world.replies("roll_call", "KÕIK")
    crew.replies("homework", "Kaardistus on lisatud.", files={"kaardistus.pdf": b"%PDF-1.4 kaardistus"})
    return crew.id


def mentored(world: World) -> int:
    crew = world.apply().confirmed()
    world.now = datetime(2022, 7, 12, 10, tzinfo=UTC)
    for _ in range(5):
        crew.move(Trigger.ADVANCE, override="harjutus")
    with world.db.writing() as session:
        team, mentor = session.get_one(Team, crew.id), queries.staff(session, "mentor")[0]
        mentoring.assign(world.season, session, team, mentor, world.coordinator(), world.now)
        mentoring.ask_hours(world.season, session, team, mentor, "july", "2022-07", world.now)
    return crew.id


def reported(world: World) -> int:
    crew = Crew(world, mentored(world))
    crew.replies("hours", "12.07 1,5 h")
    return crew.id


def presenting(world: World) -> int:
    crew = world.apply().confirmed()
    for _ in range(6):
        crew.move(Trigger.ADVANCE, override="harjutus")
    with world.db.writing() as session:
        submissions.ask_work(world.season, session, session.get_one(Team, crew.id), crew.state, world.now)
    return crew.id


SCENES: Final[Mapping[Q, Callable[[World], int]]] = {
    Q.VERIFY: applied,
    Q.CONSENT: named,
    Q.CONFIRM_PLACE: chosen,
    Q.RSVP: invited,
    Q.ROLL_CALL: met,
    Q.HOMEWORK: met,
    Q.REVIEW: handed_in,
    Q.HOURS: mentored,
    Q.HOURS_CHECK: reported,
    Q.PRESENTATION: presenting,
}
"""those that are answered by mail"""
