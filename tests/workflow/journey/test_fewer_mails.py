"""One mail where several would do, and nobody who must act goes without: the rules, each with its limits."""

from datetime import datetime, timedelta

import pytest

from tests.builders import Crew, World, config
from tests.season_snapshots import confirmed
from workflow.database.engine import Database
from workflow.database.models import Message
from workflow.records import queries
from workflow.rules.machine import Trigger


def handed_in(world: World) -> Crew:
    team = confirmed(world, wishes="I")
    session = world.season.programme.session("workshop_1", "I")
    assert session is not None
    world.wait_until(session.end + timedelta(hours=1))
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    return team


def trainers(world: World, template: str) -> list[str]:
    return [m.to_address for m in world.messages(template)]


def due(world: World) -> datetime:
    question, _, _ = world.asked("review")
    assert question.due_at is not None
    return question.due_at


# -- who reads a work -----------------------------------------------------------------------------


def test_a_work_is_read_by_one_trainer_and_the_others_hear_of_it_with_the_first_reminder(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    handed_in(world)
    first = trainers(world, "review")
    assert len(first) == 1 and not trainers(world, "passed_on")
    world.wait_until(due(world) - timedelta(hours=1))
    assert trainers(world, "review") == first
    assert [a for a in trainers(world, "reminder") if a == first[0]]
    others = trainers(world, "passed_on")
    assert len(others) == 1 and others != first
    world.wait_until(due(world) + timedelta(days=2))
    assert trainers(world, "passed_on") == others and others[0] in trainers(world, "reminder")
    world.replies("review", "JAH", person=others[0])
    assert world.messages("work_accepted")


def test_an_answer_in_time_leaves_the_other_trainers_in_peace(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    handed_in(world)
    world.replies("review", "JAH", person=trainers(world, "review")[0])
    world.wait_until(world.now + timedelta(days=10))
    assert not trainers(world, "passed_on")


def test_where_no_reminder_would_go_out_all_trainers_are_asked_at_once(sqlite_db: Database) -> None:
    world = World(sqlite_db, config({"questions = [7, 2]": "questions = []", "overdue = [1, 3]": "overdue = []"}))
    handed_in(world)
    assert len(trainers(world, "review")) == 2


def test_a_trainer_whose_address_takes_no_mail_reads_last(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = confirmed(world, wishes="I")
    with world.db.writing() as session:
        led = queries.staff(session, "trainer", world.season.programme.stage("workshop_1").trainers)
        led[team.id % len(led)].address_state = "dead"
        alive = led[(team.id + 1) % len(led)].address
    session_one = world.season.programme.session("workshop_1", "I")
    assert session_one is not None
    world.wait_until(session_one.end + timedelta(hours=1))
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    assert trainers(world, "review") == [alive]


# -- steps that wait ------------------------------------------------------------------------------


def steps(world: World) -> list[Message]:
    return world.messages("approve")


@pytest.mark.parametrize(("apart", "mails"), [(timedelta(minutes=5), 1), (timedelta(days=1), 2)])
def test_the_second_step_of_a_day_waits_for_the_digest(sqlite_db: Database, apart: timedelta, mails: int) -> None:
    world = World(sqlite_db)
    first, second = (world.apply(name).selected() for name in ("Võru", "Rõuge"))
    first.replies("confirm_place", "EI", person=first.contact.address)
    world.wait_until(world.now + apart)
    second.replies("confirm_place", "EI", person=second.contact.address)
    assert len(steps(world)) == mails
    for team in (first, second):
        question, _, _ = world.asked("approve", team=team.id)
        assert question.about["trigger"] == Trigger.RELEASE
    world.wait_until(world.now + timedelta(days=4))
    digest = world.messages("digest")[-1].body
    assert "Võru" in digest and "Rõuge" in digest
