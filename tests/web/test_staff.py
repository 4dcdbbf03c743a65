"""Trainers and mentors: their own page after signing in, what waits for them, their teams and nobody else's."""

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office.test_board import counted
from tests.web.office_season import APRIL, COORDINATOR, Desk, mentored
from workflow.database.models import HistoryRow, HoursRow, Mentorship
from workflow.records import queries

TRAINER = "/staff/trainer"
MENTOR = "/staff/mentor"


def signed_in(pages: Pages, role: str, nth: int = 0, key: str = "") -> tuple[Desk, str]:
    """A trainer or a mentor at their desk, and where signing in led."""
    with pages.db.reading() as session:
        staff = queries.staff(session, role, [key] if key else None)
    browser = pages.browser()
    answer = browser.sign_in(pages, staff[nth].address)
    return Desk(pages, browser), answer.headers["Location"]


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world, "Võru", "I", wishes="I")


def test_each_role_lands_on_its_own_page(pages: Pages) -> None:
    trainer, first = signed_in(pages, "trainer", key="maris")
    mentor, second = signed_in(pages, "mentor", nth=1)
    assert (first, second) == (TRAINER, MENTOR)
    assert "Minu koolitused" in trainer.get(first) and "My teams" in mentor.get(second, "en")
    assert trainer.browser.get(MENTOR).status_code == 403 and mentor.browser.get(TRAINER).status_code == 403
    assert trainer.browser.get("/office").status_code == 403


def test_strangers_and_coordinators_do_not_come_in(pages: Pages, crew: Crew) -> None:
    known = pages.browser()
    known.sign_in(pages, COORDINATOR)
    for path in (TRAINER, MENTOR):
        assert pages.browser().get(path).status_code == 303
        assert known.get(path).status_code == 403
    assert known.post(f"{MENTOR}/team/{crew.id}/book", {"hours": "1"}).status_code == 403


def test_a_trainer_finds_the_roll_call_and_the_work_behind_their_own_door(pages: Pages, crew: Crew) -> None:
    pages.world.wait_until(APRIL)
    crew.replies("homework", "Siin.", person=crew.contact.address, files={"kodutöö.pdf": b"%PDF-1.4 kaart"})
    reader = pages.world.messages("review")[0].to_address
    desk, _ = signed_in(pages, "trainer", key=reader.partition(".")[0])
    page = desk.get(TRAINER)
    roll_call, review = (pages.door(kind, person=reader) for kind in ("roll_call", "review"))
    assert f'href="{roll_call}"' in page and f'href="{review}"' in page and "Kes puudusid? I töötuba" in page
    assert "kodutöö.pdf" in page
    link = page.partition(f"{review}/file/")[2].partition('"')[0]
    assert desk.browser.get(f"{review}/file/{link}").data == b"%PDF-1.4 kaart"
    pages.world.replies("roll_call", "kõik", person=reader)
    assert "Kes puudusid?" not in desk.get(TRAINER)


def test_a_trainer_sees_their_own_sessions_ahead_with_the_teams(pages: Pages, crew: Crew) -> None:
    desk, _ = signed_in(pages, "trainer", key="maris")
    page = desk.get(TRAINER)
    assert "I töötuba" in page and "II töötuba" in page and "III töötuba" not in page
    assert "Võru Mari Kask" in page and "vastamata 4" in page
    assert "Teilt ei oodata praegu midagi" in page


