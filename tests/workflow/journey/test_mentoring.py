"""Mentors' hours: booked, reported by reply, checked by the team, held at the cap."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.season_snapshots import lived
from workflow.coordinator import mentors
from workflow.database.engine import Database
from workflow.database.models import Duty, HoursRow, Message, Person, Team
from workflow.journey import mentoring, submissions
from workflow.records import queries
from workflow.rules import hours
from workflow.rules.machine import Trigger
from workflow.schedule import tick

JULY = datetime(2022, 7, 12, 10, tzinfo=UTC)


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


@pytest.fixture
def team(world: World) -> Crew:
    """A team in mentoring, with a mentor of its own."""
    return Crew(world, lived(world, mentored))


def mentored(world: World) -> int:
    crew = world.apply().confirmed()
    world.now = datetime(2022, 6, 22, 10, tzinfo=UTC)
    for _ in range(5):
        crew.move(Trigger.ADVANCE, override="harjutus")
    assert crew.state == "mentoring"
    with world.db.writing() as session:
        mentoring.assign(
            world.season, session, session.get_one(Team, crew.id), mentor(world), world.coordinator(), world.now
        )
    return crew.id


def mentor(world: World, n: int = 0) -> Person:
    with world.db.reading() as session:
        return queries.staff(session, "mentor")[n]


def left(world: World, team: Crew) -> int:
    with world.db.reading() as session:
        return queries.ledger_balance(session, world.season.programme, team.id).left


def ask(world: World, team: Crew, person: Person, key: str = "july") -> None:
    with world.db.writing() as session:
        mentoring.ask_hours(
            world.season, session, session.get_one(Team, team.id), session.merge(person), key, "2022-07", world.now
        )


def test_both_sides_are_introduced(world: World, team: Crew) -> None:
    assert [m.to_address for m in team.got("mentor_assigned")] == [team.contact.address]
    assert [m.to_address for m in team.got("mentor_welcome")] == [mentor(world).address]


def test_hours_are_booked_read_back_and_checked_by_the_team(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    ask(world, team, mentor(world))
    letter = team.replies("hours", "12.07 1,5 h; 19.07 45 min koosloome")
    assert letter.outcome == "accepted"
    assert left(world, team) == 16 * 60 - 135
    assert "1,5 h" in world.messages("read_back")[-1].body
    assert team.replies("hours_check", "JAH").outcome == "accepted"
    with world.db.reading() as session:
        assert [r.kind for r in queries.ledger(session, team.id)] == ["reported", "reported", "confirmed", "confirmed"]


def test_a_booked_session_is_confirmed_by_jah_to_the_list_shown(world: World, team: Crew) -> None:
    with world.db.writing() as session:
        row = mentoring.book(
            world.season,
            session,
            session.get_one(Team, team.id),
            session.merge(mentor(world)),
            JULY,
            90,
            world.coordinator(),
            world.now,
        )
        assert isinstance(row, HoursRow)
    assert left(world, team) == 16 * 60 - 90
    world.wait_until(JULY + timedelta(hours=6))
    assert len(team.got("hours")) == 2  # June's, at the end of the month, and this one
    assert team.replies("hours", "JAH").outcome == "accepted"
    assert left(world, team) == 16 * 60 - 90
    with world.db.reading() as session:
        entries = queries.entries(queries.ledger(session, team.id))
    assert hours.open_entries(entries, hours.EntryKind.RESERVED) == ()


def book(world: World, team: Crew, starts: datetime, minutes: int = 90) -> None:
    with world.db.writing() as session:
        there, who = session.get_one(Team, team.id), session.merge(mentor(world))
        row = mentoring.book(world.season, session, there, who, starts, minutes, world.coordinator(), world.now)
        assert isinstance(row, HoursRow)


def asked_twice(world: World, team: Crew) -> tuple[Message, Message]:
    """The mails of two questions that list the same booked session, the first one's first."""
    book(world, team, JULY)
    world.wait_until(JULY + timedelta(hours=6))
    ask(world, team, mentor(world))
    first, second = team.got("hours")[-2:]
    assert first.question_id != second.question_id
    return first, second


