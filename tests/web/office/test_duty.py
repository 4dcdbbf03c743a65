"""The page of absence and hand-over: noted, shown on Today, and a season that changes hands; mails bear who acts."""

import pytest

from tests.builders import SECOND_COORDINATOR
from tests.web.conftest import Pages, build
from tests.web.office_season import Desk, at_the_desk
from workflow.database.engine import Database
from workflow.records import queries

MALLE = "malle@example.org"


@pytest.fixture
def pages(sqlite_db: Database) -> Pages:
    return build(sqlite_db, changes=SECOND_COORDINATOR)


def _id(pages: Pages, address: str) -> int:
    with pages.db.reading() as session:
        return next(one.id for one in queries.staff(session, "coordinator") if one.address == address)


def _at_malles_desk(pages: Pages) -> Desk:
    browser = pages.browser()
    assert browser.sign_in(pages, MALLE).status_code in (200, 303)
    return Desk(pages, browser)


def test_an_absence_stands_on_today_until_they_are_back(pages: Pages) -> None:
    desk = at_the_desk(pages)
    assert "on ära, tagasi" not in desk.get("/office")
    page = desk.send("/office/duty/away", until="2022-02-10", stand_in=_id(pages, MALLE))
    assert "Seni asendab teid Malle Mets" in page
    assert "asendab Malle Mets" in desk.get("/office")
    assert "Olete ära, tagasi 10. veebruaril 2022" in desk.get("/office/duty")
    assert "Tere tulemast tagasi" in desk.send("/office/duty/away", do="back")
    assert "on ära, tagasi" not in desk.get("/office")


def test_today_says_that_nobody_stands_in(pages: Pages) -> None:
    desk = at_the_desk(pages)
    assert "Keegi ei asenda" in desk.send("/office/duty/away", until="2022-02-10", stand_in="")
    assert "keegi ei asenda" in desk.get("/office")
    assert "Praegu ära ja keegi ei asenda" in _at_malles_desk(pages).get("/office/duty")


@pytest.mark.parametrize("until", ["", "eile", "2022-02-01", "2021-12-31", "2030-01-01"])
def test_a_day_that_is_none_is_told_and_nothing_is_noted(pages: Pages, until: str) -> None:
    desk = at_the_desk(pages)
    assert "Valige päev" in desk.send("/office/duty/away", until=until, stand_in="")
    assert "on ära, tagasi" not in desk.get("/office")


def test_the_season_is_handed_over_with_what_is_open_and_notes(pages: Pages) -> None:
    team = pages.world.apply().selected()
    team.replies("confirm_place", "EI", person=team.contact.address)
    desk = at_the_desk(pages)
    page = desk.get("/office/duty")
    assert "Kas kinnitate? Võru: vabastada koht" in page
    assert "Hooaja eest vastutab: Kati-Katri Koppel" in page
    done = desk.confirm("/office/duty/hand-over", to=_id(pages, MALLE), notes="Võru ootab kõnet.")
    assert "Hooaja eest vastutab nüüd Malle Mets" in done
    theirs = _at_malles_desk(pages).get("/office/duty")
    assert "Võru ootab kõnet." in theirs and "Hooaja eest vastutab: Malle Mets" in theirs


def test_nobody_is_chosen_and_nothing_is_handed_over(pages: Pages) -> None:
    desk = at_the_desk(pages)
    assert "Valige, kellele" in desk.send("/office/duty/hand-over", to="", notes="")
    assert "Valige, kellele" in desk.send("/office/duty/hand-over", to="999999", notes="")
    assert "Hooaja eest vastutab: Kati-Katri Koppel" in desk.get("/office/duty")


def test_a_mail_bears_the_name_of_the_coordinator_who_decided(pages: Pages) -> None:
    team = pages.world.apply().selected()
    team.replies("confirm_place", "EI", person=team.contact.address)
    desk = _at_malles_desk(pages)
    desk.confirm(f"/office/team/{team.id}/step/release", do="yes")
    assert team.state == "released"
    said = team.got("place_released")[0].body
    assert "Malle Mets" in said and MALLE in said


def test_with_one_coordinator_the_page_says_that_nobody_can_stand_in(sqlite_db: Database) -> None:
    desk = at_the_desk(build(sqlite_db))
    page = desk.get("/office/duty")
    assert "Programmil ei ole teist koordinaatorit" in page
    assert "/office/duty/hand-over" not in page
