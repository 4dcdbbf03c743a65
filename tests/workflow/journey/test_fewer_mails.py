"""One mail where several would do, and nobody who must act goes without: the rules, each with its limits."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from mail.handling import bounce_effects
from tests.builders import Crew, World, config
from tests.season_snapshots import confirmed
from workflow.codes import MessageStatus, SubmissionStatus
from workflow.database.engine import Database
from workflow.database.models import Addressee, Message, Person, Question, StageSession, Submission, Team
from workflow.records import queries
from workflow.rules.machine import Trigger
from workflow.schedule import tick
from workflow.security import own_links


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
    world.replies("review", "JAH. Kaart on eriti selge.", person=others[0])
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


# -- reminders that ride --------------------------------------------------------------------------


def owing(world: World) -> Crew:
    """A team after its first workshop: the contact owes the homework and has not said about the second workshop."""
    team = confirmed(world, wishes="I")
    meeting = world.season.programme.session("workshop_1", "I")
    assert meeting is not None
    world.wait_until(meeting.end + timedelta(hours=1))
    return team


def second(world: World) -> datetime:
    with world.db.reading() as session:
        query = sa.select(StageSession.starts_at).where(StageSession.stage == "workshop_2", StageSession.group == "I")
        return session.scalars(query).one()


def mine(world: World, team: Crew, template: str, about: str) -> list[Message]:
    """The contact's mails of a kind whose subject names this."""
    return [m for m in world.messages(template) if m.to_address == team.contact.address and about in m.subject]


def reminded(world: World, team: Crew) -> list[Message]:
    return mine(world, team, "session_reminder", "II töötuba")


