"""Further addresses: asked about at the first one, theirs after their YES from there, removable, and known by name."""

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from workflow.answering import own_addresses
from workflow.codes import AliasKind
from workflow.database.engine import Database
from workflow.database.models import Alert, Alias, Invitation, Letter, Person, Question
from workflow.text.bilingual import Text

GMAIL = "mari.kodus@example.com"


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db)


@pytest.fixture
def crew(world: World) -> Crew:
    return world.apply().invited("I")


def ask(world: World, person: Person, address: str = GMAIL) -> Text | None:
    with world.db.writing() as session:
        return own_addresses.ask(world.season, session, session.get_one(Person, person.id), address, world.now)


def kinds(world: World) -> list[str]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(Alias.kind).order_by(Alias.id)))


def from_there(crew: Crew, text: str = "JAH", sender: str = GMAIL) -> Letter:
    return crew.replies("rsvp", text, person=crew.contact.address, sender=sender)


def said(crew: Crew) -> str | None:
    """What is noted of the contact's coming to the session that they were asked about last."""
    question, person, _ = crew.world.asked("rsvp", team=crew.id, person=crew.contact.address)
    with crew.world.db.reading() as session:
        which = (Invitation.person_id == person.id, Invitation.stage == question.stage)
        return session.scalar(sa.select(Invitation.expected).where(*which))


def test_until_it_is_confirmed_at_the_first_address_it_is_a_strangers(world: World, crew: Crew) -> None:
    assert from_there(crew).outcome == "wrong_sender"
    assert ask(world, crew.contact) is None
    (mail,) = crew.got("own_address")
    assert mail.to_address == crew.contact.address and "kodus" in mail.body
    assert from_there(crew).outcome == "wrong_sender" and said(crew) is None
    assert crew.replies("address", "JAH", sender=GMAIL).outcome == "wrong_sender", "not from the address in question"
    assert kinds(world) == ["asked"]
    assert crew.replies("address", "JAH").outcome == "accepted"
    assert kinds(world) == ["also"] and GMAIL in str(crew.history()[-1].proof["changes"])
    assert from_there(crew).outcome == "accepted" and said(crew) == "yes"
    read_back = [m for m in world.messages() if m.person_id == crew.contact.id][-1]
    assert read_back.to_address == crew.contact.address, "mails go on going to the first"


def test_a_no_makes_it_nobodys_and_the_coordinator_hears_of_it(world: World, crew: Crew) -> None:
    ask(world, crew.contact)
    assert crew.replies("address", "EI").outcome == "accepted"
    assert kinds(world) == [] and from_there(crew).outcome == "wrong_sender"
    with world.db.reading() as session:
        assert GMAIL in session.scalars(sa.select(Alert.says).where(Alert.kind == "details")).one()["et"]


def test_silence_confirms_nothing(world: World, crew: Crew) -> None:
    ask(world, crew.contact)
    world.wait(days=own_addresses.DAYS + 1)
    with world.db.reading() as session:
        assert session.scalars(sa.select(Question.outcome).where(Question.kind == "address")).one() == "expired"
    assert kinds(world) == ["asked"]
    assert from_there(crew).outcome == "wrong_sender"


def test_removed_it_is_a_strangers_again_and_erasing_still_finds_it(world: World, crew: Crew) -> None:
    ask(world, crew.contact)
    crew.replies("address", "JAH")
    for first in (True, False):
        with world.db.writing() as session:
            alias = session.scalars(sa.select(Alias)).one()
            assert own_addresses.remove(session, alias, world.coordinator(), world.now) is first
    assert kinds(world) == [AliasKind.FORMER] and from_there(crew).outcome == "wrong_sender"


def test_a_question_about_an_address_that_was_removed_meanwhile_adds_nothing(world: World, crew: Crew) -> None:
    ask(world, crew.contact)
    with world.db.writing() as session:
        own_addresses.remove(session, session.scalars(sa.select(Alias)).one(), world.coordinator(), world.now)
    crew.replies("address", "JAH")
    assert kinds(world) == [AliasKind.FORMER] and from_there(crew).outcome == "wrong_sender"


@pytest.mark.parametrize(
    ("address", "says"), [("mitte", "kujul nimi@"), ("voru1@example.org", "on juba kirjas: Võru Jüri Tamm")]
)
def test_what_cannot_be_theirs_too_is_refused(world: World, crew: Crew, address: str, says: str) -> None:
    refused = ask(world, crew.contact, address)
    assert refused is not None and says in refused.et
    assert crew.got("own_address") == []


def test_nobody_is_asked_twice_and_a_coordinator_never(world: World, crew: Crew) -> None:
    assert ask(world, crew.contact) is None
    refused = ask(world, crew.contact, GMAIL.upper())
    assert refused is not None and "juba küsitud" in refused.et
    coordinator = world.coordinator().person
    assert coordinator is not None and ask(world, coordinator, "x@example.com") is not None


def test_to_the_programmes_own_address_the_further_one_is_known_too(world: World, crew: Crew) -> None:
    write = world.identity.from_address
    assert world.write(GMAIL, write, "SEIS").outcome == "unrouted"
    ask(world, crew.contact)
    crew.replies("address", "JAH")
    assert world.write(GMAIL, write, "SEIS").outcome == "status"
    assert crew.got("status")[-1].to_address == crew.contact.address


def test_a_member_who_answers_for_another_is_called_by_name(world: World, crew: Crew) -> None:
    deputy = crew.people()[1]
    assert from_there(crew, sender=deputy.address).outcome == "wrong_sender"
    mail = crew.got("wrong_sender")[-1]
    assert f"{deputy.name} samast meeskonnast" in mail.body and "ei tunne" not in mail.body
    from_there(crew, sender="voora@example.com")
    assert "ei tunne" in crew.got("wrong_sender")[-1].body
