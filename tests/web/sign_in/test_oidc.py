"""Signing in with an organisation's directory: who is known comes in; every bent token stays outside."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from tests.builders import World
from tests.web.conftest import Browser, Pages, build
from tests.web.sign_in.oidc_provider import CLIENT, SECRET, Directory
from web.app import create_app
from web.context import Web
from web.sign_in import oidc
from workflow.config.installation.oidc import AddressClaim, Oidc
from workflow.database.engine import Database
from workflow.database.models import Setting, WebSession
from workflow.sign_in import second_factors

COORDINATOR = "koordinaator@example.org"
START = "/signin/directory"


@pytest.fixture
def directory(sqlite_db: Database) -> Iterator[Directory]:
    world = World(sqlite_db)
    found = Directory(lambda: world.now, {"email": COORDINATOR, "email_verified": True})
    yield found
    found.end()


def joined(db: Database, directory: Directory, *, trusted: bool = True, **believed: Any) -> Pages:
    """The pages of an organisation with this directory."""
    return with_directory(build(db), directory, trusted=trusted, **believed)


def with_directory(pages: Pages, directory: Directory, *, trusted: bool = True, **believed: Any) -> Pages:
    """The same pages, with this directory and what of it is believed."""
    web: Web = pages.app.extensions["teekond"]
    settings = Oidc(
        issuer=directory.issuer, client_id=CLIENT, client_secret=SecretStr(SECRET), name="Meie kataloog",
        checks_second_factor=trusted, **believed,
    )  # fmt: skip
    changed = {name: getattr(web, name) for name in Web.__slots__}  # type: ignore[attr-defined]
    pages.app = create_app(Web(**{**changed, "settings": web.settings.model_copy(update={"oidc": settings})}))
    return pages


def comes(browser: Browser, directory: Directory, path: str = START) -> Any:
    """Out to the directory, back, and the button pressed."""
    back = directory.comes_back(browser.get(path).headers["Location"])
    page = browser.get(back)
    assert page.status_code == 200
    return browser.post(f"{START}/back", dict(parse_qsl(urlsplit(back).query)))


def is_in(browser: Browser) -> bool:
    return browser.get("/office").status_code == 200


def test_whoever_is_known_comes_in_and_goes_where_they_wanted(sqlite_db: Database, directory: Directory) -> None:
    pages = joined(sqlite_db, directory)
    browser = pages.browser()
    assert "Meie kataloog" in browser.get("/signin").text
    answer = comes(browser, directory, f"{START}?next=/office/board")
    assert answer.headers["Location"] == "/office/board" and is_in(browser) and directory.tokens == 1


def test_coming_back_signs_nobody_in_before_the_button(sqlite_db: Database, directory: Directory) -> None:
    pages = joined(sqlite_db, directory)
    browser = pages.browser()
    back = directory.comes_back(browser.get(START).headers["Location"])
    before = pages.digest()
    for _ in range(3):
        browser.get(back)
    assert pages.digest() == before and not is_in(browser) and directory.tokens == 0


def test_a_directory_that_does_not_check_the_second_factor_leaves_it_to_us(
    sqlite_db: Database, directory: Directory
) -> None:
    browser = joined(sqlite_db, directory, trusted=False).browser()
    assert comes(browser, directory).headers["Location"] == "/signin/second"
    assert not is_in(browser)


@pytest.mark.parametrize(
    "bent",
    [
        {"changes": {"nonce": "another"}},
        {"changes": {"nonce": None}},
        {"changes": {"aud": "another"}},
        {"changes": {"iss": "https://evil.example"}},
        {"changes": {"exp": 1}},
        {"changes": {"email_verified": False}},
        {"changes": {"email_verified": "true"}},
        {"changes": {"email": "keegi@example.org"}},
        {"changes": {"email": None}},
        {"changes": {"issuer": "https://evil.example"}},
        {"stranger": True},
        {"algorithm": "HS256"},
    ],
    ids=str,
)
def test_a_bent_token_lets_nobody_in(sqlite_db: Database, directory: Directory, bent: dict[str, Any]) -> None:
    browser = joined(sqlite_db, directory).browser()
    straight = directory.comes_back(browser.get(START).headers["Location"])
    for name, value in bent.items():
        setattr(directory, name, value)
    answer = browser.post(f"{START}/back", dict(parse_qsl(urlsplit(straight).query)))
    assert answer.headers["Location"] == "/signin?why=directory" and not is_in(browser)
    with sqlite_db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(WebSession)) == 0
    directory.changes, directory.stranger, directory.algorithm = {}, False, "RS256"
    assert comes(browser, directory).headers["Location"] == "/office"


def test_an_attempt_belongs_to_its_browser_its_state_and_one_use(sqlite_db: Database, directory: Directory) -> None:
    pages = joined(sqlite_db, directory)
    browser, thief = pages.browser(), pages.browser()
    back = directory.comes_back(browser.get(START).headers["Location"])
    brought = dict(parse_qsl(urlsplit(back).query))
    assert thief.post(f"{START}/back", brought).headers["Location"] == "/signin?why=directory"
    thief.get(START)
    assert thief.post(f"{START}/back", brought).headers["Location"] == "/signin?why=directory"
    assert not is_in(thief) and directory.tokens == 0
    assert browser.post(f"{START}/back", {**brought, "state": "x"}).headers["Location"] == "/signin?why=directory"
    assert comes(browser, directory).headers["Location"] == "/office"
    browser.post("/signout")
    assert browser.post(f"{START}/back", brought).headers["Location"] == "/signin?why=directory"


def test_whoever_gets_anothers_address_does_not_get_their_place(sqlite_db: Database, directory: Directory) -> None:
    """An organisation gives a mailbox to a newcomer; the account's own name tells them apart."""
    pages = joined(sqlite_db, directory)
    assert comes(pages.browser(), directory).headers["Location"] == "/office"
    directory.changes = {"sub": "newcomer"}
    other = pages.browser()
    assert comes(other, directory).headers["Location"] == "/signin?why=directory" and not is_in(other)
    directory.changes = {}
    assert comes(pages.browser(), directory).headers["Location"] == "/office", "the one before is not locked out"
    with pages.db.writing() as session:
        assert "newcomer" not in str(session.execute(sa.select(Setting.key, Setting.value)).all())
        second_factors.reset_address(pages.world.season, session, COORDINATOR, "a colleague", pages.world.now)
    directory.changes = {"sub": "newcomer"}
    assert comes(other, directory).headers["Location"] == "/office" and is_in(other)


