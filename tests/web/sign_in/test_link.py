"""Signing in: the same answer for everybody, a link for those who are known, once, soon, and in one browser."""

import re

import pytest
import sqlalchemy as sa

from tests.web.conftest import Pages
from workflow.database.models import SignIn, WebSession
from workflow.sign_in import links

COORDINATOR = "koordinaator@example.org"


def signed_in(page: str) -> bool:
    return "/signout" in page


def plain(page: str) -> str:
    """Without what differs by nature: the address typed and the form's token."""
    return re.sub(r'value="[0-9a-f]{64}"|[\w.]+@example\.org', "", page)


def test_known_and_unknown_addresses_are_answered_alike(pages: Pages) -> None:
    known = pages.browser().post("/signin", {"address": COORDINATOR})
    unknown = pages.browser().post("/signin", {"address": "keegi@example.org"})
    assert known.status_code == unknown.status_code == 200
    assert plain(known.text) == plain(unknown.text)
    pages.link()
    assert [m.to_address for m in pages.world.messages("sign_in")] == [COORDINATOR]


def test_team_members_have_no_account(pages: Pages) -> None:
    crew = pages.world.apply("Võru")
    pages.browser().post("/signin", {"address": crew.contact.address})
    assert links.post_links(pages.world.season, pages.db, pages.world.now) == 1
    assert pages.world.messages("sign_in") == []


@pytest.mark.parametrize("typed", ["", "mitte aadress", "a@b@c", "a@b>\r\nRCPT TO:<x@example.org"])
def test_what_is_no_address_is_said_to_be_none_and_kept(pages: Pages, typed: str) -> None:
    answer = pages.browser().post("/signin?lang=et", {"address": typed})
    assert answer.status_code == 400
    assert "Kirjutage meiliaadress" in answer.text and 'aria-invalid="true"' in answer.text
    assert typed.partition("\r")[0].replace(">", "&gt;") in answer.text


def test_the_link_shows_a_button_and_the_button_signs_in(pages: Pages) -> None:
    browser = pages.browser()
    browser.post("/signin", {"address": COORDINATOR.upper()})
    for _ in range(3):
        assert "Kati-Katri Koppel" in browser.get(pages.link()).text
    assert not signed_in(browser.get("/").text)
    answer = browser.post(pages.link())
    assert answer.status_code == 303 and answer.headers["Location"] == "/signin/second"
    assert not signed_in(browser.get("/").text)
    answer = browser.second_step(pages, COORDINATOR, "/signin/second")
    assert answer.status_code == 303 and answer.headers["Location"] == "/office"
    assert signed_in(browser.get("/").text)


def test_the_link_works_once(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    browser.post("/signout")
    assert browser.get(pages.link()).status_code == 410
    assert browser.post(pages.link()).status_code == 410
    assert not signed_in(browser.get("/").text)


def test_the_link_is_of_no_use_in_another_browser(pages: Pages) -> None:
    browser, thief = pages.browser(), pages.browser()
    browser.post("/signin", {"address": COORDINATOR})
    assert thief.get(pages.link()).status_code == 410
    assert thief.post(pages.link()).status_code == 410
    assert not signed_in(thief.get("/").text)
    assert browser.post(pages.link()).status_code == 303


def test_the_link_is_good_for_ten_minutes(pages: Pages) -> None:
    browser = pages.browser()
    browser.post("/signin", {"address": COORDINATOR})
    pages.link()
    pages.world.wait(minutes=10)
    late = browser.post(pages.link())
    assert late.status_code == 410


@pytest.mark.parametrize("token", ["x", "0" * 32, "%00%00", "../../etc", "a" * 500])
def test_no_other_token_opens_anything(pages: Pages, token: str) -> None:
    assert pages.browser().get(f"/signin/{token}").status_code in (404, 410)


def test_five_links_in_a_quarter_of_an_hour_are_enough(pages: Pages) -> None:
    browser = pages.browser()
    for _ in range(7):
        assert browser.post("/signin", {"address": COORDINATOR}).status_code == 200
    pages.link()
    assert len(pages.world.messages("sign_in")) == 5
    pages.world.wait(minutes=16)
    browser.post("/signin", {"address": COORDINATOR})
    pages.link()
    assert len(pages.world.messages("sign_in")) == 6


def test_a_browser_that_asked_long_ago_or_for_another_address_may_not_use_the_link(pages: Pages) -> None:
    early, other, mine = pages.browser(), pages.browser(), pages.browser()
    early.post("/signin", {"address": COORDINATOR})
    pages.world.wait(minutes=61)
    other.post("/signin", {"address": "keegi@example.org"})
    mine.post("/signin", {"address": COORDINATOR})
    link = pages.link()
    forged = other.client.get_cookie("asked")
    assert forged is not None
    assert [one.post(link).status_code for one in (early, other)] == [410, 410]
    other.client.set_cookie("asked", forged.value.replace(".", "1.", 1))
    assert other.post(link).status_code == 410 and mine.post(link).status_code == 303


def test_the_session_is_new_and_its_end_is_an_end(pages: Pages) -> None:
    browser = pages.browser()
    browser.client.set_cookie("session", "fixed.1.1")
    browser.sign_in(pages, COORDINATOR)
    cookie = browser.client.get_cookie("session")
    assert cookie is not None and not cookie.value.startswith("fixed")
    browser.post("/signout")
    browser.client.set_cookie("session", cookie.value)
    assert not signed_in(browser.get("/").text)


def test_only_hashes_are_kept(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    token = pages.link().removeprefix("/signin/")
    with pages.db.reading() as session:
        kept = [*session.scalars(sa.select(SignIn.token_hash)), *session.scalars(sa.select(WebSession.token_hash))]
    assert token not in kept and all(re.fullmatch("[0-9a-f]{64}", one) for one in kept)


@pytest.mark.parametrize("place", ["//evil.example", "/\\evil", "https:evil", "/%0d%0aX: y", "/../x", "javascript:1"])
def test_nobody_is_sent_elsewhere(pages: Pages, place: str) -> None:
    browser = pages.browser()
    browser.post("/signin", {"address": COORDINATOR, "next": place})
    assert browser.post(pages.link().partition("?")[0], {"next": place}).headers["Location"] == "/signin/second"
    assert browser.get("/signin/second", query_string={"next": place}).text.count('name="next"') == 0
    code = {"code": pages.phone(COORDINATOR).code(), "next": place}
    assert browser.post("/signin/second/code", code).headers["Location"] == "/office"


def test_one_goes_on_to_where_one_wanted(pages: Pages) -> None:
    browser = pages.browser()
    browser.post("/signin", {"address": COORDINATOR, "next": "/office/teams/7"})
    assert pages.link().endswith("?next=/office/teams/7")
    assert 'value="/office/teams/7"' in browser.get(pages.link()).text


def test_signing_out_asks_the_browser_to_drop_what_it_kept(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    assert "Clear-Site-Data" not in browser.get("/office").headers
    here, everywhere = browser.post("/signout"), pages.browser()
    everywhere.sign_in(pages, COORDINATOR)
    for answer in (here, everywhere.post("/sign-ins/end", {"which": "all"})):
        assert answer.status_code == 303 and answer.headers["Clear-Site-Data"] == '"cache", "storage"'
