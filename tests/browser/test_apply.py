"""Applying as teams do: on a phone, without JavaScript, by keyboard alone; whatever is wrong, nothing typed is lost."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Site, sideways
from tests.builders import World

PEOPLE = (
    ("Mari Kask", "mari@example.org", "municipality"),
    ("Jüri Tamm", "juri@example.org", "community"),
    ("Tiina Lepp", "tiina@example.org", "municipality"),
    ("Õie Paju", "oie@example.org", "community"),
)
Browse = Callable[..., Page]


def fill(page: Page, world: World) -> None:
    """Everything that is asked, as it should be."""
    page.fill("#name", "Võru")
    page.fill("#home", "Võru vald")
    for i, (name, address, side) in enumerate(PEOPLE):
        page.fill(f"[name=members-{i}-name]", name)
        page.fill(f"[name=members-{i}-address]", address)
        page.check(f"[name=members-{i}-side][value={side}]")
    page.select_option("#deputy", "1")
    for field in world.season.programme.apply.fields:
        page.fill(f"#{field.key}", f"Sest me tahame: õäöü & <{field.key}>")


def typed(page: Page) -> list[str]:
    """Everything a person has put into the form."""
    return list(
        page.eval_on_selector_all(
            "form.long input:not([type=hidden]), form.long textarea, form.long select",
            "all => all.map(e => e.type === 'radio' ? `${e.name} ${e.value} ${e.checked}` : `${e.name} ${e.value}`)",
        )
    )


def send(page: Page) -> None:
    page.locator("form.long button:visible", has_text="Saada taotlus").last.click()


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_on_a_phone_faults_are_told_nothing_is_lost_and_a_copy_is_shown(
    site: Site, browse: Browse, script: bool
) -> None:
    page = browse(site, viewport=PHONE, java_script_enabled=script)
    page.goto("/apply?lang=et")
    fill(page, site.world)
    page.fill("[name=members-0-address]", "mari@example")
    page.fill("#home", "")
    before = typed(page) if script else []
    send(page)
    summary = page.locator("#faults")
    expect(summary).to_contain_text("Omavalitsus")
    expect(summary.locator("li")).to_have_count(2)
    expect(page.locator("#members-0-address")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name=members-3-name]")).to_have_value("Õie Paju")
    if script:
        assert typed(page) == before
        expect(summary).to_be_focused()
        assert sideways(page) == 0
    summary.locator("a").first.click()
    page.fill("#home", "Võru vald")
    page.fill("[name=members-0-address]", "mari@example.org")
    send(page)
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")
    for said in ("Võru vald", "Õie Paju", "mari@example.org", "õäöü & <"):
        expect(page.locator("main")).to_contain_text(said)
    assert len(site.world.messages("verify")) == 1


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_rows_come_and_go_and_what_stands_in_the_others_stays(site: Site, browse: Browse, script: bool) -> None:
    page = browse(site, viewport=PHONE, java_script_enabled=script)
    page.goto("/apply?lang=et")
    fill(page, site.world)
    page.click("button[name=add]")
    expect(page.locator("[data-member]")).to_have_count(5)
    page.fill("[name=members-4-name]", "Epp Saar")
    page.click("button[name=remove][value='1']")
    expect(page.locator("[data-member]")).to_have_count(4)
    names = [page.input_value(f"[name=members-{i}-name]") for i in range(4)]
    assert names == ["Mari Kask", "Tiina Lepp", "Õie Paju", "Epp Saar"]
    expect(page.locator("#name")).to_have_value("Võru")
    assert site.world.messages() == []


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_an_application_begun_on_a_phone_is_finished_elsewhere(site: Site, browse: Browse, script: bool) -> None:
    phone = browse(site, viewport=PHONE, java_script_enabled=script)
    phone.goto("/apply?lang=et")
    phone.fill("[name=members-0-address]", "mari@example.org")
    phone.fill("#motivation", "Pooleli lause")
    phone.fill("[name=members-2-address]", "vigane@")
    phone.click("button[name=keep]")
    expect(phone.locator("main")).to_contain_text("Taotlus on alles")
    expect(phone.locator("#motivation")).to_have_value("Pooleli lause")
    if script:
        assert sideways(phone) == 0
    (mail,) = site.world.messages("draft")
    link = re.search(r"/apply/draft/[a-z0-9]+", site.world.source(mail))
    assert link is not None and mail.to_address == "mari@example.org"
    elsewhere = browse(site, java_script_enabled=script)
    elsewhere.goto(f"{link[0]}?lang=et")
    expect(elsewhere.locator("[name=members-2-address]")).to_have_value("vigane@")
    fill(elsewhere, site.world)
    send(elsewhere)
    expect(elsewhere.locator("h1")).to_have_text("Taotlus on kohal")
    phone.reload()
    expect(phone.locator("h1")).to_have_text("See taotlus on saadetud")


def test_back_and_send_again_is_one_application(site: Site, browse: Browse) -> None:
    page = browse(site)
    page.goto("/apply?lang=et")
    fill(page, site.world)
    send(page)
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")
    receipt = page.url
    page.go_back()
    fill(page, site.world)
    send(page)
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")
    assert page.url == receipt and len(site.world.messages("verify")) == 1


def test_a_form_kept_open_while_the_cookies_went_loses_nothing(site: Site, browse: Browse) -> None:
    page = browse(site, viewport=PHONE)
    page.goto("/apply?lang=et")
    fill(page, site.world)
    before = typed(page)
    page.context.clear_cookies()
    send(page)
    expect(page.locator("#faults")).to_contain_text("Vorm aegus, aga kirjutatu on alles")
    assert typed(page) == before
    send(page)
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_file_that_is_too_large_loses_no_words(
    site: Site, browse: Browse, script: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.world.apply("Kose").confirmed("I")
    site.world.wait_until(datetime(2022, 4, 5, 16, 0, tzinfo=UTC))
    film = tmp_path_factory.mktemp("films") / "film.mp4"
    film.write_bytes(b"x" * (site.world.season.programme.limits.upload_bytes + 1))
    page = browse(site, viewport=PHONE, java_script_enabled=script)
    page.goto(f"{site.pages.door('homework')}?lang=et")
    page.fill("#text", "Pikk saatesõna.")
    page.set_input_files("#files", film)
    page.get_by_role("button", name="Esita").click()
    expect(page.locator("main")).to_contain_text("film.mp4")
    expect(page.locator("#text")).to_have_value("Pikk saatesõna.")
    assert site.world.messages("work_received") == []


def test_the_meter_counts_while_one_types(site: Site, browse: Browse) -> None:
    page = browse(site, viewport=PHONE)
    page.goto("/apply?lang=et")
    expect(page.locator("[data-part=''] [data-count]")).to_have_text("0")
    fill(page, site.world)
    expect(page.locator("[data-part=''] [data-count]")).to_have_text("4")
    expect(page.locator("[data-meter] .met")).to_have_count(3)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_second_click_sends_nothing_twice(site: Site, browse: Browse, script: bool) -> None:
    page = browse(site, java_script_enabled=script)
    page.goto("/apply?lang=et")
    fill(page, site.world)
    page.locator("form.long button:visible", has_text="Saada taotlus").last.dblclick()
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")
    assert len(site.world.messages("verify")) == 1


def test_on_paper_the_programme_is_ink_without_what_is_pressed(site: Site, browse: Browse) -> None:
    page = browse(site)
    page.goto("/?lang=et")
    page.emulate_media(media="print")
    for unprinted in (".menu", ".toc", ".tools", ".hero .actions"):
        expect(page.locator(unprinted).first).to_be_hidden()
    ink = page.evaluate("getComputedStyle(document.body).color")
    colours = page.eval_on_selector_all(
        ".facts, .facts dt, .facts strong", "all => all.map(e => getComputedStyle(e).color)"
    )
    assert set(colours) == {ink}, "browsers leave backgrounds out: white on dark would be white on white"
    expect(page.locator("#dates")).to_be_visible()


# -- by keyboard alone --------------------------------------------------------------------------------------------


def focused(page: Page) -> str:
    """`name` or `name=value` of what has the focus."""
    return str(
        page.evaluate(
            "(e => ['radio', 'checkbox'].includes(e.type) ? `${e.name}=${e.value}` : e.name || e.textContent.trim())"
            "(document.activeElement)"
        )
    )


def tab_to(page: Page, what: str, *, begins: bool = False) -> None:
    """Press Tab until it has the focus, as somebody who cannot point; what has it must be seen to have it.

    `begins`: words with which it begins are enough."""
    for _ in range(200):
        page.keyboard.press("Tab")
        name = focused(page).partition("=")[0]
        if name == what or (begins and name.startswith(what)):
            assert page.evaluate("document.activeElement.matches(':focus-visible')")
            return
    raise AssertionError(f"Tab never came to {what}")


def choose(page: Page, name: str, value: str) -> None:
    """A round button is reached with Tab, another of its kind with an arrow, and pressed with Space."""
    tab_to(page, name)
    while focused(page) != f"{name}={value}":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")


def type_into(page: Page, name: str, words: str) -> None:
    tab_to(page, name)
    page.keyboard.insert_text(words)


def test_the_keyboard_alone_suffices_for_applying(site: Site, browse: Browse) -> None:
    page = browse(site)
    page.goto("/?lang=et")
    tab_to(page, "Täida taotlus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/apply*")
    type_into(page, "name", "Kose")
    type_into(page, "home", "Kose vald")
    for i, (name, address, side) in enumerate(PEOPLE):
        type_into(page, f"members-{i}-name", name)
        type_into(page, f"members-{i}-address", address)
        choose(page, f"members-{i}-side", side)
    for field in site.world.season.programme.apply.fields:
        type_into(page, field.key, "Sest me tahame.")
    tab_to(page, "Saada taotlus")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")
    sides = [page.locator("tbody td").nth(2 * i).inner_text() for i in range(4)]
    assert sides == ["omavalitsus", "kogukond"] * 2


def test_the_keyboard_alone_suffices_for_answering(site: Site, browse: Browse) -> None:
    crew = site.world.apply("Kose")
    page = browse(site)
    page.goto(f"{site.pages.door('verify')}?lang=et")
    choose(page, "answer", "yes")
    tab_to(page, "Saada vastus")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Aitäh, vastus on kirjas")
    assert crew.row.verified_at is not None


def test_the_first_press_of_tab_leads_past_the_menu(site: Site, browse: Browse) -> None:
    page = browse(site)
    page.goto("/?lang=et")
    page.keyboard.press("Tab")
    assert focused(page) == "Otse sisu juurde"
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
