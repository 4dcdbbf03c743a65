"""A question with a coordinator's letter: asked of each, answered by reply or form, gathered on the letter's page."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.web.conftest import Pages
from tests.web.office.mail.test_write import WHERE, _hidden, _letters, _writes
from tests.web.office_season import Desk, at_the_desk
from workflow.database.models import Message, Person, Question, WrittenMail

ASKS = {"subject_et": "Mida sööte?", "body_et": "Tere, {{ name }}! Mida lõunal sööte?"}
FOOD = {"ask": "choice", "choices_et": "Liha\nKala\nTaimne roog"}


def _due(pages: Pages, days: int = 10) -> str:
    return f"{(pages.world.now + timedelta(days=days)).date()}"


def _asked(pages: Pages) -> list[Question]:
    with pages.db.reading() as session:
        rows = session.scalars(sa.select(Question).where(Question.kind == "poll").order_by(Question.id)).all()
        session.expunge_all()
        return list(rows)


def _ask(pages: Pages, crew: Crew, **typed: str) -> Desk:
    desk = at_the_desk(pages)
    _writes(desk, team=crew.id, side="members", due=_due(pages), **{**ASKS, **FOOD, **typed})
    return desk


def _replies(pages: Pages, person: Person, text: str) -> None:
    mail = next(one for one in _letters(pages) if one.person_id == person.id)
    pages.world.write(person.address, pages.world.reply_to(mail), text)


def _page(desk: Desk, pages: Pages) -> str:
    with pages.db.reading() as session:
        number = session.scalar(sa.select(sa.func.max(WrittenMail.id)))
    return desk.get(f"{WHERE}/{number}").partition('id="answers"')[2]


@pytest.mark.parametrize(
    ("form", "text", "answer"),
    [
        ("choice", "kala", "Kala"), ("choice", "3", "Taimne roog"),
        ("choice", "Taimne roog palun, aitäh!", "Taimne roog"),
        ("choice", "Tere!\n\nMulle liha.\n\nTervitades\nMari Kask", "Liha"),
        ("yes_no", "Jah", "jah"), ("yes_no", "Ei", "ei"),
        ("words", "Pähkleid ma ei söö, muu sobib.", "Pähkleid ma ei söö, muu sobib."),
    ],
)  # fmt: skip
def test_an_answer_by_reply_stands_in_the_table(pages: Pages, form: str, text: str, answer: str) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = _ask(pages, crew, ask=form)
    person = crew.people()[2]
    _replies(pages, person, text)
    page = _page(desk, pages)
    row = page.partition(f">{person.name}</a>")[2].partition("</tr>")[0]
    assert f"<strong>{answer}</strong>" in row and "1/4" in page
    assert pages.world.messages("read_back")[-1].to_address == person.address


@pytest.mark.parametrize(
    "text", ["Liha või kala", "Mitte liha", "Kas kala on värske?", "Pitsa", "Ei liha ega kala, taimne"]
)
def test_a_choice_that_is_none_waits_for_the_coordinator_with_the_list_at_hand(pages: Pages, text: str) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = _ask(pages, crew)
    person = crew.people()[2]
    _replies(pages, person, text)
    assert all(one.outcome is None for one in _asked(pages))
    letter = pages.world.messages("unclear")[-1].letter_id
    page = desk.get(f"/office/letter/{letter}")
    assert "valik: Taimne roog" in page
    desk.send(f"/office/letter/{letter}/read", reading=2)
    assert [one.answer["choice"] for one in _asked(pages) if one.answer] == ["Taimne roog"]


def test_by_the_form_too_and_the_last_answer_counts_until_it_is_due(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = _ask(pages, crew)
    person = crew.people()[1]
    door = pages.door("poll", person=person.address)
    form = pages.browser().get(door).text
    assert "Mida sööte?" in form and "Taimne roog" in form and "Mida lõunal sööte?" in form
    assert pages.browser().post(door, {"answer": "7"}).status_code == 400
    pages.browser().post(door, {"answer": "0"})
    _replies(pages, person, "Ikkagi kala")
    assert "<strong>1</strong> Kala" in _page(desk, pages) and "> Liha<" not in _page(desk, pages)
    pages.world.wait(days=12)
    assert {one.outcome for one in _asked(pages)} == {"choice", "expired"}
    assert pages.browser().post(door, {"answer": "1"}).status_code == 200
    assert [one.answer["choice"] for one in _asked(pages) if one.answer] == ["Kala"]


def test_who_is_silent_is_reminded_once_and_who_answered_is_not(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    _ask(pages, crew)
    _replies(pages, crew.people()[0], "kala")
    last = pages.world.messages()[-1].id
    pages.world.wait(days=12)
    reminded = [one for one in pages.world.messages() if one.id > last and "Mida sööte?" in one.body]
    assert sorted(one.to_address for one in reminded) == sorted(one.address for one in crew.people()[1:])


def test_the_answers_are_a_table_that_a_spreadsheet_reads(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = _ask(pages, crew, ask="words")
    _replies(pages, crew.people()[0], "=1+1 ei söö")
    csv = desk.browser.get(f"{WHERE}/1/answers.csv?lang=et").data.decode("utf-8-sig").splitlines()
    assert csv[0] == "Nimi;Meeskond;Vastus;Kirjutas juurde" and len(csv) == 5
    assert any(";'=1+1 ei söö;" in line for line in csv)


def test_in_both_languages_the_same_choice_is_one(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    person = crew.people()[1]
    with pages.db.writing() as session:
        session.get_one(Person, person.id).lang = "en"
    english = {"subject_en": "What will you eat?", "body_en": "For lunch?", "choices_en": "Meat\nFish\nVegetarian"}
    desk = _ask(pages, crew, **english)
    _replies(pages, person, "Fish, please")
    assert "<strong>1</strong> Kala" in _page(desk, pages)


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"choices_et": "Liha"}, "choices_et"), ({"choices_et": "Liha\nliha"}, "choices_et"),
        ({"choices_et": "\n".join(f"valik {n}" for n in range(13))}, "choices_et"),
        ({"choices_et": "x" * 61 + "\ny"}, "choices_et"), ({"side": "owing"}, "ask"),
        ({"due": ""}, "due"), ({"due": "2001-01-01"}, "due"), ({"due": "2029-01-01"}, "due"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_question_stands_beside_its_field(
    pages: Pages, typed: dict[str, str], field: str
) -> None:
    pages.world.apply("Kose").selected()
    crew = pages.world.apply("Võru").confirmed("I")
    whole = {"team": crew.id, "side": "members", "due": _due(pages), **ASKS, **FOOD, **typed}
    if field == "ask":
        del whole["team"]
    page = at_the_desk(pages).send(WHERE, do="show", **whole)
    assert f'id="{field}-error"' in page and not _hidden(page, "shown") and _asked(pages) == []


def test_what_is_stopped_is_asked_of_nobody(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    leave = (pages.world.now + timedelta(days=3)).astimezone(pages.world.season.programme.tz)
    desk = _ask(pages, crew, leave=f"{leave:%Y-%m-%dT%H:%M}")
    assert len(_asked(pages)) == 4
    desk.send(f"{WHERE}/1", do="stop")
    assert {one.outcome for one in _asked(pages)} == {"dropped"}
    last = pages.world.messages()[-1].id
    pages.world.wait(days=12)
    assert not [one for one in pages.world.messages() if one.id > last and "Mida sööte?" in one.body]


def test_the_mail_says_what_to_reply_and_a_test_asks_nobody(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("I")
    desk = at_the_desk(pages)
    page = desk.send(WHERE, do="show", team=crew.id, due=_due(pages), **ASKS, **FOOD)
    assert "Liha, Kala või Taimne roog" in page
    desk.send(WHERE, do="test", letter=_hidden(page, "letter"), team=crew.id, due=_due(pages), **ASKS, **FOOD)
    assert _asked(pages) == [] and len(_letters(pages)) == 1
    with pages.db.reading() as session:
        assert session.scalars(sa.select(Message.question_id).where(Message.template == "own_letter")).all() == [None]
