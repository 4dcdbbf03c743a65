"""People: everybody in one place, found whatever the accents; an address put right and its mails sent again."""

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web import large_season
from tests.web.conftest import Pages
from tests.web.office.test_board import counted
from tests.web.office_season import Desk, at_the_desk
from web.i18n import labels as words
from workflow.database.models import Alert, Message, Person, Question
from workflow.database.search import folded
from workflow.journey import invitations
from workflow.records import queries
from workflow.schedule import alert_checks
from workflow.views.people import PAGE

NEW = "uus.aadress@example.org"


OPEN = ("consent", "place_confirmed", "session_invitation")
"""mails to a deputy that still matter once the place is confirmed"""


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
        asked = next(q for q in queries.open_questions(session, person_id=person.id) if q.kind == "rsvp")
        invitations.invite(pages.world.season, session, asked, pages.world.now)
        row.address_state, row.address_note = "dead", "550 5.1.1 no such user"
        mails = sa.select(Message).where(Message.person_id == person.id, Message.template.in_(OPEN))
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
    assert desk.send(path, address=NEW).count("Uuesti läheb: ") == count
    assert crew.people()[1].address == person.address, "looking changes nothing"
    desk.confirm(path, address=NEW)
    with pages.db.reading() as session:
        mails = session.scalars(
            sa.select(Message).where(Message.person_id == person.id, Message.to_address == NEW)
        ).all()
        open_now = {question.id for question in queries.open_questions(session, person_id=person.id)}
        assert {m.status for m in mails if m.question_id in open_now} == {"queued"} and len(mails) >= count
        assert session.get_one(Person, person.id).address_state == "ok"
    assert alert_checks.look(pages.world.season, pages.db, pages.world.now) == 1
    assert "kehtib juba" in desk.send(path, address=NEW)
    assert crew.history()[-1].event == "readdressed"


def test_what_waits_for_a_yes_stays_and_what_is_over_is_dropped(pages: Pages, crew: Crew, desk: Desk) -> None:
    person, count = bounced(pages, crew)
    with pages.db.writing() as session:
        mails = session.scalars(sa.select(Message).where(Message.person_id == person.id).order_by(Message.id)).all()
        held = next(m for m in mails if m.status == "held")
        held.fault = held.error = ""
        gone = next(m for m in mails if m.status == "bounced")
        session.get_one(Question, gone.question_id).closed_at = pages.world.now
    path = f"/office/people/{person.id}/address"
    assert "Ei saadeta, sest see, millest need räägivad, on läbi" in desk.get(f"/office/people/{person.id}")
    shown = desk.send(path, address=NEW)
    assert shown.count("Uuesti läheb: ") == count - 2 and shown.count("Ei lähe enam, sest") == 1
    desk.confirm(path, address=NEW)
    with pages.db.reading() as session:
        assert session.get_one(Message, held.id).status == "held"
        assert session.get_one(Message, gone.id).status == "dropped"


def test_what_is_open_goes_along_and_the_address_of_before_is_told_without_the_new_one(pages: Pages) -> None:
    person = pages.world.apply("Jõgeva").invited().people()[1]
    desk = at_the_desk(pages)
    pages.world.send_all()
    with pages.db.reading() as session:
        open_now = {question.id for question in queries.open_questions(session, person_id=person.id)}
    before = len(pages.world.messages())
    owed = {m.question_id for m in pages.world.messages() if m.to_address == person.address} & open_now
    desk.confirm(f"/office/people/{person.id}/address", address=NEW)
    fresh = pages.world.messages()[before:]
    told = [m for m in fresh if m.to_address == person.address]
    assert [m.template for m in told] == ["address_changed"] and NEW not in told[0].body
    again = [m for m in fresh if m.to_address == NEW]
    assert owed and {m.question_id for m in again} == {*owed, None} and len(again) == len(owed) + 1
    for mail in again:
        assert (mail.calendar is not None) is (mail.template in ("place_confirmed", "session_invitation"))
    rsvp = next(m for m in again if m.template == "session_invitation")
    assert rsvp.calendar is not None and NEW.encode() in rsvp.calendar.replace(b"\r\n ", b"")
    answered = pages.world.write(NEW, pages.world.reply_to(rsvp), "JAH")
    assert answered.outcome == "accepted", "the new address answers for the person"


def test_moved_twice_the_first_address_keeps_its_own_notice(pages: Pages, crew: Crew, desk: Desk) -> None:
    person = crew.people()[1]
    for address in (NEW, "kolmas@example.org"):
        desk.confirm(f"/office/people/{person.id}/address", address=address)
    told = pages.world.messages("address_changed")
    assert [m.to_address for m in told] == [person.address, NEW]
    page = desk.get(f"/office/people/{person.id}")
    assert "Varasem aadress" in page and person.address in page


def test_details_are_shown_old_and_new_before_they_are_saved(pages: Pages, crew: Crew, desk: Desk) -> None:
    person, path = crew.people()[1], f"/office/people/{crew.people()[1].id}/details"
    typed = {"name": "Jüri Uus-Tamm", "lang": "en", "phone": "+372 5555 0123", "why": "Abiellus"}
    page = desk.send(path, **typed)
    assert f"„{person.name}“ → „Jüri Uus-Tamm“" in page and "+372 5555 0123" in page and "„inglise“" in page
    assert crew.people()[1].name == person.name
    desk.confirm(path, **typed)
    saved = crew.people()[1]
    assert (saved.name, saved.lang, saved.phone, saved.side) == ("Jüri Uus-Tamm", "en", "+372 5555 0123", person.side)
    page = desk.get(f"/office/people/{person.id}")
    assert "Varasem nimi" in page and person.name in page
    page = desk.get(f"/office/team/{crew.id}")
    assert "Inimese andmed parandati" in page and "Abiellus" in page
    assert "on juba nii kirjas" in desk.send(path, **typed)


def test_a_team_is_renamed_on_its_page(crew: Crew, desk: Desk) -> None:
    path = f"/office/team/{crew.id}/name"
    assert "Kirjutage meeskonna nimi" in desk.send(path, team_name=" ")
    assert "„Võru“ → „Setomaa“" in desk.send(path, team_name="Setomaa")
    desk.confirm(path, team_name="Setomaa")
    assert crew.row.name == "Setomaa"


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
    desk.confirm(path, address=NEW)
    assert NEW in desk.get("/office/people?q=kulaline")


def test_a_thousand_people_are_cut_and_take_no_more_queries(pages: Pages, desk: Desk) -> None:
    with counted(pages) as few:
        desk.get("/office/people")
    large_season.teams(pages, 60)
    with counted(pages) as many:
        page = desk.get("/office/people")
    assert len(many) == len(few) <= 6 and page.count("<tr>") == PAGE + 1 and "page=2" in page
    assert len(page.encode()) < 60_000


def test_every_state_of_an_address_has_a_name() -> None:
    assert set(words.ADDRESSES) == {"ok", "failing", "dead"}