@pytest.mark.parametrize(("said", "used"), [("JAH", 90), ("2,5", 150), ("0", 0)])
def test_a_session_that_two_mails_list_counts_once(world: World, team: Crew, said: str, used: int) -> None:
    first, second = asked_twice(world, team)
    assert world.write(mentor(world).address, world.reply_to(first), said).outcome == "accepted"
    assert left(world, team) == 16 * 60 - used
    assert world.write(mentor(world).address, world.reply_to(second), "JAH").outcome == "accepted"
    assert left(world, team) == 16 * 60 - used
    assert "teist korda" in world.messages("read_back")[-1].body


def test_a_session_taken_back_counts_when_the_other_mail_says_so(world: World, team: Crew) -> None:
    first, second = asked_twice(world, team)
    world.write(mentor(world).address, world.reply_to(first), "JAH")
    back = world.reply_to(world.messages("read_back")[-1])
    assert world.write(mentor(world).address, back, "EI").outcome == "accepted"
    assert left(world, team) == 16 * 60
    world.write(mentor(world).address, world.reply_to(second), "JAH")
    assert left(world, team) == 16 * 60 - 90


def test_jah_to_a_list_lets_go_of_nothing_that_the_list_did_not_show(world: World, team: Crew) -> None:
    book(world, team, JULY)
    world.wait_until(JULY + timedelta(hours=6))
    shown = team.got("hours")[-1]
    later = JULY + timedelta(days=1)
    book(world, team, later, 60)
    world.wait_until(later + timedelta(hours=1))
    assert world.write(mentor(world).address, world.reply_to(shown), "JAH").outcome == "accepted"
    assert left(world, team) == 16 * 60 - 150
    world.wait_until(later + timedelta(hours=6))
    assert team.got("hours")[-1].id != shown.id, "the mentor is asked for the other one, too"
    assert world.write(mentor(world).address, world.reply_to(team.got("hours")[-1]), "JAH").outcome == "accepted"
    assert left(world, team) == 16 * 60 - 150
    with world.db.reading() as session:
        kinds = [r.kind for r in queries.ledger(session, team.id)]
    assert sorted(kinds) == ["reported", "reported", "reserved", "reserved"]


