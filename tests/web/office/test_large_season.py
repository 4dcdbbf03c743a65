"""A season ten times as large as any: the office's pages take no more queries for it, and stay light."""

import re

import pytest

from tests.season_snapshots import confirmed
from tests.web import large_season
from tests.web.conftest import Pages, build
from tests.web.office.test_board import counted
from tests.web.office_season import Desk, at_the_desk
from workflow.database.engine import Database
from workflow.views import mail, people

MOST = 60 * 1024
PAGES = (
    "/office", "/office/board", "/office/board?q=õhtune", "/office/selection", "/office/calendar", "/office/mentoring",
    "/office/inbox", "/office/inbox?show=all", "/office/inbox?show=all&q=ÕUN", "/office/outbox",
    "/office/outbox?status=held&tick=all", "/office/outbox?q=ÖÖBIK", "/office/people", "/office/people?q=ÕIE",
    "/office/mails/place_offer", "/office/mails/place_offer?q=õhtune",
    "/office/write", "/office/write?group=II&side=members", "/office/write?side=owing",
)  # fmt: skip


def made(pages: Pages, desk: Desk, path: str) -> tuple[int, int]:
    """How many queries a page takes, and how many bytes."""
    desk.get(path)
    with counted(pages) as queries:
        page = desk.get(path)
    return len(queries), len(page.encode())


@pytest.fixture
def few(sqlite_db: Database) -> Pages:
    pages = build(sqlite_db)
    large_season.teams(pages, 30)
    large_season.mails(pages, 60)
    large_season.events(pages, 40)
    return pages


def test_a_thousand_teams_take_no_more_queries_than_thirty_and_pages_stay_light(few: Pages) -> None:
    paths = (*PAGES, "/office/team/1", "/office/team/1?mails=3&events=2")
    desk = at_the_desk(few)
    before = {path: made(few, desk, path)[0] for path in paths}
    large_season.teams(few, 970)
    with_more = {path: made(few, desk, path) for path in paths}
    assert {path: n for path, (n, _) in with_more.items()} == before
    heavy = {path: size for path, (_, size) in with_more.items() if size > MOST}
    assert heavy == {}


def test_a_thousand_mails_take_no_more_queries_than_sixty(few: Pages) -> None:
    desk, paths = at_the_desk(few), (*PAGES, "/office/team/1", "/office/team/1?mails=3&events=2")
    before = {path: made(few, desk, path)[0] for path in paths}
    large_season.mails(few, 940, start=60)
    large_season.events(few, 260, start=40)
    after = {path: made(few, desk, path) for path in paths}
    assert {path: n for path, (n, _) in after.items()} == before
    assert {path: size for path, (_, size) in after.items() if size > MOST} == {}


@pytest.mark.parametrize(
    ("path", "size", "pattern"),
    [
        ("/office/outbox?status=held", mail.PAGE, r'name="mail" value="(\d+)"'),
        ("/office/inbox?show=all", mail.PAGE, r'scope="row"><a href="/office/letter/(\d+)"'),
        ("/office/inbox", mail.WHOLE, r'id="letter-(\d+)"'),
        ("/office/people", people.PAGE, r'scope="row"><a href="/office/people/(\d+)"'),
    ],
)
def test_what_does_not_fit_stands_on_the_next_page_and_the_filter_is_kept(
    few: Pages, path: str, size: int, pattern: str
) -> None:
    large_season.teams(few, 30)
    with_mails = at_the_desk(few)
    crowd_more(few)
    first = with_mails.get(path)
    found = re.findall(pattern, first)
    assert len(found) == size
    link = re.search(r'href="([^"]*page=2[^"]*)"', first)
    assert link is not None
    following = link[1].replace("&amp;", "&")
    assert all(part in following for part in path.partition("?")[2].split("&"))
    second = re.findall(pattern, with_mails.get(following))
    assert second and not set(found) & set(second)


def crowd_more(pages: Pages) -> None:
    """Enough of every kind for a second page."""
    with pages.db.writing() as session:
        session.connection().exec_driver_sql("UPDATE messages SET status = 'held' WHERE template = 'consent'")


def test_mails_and_letters_are_found_by_their_words(pages: Pages) -> None:
    team = confirmed(pages.world, "Õru")
    team.replies("rsvp", "Jah, aga kas võib hiljem? Ööbime Põltsamaal.", person=team.contact.address)
    desk = at_the_desk(pages)
    assert "Õru" in desk.get("/office/outbox?q=ÕRU") and "Selliseid kirju ei ole" in desk.get("/office/outbox?q=puudub")
    assert "/office/letter/" in desk.get("/office/inbox?show=all&q=PÕLTSAMAAL")
    assert "/office/letter/" not in desk.get("/office/inbox?show=all&q=puudub")