@pytest.mark.parametrize("moved", ["/.well-known/openid-configuration", "/keys", "/token"])
def test_nobody_whom_the_directory_points_to_is_asked(sqlite_db: Database, directory: Directory, moved: str) -> None:
    browser = joined(sqlite_db, directory).browser()
    back = directory.comes_back(browser.get(START).headers["Location"])
    directory.moved = moved
    answer = browser.post(f"{START}/back", dict(parse_qsl(urlsplit(back).query)))
    assert answer.headers["Location"] == "/signin?why=directory" and not is_in(browser)
    assert directory.elsewhere == [], "nobody there heard anything"
    directory.moved = ""
    assert comes(browser, directory).headers["Location"] == "/office"


def test_a_directory_that_is_away_leaves_the_other_way_in(sqlite_db: Database, directory: Directory) -> None:
    pages = joined(sqlite_db, directory)
    directory.end()
    browser = pages.browser()
    assert browser.get(START).headers["Location"] == "/signin?why=directory"
    assert browser.sign_in(pages, COORDINATOR).status_code == 303 and is_in(browser)


def from_far(address: str) -> dict[str, Any]:
    return {"environ_base": {"REMOTE_ADDR": address}}


@pytest.mark.parametrize(
    ("one", "other"),
    [(lambda n: "203.0.113.9", "203.0.113.10"), (lambda n: f"2001:db8:1:2:{n:x}::{n:x}", "2001:db8:1:3::1")],
    ids=["IPv4", "IPv6"],
)
def test_ways_to_the_directory_are_few_a_minute_from_one_place(
    sqlite_db: Database, directory: Directory, one: Callable[[int], str], other: str
) -> None:
    """Over IPv6 a whole /64 is one place. Whoever comes too often makes us call nobody."""
    pages = joined(sqlite_db, directory)
    browser = pages.browser()
    codes = [browser.get(START, **from_far(one(n))).status_code for n in range(20)]
    assert codes == [303] * 20 and directory.asked == 20
    pages.world.now += timedelta(seconds=15)
    refused = browser.get(f"{START}?lang=en", **from_far(one(51)))
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "45"
    assert "Try again in 1 minute, or at once from another network" in refused.text
    assert "1 minuti pärast" in browser.get(f"{START}?lang=et", **from_far(one(52))).text
    assert directory.asked == 20, "nobody there heard anything"
    assert browser.get(START, **from_far(other)).status_code == 303, "others come through"
    assert browser.post("/signin", {"address": COORDINATOR}, **from_far(one(53))).status_code == 200
    pages.world.now += timedelta(seconds=45)
    assert browser.get(START, **from_far(one(54))).status_code == 303 and directory.asked == 22


