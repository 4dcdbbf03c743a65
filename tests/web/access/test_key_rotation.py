"""A new secret key in the middle of everything, that signs in another way than the one before: who is signed in stays
so, open forms are taken, codes go on fitting; and once an old key is believed no more, nothing it signed is good."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.web.conftest import KEY, Browser, Pages
from tests.web.sign_in.test_second_step import COORDINATOR, SECOND, half, is_in, key, rows, set_up, totp
from web.app import create_app
from web.sign_in import sealed_secrets
from workflow.database.models import SecondFactor
from workflow.security.keys import Keys

NEW = "sha3-256:" + "n" * 40
BOTH, RETIRED = Keys(NEW, (KEY,)), Keys(NEW, (), (KEY,))


def restarted(pages: Pages, keys: Keys) -> Pages:
    """The same service, started anew with these keys."""
    app = create_app(replace(pages.app.extensions["teekond"], keys=keys))
    return replace(pages, app=app)


def carried(browser: Browser, pages: Pages) -> Browser:
    """The same browser, at the service that was started anew."""
    there = pages.browser()
    for name in ("browser", "session", "asked", "told"):
        if cookie := browser.client.get_cookie(name):
            there.client.set_cookie(name, cookie.value)
    return there


def test_a_session_outlives_the_key_it_was_signed_with(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    after = carried(browser, restarted(pages, BOTH))
    assert is_in(after)
    assert not is_in(carried(browser, restarted(pages, RETIRED)))
    assert not is_in(carried(browser, restarted(pages, Keys(NEW))))


def test_a_session_that_was_seen_since_goes_on_when_the_old_key_is_dropped(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    both = restarted(pages, BOTH)
    after = carried(browser, both)
    pages.world.wait(minutes=11)
    assert is_in(after)
    assert is_in(carried(after, restarted(pages, RETIRED)))


def test_a_form_that_was_open_is_taken_until_the_key_is_dropped(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    token = browser.token()
    for keys, taken in ((BOTH, True), (RETIRED, False)):
        there = carried(browser, restarted(pages, keys))
        assert (there.client.post("/sign-ins/codes", data={"csrf": token}).status_code == 200) is taken


def test_a_link_mailed_before_still_signs_in(pages: Pages) -> None:
    browser = pages.browser()
    browser.post("/signin", {"address": COORDINATOR})
    link = pages.link()
    after = carried(browser, restarted(pages, BOTH))
    assert after.post(link).headers["Location"] == SECOND


@pytest.mark.parametrize("last", [BOTH, RETIRED])
def test_codes_of_the_app_and_on_paper_fit_on(pages: Pages, last: Keys) -> None:
    shared, paper = set_up(pages, half(pages))
    with pages.db.writing() as session:
        assert sealed_secrets.seal_anew(session, BOTH) == (1, 0)
    later = restarted(pages, last)
    assert half(later).post(f"{SECOND}/code", {"code": totp(pages, shared, 30)}).headers["Location"] == "/office"
    assert half(later).post(f"{SECOND}/code", {"code": paper[3]}).headers["Location"] == "/office"
    assert half(later).post(f"{SECOND}/code", {"code": paper[3]}).status_code == 400


def test_an_app_set_up_before_secrets_were_sealed_fits_on_and_is_sealed(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)  # their phone was set up in earlier days: it has a seed alone
    before = rows(pages, SecondFactor)[0]
    assert before.seed and before.sealed is None
    both = restarted(pages, BOTH)
    assert is_in_after_signing_in(both)
    with pages.db.writing() as session:
        assert sealed_secrets.seal_anew(session, BOTH) == (1, 0)
    row = rows(pages, SecondFactor)[0]
    assert row.seed == "" and pages.phones[COORDINATOR].key not in row.sealed
    code = pages.phones[COORDINATOR].code()
    assert half(restarted(pages, RETIRED)).post(f"{SECOND}/code", {"code": code}).status_code == 303


def is_in_after_signing_in(pages: Pages) -> bool:
    browser = half(pages)
    browser.post(f"{SECOND}/code", {"code": pages.phones[COORDINATOR].code()})
    return is_in(browser)


def test_an_app_can_be_set_up_from_a_page_shown_before_the_key_was_changed(pages: Pages) -> None:
    browser = half(pages)
    shared = key(browser.get(SECOND).text)
    after = carried(browser, restarted(pages, BOTH))
    assert after.post(f"{SECOND}/new/app", {"code": totp(pages, shared)}).status_code == 200
    assert sealed_secrets.opened(one_app(pages), Keys(NEW)) == shared


def one_app(pages: Pages) -> SecondFactor:
    with pages.db.reading() as session:
        return session.scalars(sa.select(SecondFactor)).one()


def test_what_no_key_opens_makes_no_code_and_is_counted(pages: Pages) -> None:
    shared, _ = set_up(pages, half(pages))
    other = Keys("other " + "x" * 40)
    with pages.db.writing() as session:
        assert sealed_secrets.seal_anew(session, other) == (0, 1)
    assert (
        sealed_secrets.opened(one_app(pages), other) is None
        and sealed_secrets.opened(one_app(pages), Keys(KEY)) == shared
    )
    stranger = half(restarted(pages, other))
    assert stranger.post(f"{SECOND}/code", {"code": totp(pages, shared, 30)}).status_code == 400
