"""A coordinator's letter in a real browser: what was typed stays, and each state of the page is for everyone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Site, sign_in
from tests.browser.test_forms import Eyes
from tests.browser.test_pages import LANGUAGES
from tests.web.office_season import COORDINATOR

Browse = Callable[..., Page]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_letter_is_kept_while_it_is_typed_and_gone_when_it_is_sent(site: Site, browse: Browse, lang: str) -> None:
    crew = site.world.apply("Kose").confirmed("I")
    page = browse(site)
    eyes = Eyes(page, lang)
    sign_in(page, site, COORDINATOR)
    where = f"/office/write?team={crew.id}&lang={lang}"
    page.goto(where)
    page.fill("#body_et", "Tere, {{ name }}!\n\nVõtke kummikud.")
    page.wait_for_selector("[data-saved]:visible")
    page.goto("/office/board")
    page.goto(where)
    assert "kummikud" in page.input_value("#body_et")
    eyes.press("button[value=show]")
    eyes.look("a letter without a subject")
    page.fill("#subject_et", "Kummikud")
    eyes.press("button[value=show]")
    eyes.look("a letter as it looks")
    eyes.press("button[value=send]")
    page.goto(where)
    assert page.input_value("#body_et") == ""
    assert [one.to_address for one in site.world.messages("own_letter")] == ["kose0@example.org"]
    assert eyes.found == [], "\n".join(eyes.found)
