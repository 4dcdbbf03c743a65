"""What nobody decides: each step that can wait is taken by itself or kept, as the programme says; teams that wait hear
that it is late."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World, config
from tests.season_snapshots import confirmed
from workflow.config.loader import Programme
from workflow.database.engine import Database
from workflow.database.models import Alert, Question, StageSession, Team
from workflow.journey import moves, undecided
from workflow.records import queries
from workflow.rules.duties import decided_by
from workflow.rules.machine import Trigger

WORKING_WEEK = timedelta(days=8)


def _declined(world: World) -> Crew:
    team = world.apply().selected()
    team.replies("confirm_place", "EI, kahjuks ei saa sel kevadel", person=team.contact.address)
    return team


def _accepted(world: World) -> Crew:
    team = world.apply().selected()
    team.replies("confirm_place", "JAH", person=team.contact.address)
    return team


def _withdrawing(world: World) -> Crew:
    team = confirmed(world)
    team.replies("homework" if team.got("homework") else "rsvp", "LOOBUME", person=team.contact.address)
    return team


def _all_done(world: World) -> Crew:
    team = confirmed(world, wishes="I")
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))  # type: ignore[union-attr]
    world.replies("roll_call", "kõik")
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.replies("review", "JAH", team=team.id)
    return team


def _place_free(world: World) -> Crew:
    holder, waiting = world.apply("Põlva").selected(), world.apply("Valga").verified()
    waiting.move(Trigger.WAITLIST)
    holder.move(Trigger.WITHDRAW)
    return waiting


SCENES: dict[Trigger, tuple[Callable[[World], Crew], str, str]] = {
    Trigger.RELEASE: (_declined, "selected", "released"),
    Trigger.CONFIRM: (_accepted, "selected", "workshop_1"),
    Trigger.WITHDRAW: (_withdrawing, "workshop_1", "withdrawn"),
    Trigger.ADVANCE: (_all_done, "workshop_1", "workshop_2"),
    Trigger.SELECT: (_place_free, "waitlisted", "selected"),
}
"""each step that people or the calendar can ask for: how it comes to wait, where the team is, where it would go"""
LAST = {Trigger.COMPLETE}
"""asked for by the same function as ADVANCE, a whole season later: the rehearsal plays it"""


def _world(db: Database, trigger: Trigger, then: str) -> World:
    line = next(f'{trigger} = "{by}"' for by in ("automatic", "coordinator") if f'{trigger} = "{by}"' in TEXT)
    changes = {line: f'{trigger} = {{ after_days = 5, then = "{then}" }}'}
    return World(db, config(changes | ({"capacity = 10": "capacity = 1"} if trigger is Trigger.SELECT else {})))


TEXT = config().text


def test_every_step_that_somebody_can_ask_for_is_in_the_table() -> None:
    assert set(SCENES) | LAST == set(undecided.AWAITED) | {Trigger.SELECT}


@pytest.mark.parametrize("trigger", SCENES)
@pytest.mark.parametrize("then", ["automatic", "kept"])
def test_a_step_nobody_decides_ends_as_the_programme_says(sqlite_db: Database, trigger: Trigger, then: str) -> None:
    live, before, after = SCENES[trigger]
    world = _world(sqlite_db, trigger, then)
    team = live(world)
    question, _, _ = world.asked("approve", team=team.id)
    assert (team.state, question.about["trigger"], question.due_at is not None) == (before, trigger.value, True)
    world.wait_until(question.due_at - timedelta(minutes=1))  # type: ignore[operator]
    assert (team.state, team.got("decision_late")) == (before, [])
    world.wait_until(question.due_at + timedelta(minutes=1))  # type: ignore[operator]
    if then == "automatic":
        assert team.state == after
        last = [row for row in team.history() if row.event == trigger][-1]
        assert (last.actor, last.proof["undecided"], last.proof["via"]) == ("Teekond", question.id, "clock")
        assert _told(world, question) == 1
        assert team.got("decision_late") == []
    else:
        assert team.state == before
        told = {m.to_address for m in team.got("decision_late")}
        speak = {p.address for p in team.people() if p.part in ("contact", "deputy")}
        assert told == (speak if trigger in undecided.AWAITED else set())
        assert _told(world, question) == 0
        assert not world.decides(team=team.id)
        assert team.state == after


def _told(world: World, question: Question) -> int:
    with world.db.reading() as session:
        keys = session.scalars(sa.select(Alert.key).where(Alert.key == f"undecided:{question.id}"))
        return len(list(keys))


def test_what_was_decided_in_time_is_not_touched_again(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = _declined(world)
    world.decides(team=team.id, no="nad mõtlesid ümber")
    world.wait(days=10)
    assert team.state == "selected"
    assert team.got("decision_late") == []


def test_by_default_a_place_that_was_declined_is_released_and_the_mail_has_said_so(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = _declined(world)
    assert "teeb teenus selle sammu ise" in world.messages("approve")[0].body
    world.wait_until(world.now + WORKING_WEEK)
    assert team.state == "released"
    assert "kahjuks ei saa sel kevadel" in team.got("place_released")[0].body


def test_the_release_can_be_taken_back(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = _declined(world)
    world.wait_until(world.now + WORKING_WEEK)
    with world.db.writing() as session:
        row = queries.last_transition(session, team.id)
        assert row is not None
        moves.undo(
            world.season, session, session.get_one(Team, team.id), row, world.coordinator(), world.now, why="helistati"
        )
    assert team.state == "selected"


@pytest.mark.parametrize("later", ["JAH, ikka tuleme!", "Palun oodake, helistan teile esmaspäeval"])
def test_a_place_about_which_more_was_said_waits_for_a_person(sqlite_db: Database, later: str) -> None:
    world = World(sqlite_db)
    team = world.apply().selected()
    contact, deputy = team.people()[:2]
    team.replies("confirm_place", "EI", person=deputy.address)
    team.replies("confirm_place", later, person=contact.address)
    world.wait_until(world.now + WORKING_WEEK)
    assert team.state == "selected"
    assert {m.to_address for m in team.got("decision_late")} == {contact.address, deputy.address}


def test_a_late_yes_keeps_a_place_that_nobody_had_answered_for(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = world.apply().selected()
    asked, _, _ = world.asked("confirm_place", team=team.id)
    world.wait_until(asked.due_at + timedelta(hours=9))  # type: ignore[operator]
    team.replies("confirm_place", "Jah, võtame koha vastu!", person=team.contact.address)
    world.wait(days=12)
    assert team.state == "selected"
    assert team.got("decision_late") != []


def test_a_team_hears_that_nobody_reviews_its_work(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = confirmed(world, wishes="I")
    with world.db.reading() as session:
        meeting = session.scalars(sa.select(StageSession).where(StageSession.stage == "workshop_1")).first()
    assert meeting is not None
    world.wait_until(meeting.ends_at + timedelta(hours=1))
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    question, _, _ = world.asked("review", team=team.id)
    world.wait_until(question.due_at + timedelta(days=4))  # type: ignore[operator]
    assert len(team.got("decision_late")) == 2
    assert "vastus teie tööle" in team.got("decision_late")[0].body


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (date(2022, 2, 1), date(2022, 2, 9)),  # Tuesday: five working days on is the next Tuesday
        (date(2022, 2, 18), date(2022, 3, 1)),  # Friday, and 24 February is a holiday
        (date(2022, 2, 19), date(2022, 3, 1)),  # Saturday
    ],
)
def test_the_days_to_decide_are_working_days(asked: date, due: date) -> None:
    programme: Programme = config().programme
    at_ten = datetime.combine(asked, time(10), tzinfo=programme.tz)
    assert decided_by(programme, "release", at_ten) == datetime.combine(due, time(), tzinfo=programme.tz)
