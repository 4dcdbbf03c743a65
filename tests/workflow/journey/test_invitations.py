"""All dates in one mail, each invitation a fortnight before its session, and one organiser an entry for good."""

from collections import defaultdict
from datetime import timedelta
from email.parser import BytesParser

import icalendar
import pytest
import sqlalchemy as sa

from mail.composing.message_bytes import to_bytes
from tests.builders import Crew, World
from workflow.database.engine import Database
from workflow.database.models import Message, Person, StageSession
from workflow.journey import invitations, members, sessions
from workflow.records import queries
from workflow.rules.application import NewMember
from workflow.rules.machine import Trigger
from workflow.text.bilingual import Text

FORTNIGHT = timedelta(days=14)
BRIDGE = Text(et="Sild", en="Bridge")


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


@pytest.fixture
def team(world: World) -> Crew:
    return world.apply(group="I").confirmed()


def entries(world: World, message: Message) -> list[icalendar.Event]:
    """The calendar file as it leaves, with the organisers that its reader sees."""
    with world.db.reading() as session:
        mail = BytesParser().parsebytes(to_bytes(session.get_one(Message, message.id), world.identity))
    files = [part for part in mail.walk() if part.get_content_type() == "application/ics"]
    found = [icalendar.Calendar.from_ical(file.get_payload(decode=True)) for file in files]
    return [event for one in found for event in one.walk("VEVENT")]


def first(world: World) -> StageSession:
    with world.db.reading() as session:
        return queries.sessions_of(session, "I")[0]


def move(world: World, *, later: timedelta = timedelta(), place: Text = BRIDGE) -> int:
    with world.db.writing() as session:
        meeting = session.get_one(StageSession, first(world).id)
        starts, ends = meeting.starts_at + later, meeting.ends_at + later
        return sessions.move_session(world.season, session, meeting, starts, ends, place, world.now)


def since(world: World, before: int) -> list[tuple[str, str]]:
    return [(m.template, m.to_address) for m in world.messages()[before:]]


def test_a_place_confirmed_is_one_mail_to_each_member_before_anything_else(world: World, team: Crew) -> None:
    people = [p.address for p in team.people()]
    told = team.got("place_confirmed")
    assert sorted(m.to_address for m in told) == sorted(people)
    assert team.got("session_invitation") == team.got("other_answered") == []
    for person in team.people():
        mine = [m.template for m in world.messages() if m.to_address == person.address]
        after = mine[mine.index("place_confirmed") :]
        assert after == ["place_confirmed"]
    events = entries(world, told[0])
    assert len(events) == 6 and told[0].calendar_method == "PUBLISH"
    assert all("attendee" not in event for event in events)
    assert all(str(m.place["et"]) in told[0].body for m in _sessions(world))


def _sessions(world: World) -> list[StageSession]:
    with world.db.reading() as session:
        return queries.sessions_of(session, "I")


def test_each_session_is_asked_about_a_fortnight_before_it_and_once(world: World, team: Crew) -> None:
    starts = first(world).starts_at
    world.wait_until(starts - FORTNIGHT - timedelta(hours=12))
    assert team.got("session_invitation") == []
    world.wait_until(starts - timedelta(days=10))
    invited = team.got("session_invitation")
    assert sorted(m.to_address for m in invited) == sorted(p.address for p in team.people())
    assert {m.stage for m in _questions(world, invited)} == {"workshop_1"}


def _questions(world: World, mails: list[Message]) -> list[StageSession]:
    with world.db.reading() as session:
        asked = [session.get_one(Message, mail.id).question_id for mail in mails]
        about = sa.select(invitations.Question).where(invitations.Question.id.in_(asked))
        return [session.get_one(StageSession, q.about["session"]) for q in session.scalars(about)]


def test_reminders_go_to_those_who_owe_an_answer_and_the_last_to_those_who_come(world: World) -> None:
    team = world.apply(group="I").invited()
    comes, stays_away, silent, undecided = (p.address for p in team.people())
    answers = {comes: "JAH", stays_away: "EI", undecided: "võib-olla tulen"}
    for address, said in answers.items():
        if address == undecided:
            with world.db.writing() as session:
                question = session.merge(_rsvp(world, undecided))
                question.outcome, question.answered_by_id = "maybe", question.addressees[0].person_id
        else:
            world.write(address, _door(world, address), said)
    starts = first(world).starts_at
    world.wait_until(starts - timedelta(days=6))
    assert [m.to_address for m in team.got("session_reminder")] == [silent]
    world.wait_until(starts - timedelta(hours=2))
    last = team.got("session_reminder")[1:]
    assert sorted(m.to_address for m in last) == sorted([silent, undecided])
    by = {m.to_address: m.body for m in last}
    along = team.got("session_invitation")[-1]
    assert along.to_address == comes and "Homme on **I töötuba**" in along.body and "Ootame teid" in along.body
    assert along.subject == "Homme: I töötuba. JAH või EI: II töötuba, 19. aprill"
    assert "Kas tulete?" in by[silent] and "võib-olla" in by[undecided]
    assert all(m.subject == "Homme: I töötuba" for m in last)