def test_two_processes_count_the_ways_to_the_directory_together(sqlite_db: Database, directory: Directory) -> None:
    another = Database(sqlite_db.url)
    both = [joined(db, directory).browser() for db in (sqlite_db, another)]
    codes = [both[n % 2].get(START, **from_far("203.0.113.9")).status_code for n in range(22)]
    another.close()
    assert codes == [303] * 20 + [429] * 2


def test_without_a_directory_there_is_no_such_way_in(pages: Pages) -> None:
    assert pages.browser().get(START).status_code in (404, 410)
    assert oidc.INSTALLED


# -- directories as they are ----------------------------------------------------------------------------------------

ENTRA: dict[str, Any] = {
    "ver": "2.0", "tid": "11111111-2222-3333-4444-555555555555", "oid": "00000000-0000-0000-66f3-3332eca7ea81",
    "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ", "name": "Kadri Koordinaator", "rh": "0.AXoA",
    "preferred_username": COORDINATOR, "aio": "Df2UVXL1ix", "uti": "x", "email_verified": None,
}  # fmt: skip
"""claims of a work account of Entra ID, v2.0, with the optional claim `email`; None: it sends none"""
GUEST = {**ENTRA, "preferred_username": "kadri_gmail.com#EXT#@example.onmicrosoft.com"}
GOOGLE: dict[str, Any] = {
    "azp": CLIENT, "sub": "110169484474386276334", "hd": "example.org", "email_verified": True, "at_hash": "HK6E",
    "name": "Kadri Koordinaator", "picture": "https://lh3.example.org/a", "given_name": "Kadri",
}  # fmt: skip
OURS: dict[str, Any] = {"trusted_domains": ("example.org",)}
BY_NAME: dict[str, Any] = {**OURS, "address_claim": AddressClaim.PREFERRED_USERNAME}
SHAPES: list[tuple[str, dict[str, Any], dict[str, Any], bool]] = [
    ("Google", GOOGLE, {}, True),
    ("Google, and trusted", GOOGLE, OURS, True),
    ("Google, a private account", {**GOOGLE, "hd": None}, {}, True),
    ("Google, not verified", {**GOOGLE, "email_verified": False}, OURS, False),
    ("Entra, nothing written", ENTRA, {}, False),
    ("Entra, domain trusted", ENTRA, OURS, True),
    ("Entra, domain in other letters", {**ENTRA, "email": COORDINATOR.replace("example", "Example")}, OURS, True),
    ("Entra, another domain trusted", ENTRA, {"trusted_domains": ("elsewhere.example",)}, False),
    ("Entra, a domain below", ENTRA, {"trusted_domains": ("ample.org",)}, False),
    ("Entra, no email", {**ENTRA, "email": None}, OURS, False),
    ("Entra, no email, by name", {**ENTRA, "email": None}, BY_NAME, True),
    ("Entra, a name that is none", {**ENTRA, "preferred_username": "kadri"}, BY_NAME, False),
    ("Entra, a guest by name", GUEST, BY_NAME, False),
    ("by name, verified is about another", {**GUEST, "email_verified": True}, BY_NAME, False),
    ("TARA, false of every address", {"sub": "EE60001019906", "email_verified": False}, OURS, False),
    ("a word for it", {"email_verified": "false"}, OURS, False),
    ("an empty word", {"email_verified": ""}, OURS, False),
]


def test_each_directorys_own_shape_is_believed_as_far_as_the_config_says(
    sqlite_db: Database, directory: Directory
) -> None:
    wrong, pages = [], build(sqlite_db)
    for number, (what, claims, believed, comes_in) in enumerate(SHAPES):
        browser = with_directory(pages, directory, **believed).browser()
        directory.changes = {**claims, "sub": "42"}  # one account, or each shape would be another's
        went = comes(browser, directory).headers["Location"]
        if (went == "/office", is_in(browser)) != (comes_in, comes_in):
            wrong.append(f"{number} {what}: {went}")
    assert not wrong


def test_the_directory_is_asked_for_the_claim_that_is_read(sqlite_db: Database, directory: Directory) -> None:
    asked = []
    for believed in ({}, BY_NAME):
        to = joined(sqlite_db, directory, **believed).browser().get(START).headers["Location"]
        asked.append(dict(parse_qsl(urlsplit(to).query))["scope"])
    assert asked == ["openid email", "openid profile email"]


def test_the_log_says_what_to_write(
    sqlite_db: Database, directory: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    browser = joined(sqlite_db, directory).browser()
    directory.changes = ENTRA
    with caplog.at_level("INFO", logger="teekond.security"):
        comes(browser, directory)
    assert "trusted_domains" in caplog.text and COORDINATOR not in caplog.text
