"""A programme in one language shows and sends that one alone, and who applies alone is spoken to as one."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from werkzeug.test import TestResponse

from service.running import demo_teams
from tests.paths import ROOT
from tests.rehearsal.test_example_programmes import written_in
from tests.web.conftest import Browser, Pages, build
from workflow.config.loader import load
from workflow.database.engine import Database

PROGRAMMES = ROOT / "docs" / "programmes"
OPEN = datetime(2027, 1, 20, 10, tzinfo=UTC)
MOST = 70
"""pages looked at, from link to link"""
_TAGS = re.compile(r"<(script|style|svg|pre|code)\b.*?</\1>|<[^>]+>", re.DOTALL)
_LINKS = re.compile(r'href="(/[^"#?]*)')
FILES = re.compile(r"^/static/|\.(css|js|svg|woff2|png)$|/signout|/calendar/feed")


def opened(db: Database, name: str, now: datetime = OPEN) -> Pages:
    """The pages of one of the example programmes, while applications are taken, with two teams."""
    pages = build(db, own=load((PROGRAMMES / f"{name}.toml").read_text(encoding="utf-8"), {}), now=now)
    with db.writing() as session:
        demo_teams.apply(pages.world.season, session, 2, now)
    return pages


def words(page: TestResponse) -> str:
    return unescape(_TAGS.sub(" ", page.text))


def looked_at(browser: Browser, *first: str) -> dict[str, str]:
    """Pages from link to link, with their words."""
    found: dict[str, str] = {}
    waiting = list(first)
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        if path in found or FILES.search(path):
            continue
        page = browser.get(path)
        if page.status_code == 200 and page.mimetype == "text/html":
            found[path] = words(page)
            waiting += _LINKS.findall(page.text)
        elif page.mimetype.startswith("text/") and page.status_code == 200:
            found[path] = page.text
    return found


@pytest.mark.parametrize(
    ("name", "lang", "other"),
    [("accelerator", "en", "et"), ("fellowship", "en", "et"), ("koolitajate-koolitus", "et", "en")],
)
def test_pages_files_and_sign_in_speak_the_programmes_language(
    sqlite_db: Database, name: str, lang: str, other: str
) -> None:
    pages = opened(sqlite_db, name)
    browser = pages.browser()
    assert other not in written_in(words(browser.get("/nowhere", headers={"Accept-Language": other})))
    browser.sign_in(pages, pages.world.config.programme.coordinators[0].address)
    found = looked_at(browser, "/", "/apply", "/privacy", "/signin", "/office", "/office/selection", "/office/board")
    assert len(found) > 25
    assert {path for path, said in found.items() if other in written_in(said)} == set()
    for mail in pages.world.messages():
        assert mail.lang == lang and other not in written_in(pages.world.source(mail)), mail.template


def test_who_applies_alone_names_no_team_and_is_spoken_to_as_one(sqlite_db: Database) -> None:
    pages = opened(sqlite_db, "fellowship")
    browser = pages.browser()
    form = browser.get("/apply").text
    assert 'name="name"' not in form and 'name="contact"' not in form and 'name="home"' in form
    token = re.findall(r'name="form" value="([^"]+)"', form)[0]
    sent = browser.post("/apply", {
        "form": token, "rows": "1", "home": "The Harbour Times", "lang": "et", "story": "Who owns the port?",
        "members-0-name": "Ann Alone", "members-0-address": "ann@example.org",
    })  # fmt: skip
    assert sent.status_code in (302, 303), words(sent)
    mail = pages.world.messages("verify")[-1]
    said = pages.world.source(mail)
    assert mail.lang == "en" and "Ann Alone" in mail.subject + said
    assert "your application" in said and "the team" not in said.lower()
    assert "team" not in words(browser.get("/")).lower()


def test_a_session_of_two_days_is_shown_with_both(sqlite_db: Database) -> None:
    page = " ".join(words(opened(sqlite_db, "fellowship").browser().get("/")).split())
    assert "Monday, 15 March 2027 – Tuesday, 16 March 2027" in page and "15 March 2027 – 16 March 2027" in page