def test_a_mentor_sees_their_teams_and_hours_only(pages: Pages, crew: Crew) -> None:
    other = pages.world.apply("Rõuge", group="I").confirmed("I")
    mentor = mentored(pages.world, crew, 90)
    desk, _ = signed_in(pages, "mentor")
    page = desk.get(MENTOR)
    assert "Võru: kasutatud 1,5 h, kokku on 16 h" in page and crew.contact.address in page
    assert "Veebruar 2022" in page and "Rõuge" not in page
    assert "February 2022" in desk.get(MENTOR, "en")
    assert (
        desk.browser.post(f"{MENTOR}/team/{other.id}/book", {"starts": "2022-07-12T10:00", "hours": "1"}).status_code
        == 404
    )
    with pages.db.writing() as session:
        session.execute(sa.update(Mentorship).where(Mentorship.person_id == mentor.id).values(until=pages.world.now))
    page = desk.get(MENTOR)
    assert crew.contact.address not in page and "Teil ei ole veel ühtegi meeskonda" in page and "1,5 h" in page


def test_a_mentor_books_a_session_once(pages: Pages, crew: Crew) -> None:
    mentor = mentored(pages.world, crew)
    desk, _ = signed_in(pages, "mentor")
    form = {"starts": "2022-07-12T10:00", "hours": "1,5"}
    assert "Broneeritud 1,5 h" in desk.send(f"{MENTOR}/team/{crew.id}/book", **form)
    assert "on juba broneeritud" in desk.send(f"{MENTOR}/team/{crew.id}/book", **form)
    assert "ei mahu" in desk.send(f"{MENTOR}/team/{crew.id}/book", starts="2022-07-13T10:00", hours="15")
    assert "Kirjutage tulevane aeg" in desk.send(f"{MENTOR}/team/{crew.id}/book", starts="", hours="x")
    page = desk.get(MENTOR)
    assert "broneeritud 1,5 h" in page and "broneeritud</span>" in page
    with pages.db.reading() as session:
        (row,) = session.scalars(sa.select(HoursRow)).all()
        (line,) = session.scalars(sa.select(HistoryRow).where(HistoryRow.event == "booked")).all()
        assert (row.person_id, row.minutes) == (mentor.id, 90) and line.actor == mentor.name


def test_the_questions_about_hours_wait_on_the_mentors_page(pages: Pages, crew: Crew) -> None:
    mentored(pages.world, crew)
    desk, _ = signed_in(pages, "mentor")
    desk.send(f"{MENTOR}/team/{crew.id}/book", starts="2022-02-03T10:00", hours="2")
    pages.world.wait(days=4)
    desk, _ = signed_in(pages, "mentor")
    page = desk.get(MENTOR)
    assert f'href="{pages.door("hours")}"' in page and "Mitu tundi nõustasite? Võru" in page
    pages.world.replies("hours", "JAH")
    page = desk.get(MENTOR)
    assert "Mitu tundi" not in page and "Võru: kasutatud 2 h" in page
    pages.world.replies("hours_check", "JAH")
    assert "kinnitatud</span>" in desk.get(MENTOR)


def test_looking_changes_nothing(pages: Pages, crew: Crew) -> None:
    mentored(pages.world, crew, 90)
    desks = [(signed_in(pages, "trainer", key="maris")[0], TRAINER), (signed_in(pages, "mentor")[0], MENTOR)]
    before = pages.digest()
    for desk, path in desks:
        for lang in ("et", "en"):
            assert f'<html lang="{lang}">' in desk.get(path, lang)
    assert pages.digest() == before
    assert desks[1][0].browser.client.post(f"{MENTOR}/team/{crew.id}/book", data={"hours": "1"}).status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_teams(pages: Pages, crew: Crew) -> None:
    mentored(pages.world, crew, 90)
    desks = [(signed_in(pages, "trainer", key="maris")[0], TRAINER), (signed_in(pages, "mentor")[0], MENTOR)]
    counts = [queries_of(pages, desk, path) for desk, path in desks]
    for name in ("Rõuge", "Saku", "Anija"):
        mentored(pages.world, pages.world.apply(name, group="I").confirmed("I"), 60, 30)
    assert [queries_of(pages, desk, path) for desk, path in desks] == counts and max(counts) <= 14


def queries_of(pages: Pages, desk: Desk, path: str) -> int:
    with counted(pages) as made:
        desk.get(path)
    return len(made)
