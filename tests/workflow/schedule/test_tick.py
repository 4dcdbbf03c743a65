"""The calendar: what falls due is done once, late or not; reminders go only to those who still owe."""

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from tests.builders import Crew, World
from tests.season_snapshots import confirmed
from workflow.database.engine import Database
from workflow.database.models import Alert, Duty, Question, Team
from workflow.journey import moves, sessions
from workflow.records import queries
from workflow.schedule import tick
from workflow.text.bilingual import Text
from workflow.text.holidays import working


@pytest.fixture
def world(db: Database) -> World:
    return World(db)


def test_opening_the_season_again_adds_nothing(world: World) -> None:
    with world.db.reading() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(Duty))
    with world.db.writing() as session:
        moves.open_season(world.season, session, world.now)
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Duty)) == before


def test_a_duty_is_done_once_however_many_look(world: World) -> None:
    team = confirmed(world)
    first = world.season.programme.session("workshop_1", team.row.group)
    assert first is not None
    world.now = first.end + timedelta(minutes=5)
    assert tick.tick(world.season, world.db, world.now) > 0
    assert tick.tick(world.season, world.db, world.now) == 0
    assert len(world.messages("roll_call")) == len(world.season.programme.stage("workshop_1").trainers)


def test_members_are_reminded_of_a_session_save_those_who_said_no(world: World) -> None:
    team = confirmed(world, wishes="I")
    away = team.people()[3]
    with world.db.reading() as session:
        first = queries.sessions_of(session, "I")[0]
        asked = [q for q in queries.open_questions(session, person_id=away.id) if q.about.get("session") == first.id]
        secret = asked[0].addressees[0].secret
    world.write(away.address, f"r-{secret}@{world.identity.domain}", "EI")
    world.wait_until(first.starts_at - timedelta(hours=2))
    told = {m.to_address for m in team.got("session_reminder") if m.question_id}
    assert away.address not in told
    assert len(told) == 3


def test_after_a_pause_one_reminder_is_sent_and_not_three(world: World) -> None:
    team = confirmed(world, wishes="I")
    session_1 = world.season.programme.session("workshop_1", "I")
    assert session_1 is not None
    world.wait_until(session_1.end + timedelta(hours=1))
    with world.db.reading() as session:
        question = next(q for q in queries.open_questions(session, team_id=team.id) if q.kind == "homework")
    assert question.due_at is not None
    world.now = question.due_at + timedelta(days=1, hours=1)
    tick.tick(world.season, world.db, world.now)
    assert len([m for m in team.got("reminder") if m.question_id == question.id]) == 1


def written(world: World, crew: Crew, text: str, at: datetime) -> None:
    """A letter that came in at this moment and lies unread: no worker is there."""
    _, who, address = world.asked("confirm_place", team=crew.id, person=crew.contact.address)
    raw = f"From: {who.address}\r\nTo: {address}\r\nMessage-ID: <{at:%H%M%S}@example.org>\r\n\r\n{text}\r\n"
    store(world.db, [Arrival(envelope_from=who.address, recipients=(address,), raw=raw.encode(), via="smtp")], at)


def offer_ends(world: World, crew: Crew) -> datetime:
    due = world.asked("confirm_place", team=crew.id)[0].due_at
    assert due is not None
    return due


def test_a_reply_that_came_in_time_counts_though_nobody_read_it_for_days(world: World) -> None:
    crew = world.apply().selected()
    due = offer_ends(world, crew)
    written(world, crew, "JAH", due - timedelta(seconds=1))
    world.wait_until(due + timedelta(minutes=2))  # the calendar's hand is there before the one that reads letters
    assert world.asked("confirm_place", team=crew.id)[0].closed_at is None
    world.now = due + timedelta(days=3)
    world.inbox.handle_due(world.db, world.now)
    tick.tick(world.season, world.db, world.now)
    assert crew.state == "workshop_1"
    assert not crew.got("late")


def test_a_reply_that_came_too_late_does_not_count_though_nobody_looked_at_the_clock(world: World) -> None:
    crew = world.apply().selected()
    due = offer_ends(world, crew)
    written(world, crew, "JAH", due)
    world.now = due + timedelta(days=3)
    world.inbox.handle_due(world.db, world.now)
    assert (crew.state, len(crew.got("late"))) == ("selected", 1)
    tick.tick(world.season, world.db, world.now)
    assert world.asked("confirm_place", team=crew.id)[0].outcome == "expired"