def _rsvp(world: World, address: str) -> invitations.Question:
    with world.db.reading() as session:
        query = sa.select(invitations.Question).where(
            invitations.Question.kind == "rsvp", invitations.Question.stage == "workshop_1"
        )
        return next(q for q in session.scalars(query) if q.addressees[0].person.address == address)


def _door(world: World, address: str) -> str:
    with world.db.reading() as session:
        return f"r-{session.merge(_rsvp(world, address)).addressees[0].secret}@{world.identity.domain}"


def test_a_new_place_keeps_answers_and_tells_only_those_who_were_invited(world: World) -> None:
    team = world.apply(group="I")
    team.confirmed()
    assert move(world) == 0
    team.world.wait_until(first(world).starts_at - timedelta(days=13))
    assert all("Sild" in m.body for m in team.got("session_invitation"))
    who = team.contact.address
    world.write(who, _door(world, who), "JAH")
    assert move(world, place=Text(et="Mõis", en="Manor")) == 4
    told = {m.to_address: m for m in team.got("session_place")}
    assert len(told) == 4 and "JAH" in told[who].body and team.got("session_moved") == []
    (event,) = entries(world, told[who])
    assert (event["sequence"], event["attendee"].params["PARTSTAT"]) == (2, "ACCEPTED")
    assert _rsvp(world, who).outcome == "yes"


def test_a_new_time_asks_everybody_anew(world: World, team: Crew) -> None:
    assert move(world, later=timedelta(days=1)) == 4
    assert len(team.got("session_moved")) == 4
    world.wait_until(first(world).starts_at - timedelta(days=10))
    assert team.got("session_invitation") == [], "the mail about the new time has asked already"


def leave(world: World, person: Person) -> None:
    with world.db.writing() as session:
        members.leave(world.season, session, session.get_one(Person, person.id), world.coordinator(), world.now)


def test_who_leaves_reads_one_mail_about_that_and_no_session_that_is_off(world: World) -> None:
    team = world.apply(group="I").invited()
    gone, before = team.people()[3], len(world.messages())
    leave(world, gone)
    assert [t for t, to in since(world, before) if to == gone.address] == ["membership_ended"]
    (mail,) = team.got("membership_ended")
    assert "kohtumised toimuvad" in mail.body and "jääb ära" not in mail.subject + mail.body
    events = entries(world, mail)
    assert len(events) == 6 and {str(e["status"]) for e in events} == {"CANCELLED"}


def test_a_team_that_withdraws_is_one_mail_a_member(world: World, team: Crew) -> None:
    before = len(world.messages())
    team.move(Trigger.WITHDRAW)
    told = [to for template, to in since(world, before) if template == "withdrawn"]
    assert sorted(told) == sorted(p.address for p in team.people())
    assert {template for template, _ in since(world, before)} == {"withdrawn"}
    assert all(len(entries(world, m)) == 6 for m in team.got("withdrawn"))


def test_an_applicant_who_withdraws_has_no_calendar_to_clear(world: World) -> None:
    team = world.apply().verified()
    team.move(Trigger.WITHDRAW)
    told = team.got("withdrawn")
    assert {m.to_address for m in told} == {p.address for p in team.people()[:2]}
    assert all(m.calendar is None and "kalendri" not in m.body for m in told)


def test_an_entry_has_one_organiser_in_all_files_of_a_season(world: World) -> None:
    team = world.apply(group="I").invited()
    move(world)
    move(world, later=timedelta(days=1))
    leave(world, team.people()[3])
    team.move(Trigger.WITHDRAW)
    organisers: dict[str, set[str]] = defaultdict(set)
    changes: dict[str, list[int]] = defaultdict(list)
    for mail in world.messages():
        for event in entries(world, mail) if mail.calendar else ():
            organisers[str(event["uid"])].add(str(event["organizer"]))
            changes[str(event["uid"])].append(int(event["sequence"]))
    assert len(organisers) == 24
    assert all(len(some) == 1 and "door" not in str(some) for some in organisers.values()), organisers
    assert all(some == sorted(some) for some in changes.values())


def test_who_joins_late_gets_the_dates_and_the_invitations_that_have_left(world: World) -> None:
    team = world.apply(group="I").invited()
    leave(world, team.people()[3])
    new = NewMember(name="Uus Liige", address="uus@example.org", side="community")
    with world.db.writing() as session:
        members.join(world.season, session, session.merge(team.row), new, world.coordinator(), world.now)
    mine = [m for m in world.messages() if m.to_address == "uus@example.org"]
    assert [m.template for m in mine] == ["consent", "place_confirmed", "session_invitation"]
    assert len(entries(world, mine[1])) == 6


@pytest.mark.parametrize(("said", "answered"), [("JAH", False), ("EI, olen reisil", True)])
def test_a_plain_yes_is_not_read_back_and_a_refusal_is(world: World, said: str, answered: bool) -> None:
    team = world.apply(group="I").invited()
    who = team.contact.address
    assert world.write(who, _door(world, who), said).outcome == "accepted"
    assert bool(team.got("read_back")) is answered
    world.write(who, _door(world, who), "JAH")
    assert len(team.got("read_back")) == (2 if answered else 0), "a changed answer is read back"
