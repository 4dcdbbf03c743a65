"""Letters that wait: why, how they may be read, and one click that settles them."""

from dataclasses import replace
from functools import partial

from mail.handling.inbox import uploads
from mail.receiving import store
from tests.builders import READER
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import at_the_desk
from web.app import create_app
from web.context import KEY
from workflow.database.models import Letter


def unclear(pages: Pages) -> Letter:
    """A place offer answered with an if."""
    team = pages.world.apply("Võru").selected()
    return team.replies("confirm_place", "Jah, aga kas kuupäevad võivad muutuda?", person=team.contact.address)


def test_a_letter_waits_with_why_and_its_readings(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    page = desk.get("/office/inbox")
    assert "vastus ei olnud ühemõtteline" in page and "kas kuupäevad võivad muutuda" in page
    assert "voru0@example.org" in page and ">JAH<" in page
    assert "the answer was not plain" in desk.get("/office/inbox", "en")
    assert str(letter.id) in page


def test_one_click_takes_the_letter_as_an_answer(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    after = desk.send(f"/office/letter/{letter.id}/read", reading="0")
    assert "Koht on teie" in after
    with pages.db.reading() as session:
        row = session.get_one(Letter, letter.id)
        assert (row.status, row.resolution) == ("done", "Kati-Katri Koppel: yes")
    assert "Kati-Katri Koppel: JAH" in desk.get(f"/office/letter/{letter.id}")
    again = desk.send(f"/office/letter/{letter.id}/read", reading="0")
    assert "on juba otsustatud" in again
    assert "Kati-Katri Koppel: YES" in desk.get(f"/office/letter/{letter.id}", "en")
    assert len(pages.world.messages("place_confirmed")) == 4, "each member is told once"


def test_the_history_says_who_read_it_so(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    desk.send(f"/office/letter/{letter.id}/read", reading="0")
    page = desk.get("/office/team/1")
    assert "Luges nii" in page and "koordinaator luges ja otsustas" in page


def test_only_the_readings_offered_can_be_chosen(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    for wrong in ("9", "-1", "x", ""):
        assert desk.browser.post(f"/office/letter/{letter.id}/read", {"reading": wrong}).status_code == 400
    assert desk.browser.post("/office/letter/99/read", {"reading": "0"}).status_code == 404


def test_a_letter_is_put_aside_once(pages: Pages) -> None:
    letter = unclear(pages)
    desk = at_the_desk(pages)
    assert "kõrvale pandud" in desk.send(f"/office/letter/{letter.id}/dismiss", why="helistasin")
    assert "on juba otsustatud" in desk.send(f"/office/letter/{letter.id}/dismiss")
    assert "Ükski kiri ei oota" in desk.get("/office/inbox")
    one = desk.get(f"/office/letter/{letter.id}")
    assert "Kati-Katri Koppel: helistasin" in one


def test_all_letters_with_what_became_of_them(pages: Pages) -> None:
    unclear(pages)
    desk = at_the_desk(pages)
    page = desk.get("/office/inbox?show=all")
    assert "arvesse võetud" in page and "vastus ei olnud ühemõtteline" in page
    only = desk.get("/office/inbox?show=all&outcome=accepted")
    assert "kas kuupäevad" not in only and "JAH" in only
    assert "Selliseid kirju ei ole" in desk.get("/office/inbox?show=all&outcome=nonsense")


def test_a_letter_nobody_wrote_for_certain_shows_the_bare_address(pages: Pages) -> None:
    team = pages.world.apply("Võru").selected()
    _, _, address = pages.world.asked("confirm_place", team=team.id)
    pages.world.write('"Koordinaator <boss@example.org>" <keegi@example.org>', address, "JAH")
    page = at_the_desk(pages).get("/office/inbox")
    assert "keegi@example.org" in page and "Koordinaator &lt;boss" not in page


def test_the_files_of_a_held_letter_go_with_the_reading(pages: Pages) -> None:
    end = pages.world.season.programme.stage("workshop_1").sessions["I"].end
    team = confirmed(pages.world, "Võru", "I", wishes="I", until=end)
    letter = team.replies(
        "homework", "Siin on meie kaart.", person=team.contact.address, sender="keegi@example.org",
        files={"kaart.pdf": b"%PDF" * 600},
    )
    web = replace(pages.app.extensions[KEY], read_uploads=partial(uploads, READER))
    desk = at_the_desk(Pages(pages.world, create_app(web)))
    assert letter.status == "held" and "kaart.pdf (2 kB)" in desk.get("/office/inbox")
    desk.send(f"/office/letter/{letter.id}/read", reading="0")
    assert "kaart.pdf" in desk.get(f"/office/team/{team.id}")


def test_a_letter_that_could_not_be_handled_is_tried_again(pages: Pages) -> None:
    letter = unclear(pages)
    with pages.db.writing() as session:
        row = session.get_one(Letter, letter.id)
        row.status, row.attempt, row.reason = "parked", store.MOST_ATTEMPTS, "it ended in a fault"
    desk = at_the_desk(pages)
    assert "Proovi uuesti lugeda" in desk.get(f"/office/letter/{letter.id}")
    for path in ("/office/inbox", "/office"):
        assert "ei õnnestunud käsitleda" in desk.get(path) and "could not be handled" in desk.get(path, "en"), path
    assert "it ended in a fault" in desk.get("/office/inbox")
    desk.send(f"/office/letter/{letter.id}/again")
    pages.world.inbox.handle_due(pages.db, pages.world.now)
    with pages.db.reading() as session:
        row = session.get_one(Letter, letter.id)
        assert (row.status, row.outcome) == ("held", "unclear") and row.attempt > store.MOST_ATTEMPTS
    assert "on juba loetud" in desk.send(f"/office/letter/{letter.id}/again")
