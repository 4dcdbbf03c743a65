"""What was typed is never lost: a faulty form comes back by redirect, with its values and its fault beside the field,
and its page can be read again."""

import re
from typing import Any

import pytest
import sqlalchemy as sa

from tests.web.conftest import Pages
from tests.web.full_season import COORDINATOR, Season, in_april
from tests.web.office_season import at_the_desk
from workflow.database.models import HoursRow, Person

LATER = "2022-04-20T10:00"
FORMS: dict[str, tuple[str, dict[str, str], str, str]] = {
    # where it is sent, what is typed, the field at fault, the page that shows it
    "a session moved": (
        "/office/calendar/{session}", {"starts": "2022-05-12T10:00", "ends": "2022-05-10T17:00", "place_et": "Paide"},
        "ends", "/office/calendar/{session}",
    ),
    "a session moved nowhere": (
        "/office/calendar/{session}", {"starts": "2022-05-12T10:00", "ends": "2022-05-12T17:00", "place_et": "",
                                       "place_en": "Paide Hall"}, "place_et", "/office/calendar/{session}",
    ),
    "a session cancelled without a reason": (
        "/office/calendar/{session}/cancel", {"why": ""}, "why_cancel", "/office/calendar/{session}"
    ),
    "attendance without a reason": (
        "/office/calendar/{held}/attendance", {"why": "", "came-{member}": "no"}, "why", "/office/calendar/{held}"
    ),
    "an absence until yesterday": ("/office/duty/away", {"until": "2022-01-05"}, "until", "/office/duty"),
    "a hand-over to nobody": (
        "/office/duty/hand-over", {"to": "", "notes": "Võti on laual. <b>"}, "to", "/office/duty"
    ),
    "a pass without an end": (
        "/office/selection/pass", {"address": "hiline@example.org", "until": "", "why": "haige", "pass_lang": "en"},
        "until", "/office/selection",
    ),
    "a pass to no address": (
        "/office/selection/pass", {"address": "hiline", "until": "2022-05-05", "why": "haige"}, "address",
        "/office/selection",
    ),
    "a member without an address": (
        "/office/team/{team}/members", {"name": "Uus Inimene", "address": "uus", "post": "külavanem", "phone": "5",
                                        "side": "community", "part": "deputy"}, "address", "/office/team/{team}",
    ),
    "a member who is there already": (
        "/office/team/{team}/members", {"name": "Uus Inimene", "address": "{theirs}", "post": "", "phone": "",
                                        "side": "community", "part": "member"}, "address", "/office/team/{team}",
    ),
    "a team without a name": (
        "/office/team/{team}/name", {"team_name": "", "why_name": "liitusid"}, "team_name", "/office/team/{team}"
    ),
    "a due date that is none": (
        "/office/team/{team}/extend", {"stage": "workshop_3", "until": "", "why": "haigus"}, "until",
        "/office/team/{team}",
    ),
    "no mentor chosen": ("/office/team/{team}/mentor", {"mentor": ""}, "mentor-{team}", "/office/mentoring"),
    "hours booked in the past": (
        "/office/team/{team}/book", {"mentor": "{mentor}", "starts": "2022-01-05T10:00", "hours": "1,5"}, "starts",
        "/office/mentoring",
    ),
    "hours corrected without a reason": (
        "/office/hours/{hours}/correct", {"hours": "0,5", "why": ""}, "hours", "/office/mentoring"
    ),
    "a person without a name": (
        "/office/people/{member}/details", {"name": "", "phone": "+372 5555 0123", "post": "vallavanem",
                                            "why": "abiellus"}, "name", "/office/people/{member}",
    ),
    "an address that is none": (
        "/office/people/{member}/address", {"address": "mari"}, "address", "/office/people/{member}"
    ),
}  # fmt: skip


@pytest.fixture
def season(pages: Pages) -> Season:
    found = in_april(pages)
    pages.world.replies("roll_call", "KÕIK")
    with pages.db.writing() as session:
        session.add(_another(pages))
    return found


def _another(pages: Pages) -> Person:
    """A second coordinator, to whom the season can be handed."""
    address = "teine@example.org"
    return Person(role="coordinator", key="teine", name="Teine", address=address, address_key=address, lang="et",
                  joined_at=pages.world.now)  # fmt: skip


