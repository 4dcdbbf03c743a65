"""A passkey, made and used in a real browser with an authenticator of its own; and the same without JavaScript."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page
from waitress.server import create_server

from tests.browser.conftest import PHONE, Serving, Site, sideways
from tests.browser.test_pages import LANGUAGES, barriers
from tests.web.conftest import Pages, build
from tests.web.sign_in.test_second_step import key, totp
from workflow.database.engine import Database
from workflow.database.models import SecondFactor

COORDINATOR = "koordinaator@example.org"
Browse = Callable[..., Page]


@pytest.fixture
def named(sqlite_db: Database) -> Iterator[Site]:
    """The pages at the very address that base_url says: a passkey is made for that one."""
    door = create_server(lambda environ, start: [], host="127.0.0.1", port=0)
    port = door.effective_port
    door.close()
    serving = Named(build(sqlite_db, base_url=f"http://localhost:{port}"), port)
    serving.start()
    yield serving.site
    serving.end()


class Named(Serving):
    """A server whose port is known beforehand."""

    def __init__(self, pages: Pages, port: int) -> None:
        super().__init__(pages)
        self.server.close()
        self.server = create_server(pages.app, host="127.0.0.1", port=port, threads=4)
        self.site = Site(pages, f"http://localhost:{port}")


def authenticator(page: Page) -> Callable[[str, dict[str, Any]], Any]:
    """A security key that is always touched, plugged into this browser."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "usb", "hasResidentKey": False, "hasUserVerification": False,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools.send


def by_link(page: Page, site: Site) -> None:
    page.goto("/signin")
    page.fill("input[name=address]", COORDINATOR)
    page.click("main button")
    page.goto(site.pages.link())
    page.click("main button")
    page.wait_for_url("**/signin/second")


def factors(site: Site) -> list[SecondFactor]:
    with site.pages.db.reading() as session:
        return list(session.scalars(sa.select(SecondFactor)))


def test_a_passkey_is_made_at_the_first_sign_in_and_opens_the_next(named: Site, browse: Browse) -> None:
    page = browse(named)
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    authenticator(page)
    by_link(page, named)
    page.fill("form[data-passkey] input[name=label]", "töösülearvuti")
    page.click("form[data-passkey=create] button")
    page.wait_for_selector(".codes")
    (made,) = factors(named)
    assert (made.kind, made.label) == ("passkey", "töösülearvuti") and made.public_key and made.credential_id
    (told,) = named.world.messages("sign_in_changed")
    assert told.to_address == COORDINATOR and "**loodi pääsuvõti**" in told.body and "(Chrome, " in told.body
    page.click("main a.button")
    page.wait_for_url("**/office")
    page.click("text=Logi välja")
    page.wait_for_url("**/")
    by_link(page, named)
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/office")
    (used,) = factors(named)
    assert used.used_at is not None and used.sign_count > made.sign_count
    assert faults == []


def test_another_browsers_passkey_opens_nothing(named: Site, browse: Browse) -> None:
    page = browse(named)
    authenticator(page)
    by_link(page, named)
    page.click("form[data-passkey=create] button")
    page.wait_for_selector(".codes")
    named.world.wait(minutes=1)
    thief = browse(named)
    authenticator(thief)
    by_link(thief, named)
    thief.click("form[data-passkey=get] button")
    thief.wait_for_selector("[data-failed]:not([hidden])")
    assert thief.goto("/office") is not None and "/signin" in thief.url


def test_an_answer_is_good_for_its_own_session_only(named: Site, browse: Browse) -> None:
    page = browse(named)
    authenticator(page)
    by_link(page, named)
    page.click("form[data-passkey=create] button")
    page.wait_for_selector(".codes")
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.post_data or "") if r.url.endswith("/second/passkey") else None)
    page.goto("/sign-ins")
    page.click("text=Logi kõikjalt välja")
    by_link(page, named)
    page.click("form[data-passkey=get] button")
    page.wait_for_url("**/office")
    page.goto("/sign-ins")
    page.click("text=Logi kõikjalt välja")
    by_link(page, named)
    (answer,) = sent
    page.evaluate(
        """(answer) => {
            const form = document.querySelector("form[data-passkey=get]");
            form.querySelector("[name=passkey]").value = new URLSearchParams(answer).get("passkey");
            HTMLFormElement.prototype.submit.call(form);
        }""",
        answer,
    )
    page.wait_for_url("**/signin/second/passkey")
    assert page.goto("/office") is not None and "/signin" in page.url


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pages_of_the_second_step_are_fit_to_use(named: Site, browse: Browse, lang: str) -> None:
    page = browse(named, viewport=PHONE)
    by_link(page, named)

    def fit(where: str) -> None:
        if where:
            page.goto(f"{where}?lang={lang}")
        assert sideways(page) == 0, where
        found = list(barriers(page, colours=lang == LANGUAGES[0]))
        assert found == [], (where, found)

    fit("/signin/second")
    shared = key(page.content())
    page.fill("form[action='/signin/second/new/app'] input[name=code]", totp(named.pages, shared))
    page.click("form[action='/signin/second/new/app'] button")
    page.wait_for_selector(".codes")
    fit("")
    for where in ("/sign-ins", "/signin/second", "/signin/second/new"):
        fit(where)


def test_without_javascript_the_app_is_enough(named: Site, browse: Browse) -> None:
    page = browse(named, java_script_enabled=False)
    by_link(page, named)
    assert page.locator("form[data-passkey]").is_hidden()
    shared = key(page.content())
    page.fill("form[action='/signin/second/new/app'] input[name=code]", totp(named.pages, shared))
    page.click("form[action='/signin/second/new/app'] button")
    page.click("main a.button")
    assert page.url.endswith("/office")
