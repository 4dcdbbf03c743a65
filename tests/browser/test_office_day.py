"""The coordinator's day at the desk: what waits is found on one page and settled by clicking, until nothing waits."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE, Site, sign_in
from tests.browser.test_apply import tab_to
from tests.builders import Crew
from tests.web.office_season import COORDINATOR, decide, mentored
from workflow.rules.machine import Trigger

Browse = Callable[..., Page]


@dataclass
class Morning:
    """What came in since yesterday."""

    unclear: Crew
    leaving: Crew
    mistaken: Crew


@pytest.fixture
def morning(site: Site) -> Morning:
    world = site.world
    made = Morning(
        world.apply("Võru").selected("I"), world.apply("Kose").confirmed("I"), world.apply("Õru").selected("II")
    )
    world.send_all()
    made.unclear.replies("confirm_place", "Jah, aga kas kuupäevad võivad muutuda?", person=made.unclear.contact.address)
    made.leaving.replies("rsvp", "Loobume kahjuks osalemisest programmis.", person=made.leaving.contact.address)
    return made


def today(page: Page) -> None:
    page.get_by_role("link", name="Täna").click()
    expect(page).to_have_url("/office")


def test_what_waits_is_settled_until_only_the_choice_waits(site: Site, browse: Browse, morning: Morning) -> None:
    page = browse(site)
    sign_in(page, site, COORDINATOR)
    expect(page.locator("h1")).to_have_text("Teid ootab: 2")
    _read_a_letter(page, morning)
    _approve_a_step(page, morning)
    _take_a_step_back(page, morning)
    _release_the_corrections(page, site)
    today(page)
    expect(page.locator("h1")).to_have_text("Taotlused ootavad valikut")


def _read_a_letter(page: Page, morning: Morning) -> None:
    page.locator("section[aria-labelledby=letters] a.row").click()
    expect(page.locator(".mailtext").first).to_contain_text("kas kuupäevad võivad muutuda")
    page.get_by_role("button", name="JAH", exact=True).click()
    expect(page.locator(".told")).to_contain_text("Koht on teie")
    assert morning.unclear.state == "workshop_1"


def _approve_a_step(page: Page, morning: Morning) -> None:
    today(page)
    page.locator("section[aria-labelledby=approvals] a.row").click()
    expect(page.locator("blockquote")).to_contain_text("Loobume kahjuks")
    told = page.locator(".amail").count()
    before = len(morning.leaving.world.messages())
    page.click("button[name=do][value=yes]")
    expect(page.locator(".told")).to_be_visible()
    assert morning.leaving.state == "withdrawn"
    assert len(morning.leaving.world.messages()) == before + told > before


def _take_a_step_back(page: Page, morning: Morning) -> None:
    page.get_by_role("link", name="Meeskonnad").click()
    page.get_by_role("link", name="Õru", exact=True).click()
    page.get_by_role("link", name="Võta viimane samm tagasi").click()
    page.check("[name=how][value=tell]")
    page.fill("[name=why]", "Valisime kogemata vale meeskonna.")
    page.click("main form.panel button")
    expect(page.locator("h1")).to_contain_text("Õru")
    assert morning.mistaken.state == "selected"
    page.click("main form.panel button")
    expect(page.locator(".told")).to_be_visible()
    assert morning.mistaken.state == "applied"


def _release_the_corrections(page: Page, site: Site) -> None:
    today(page)
    held = [mail for mail in site.world.messages() if mail.status == "held"]
    page.get_by_role("link", name="kirja ootab").click()
    page.locator("th[scope=row] a").first.click()
    expect(page.frame_locator("iframe").locator("body")).to_contain_text("Õru")
    page.fill("#body", "Vabandame: see kiri läks teile **kogemata**.")
    page.get_by_role("button", name="Salvesta ja näita").click()
    expect(page.frame_locator("iframe").locator("strong")).to_have_text("kogemata")
    page.goto("/office/outbox?status=held")
    page.get_by_role("link", name="Märgi kõik").click()
    page.get_by_role("button", name="Saada", exact=True).click()
    expect(page.locator(".told")).to_contain_text(f"kirju: {len(held)}")
    assert held and not [mail for mail in site.world.messages() if mail.status == "held"]


def test_nobody_ticked_means_nobody(site: Site, browse: Browse, morning: Morning) -> None:
    page = browse(site)
    sign_in(page, site, COORDINATOR)
    before = site.pages.digest()
    page.goto("/office/outbox")
    page.get_by_role("button", name="Saada", exact=True).click()
    expect(page.locator(".told")).to_contain_text("Ühtegi kirja ei olnud valitud")
    assert site.pages.digest() == before


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
def test_each_picture_is_there_and_says_in_words_what_it_shows(
    site: Site, browse: Browse, morning: Morning, size: dict[str, int]
) -> None:
    decide(site.world, site.world.apply("Saku").verified(), Trigger.SELECT, "I", 1)
    mentored(site.world, morning.leaving, 90)
    page = browse(site, viewport=size)
    sign_in(page, site, COORDINATOR)
    for path, kind, words in (
        ("/office/board", ".picture svg.map", "I töötuba"),
        ("/office/selection", "svg.seats", ""),
        ("/office/mentoring", "svg.bar", "1,5 h"),
    ):
        page.goto(f"{path}?lang=et")
        shown = page.locator(f"{kind}:visible")
        assert shown.count() >= 1, path
        box = shown.first.bounding_box()
        assert box and box["width"] > 40 and box["height"] > 4, path
        said = " ".join(filter(None, (shown.nth(i).get_attribute("aria-label") for i in range(shown.count()))))
        assert words in said + (shown.first.text_content() or "") and said, path


def test_the_keyboard_alone_suffices_at_the_desk(site: Site, browse: Browse, morning: Morning) -> None:
    """From today to a step that waits: its mails opened and read, then approved; a member's row unfolded."""
    page = browse(site)
    sign_in(page, site, COORDINATOR)
    page.goto("/office?lang=et")
    tab_to(page, page.locator("section[aria-labelledby=approvals] a.row").inner_text().partition(":")[0], begins=True)
    page.keyboard.press("Enter")
    page.wait_for_url("**/step/withdraw*")
    mails = page.locator("main details").first
    tab_to(page, mails.locator("summary").first.inner_text()[:12], begins=True)
    page.keyboard.press("Enter")
    expect(mails).to_have_attribute("open", "")
    tab_to(page, "do")
    page.keyboard.press("Enter")
    expect(page.locator(".told")).to_be_visible()
    assert morning.leaving.state == "withdrawn"
    page.goto(f"/office/team/{morning.mistaken.id}")
    tab_to(page, "Muuda", begins=True)
    page.keyboard.press("Enter")
    expect(page.locator(".pop").first).to_be_visible()
