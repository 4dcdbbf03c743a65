"""Letters to the programme's own address: who writes × what × by which road, and who reads it. No cell is silent for a
person who is known, and nothing moves by a sender's name."""

from collections.abc import Callable
from typing import Final

import pytest
import sqlalchemy as sa

from tests.builders import Crew, World
from tests.season_snapshots import confirmed
from workflow.database.engine import Database
from workflow.database.models import InfoSignup, Letter, Person
from workflow.journey import guests
from workflow.records import approvals

WORDS: Final = {
    "SEIS": "status",
    "ABI": "help",
    "LOOBUME": "withdraw",
    "Kas II toas saab parkida?": "heard",
    "Aitäh, kõik on selge.": "heard",
    "JAH": "heard",
    "": "heard",
}
MAY_WITHDRAW: Final = ("contact", "deputy")


@pytest.fixture
def crew(sqlite_db: Database) -> Crew:
    return confirmed(World(sqlite_db))


def contact(crew: Crew) -> Person:
    return crew.contact


def deputy(crew: Crew) -> Person:
    return crew.people()[1]


def member(crew: Crew) -> Person:
    return crew.people()[3]


def of_role(crew: Crew, role: str) -> Person:
    with crew.world.db.reading() as session:
        return session.scalars(sa.select(Person).where(Person.role == role).order_by(Person.id).limit(1)).one()


def trainer(crew: Crew) -> Person:
    return of_role(crew, "trainer")


def guest(crew: Crew) -> Person:
    world = crew.world
    said = guests.Guest(name="Malle Maasikas", address="malle@example.org", lang="et")
    with world.db.writing() as session:
        guests.sign_up(world.season, session, said, "", world.now)
    return of_role(crew, "guest")


def writes(crew: Crew, who: Person, text: str, *, follows: str = "") -> Letter:
    head = f"In-Reply-To: {follows}\r\n" if follows else ""
    raw = (
        f"From: {who.name} <{who.address}>\r\nTo: {crew.world.identity.from_address}\r\nSubject: Tere\r\n{head}"
        f"Message-ID: <{abs(hash((who.address, text, follows)))}@mail.example.org>\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    )
    return crew.world.deliver(raw.encode(), crew.world.identity.from_address, sender=who.address)


@pytest.mark.parametrize("who", [contact, deputy, member, trainer, guest])
@pytest.mark.parametrize("words", WORDS)
def test_a_known_person_is_heard_and_nothing_moves(crew: Crew, who: Callable[[Crew], Person], words: str) -> None:
    person, state, before = who(crew), crew.state, len(crew.world.messages())
    letter = writes(crew, person, words)
    expected = WORDS[words]
    if expected == "withdraw" and person.part not in MAY_WITHDRAW:
        expected = "heard"
    assert (letter.outcome, letter.status) == (expected, "held" if expected == "heard" else "done")
    assert (letter.person_id, letter.team_id) == (person.id, person.team_id)
    assert crew.state == state
    caused = crew.world.messages()[before:]
    answer = {"withdraw": "withdraw_noted"}.get(expected, expected)
    assert [one.template for one in caused if one.person_id == person.id] == [answer]
    assert {one.to_address for one in caused if one.template == answer} == {person.address}


def test_a_reply_to_a_mail_that_asked_nothing_is_heard_the_same_way(crew: Crew) -> None:
    news = crew.got("place_confirmed")[0]
    with crew.world.db.reading() as session:
        reader = session.get_one(Person, news.person_id)
    assert writes(crew, reader, "SEIS", follows=news.message_id).outcome == "status"


def test_a_withdrawal_by_name_is_put_before_the_coordinator_with_its_words(crew: Crew) -> None:
    writes(crew, crew.contact, "LOOBUME")
    writes(crew, member(crew), "Kas II toas saab parkida?")  # belongs to no question either, and not to this step
    with crew.world.db.reading() as session:
        (asked,) = approvals.waiting(session, crew.row)
        (said,) = approvals.statements(session, asked)
    assert (said.words, said.person.name if said.person else "") == ("LOOBUME", crew.contact.name)


def test_a_stranger_gets_silence(crew: Crew) -> None:
    before = len(crew.world.messages())
    for words in WORDS:
        stranger = Person(name="Keegi", address="keegi@evil.example")
        assert writes(crew, stranger, words).outcome == "unrouted"
    assert len(crew.world.messages()) == before


@pytest.mark.parametrize(
    ("words", "thread", "off"),
    [
        ("Kahjuks ei saa tulla.", True, True),
        ("Ei saa tulla", True, True),
        ("Kahjuks ei saa tulla.", False, False),  # a name alone proves nothing
        ("Tulen kindlasti!", True, False),
        ("Kas saab ka veebis osaleda?", True, False),
    ],
)
def test_an_info_day_guest_signs_off_by_replying(crew: Crew, words: str, thread: bool, off: bool) -> None:
    person = guest(crew)
    invitation = crew.world.messages("info_day")[0].message_id
    letter = writes(crew, person, words, follows=invitation if thread else "")
    assert letter.outcome == ("signed_off" if off else "heard")
    with crew.world.db.reading() as session:
        left = session.scalars(sa.select(InfoSignup.person_id)).all()
    assert left == ([] if off else [person.id])
    assert len(crew.world.messages("signed_off")) == int(off)