def test_what_would_cross_the_cap_is_held_with_the_choices(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    ask(world, team, mentor(world))
    team.replies("hours", "12.07 10 h; 13.07 5 h; 14.07 3 h; 15.07 1 h")
    assert left(world, team) == 0
    assert len(team.got("hours_held")) == 1
    with world.db.reading() as session:
        held = [r for r in queries.ledger(session, team.id) if r.kind == "held"]
    assert [r.minutes for r in held] == [180]
    with world.db.writing() as session:
        assert (
            mentoring.settle_held(
                world.season, session, session.merge(held[0]), "grant", world.coordinator(), world.now
            )
            is None
        )
        again = mentoring.settle_held(
            world.season, session, session.merge(held[0]), "drop", world.coordinator(), world.now
        )
    assert again is not None
    assert left(world, team) == 0
    assert len(team.got("hours_settled")) == 1


def test_the_cap_is_over_all_mentors_of_the_team(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    second = mentor(world, 1)
    with world.db.writing() as session:
        mentoring.assign(
            world.season, session, session.get_one(Team, team.id), session.merge(second), world.coordinator(), world.now
        )
    ask(world, team, mentor(world))
    ask(world, team, second, "other")
    world.replies("hours", "12.07 10 h", team=team.id, person=mentor(world).address)
    world.replies("hours", "13.07 10 h", team=team.id, person=second.address)
    assert left(world, team) == 6 * 60
    assert [m.to_address for m in team.got("hours_held")] == [second.address]


def test_ei_within_a_day_takes_the_hours_back_and_asks_again(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    ask(world, team, mentor(world))
    team.replies("hours", "12.07 2 h")
    assert left(world, team) == 14 * 60
    letter = world.write(mentor(world).address, world.reply_to(world.messages("read_back")[-1]), "EI")
    assert letter.outcome == "accepted"
    assert left(world, team) == 16 * 60
    assert team.replies("hours", "12.07 1 h").outcome == "accepted"
    assert left(world, team) == 15 * 60


def test_ei_after_a_day_is_for_the_coordinator_to_decide(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    ask(world, team, mentor(world))
    team.replies("hours", "12.07 2 h")
    address = world.reply_to(world.messages("read_back")[-1])
    world.now += timedelta(hours=25)
    assert world.write(mentor(world).address, address, "EI").outcome == "afterwards"
    assert left(world, team) == 14 * 60


def test_no_meetings_adds_nothing(world: World, team: Crew) -> None:
    ask(world, team, mentor(world))
    assert team.replies("hours", "0").outcome == "accepted"
    assert left(world, team) == 16 * 60
    assert team.got("hours_check") == []


def test_a_dispute_is_put_before_the_coordinator(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    ask(world, team, mentor(world))
    team.replies("hours", "12.07 2 h")
    assert team.replies("hours_check", "EI: kohtumine jäi ära").outcome == "accepted"
    assert any("jäi ära" in m.body for m in world.messages("alert"))


def test_jah_without_a_list_says_nothing_and_the_question_stays_open_with_its_reminders(
    world: World, team: Crew
) -> None:
    ask(world, team, mentor(world))
    assert team.replies("hours", "JAH").outcome == "unclear"
    question, _, _ = world.asked("hours", team=team.id)
    assert question.closed_at is None
    world.wait(days=9)
    assert len([m for m in team.got("reminder") if m.question_id == question.id]) >= 2


def test_hours_taken_back_cannot_be_corrected_into_counting_again(world: World, team: Crew) -> None:
    world.now = JULY + timedelta(days=8)
    ask(world, team, mentor(world))
    team.replies("hours", "12.07 2 h")
    world.write(mentor(world).address, world.reply_to(world.messages("read_back")[-1]), "EI")
    with world.db.writing() as session:
        row = next(r for r in queries.ledger(session, team.id) if r.kind == "reported")
        assert not mentoring.correct(world.season, session, row, 90, "räägitud", world.coordinator(), world.now)
    assert left(world, team) == 16 * 60


def test_a_team_that_lacks_a_mentor_alone_goes_on_when_it_gets_one(world: World) -> None:
    """Mentoring was over before anybody thought of it."""
    crew = world.apply().confirmed()
    world.now = datetime(2022, 9, 22, 10, tzinfo=UTC)
    for _ in range(5):
        crew.move(Trigger.ADVANCE, override="harjutus")
    with world.db.writing() as session:
        submissions.ask_work(world.season, session, session.get_one(Team, crew.id), "mentoring", world.now)
    crew.replies("homework", "Siin.", files={"too.pdf": b"%PDF-1.4 too"})
    assert crew.state == "mentoring"
    with world.db.writing() as session:
        who = world.coordinator()
        mentors.assign(world.season, session, session.get_one(Team, crew.id), mentor(world), who, world.now)
    assert crew.state == "final_seminar"


@pytest.mark.parametrize("goes_on", [(), (Trigger.ADVANCE,), (Trigger.ADVANCE, Trigger.COMPLETE)], ids=len)
def test_the_last_months_hours_are_asked_for_though_the_team_went_on_at_midnight(
    world: World, team: Crew, goes_on: tuple[Trigger, ...]
) -> None:
    stage = world.season.programme.stage("mentoring")
    over = stage.ends(None)
    assert over is not None
    world.now = over
    for trigger in goes_on:
        team.move(trigger, override="nõustamine on läbi")
    with world.db.writing() as session:
        duty = session.scalars(sa.select(Duty).where(Duty.key == "hours_month:mentoring:2022-09")).one()
        assert duty.due_at > over
        world.now = duty.due_at
        tick._hours_month(world.season, session, duty, world.now)
    mails = team.got("hours")
    assert [mail.to_address for mail in mails] == [mentor(world).address]
    assert team.replies("hours", "12.09 2 h").outcome == "accepted"
    assert left(world, team) == 14 * 60
    with world.db.reading() as session:
        assert [row.stage for row in queries.ledger(session, team.id)] == ["mentoring"]


def test_an_earlier_month_is_asked_of_the_teams_in_mentoring_alone(world: World, team: Crew) -> None:
    team.move(Trigger.ADVANCE, override="sai varem valmis")
    with world.db.writing() as session:
        duty = session.scalars(sa.select(Duty).where(Duty.key == "hours_month:mentoring:2022-07")).one()
        tick._hours_month(world.season, session, duty, duty.due_at)
    assert team.got("hours") == []
