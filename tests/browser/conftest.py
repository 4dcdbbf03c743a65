"""The pages as people meet them: a real server, a real Chromium, a real database, and a clock that stands still.

Where this machine has no Chromium these tests are left out, and the closing lines of the run say so.
"""

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from waitress.server import create_server

from docs.pictures import CHROMIUM
from tests.builders import World
from tests.conftest import leave_out
from tests.fast_sqlite import swift
from tests.web.conftest import Pages, build
from workflow.database.engine import Database, sqlite_url

NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE = 10_000
"""milliseconds within which everything a page does has been done"""
WIDE = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


@dataclass
class Site:
    """The pages at an address of their own, and the world behind them."""

    pages: Pages
    url: str

    @property
    def world(self) -> World:
        return self.pages.world


class Serving(threading.Thread):
    """A server for as long as it is wanted."""

    def __init__(self, pages: Pages) -> None:
        super().__init__(daemon=True)
        self.server: Any = create_server(pages.app, host="127.0.0.1", port=0, threads=4)
        self.site = Site(pages, f"http://127.0.0.1:{self.server.effective_port}")

    def run(self) -> None:
        try:
            self.server.run()
        except OSError:  # closed while it listened: that is how it ends
            return

    def end(self) -> None:
        self.server.close()
        self.server.task_dispatcher.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file; each test has a profile of its own."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        leave_out("this machine has no Chromium", "apt-get install chromium")
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=found, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def site(sqlite_db: Database) -> Iterator[Site]:
    """A season in which nothing has happened yet."""
    serving = Serving(build(sqlite_db))
    serving.start()
    yield serving.site
    serving.end()


@pytest.fixture(scope="module")
def stage(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """Seasons that the tests of a file share because they only look at them."""
    running: list[Serving] = []

    def new(**rest: Any) -> Site:
        folder = tmp_path_factory.mktemp("stage")
        shutil.copy(sqlite_template, folder / "teekond.sqlite")
        running.append(Serving(build(swift(Database(sqlite_url(folder))), **rest)))
        running[-1].start()
        return running[-1].site

    yield new
    for serving in running:
        serving.end()
        serving.site.pages.db.close()


@pytest.fixture
def browse(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the site in a browser nobody has used: `browse(site)`, or with how it is set up, `browse(site, **rest)`."""
    opened: list[BrowserContext] = []

    def new(site: Site, **rest: Any) -> Page:
        context = chromium.new_context(base_url=site.url, **{"locale": "et-EE", "viewport": WIDE, **rest})
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        return context.new_page()

    yield new
    for context in opened:
        context.close()


def sign_in(page: Page, site: Site, address: str) -> None:
    """The way people do it: ask, open the link from the mail, press its button; then the code, where one is asked."""
    page.goto("/signin")
    page.fill("input[name=address]", address)
    page.click("main button")
    page.goto(site.pages.link())
    page.click("main button")
    page.wait_for_url(lambda url: "/signin/second" in url or "/signin" not in url)
    if "/signin/second" in page.url:
        site.pages.phone(address)
        page.reload()
        page.fill("input[name=code]", site.pages.phone(address).code())
        page.click("form[action='/signin/second/code'] button")
    page.wait_for_url(lambda url: "/signin" not in url)


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
