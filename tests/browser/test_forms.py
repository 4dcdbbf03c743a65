"""What forms answer, right or wrong, is for everyone too, by axe's rules and in a narrow window."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import WIDE, Site, sign_in
from tests.browser.test_apply import fill
from tests.browser.test_pages import LANGUAGES, UNFOLD, barriers, too_wide
from tests.web.office_season import COORDINATOR

Browse = Callable[..., Page]


class Eyes:
    """Looks at a page as it stands and keeps what is wrong with it."""

    def __init__(self, page: Page, lang: str = LANGUAGES[0]) -> None:
        self.page, self.names = page, list[str]()
        self.found: list[str] = []
        self.colours = lang == LANGUAGES[0]

    def look(self, name: str) -> None:
        self.page.evaluate(UNFOLD)
        self.found += [f"{name}: {fault}" for fault in self._faults()]
        self.names.append(f"{name}: {self.page.locator('h1').inner_text()}")
        self.page.set_viewport_size(WIDE)

    def _faults(self) -> list[str]:
        return [*barriers(self.page, colours=self.colours), *too_wide(self.page)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_anybody_is_answered(site: Site, browse: Browse, lang: str) -> None:
    page = browse(site)
    eyes = Eyes(page, lang)
    page.goto(f"/info-day?lang={lang}")
    page.click("main form button")
    eyes.look("info day with faults")
    page.goto("/apply")
    page.locator("form.long button:not([name])").last.click()
    eyes.look("application with faults")
    page.goto("/apply")
    fill(page, site.world)
    page.locator("form.long button:not([name])").last.click()
    eyes.look("receipt")
    for kind, wrong in (("verify", "answer with a fault"), ("consent", "another answer with a fault")):
        page.goto(site.pages.door(kind) + f"?lang={lang}")
        page.click("main form button")
        eyes.look(wrong)
        page.check("[name=answer][value=yes]")
        page.click("main form button")
        eyes.look("answer noted")
    assert eyes.found == [], "\n".join(eyes.found)
    assert len(set(eyes.names)) == len(eyes.names) - 1 == 6, eyes.names


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_those_who_sign_in_are_answered(site: Site, browse: Browse, lang: str) -> None:
    crew = site.world.apply("Kose").confirmed("I")
    page = browse(site)
    eyes = Eyes(page, lang)
    page.goto(f"/signin?lang={lang}")
    page.click("main button")
    eyes.look("sign in with a fault")
    page.fill("[name=address]", COORDINATOR)
    page.click("main button")
    eyes.look("sign in, sent")
    page.goto(site.pages.link())
    eyes.look("sign in, the link")
    sign_in(page, site, COORDINATOR)
    page.goto(f"/office/team/{crew.id}?lang={lang}")
    page.click(".undo a")
    page.click("main form.panel button")
    eyes.look("undo with faults")
    page.goto("/office/outbox?status=queued")
    page.click("main form[method=post] button[value=release]")
    eyes.look("outbox, nothing ticked")
    assert eyes.found == [], "\n".join(eyes.found)