def _numbers(season: Season) -> dict[str, Any]:
    with season.pages.db.reading() as session:
        held, ahead = (
            session.execute(sa.text(
                f"SELECT id FROM sessions WHERE group_key IN ('I', '*') AND stage = '{stage}'")).scalar_one()
            for stage in ("workshop_1", "workshop_3")
        )  # fmt: skip
        hours = session.scalar(sa.select(sa.func.min(HoursRow.id)).where(HoursRow.kind == "reported"))
    people = season.mine.people()
    return {"session": ahead, "held": held, "team": season.mine.id, "member": people[2].id, "theirs": people[1].address,
            "mentor": season.mentor.id, "hours": hours}  # fmt: skip


def _value(page: str, name: str) -> str | None:
    """What stands in a field of the page, whichever kind it is."""
    field = re.search(rf'<(input|select|textarea)[^>]* name="{re.escape(name)}"[^>]*>', page)
    if field is None:
        return None
    if field[1] == "input":
        found = re.search(r' value="([^"]*)"', field[0])
        return found[1] if found else ""
    rest = page[field.end() :]
    if field[1] == "textarea":
        return rest.partition("</textarea>")[0]
    options = re.findall(r'<option value="([^"]*)"( selected)?>', rest.partition("</select>")[0])
    return next((value for value, chosen in options if chosen), options[0][0])


@pytest.mark.parametrize("case", FORMS)
def test_a_faulty_form_comes_back_with_its_values_and_its_fault(season: Season, case: str) -> None:
    numbers = _numbers(season)
    where, fields, faulty, page_at = FORMS[case]
    typed = {name.format(**numbers): value.format(**numbers) for name, value in fields.items()}
    where, page_at, faulty = (one.format(**numbers) for one in (where, page_at, faulty))
    desk, before = at_the_desk(season.pages), None
    before = season.pages.digest()
    answer = desk.browser.post(where, typed)
    assert answer.status_code == 303 and answer.headers["Location"].startswith(page_at), answer.headers
    address = answer.headers["Location"].partition("#")[0]
    page = ""
    for _ in range(2):  # and reloaded
        page = desk.browser.get(address).text
        assert f'id="{faulty}-error"' in page and f'href="#{faulty}"' in page and f' id="{faulty}"' in page
        if case in ("hours booked in the past", "hours corrected without a reason"):
            assert all(f' value="{value}"' in page for name, value in typed.items() if name != "mentor"), page
            continue
        for name, value in typed.items():
            form = page.partition(f'action="{where}"')[2] or page
            assert _value(form, name) == value.replace("<", "&lt;").replace(">", "&gt;"), name
    assert season.pages.digest() == before
    assert f'id="{faulty}-error"' not in desk.browser.get(page_at).text, "without a fault there is none"


def test_what_one_typed_is_shown_to_nobody_else(season: Season) -> None:
    desk = at_the_desk(season.pages)
    desk.browser.post("/office/duty/hand-over", {"to": "", "notes": "Saladus"})
    assert "Saladus" in desk.browser.get("/office/duty?again=1").text
    assert "Saladus" not in desk.browser.get("/office/duty").text
    assert "Saladus" not in desk.browser.get("/office/selection?again=1").text
    desk.browser.post("/signout")
    desk.browser.sign_in(season.pages, COORDINATOR)
    assert "Saladus" not in desk.browser.get("/office/duty?again=1").text, "a new session begins with nothing"


@pytest.mark.parametrize("cookie", ["", "x", "W10.YZ.abc", "a" * 3500])
def test_a_cookie_that_is_not_ours_is_no_form(pages: Pages, cookie: str) -> None:
    desk = at_the_desk(pages)
    desk.browser.client.set_cookie("typed1", cookie)
    assert desk.browser.get("/office/duty?again=1").status_code == 200


def test_a_form_too_long_for_a_cookie_still_says_what_is_wrong(pages: Pages) -> None:
    desk = at_the_desk(pages)
    notes = "".join(f"{n * 7919 % 100003:05d} " for n in range(3000))
    page = desk.send("/office/duty/hand-over", to="", notes=notes)
    assert "Valige, kellele" in page


def test_a_mentor_s_own_form_comes_back_too(season: Season) -> None:
    browser = season.visitor("mentor")
    answer = browser.post(f"/staff/mentor/team/{season.mine.id}/book", {"starts": "2022-01-05T10:00", "hours": "1,5"})
    page = browser.get(answer.headers["Location"].partition("#")[0]).text
    assert 'id="starts-error"' in page and 'value="2022-01-05T10:00"' in page and 'value="1,5"' in page
