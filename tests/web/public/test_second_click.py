"""Every form of applicants and answerers sent twice: the second changes no table, and says where things stand."""

import io
from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Browser, Pages
from tests.web.office_season import mentored
from tests.web.public.test_programme import form_token, typed
from tests.web.public.test_question import AFTER_FIRST, BEFORE_SEMINAR, PDF, asked_for_hours, submitted, travelling
from tests.web.test_staff import MENTOR, signed_in

Form = tuple[Browser, str, Callable[[], dict[str, Any]], str]
"""a browser, where it sends, what it sends (anew each time: a file is read once), and what the second answer says"""


def _door(pages: Pages, kind: str, says: str = "Sellele on vastatud", **data: Any) -> Form:
    return pages.browser(), f"{pages.door(kind)}?lang=et", lambda: dict(data), says


def info_day(pages: Pages) -> Form:
    return pages.browser(), "/info-day?lang=et", lambda: {"name": "Anu", "address": "anu@example.org"}, "postkasti"


def application(pages: Pages) -> Form:
    browser = pages.browser()
    form = form_token(browser)
    return browser, "/apply?lang=et", lambda: typed(form=form), "Taotlus on kohal"


def draft(pages: Pages) -> Form:
    browser = pages.browser()
    form = form_token(browser)
    return browser, "/apply?lang=et", lambda: typed(form=form, keep="1"), "Taotlus on alles"


def draft_link(pages: Pages) -> Form:
    browser = pages.browser()
    path = browser.post("/apply", typed(form=form_token(browser), keep="1")).headers["Location"]
    return browser, f"{path}?lang=et", lambda: {"mails": "1"}, "Taotlus on alles"


def verify(pages: Pages) -> Form:
    pages.world.apply("Kose")
    return _door(pages, "verify", answer="yes")


def consent(pages: Pages) -> Form:
    pages.world.apply("Kose").verified()
    return _door(pages, "consent", answer="yes")


def not_a_member(pages: Pages) -> Form:
    pages.world.apply("Kose").verified()
    return _door(pages, "consent", "ei ole enam", answer="no")


def confirm_place(pages: Pages) -> Form:
    pages.world.apply("Kose").selected("I")
    return _door(pages, "confirm_place", answer="yes")


def roll_call(pages: Pages) -> Form:
    travelling(pages)
    return _door(pages, "roll_call", answer="all")


def review(pages: Pages) -> Form:
    submitted(pages, travelling(pages))
    return _door(pages, "review", answer="yes")


def return_(pages: Pages) -> Form:
    submitted(pages, travelling(pages))
    return _door(pages, "review", "jäi saatmata", answer="return", text="Lisage allikad.")


def hours(pages: Pages) -> Form:
    asked_for_hours(pages, booked=True)
    return _door(pages, "hours", answer="listed")


def own_hours(pages: Pages) -> Form:
    asked_for_hours(pages)
    return _door(pages, "hours", answer="rows", **{"hours-0-length": "1,5", "hours-0-day": "2022-07-11"})


def hours_check(pages: Pages) -> Form:
    asked_for_hours(pages, booked=True)
    pages.world.replies("hours", "JAH")
    return _door(pages, "hours_check", answer="yes")


def booking(pages: Pages) -> Form:
    crew: Crew = confirmed(pages.world, "Võru", "I")
    mentored(pages.world, crew)
    desk, _ = signed_in(pages, "mentor")
    where = f"{MENTOR}/team/{crew.id}/book?lang=et"
    return desk.browser, where, lambda: {"starts": "2022-07-12T10:00", "hours": "1,5"}, "on juba broneeritud"


FORMS = (
    info_day, application, draft, draft_link, verify, consent, not_a_member, confirm_place, roll_call, review, return_,
    hours, own_hours, hours_check, booking,
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__.strip("_"))
def test_a_second_click_changes_nothing_and_is_explained(pages: Pages, form: Callable[[Pages], Form]) -> None:
    browser, where, data, says = form(pages)
    untouched = pages.digest()
    first = browser.post(where, data())
    assert first.status_code < 400, first.text
    before = pages.digest()
    assert before != untouched, "the first one did something"
    second = browser.post(where, data(), follow_redirects=True)
    assert pages.digest() == before
    assert second.status_code == 200 and says in second.text


@pytest.mark.parametrize("kind", ["homework", "presentation"])
def test_the_same_work_sent_twice_is_one_work(pages: Pages, kind: str) -> None:
    confirmed(pages.world, "Kose", "I", until=AFTER_FIRST if kind == "homework" else BEFORE_SEMINAR)
    browser, where = pages.browser(), f"{pages.door(kind)}?lang=et"

    def send() -> Any:
        return browser.post(where, {"text": "Kaart on lisatud.", "files": (io.BytesIO(PDF), "kaart.pdf")})

    assert send().status_code == 200
    before = pages.digest()
    second = send()
    assert pages.digest() == before
    assert second.status_code == 200 and "kaart.pdf" in second.text
