"""Held letters that an answer has overtaken: who wrote first × what × what the right person said since. What says the
same is done; another word, a question, a request or a file of its own stays before the coordinator."""

import pytest

from tests.builders import Crew, World
from workflow.codes import LetterStatus
from workflow.database.engine import Database
from workflow.database.models import Letter

DONE, HELD = LetterStatus.DONE, LetterStatus.HELD


@pytest.fixture
def crew(sqlite_db: Database) -> Crew:
    return World(sqlite_db).apply().selected()


def status(crew: Crew, letter: Letter) -> str:
    with crew.world.db.reading() as session:
        return session.get_one(Letter, letter.id).status


def says(crew: Crew, kind: str, words: str, **rest: object) -> Letter:
    return crew.replies(kind, words, person=crew.contact.address, **rest)


@pytest.mark.parametrize(
    ("first", "then", "ends"),
    [
        ("Vaatame veel.", "JAH", DONE),
        ("Vaatame veel.", "EI", DONE),
        ("Jah ja ei", "JAH", DONE),
        ("Jah, kui rahastus tuleb.", "JAH", DONE),
        ("Jah, kui rahastus tuleb.", "EI", HELD),
        ("Jah, aga kas saaksime II rühmas olla?", "JAH", HELD),
        ("Palun helistage mulle.", "JAH", HELD),
    ],
)
def test_what_its_writer_said_plainly_since(crew: Crew, first: str, then: str, ends: str) -> None:
    letter = says(crew, "confirm_place", first)
    assert (letter.status, letter.outcome) == (HELD, "unclear")
    says(crew, "confirm_place", then)
    assert status(crew, letter) == ends


@pytest.mark.parametrize(("then", "ends"), [("JAH", DONE), ("EI", HELD)])
@pytest.mark.parametrize("sender", ["keegi@example.com", "voru3@example.org"])
def test_what_somebody_else_wrote_first(crew: Crew, sender: str, then: str, ends: str) -> None:
    letter = says(crew, "confirm_place", "JAH", sender=sender)
    assert (letter.status, letter.outcome) == (HELD, "wrong_sender")
    says(crew, "confirm_place", then)
    assert status(crew, letter) == ends


def test_what_another_addressee_says_makes_nobody_s_doubt_plain(crew: Crew) -> None:
    letter = says(crew, "confirm_place", "Vaatame veel.")
    crew.replies("confirm_place", "JAH", person=crew.people()[1].address)
    assert status(crew, letter) == HELD


def test_an_expected_attendance_is_overtaken_each_time_it_is_said(crew: Crew) -> None:
    says(crew, "confirm_place", "JAH")
    letter = says(crew, "rsvp", "Tulen!", sender="keegi@example.com")
    says(crew, "rsvp", "EI")
    assert status(crew, letter) == HELD
    says(crew, "rsvp", "JAH")
    assert status(crew, letter) == DONE


def test_a_work_from_a_strange_address_is_done_when_the_same_one_comes(crew: Crew) -> None:
    says(crew, "confirm_place", "JAH")
    crew.world.wait(days=80)
    file = {"too.pdf": b"%PDF-1.4 meie kaart"}
    letter = says(crew, "homework", "Siin on meie töö.", sender="keegi@example.com", files=file)
    other = says(crew, "homework", "Siin on töö.", sender="keegi@example.com", files={"muu.pdf": b"%PDF-1.4 muu"})
    promise = says(crew, "homework", "Saadame töö homme!")
    wish = says(crew, "homework", "Palume paar päeva pikendust.")
    assert {one.status for one in (letter, other, promise, wish)} == {HELD}
    says(crew, "homework", "Siin on meie töö.", files=file)
    assert [status(crew, one) for one in (letter, other, promise, wish)] == [DONE, HELD, DONE, HELD]
