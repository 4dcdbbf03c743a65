"""Attendance: recorded once, corrected by new rows alone, and read as it stands by everybody."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.audit.verify import verify
from workflow.codes import AlertKind
from workflow.database.engine import Database
from workflow.database.models import Alert, Attendance, Person, Team
from workflow.journey import attendance as recording
from workflow.journey import members
from workflow.records import attendance
from workflow.rules.application import NewMember
from workflow.rules.machine import Trigger
from workflow.season import CLOCK
from workflow.text.bilingual import Text

STAGE = "workshop_1"


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def crew(world: World) -> Crew:
    """One of four was absent."""
    crew = world.apply("Võru", group="I").confirmed("I")
    called(world, crew, True, True, True, False)
    return crew


def called(world: World, crew: Crew, *came: bool) -> None:
    with world.db.writing() as session:
        here = dict(zip(crew.people(), came, strict=True))
        recording.roll_call(session, session.get_one(Team, crew.id), STAGE, here, CLOCK, world.now)


def rows(world: World) -> list[Attendance]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Attendance).order_by(Attendance.id)))


def test_a_second_roll_call_adds_what_differs_and_keeps_what_was(world: World, crew: Crew) -> None:
    first = rows(world)
    called(world, crew, True, False, True, True)
    added = rows(world)[len(first) :]
    assert [(row.present, row.replaces_id) for row in added] == [(False, first[1].id), (True, first[3].id)]
    with world.db.reading() as session:
        stands = attendance.of_team(session, crew.id)
        numbers = attendance.numbers(session, [crew.id])
        one = attendance.of_person(session, crew.people()[1], STAGE)
    assert {row.person_id: row.present for row in stands} == {
        person.id: came for person, came in zip(crew.people(), (True, False, True, True), strict=True)
    }
    assert numbers == {crew.id: {STAGE: 3}} and one is not None and one.id == added[0].id
    assert [row.proof["attendance"] for row in crew.history() if row.event == "attendance"] == [
        [row.id for row in first],
        [first[0].id, added[0].id, first[2].id, added[1].id],
    ]


@pytest.mark.parametrize(
    "change",
    [
        sa.update(Attendance).values(present=True),
        sa.update(Attendance).values(recorded_at=None),
        sa.update(Attendance).values(person_id=1),
        sa.update(Attendance).values(stage="workshop_2"),
        sa.update(Attendance).values(replaces_id=1),
        sa.delete(Attendance),
    ],
    ids=["present", "recorded_at", "person_id", "stage", "replaces_id", "delete"],
)
def test_the_database_refuses_to_change_or_delete_what_was_recorded(
    world: World, crew: Crew, change: sa.Update | sa.Delete
) -> None:
    before = [(row.id, row.person_id, row.stage, row.present, row.replaces_id) for row in rows(world)]
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), world.db.writing() as session:
        session.execute(change)
    assert [(row.id, row.person_id, row.stage, row.present, row.replaces_id) for row in rows(world)] == before


@pytest.mark.parametrize("replaces", [False, True])
def test_nobody_is_recorded_twice_and_no_row_is_replaced_twice(world: World, crew: Crew, replaces: bool) -> None:
    first = rows(world)[0]
    same = {name: getattr(first, name) for name in ("team_id", "person_id", "stage", "present", "recorded_at", "via")}
    two = [{**same, "why": "", "replaces_id": first.id if replaces else None}] * 2
    with pytest.raises(sa.exc.IntegrityError), world.db.writing() as session:
        session.execute(sa.insert(Attendance), two)


# -- corrections ----------------------------------------------------------------------------------


def asked(world: World) -> Crew:
    """After the first workshop: the trainer was asked who was absent, and answered that one was."""
    crew = world.apply("Võru", group="I").confirmed("I")
    world.wait_until(world.season.programme.session(STAGE, "I").end + timedelta(hours=1))
    world.replies("roll_call", f"Puudus {crew.people()[3].name}")
    return crew


def stands(world: World, crew: Crew) -> list[bool]:
    with world.db.reading() as session:
        came = {row.person_id: row.present for row in attendance.of_team(session, crew.id)}
    return [came[person.id] for person in crew.people()]


def test_the_trainer_corrects_a_roll_call_by_answering_again(world: World) -> None:
    crew = asked(world)
    world.wait(hours=2)
    assert world.replies("roll_call", f"Puudus {crew.people()[2].name}").outcome == "accepted"
    assert stands(world, crew) == [True, True, False, True]
    line = crew.history()[-1]
    assert line.event == "attendance_corrected" and line.letter_id is not None and line.proof["via"] == "mail"
    assert len(line.proof["attendance"]) == 4 and len(line.proof["replaces"]) == 2 and len(rows(world)) == 6
    with world.db.reading() as session:
        assert verify(session, world.season.machine).differences == []


@pytest.mark.parametrize("said", ["KÕIK", "Puudus {there}"])
def test_a_correction_reaches_a_team_that_has_completed_since(world: World, said: str) -> None:
    crew = asked(world)
    with world.db.writing() as session:
        session.get_one(Team, crew.id).state = "completed"
    assert world.replies("roll_call", said.format(there=crew.people()[0].name)).outcome == "accepted"
    assert stands(world, crew) == [said == "KÕIK", True, True, True]


def completes(world: World, crew: Crew) -> None:
    for _ in world.season.programme.stages[1:]:
        crew.move(Trigger.ADVANCE, override="kõik on tehtud")
    crew.move(Trigger.COMPLETE, override="kõik on tehtud")
    assert crew.state == "completed"


def withdraws(world: World, crew: Crew) -> None:
    crew.move(Trigger.WITHDRAW)
    assert crew.state == "withdrawn"


def somebody_leaves(world: World, crew: Crew) -> None:
    with world.db.writing() as session:
        person = session.get_one(Person, crew.people()[3].id)
        members.leave(world.season, session, person, CLOCK, world.now, why="haige")


def somebody_joins(world: World, crew: Crew) -> None:
    with world.db.writing() as session:
        new = NewMember(name="Uus Uuno", address="uus.uuno@example.org", side="community")
        members.join(world.season, session, session.get_one(Team, crew.id), new, CLOCK, world.now)


@pytest.mark.parametrize("meanwhile", [completes, withdraws, somebody_leaves, somebody_joins])
def test_a_correction_is_of_those_who_were_on_the_roll_whatever_became_of_them(
    world: World, meanwhile: Callable[[World, Crew], None]
) -> None:
    crew = asked(world)
    on_roll = [person.id for person in crew.people()]
    meanwhile(world, crew)
    assert world.replies("roll_call", "Kõik olid kohal").outcome == "accepted"
    with world.db.reading() as session:
        came = {row.person_id: row.present for row in attendance.of_team(session, crew.id)}
    assert came == dict.fromkeys(on_roll, True)


def test_after_the_read_back_time_the_coordinator_decides(world: World) -> None:
    crew = asked(world)
    world.wait(hours=world.season.programme.reminders.readback_hours + 1)
    assert world.replies("roll_call", f"Puudus {crew.people()[2].name}").outcome != "accepted"
    assert stands(world, crew) == [True, True, True, False] and len(rows(world)) == 4


def corrected(world: World, crew: Crew, *came: bool, why: str = "nimekirja järgi") -> tuple[Text, ...]:
    with world.db.writing() as session:
        people = dict(zip(crew.people(), came, strict=True))
        return recording.correct(world.season, session, STAGE, people, world.coordinator(), world.now, why=why)


def test_the_coordinators_correction_keeps_both_and_says_why(world: World) -> None:
    crew = asked(world)
    said = corrected(world, crew, True, False, True, True)
    assert [one.en for one in said][-1] == "Võru: 3 → 3 present, 2 needed: the requirement is met."
    added = rows(world)[4:]
    assert {(row.present, row.why, row.via) for row in added} == {
        (False, "nimekirja järgi", "page"), (True, "nimekirja järgi", "page"),
    }  # fmt: skip
    assert crew.history()[-1].why == "nimekirja järgi" and corrected(world, crew, True, False, True, True) == ()
    with world.db.reading() as session:
        assert verify(session, world.season.machine).differences == []


def test_a_step_that_rested_on_it_stays_and_is_put_before_the_coordinator(world: World) -> None:
    crew = asked(world)
    crew.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.replies("review", "JAH")
    assert crew.state == "workshop_2"
    said = corrected(world, crew, True, False, False, False)
    assert crew.state == "workshop_2" and "moved on from this stage" in said[-1].en
    with world.db.reading() as session:
        told = session.scalars(sa.select(Alert).where(Alert.kind == AlertKind.ATTENDANCE)).one()
    assert told.team_id == crew.id and "edasi liikunud" in told.says["et"]


def test_a_correction_that_meets_the_requirement_moves_the_team_on(world: World) -> None:
    crew = world.apply("Võru", group="I").confirmed("I")
    world.wait_until(world.season.programme.session(STAGE, "I").end + timedelta(hours=1))
    world.replies("roll_call", "Puudusid " + ", ".join(person.name for person in crew.people()[1:]))
    crew.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.replies("review", "JAH")
    assert crew.state == STAGE
    corrected(world, crew, True, True, False, False)
    assert crew.state == "workshop_2"