def test_a_date_that_the_sender_wrote_says_nothing_about_when_it_came(world: World) -> None:
    crew = world.apply().selected()
    world.now = offer_ends(world, crew) + timedelta(minutes=1)
    crew.replies("confirm_place", "JAH", person=crew.contact.address, Date="Tue, 01 Feb 2022 08:00:00 +0200")
    assert (crew.state, len(crew.got("late"))) == ("selected", 1)


def test_a_moved_session_moves_its_reminders_and_updates_every_calendar(world: World) -> None:
    team = confirmed(world, wishes="I")
    with world.db.writing() as session:
        first = queries.sessions_of(session, "I")[0]
        start = first.starts_at + timedelta(days=2)
        told = sessions.move_session(
            world.season, session, first, start, start + timedelta(hours=7), Text(et="Tartu", en="Tartu"), world.now
        )
    assert told == 4
    moved = team.got("session_moved")
    assert len(moved) == 4
    assert all(b"METHOD:REQUEST" in (m.calendar or b"") and b"SEQUENCE:1" in (m.calendar or b"") for m in moved)
    with world.db.reading() as session:
        due = [
            d.due_at
            for d in session.scalars(sa.select(Duty).where(Duty.session_id == first.id, Duty.done_at.is_(None)))
        ]
    assert max(due) == start + timedelta(hours=7)


def test_a_team_that_is_behind_attends_all_the_same_and_the_coordinator_is_told(world: World) -> None:
    team = confirmed(world, wishes="I")
    second = world.season.programme.session("workshop_2", "I")
    assert second is not None
    world.wait_until(second.end + timedelta(hours=1))
    assert team.state == "workshop_1"
    with world.db.reading() as session:
        behind = session.scalars(sa.select(Alert).where(Alert.kind == "behind")).all()
        calls = session.scalars(sa.select(Question).where(Question.kind == "roll_call")).all()
    assert [a.team_id for a in behind] == [team.id]
    assert {q.stage for q in calls} == {"workshop_1", "workshop_2"}
    assert {m.stage for m in _questions(world, team.id, "homework")} == {"workshop_1", "workshop_2"}


def _questions(world: World, team_id: int, kind: str) -> list[Question]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Question).where(Question.team_id == team_id, Question.kind == kind)))


def test_the_morning_digest_says_what_waits_and_nothing_when_nothing_waits(world: World) -> None:
    world.wait(days=2)
    assert world.messages("digest") == []
    team = world.apply().selected()
    team.replies("confirm_place", "Jah, aga kas saaks teise rühma?", person=team.contact.address)
    world.wait(days=1)
    (mail,) = world.messages("digest")
    assert mail.subject == "Täna: 1 kiri"
    page = f"](<{world.season.base_url}/office/letter/"
    for said in (team.contact.name, team.row.name, "Jah, aga kas saaks teise rühma?", page):
        assert said in mail.body.replace("\\", "")


def test_a_digest_comes_on_working_days_and_only_with_something_new(world: World) -> None:
    team = world.apply().selected()
    team.replies("confirm_place", "Jah, aga kas saaks teise rühma?", person=team.contact.address)
    world.wait(days=30)
    found = world.messages("digest")
    days = [m.created_at.astimezone(world.season.programme.tz).date() for m in found]
    assert found and all(working(day) for day in days)
    assert len({m.body for m in found}) == len(found) < 10


def test_nothing_is_done_to_a_team_that_has_gone(world: World) -> None:
    team = confirmed(world, wishes="I")
    with world.db.writing() as session:
        moves.move(
            world.season,
            session,
            session.get_one(Team, team.id),
            moves.Trigger.WITHDRAW,
            world.coordinator(),
            world.now,
        )
    before = len(team.got("session_reminder"))
    first = world.season.programme.session("workshop_1", "I")
    assert first is not None
    world.wait_until(first.end + timedelta(days=2))
    assert len(team.got("session_reminder")) == before
    assert world.messages("roll_call") == []
