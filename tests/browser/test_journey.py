"""One team from its application to the end of the programme, by the pages alone; only the calendar's clock is moved."""

from collections.abc import Callable
from datetime import datetime, timedelta

from playwright.sync_api import FilePayload, Page, expect

from tests.browser.conftest import Site, sign_in
from tests.browser.test_apply import fill, send
from tests.builders import Crew
from tests.web.office_season import COORDINATOR

PDF: FilePayload = {"name": "Kaart õ.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4 the map"}
NOTED = "Aitäh, vastus on kirjas"
Browse = Callable[..., Page]


def answer(page: Page, site: Site, kind: str, value: str, *, text: str = "") -> None:
    """Whoever was asked last opens the link in their mail, chooses, and sends."""
    page.goto(f"{site.pages.door(kind)}?lang=et")
    page.check(f"[name=answer][value={value}]")
    if text:
        page.fill("[name=text]", text)
    page.click("main form button")
    expect(page.locator("h1")).to_have_text(NOTED)


def hand_in(page: Page, site: Site, kind: str) -> None:
    page.goto(f"{site.pages.door(kind)}?lang=et")
    page.set_input_files("[name=files]", [PDF])
    page.fill("[name=text]", "Lisame kaardi.")
    page.click("main form button")
    expect(page.locator("h1")).to_have_text(NOTED)


def step(page: Page, crew: Crew, trigger: str, into: str) -> None:
    """The coordinator goes to the team, opens the step's page, looks at the mails, and takes it."""
    page.goto(f"/office/team/{crew.id}?lang=et")
    page.click(f"a[href$='/step/{trigger}']")
    expect(page.locator(".pile").first).to_be_visible()
    page.click("button[name=do][value=yes]")
    expect(page.locator(".told")).to_be_visible()
    assert crew.state == into


def after(site: Site, moment: datetime) -> None:
    """The calendar comes to an hour after this moment; a session signed in before has ended by then."""
    site.world.wait_until(moment + timedelta(hours=1))


def applied(page: Page, site: Site) -> Crew:
    page.goto("/")
    page.get_by_role("link", name="Täida taotlus").first.click()
    fill(page, site.world)
    send(page)
    expect(page.locator("h1")).to_have_text("Taotlus on kohal")
    return Crew(site.world, 1)


def workshop(page: Page, site: Site, crew: Crew, stage: str, *, returned: bool = False) -> None:
    """A day together, its roll-call, its homework, and the trainer's word on it."""
    assert crew.state == stage
    after(site, site.world.season.programme.session(stage, "I").end)
    answer(page, site, "roll_call", "all")
    hand_in(page, site, "homework")
    if returned:
        answer(page, site, "review", "return", text="Lisage külade nimed.")
        page.goto(f"{site.pages.door('homework')}?lang=et")
        expect(page.locator("blockquote")).to_have_text("Lisage külade nimed.")
        hand_in(page, site, "homework")
    page.goto(f"{site.pages.door('review')}?lang=et")
    with page.expect_download() as fetched:
        page.click(".files a")
    assert fetched.value.path().read_bytes() == PDF["buffer"]
    answer(page, site, "review", "yes", text="Väga hea!")


def mentored(page: Page, desk: Page, site: Site, crew: Crew) -> None:
    """A mentor is given, hours are told and found right, and the results handed in."""
    assert crew.state == "mentoring"
    sign_in(desk, site, COORDINATOR)
    desk.goto("/office/mentoring?lang=et")
    desk.click("details.more summary")
    desk.select_option("[name=mentor] >> nth=0", index=1)
    desk.click("form[action$='/mentor'] button")
    desk.click("main form.panel button")
    expect(desk.locator(".told")).to_be_visible()
    after(site, datetime(2022, 8, 1, 6, tzinfo=site.world.now.tzinfo))
    page.goto(f"{site.pages.door('hours')}?lang=et")
    page.check("[name=answer][value=rows]")
    page.fill("#hours-0-day", "2022-07-12")
    page.fill("#hours-0-length", "1 h 30 min")
    page.fill("#hours-0-note", "Koosloome kava")
    page.click("main form button")
    expect(page.locator("h1")).to_have_text(NOTED)
    answer(page, site, "hours_check", "yes")
    hand_in(page, site, "homework")
    after(site, site.world.season.programme.stage("mentoring").ends(None) or site.world.now)


def test_a_team_goes_all_the_way_by_the_pages_alone(site: Site, browse: Browse) -> None:
    page, desk = browse(site), browse(site)
    crew = applied(page, site)
    answer(page, site, "verify", "yes")
    sign_in(desk, site, COORDINATOR)
    step(desk, crew, "select", "selected")
    answer(page, site, "confirm_place", "yes")
    answer(page, site, "rsvp", "yes")
    for stage in (one for one in site.world.season.programme.stages if one.kind == "workshop"):
        workshop(page, site, crew, stage.key, returned=stage.key == "workshop_1")
    mentored(page, desk, site, crew)
    assert crew.state == "final_seminar"
    hand_in(page, site, "presentation")
    after(site, site.world.season.programme.session("final_seminar", "I").end)
    answer(page, site, "roll_call", "all")
    sign_in(desk, site, COORDINATOR)
    step(desk, crew, "complete", "completed")
    desk.goto(f"/office/team/{crew.id}?lang=et")
    expect(desk.locator("#history + .timeline")).to_contain_text("Tõend")
