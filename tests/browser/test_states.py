"""Pages that only an act or a fault brings are for everyone, too, by axe's rules and in a narrow window."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.browser.conftest import Site, sign_in
from tests.browser.test_forms import Eyes
from tests.web.access.test_headers import Away
from tests.web.office.mail.test_rerender import queued_before_it_was_mended
from tests.web.office_season import COORDINATOR, decide
from tests.web.sign_in import test_oidc
from tests.web.sign_in.oidc_provider import Directory
from workflow.database.models import Message
from workflow.rules.machine import Trigger

Browse = Callable[..., Page]
LANGUAGES = ("et", "en")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_coordinator_is_shown_before_and_after_an_act(site: Site, browse: Browse, lang: str) -> None:
    site.world.apply("Kose").confirmed("I")
    decide(site.world, site.world.apply("Saku").verified(), Trigger.SELECT, "I", 1)
    mail = queued_before_it_was_mended(site.pages)[0]
    page = browse(site)
    eyes = Eyes(page, lang)
    sign_in(page, site, COORDINATOR)
    page.goto(f"/office/calendar?lang={lang}")
    page.locator(".meet a.button").first.click()
    page.fill("#starts", "2022-04-07T10:00")
    page.fill("#ends", "2022-04-07T17:00")
    page.click("main form.panel button >> nth=0")
    eyes.look("before a session moves")
    page.click("main form.panel button")
    eyes.look("after it moved")
    page.goto("/office/selection/apply")
    page.click("main form.panel button")
    eyes.look("after the decisions")
    _changed_by_hand(site, mail)
    page.goto(f"/office/outbox/{mail.id}")
    page.click(f"form[action$='/{mail.id}/anew'] button")
    eyes.look("two texts of one mail")
    assert eyes.found == [], "\n".join(eyes.found)
    assert len(set(eyes.names)) == 4


def _changed_by_hand(site: Site, mail: Message) -> None:
    with site.pages.db.writing() as session:
        session.get_one(Message, mail.id).edited_at = site.world.now


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_shown_while_the_database_is_away(site: Site, browse: Browse, lang: str) -> None:
    page = browse(site)
    eyes = Eyes(page, lang)
    page.goto(f"/info-day?lang={lang}")
    page.fill("[name=name]", "Mari Kask")
    page.fill("[name=address]", "mari@example.org")
    with Away(site.pages):
        page.click("main form button")
        page.wait_for_load_state()
        eyes.look("the database is away")
        assert page.locator("main [name=address]").input_value() == "mari@example.org"
    page.click("main form button")
    eyes.look("sent again")
    assert eyes.found == [], "\n".join(eyes.found)
    assert [mail.to_address for mail in site.world.messages("info_day")] == ["mari@example.org"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_coming_back_from_a_directory(site: Site, browse: Browse, lang: str) -> None:
    """The directory is at another address than the browser: what the pages answer is shown at the site's own."""
    world = site.world
    directory = Directory(lambda: world.now, {"email": COORDINATOR, "email_verified": True})
    try:
        visitor = test_oidc.joined(site.pages.db, directory).browser()
        back = directory.comes_back(visitor.get(test_oidc.START).headers["Location"])
        pages = [visitor.get(f"{back}&lang={lang}").text]
        gone = dict(parse_qsl(urlsplit(back).query)) | {"error": "access_denied", "lang": lang}
        gone.pop("code")
        pages.append(visitor.get(f"{urlsplit(back).path}", query_string=gone).text)
    finally:
        directory.end()
    page = browse(site)
    eyes = Eyes(page, lang)
    for number, text in enumerate(pages):
        page.route(f"**/back-{number}", _answers(text))
        page.goto(f"/back-{number}")
        assert page.get_attribute("html", "lang") == lang
        eyes.look(f"back from the directory, {number}")
    assert eyes.found == [], "\n".join(eyes.found)


def _answers(text: str) -> Callable[[Route], None]:
    return lambda route: route.fulfill(body=text, content_type="text/html; charset=utf-8")
