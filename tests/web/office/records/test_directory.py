"""People: everybody in one place, found whatever the accents; an address put right and its mails sent again."""

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web import large_season as crowd
from tests.web.conftest import Pages
from tests.web.office.test_board import counted
from tests.web.office_season import Desk, at_the_desk
from web.i18n import labels as words
from workflow.database.models import Alert, Message, Person, Question
from workflow.database.search import folded
from workflow.views.people import PAGE

NEW = "uus.aadress@example.org"


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world)


@pytest.fixture
def desk(pages: Pages, crew: Crew) -> Desk:
    return at_the_desk(pages)


def bounced(pages: Pages, crew: Crew) -> tuple[Person, int]:
    """The deputy, whose address is dead, and how many mails did not arrive."""
    person = crew.people()[1]
    with pages.db.writing() as session:
        row = session.get_one(Person, person.id)
        row.address_state, row.address_note = "dead", "550 5.1.1 no such user"
        mails = sa.select(Message).where(Message.person_id == person.id, Message.template == "session_invitation")
        found = session.scalars(mails.limit(3)).all()
        for message, status in zip(found, ("bounced", "failed", "held"), strict=True):
            message.status, message.error = status, "550 5.1.1 no such user"
        alert = Alert(key="bounce:1", kind="bounce", person_id=person.id, says={"et": "x", "en": "x"})
        alert.at = pages.world.now
        session.add(alert)
        return person, len(found)


def test_everybody_is_there_by_team_and_role(desk: Desk) -> None:
    page = desk.get("/office/people")
    for said in ("Võru Mari Kask", "Kati-Katri Koppel", "koordinaator", "koolitaja", "mentor", "kontaktisik"):
        assert said in page, said
    assert "Pegolainen" in page and "Pegolainen" not in desk.get("/office/people?show=members")
    assert "Võru Mari" not in desk.get("/office/people?show=staff")
    assert "There is nobody here" in desk.get("/office/people?show=guests", "en")


@pytest.mark.parametrize("typed", ["Võru Jüri", "voru juri", "VÕRU JÜRI", "jüri  võru", "voru1@example.org"])
def test_search_looks_past_case_and_accents(desk: Desk, typed: str) -> None:
    answer = desk.browser.get("/office/people", query_string={"q": typed})
    assert "Võru Jüri Tamm" in answer.text and "Võru Mari" not in answer.text


def test_nobody_found_says_what_to_do(desk: Desk) -> None:
    page = desk.get("/office/people?q=%3Cscript%3Ealert")
    assert "Kedagi ei leitud" in page and "<script>alert" not in page and "täpid ja tähesuurus ei loe" in page


@pytest.mark.parametrize(("typed", "plain"), [("Õun ÄÖÜ", "oun aou"), ("Šš Žž", "ss zz"), ("O\u0303un", "oun")])
def test_words_are_folded(typed: str, plain: str) -> None:
    assert folded(typed) == plain


def test_a_mended_address_gets_what_did_not_arrive(pages: Pages, crew: Crew, desk: Desk) -> None:
    person, count = bounced(pages, crew)
    page = desk.get(f"/office/people/{person.id}")
    assert "550 5.1.1" in page and "Uuesti läheb saatmisele" in page
    assert person.name in desk.get("/office/people?show=trouble")
    path = f"/office/people/{person.id}/address"
    assert f"Uuesti läheb saatmisele {count} kirja" in desk.send(path, address=NEW)
    with pages.db.reading() as session:
        mails = session.scalars(
            sa.select(Message).where(Message.person_id == person.id, Message.to_address == NEW)
        ).all()
        assert {m.status for m in mails} == {"queued"} and len(mails) >= count
        assert session.get_one(Person, person.id).address_state == "ok"
        assert session.scalars(sa.select(Alert).where(Alert.key == "bounce:1")).one().settled_at is not None
    assert "kehtib juba" in desk.send(path, address=NEW)
    assert crew.history()[-1].event == "readdressed"


def test_what_waits_for_a_yes_and_what_is_over_stays(pages: Pages, crew: Crew, desk: Desk) -> None:
    person, count = bounced(pages, crew)
    with pages.db.writing() as session:
        mails = session.scalars(sa.select(Message).where(Message.person_id == person.id).order_by(Message.id)).all()
        held = next(m for m in mails if m.status == "held")
        held.error = ""
        gone = next(m for m in mails if m.status == "bounced")
        session.get_one(Question, gone.question_id).closed_at = pages.world.now
    words = "1 kiri" if count == 3 else f"{count - 2} kirja"
    assert f"Uuesti läheb saatmisele {words}" in desk.send(f"/office/people/{person.id}/address", address=NEW)
    with pages.db.reading() as session:
        assert session.get_one(Message, held.id).status == "held"
        assert session.get_one(Message, gone.id).status == "bounced"


def test_wrong_addresses_are_refused(pages: Pages, crew: Crew, desk: Desk) -> None:
    person, other = crew.people()[1], crew.people()[2]
    path = f"/office/people/{person.id}/address"
    for typed, says in (("", "kujul nimi@asutus.ee"), ("x", "kujul nimi@"), (other.address, "juba teisel liikmel")):
        assert says in desk.send(path, address=typed)
    with pages.db.reading() as session:
        assert session.get_one(Person, person.id).address == person.address
    assert desk.browser.post("/office/people/9999/address", {"address": NEW}).status_code == 404


def test_addresses_of_staff_stand_in_the_settings(pages: Pages, desk: Desk) -> None:
    with pages.db.reading() as session:
        trainer = session.scalars(sa.select(Person).where(Person.role == "trainer")).first()
    assert trainer is not None
    assert "config.toml" in desk.get(f"/office/people/{trainer.id}")
    assert "on seadetes" in desk.send(f"/office/people/{trainer.id}/address", address=NEW)


def test_a_guests_address_is_mended_too(pages: Pages, desk: Desk) -> None:
    with pages.db.writing() as session:
        guests = [
            Person(
                role="guest", name=f"Külaline {i}", address=f"k{i}@example.org", address_key=f"k{i}@example.org",
                lang="et", joined_at=pages.world.now,
            )
            for i in range(2)
        ]  # fmt: skip
        session.add_all(guests)
        session.flush()
        path = f"/office/people/{guests[0].id}/address"
    assert "Külaline 1" in desk.get("/office/people?show=guests")
    assert "juba teisel külalisel" in desk.send(path, address="K1@example.org")
    assert "Aadress on parandatud" in desk.send(path, address=NEW)
    assert NEW in desk.get("/office/people?q=kulaline")


def test_a_thousand_people_are_cut_and_take_no_more_queries(pages: Pages, desk: Desk) -> None:
    with counted(pages) as few:
        desk.get("/office/people")
    crowd.teams(pages, 60)
    with counted(pages) as many:
        page = desk.get("/office/people")
    assert len(many) == len(few) <= 6 and page.count("<tr>") == PAGE + 1 and "page=2" in page
    assert len(page.encode()) < 60_000


def test_every_state_of_an_address_has_a_name() -> None:
    assert set(words.ADDRESSES) == {"ok", "failing", "dead"}
