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

    def press(self, button: str) -> None:
        """Until the next page is there: what is looked at before that is torn away under the look."""
        with self.page.expect_navigation():
            self.page.click(button)

    def _faults(self) -> list[str]:
        return [*barriers(self.page, colours=self.colours), *too_wide(self.page)]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_anybody_is_answered(site: Site, browse: Browse, lang: str) -> None:
    page = browse(site)
    eyes = Eyes(page, lang)
    page.goto(f"/info-day?lang={lang}")
    eyes.press("main form button")
    eyes.look("info day with faults")
    page.goto("/apply")
    eyes.press("form.long button:not([name]) >> nth=-1")
    eyes.look("application with faults")
    page.goto("/apply")
    fill(page, site.world)
    eyes.press("form.long button:not([name]) >> nth=-1")
    eyes.look("receipt")
    for kind, wrong in (("verify", "answer with a fault"), ("consent", "another answer with a fault")):
        page.goto(site.pages.door(kind) + f"?lang={lang}")
        eyes.press("main form button")
        eyes.look(wrong)
        page.check("[name=answer][value=yes]")
        eyes.press("main form button")
        eyes.look("answer noted")
    assert eyes.found == [], "\n".join(eyes.found)
    assert len(set(eyes.names)) == len(eyes.names) - 1 == 6, eyes.names


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_those_who_sign_in_are_answered(site: Site, browse: Browse, lang: str) -> None:
    crew = site.world.apply("Kose").confirmed("I")
    page = browse(site)
    eyes = Eyes(page, lang)
    page.goto(f"/signin?lang={lang}")
    eyes.press("main button")
    eyes.look("sign in with a fault")
    page.fill("[name=address]", COORDINATOR)
    eyes.press("main button")
    eyes.look("sign in, sent")
    page.goto(site.pages.link())
    eyes.look("sign in, the link")
    sign_in(page, site, COORDINATOR)
    page.goto(f"/office/team/{crew.id}?lang={lang}")
    eyes.press(".undo a")
    eyes.press("main form.panel button")
    eyes.look("undo with faults")
    page.goto("/office/outbox?status=queued")
    eyes.press("main form[method=post] button[value=release]")
    eyes.look("outbox, nothing ticked")
    assert eyes.found == [], "\n".join(eyes.found)