def test_reminders_of_one_week_to_one_person_are_one_mail_and_everybody_else_gets_theirs(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = owing(world)
    world.wait_until(second(world) - timedelta(days=6))
    carrier = mine(world, team, "reminder", "Ootame tööd")[-1]
    assert "Kas tulete? II töötuba, teisipäeval, 19. aprillil" in carrier.body and reminded(world, team) == []
    others = {p.address for p in team.people()} - {team.contact.address}
    early = {m.to_address for m in world.messages("session_reminder") if "II töötuba" in m.subject}
    assert early == others
    world.wait_until(second(world) - timedelta(hours=1))
    assert len(reminded(world, team)) == 1  # the day before, everybody is told


def test_a_roll_call_of_each_group_is_told_apart_by_its_day(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    confirmed(world, "Võru", wishes="I")
    meeting = world.season.programme.session("workshop_1", "I")
    assert meeting is not None
    world.wait_until(meeting.end + timedelta(days=6))
    assert {mail.subject for mail in world.messages("roll_call")} == {"Kes puudusid? I töötuba, 5. aprill"}
    late = [mail.subject for mail in world.messages("reminder") if "Kes" in mail.subject]
    assert late and all(subject.endswith("Kes puudusid? I töötuba, 5. aprill") for subject in late)


def hold(message: Message) -> None:
    message.status = MessageStatus.HELD


def bounce(message: Message) -> None:
    message.status = MessageStatus.BOUNCED


def fail(message: Message) -> None:
    message.status = MessageStatus.FAILED


def drop(message: Message) -> None:
    message.status = MessageStatus.DROPPED


def edit(message: Message) -> None:
    message.body = message.body.partition("Ootame teilt ka seda")[0]


def leave(message: Message) -> None:
    message.status = MessageStatus.UNCERTAIN


@pytest.mark.parametrize(
    ("becomes", "mails"), [(hold, 1), (bounce, 1), (fail, 1), (drop, 1), (edit, 1), (leave, 0)]
)
def test_a_reminder_rides_on_a_mail_that_leaves_and_on_no_other(
    sqlite_db: Database, becomes: Callable[[Message], None], mails: int
) -> None:
    world = World(sqlite_db)
    team = owing(world)
    world.wait_until(second(world) - timedelta(days=7, hours=12))
    with world.db.writing() as session:
        becomes(session.get_one(Message, mine(world, team, "reminder", "Ootame tööd")[-1].id))
    world.wait_until(second(world) - timedelta(days=6))
    assert len(reminded(world, team)) == mails


def test_what_rode_on_a_mail_that_fell_away_after_its_own_time_is_owed_again(sqlite_db: Database) -> None:
    """The question of the mail that carried it was answered before the relay came back."""
    world = World(sqlite_db)
    team = owing(world)
    world.wait_until(second(world) - timedelta(days=6))
    carrier = mine(world, team, "reminder", "Ootame tööd")[-1]
    assert carrier.status == MessageStatus.QUEUED and reminded(world, team) == []
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    for _ in range(2):  # it falls away, and what rode on it is owed at once
        tick.tick(world.season, world.db, world.now.replace(second=0))
    assert {m.status for m in world.messages() if m.id == carrier.id} == {MessageStatus.DROPPED}
    assert len(reminded(world, team)) == 1


def test_a_bounce_puts_what_rode_on_the_mail_to_the_deputy_too(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = owing(world)
    world.wait_until(second(world) - timedelta(days=6))
    carrier = mine(world, team, "reminder", "Ootame tööd")[-1]
    with world.db.writing() as session:
        message, contact = session.get_one(Message, carrier.id), session.get_one(Person, team.contact.id)
        message.body += "\n" + rider_of(session, contact)
        contact.address_state = "dead"
        bounce_effects.refused(world.season, session, message, contact, world.now)
    deputy = team.people()[1].address
    kinds = {m.question_id for m in world.messages("passed_on") if m.to_address == deputy}
    with world.db.reading() as session:
        assert {session.get_one(Question, number).kind for number in kinds} == {"homework", "hours_check"}


def rider_of(session: Session, contact: Person) -> str:
    """A link that stands for another question's reminder."""
    door = Addressee(person_id=contact.id, secret="s" * 26)
    question = Question(kind="hours_check", key="beside", team_id=contact.team_id, asked_at=contact.joined_at,
                        about={"entries": [], "month": "2022-04"}, addressees=[door])  # fmt: skip
    session.add(question)
    session.flush()
    return own_links.door(door.id, 1)


# -- news that rides ------------------------------------------------------------------------------


def accepted(world: World, said: str) -> Crew:
    team = owing(world)
    world.wait_until(second(world) - timedelta(days=4))
    team.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.wait_until(second(world) - timedelta(days=3))
    world.replies("review", said)
    return team


def test_a_work_accepted_is_told_with_the_next_mail_about_a_session(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = accepted(world, "JAH")
    assert world.messages("work_accepted") == []
    world.wait_until(second(world) + timedelta(hours=1))
    assert "võttis töö „kogukondade kaardistamine“ vastu" in reminded(world, team)[-1].body
    assert world.messages("work_accepted") == []


@pytest.mark.parametrize(
    ("said", "beside"),
    [("JAH", ""), ("Jah, töö on vastu võetud", ""), ("Jah. Aitäh!", ""), ("JAH. Kaart on eriti selge.", "selge")],
)
def test_only_what_the_trainer_wrote_beside_the_yes_is_told_at_once(
    sqlite_db: Database, said: str, beside: str
) -> None:
    world = World(sqlite_db)
    accepted(world, said)
    told = world.messages("work_accepted")
    assert len(told) == bool(beside) and all(beside in mail.body for mail in told)


def test_what_is_to_be_mended_is_told_without_the_word_before_it(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    accepted(world, "TAGASI: lisage palun eelarve")
    body = world.messages("work_returned")[-1].body
    assert "> lisage palun eelarve" in body and "TAGASI" not in body


def correct(session: Session, work: Submission) -> None:
    work.status = SubmissionStatus.RETURNED


def withdraw(session: Session, work: Submission) -> None:
    session.get_one(Team, work.team_id).state = "withdrawn"


@pytest.mark.parametrize("changed", [correct, withdraw])
def test_nobody_is_told_of_an_acceptance_that_stands_no_more(
    sqlite_db: Database, changed: Callable[[Session, Submission], None]
) -> None:
    world = World(sqlite_db)
    team = accepted(world, "JAH")
    with world.db.writing() as session:
        changed(session, session.scalars(sa.select(Submission)).one())
    world.wait_until(second(world) + timedelta(days=6))
    assert not any("võttis töö" in mail.body for mail in world.messages() if mail.to_address == team.contact.address)
    assert world.messages("work_accepted") == []


def test_where_no_such_mail_comes_it_is_told_alone_an_hour_later(sqlite_db: Database) -> None:
    world = World(sqlite_db)
    team = accepted(world, "JAH")
    team.replies("rsvp", "EI", person=team.contact.address)
    with world.db.writing() as session:  # whoever is not coming gets no mail the day before
        for question in queries.open_questions(session, person_id=team.contact.id):
            if question.kind == "rsvp" and question.stage == "workshop_2":
                question.outcome = "no"
    world.wait_until(second(world) + timedelta(hours=1))
    assert reminded(world, team) == []
    assert [m.to_address for m in world.messages("work_accepted")] == [team.contact.address]
