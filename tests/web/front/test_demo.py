"""The demonstration: its clock, mails that are really answered, people to enter as; and nothing of it without it."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import World
from tests.web.conftest import Pages, build
from tests.web.office.test_board import counted
from web.front.demo import WORK
from workflow.database.engine import Database


class Stage:
    """A demonstration whose postman puts letters through the real inbox."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> datetime:
        return self.world.now

    def advance_to(self, moment: datetime) -> None:
        self.world.wait_until(moment)

    def advance_to_next(self) -> datetime:
        due = self.world._next_duty()
        assert due is not None
        self.world.wait_until(due)
        return self.world.now

    def reply(self, sender: str, recipient: str, subject: str, text: str, in_reply_to: str) -> None:
        self.world.write(sender, recipient, text, subject=subject, In_Reply_To=in_reply_to)

    def invent_teams(self, n: int) -> None:
        for i in range(n):
            self.world.apply(f"Meeskond {i}")


@pytest.fixture
def demo(sqlite_db: Database) -> Pages:
    return build(sqlite_db, demo=Stage)


@pytest.mark.parametrize("path", ["/demo", "/demo/mails", "/demo/mails/1", "/demo/mails/1/html", "/demo/people"])
def test_without_a_demonstration_there_is_nothing_of_it(pages: Pages, path: str) -> None:
    pages.world.apply("Võru")
    assert pages.browser().get(path).status_code == 404
    assert "/demo" not in pages.browser().get("/").text


@pytest.mark.parametrize("path", ["/demo/clock", "/demo/people", "/demo/teams", "/demo/mails/1/reply"])
def test_without_a_demonstration_nothing_of_it_is_taken(pages: Pages, path: str) -> None:
    pages.world.apply("Võru")
    before = pages.digest()
    assert pages.browser().post(path, {"person": "1", "to": "day", "quick": "JAH"}).status_code == 404
    assert pages.digest() == before


def test_the_clock_stands_on_every_page_and_moves_on(demo: Pages) -> None:
    browser = demo.browser()
    for path in ("/", "/apply", "/signin", "/demo", "/nowhere"):
        assert "1. veebruar 2022 kell 12.00" in browser.get(f"{path}?lang=et").text
    start = demo.world.now
    assert browser.post("/demo/clock", {"to": "day", "back": "/apply"}).headers["Location"] == "/apply"
    assert demo.world.now == start + timedelta(days=1)
    browser.post("/demo/clock", {"to": "date", "date": "2022-02-20", "back": "//evil.example"})
    assert demo.world.now == datetime(2022, 2, 20, 7, 0, tzinfo=UTC)
    browser.post("/demo/clock", {"to": "next"})
    assert demo.world.now > datetime(2022, 2, 20, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize("date", ["", "eile", "2021-01-01", "2022-02-01", "2099-01-01", "2022-02-31"])
def test_the_clock_goes_nowhere_it_cannot(demo: Pages, date: str) -> None:
    start = demo.world.now
    answer = demo.browser().post("/demo/clock?lang=et", {"to": "date", "date": date})
    assert answer.status_code == 400 and "ei saa minna" in answer.text
    assert demo.world.now == start


def test_a_mail_is_read_and_answered_as_its_reader_would(demo: Pages) -> None:
    crew, browser = demo.world.apply("Võru"), demo.browser()
    number = demo.world.messages("verify")[0].id
    page = browser.get(f"/demo/mails/{number}?lang=et").text
    assert "sandbox=" in page and "Vasta kui" in page and demo.door("verify") in page
    assert "JAH" in browser.get(f"/demo/mails/{number}?tab=text").text
    frame = browser.get(f"/demo/mails/{number}/html")
    assert "sandbox" in frame.headers["Content-Security-Policy"] and "Võru" in frame.text
    assert browser.post(f"/demo/mails/{number}/reply", {"quick": "JAH"}).status_code == 303
    assert crew.row.verified_at is not None
    assert "/demo/mails" in browser.get(f"/demo/mails/{number}?done=replied").text


def test_what_became_of_a_reply_is_told_beneath_the_mail(demo: Pages) -> None:
    demo.world.apply("Võru")
    number, browser = demo.world.messages("verify")[0].id, demo.browser()
    assert "Vastused seni" not in browser.get(f"/demo/mails/{number}?lang=et").text
    browser.post(f"/demo/mails/{number}/reply", {"quick": "JAH"})
    page = browser.get(f"/demo/mails/{number}?lang=et").text
    assert "Vastused seni" in page and "arvesse võetud" in page


def test_the_demo_s_mails_are_no_part_of_the_office(demo: Pages) -> None:
    browser = demo.browser()
    browser.sign_in(demo, "koordinaator@example.org")
    menu = browser.get("/demo/mails?lang=et").text.partition('<nav class="menu full"')[2].partition("</nav>")[0]
    assert "Kirjad" in menu and "aria-current" not in menu


def ticked(demo: Pages) -> list[str]:
    """The steps that are done, by the page."""
    page = demo.browser().get("/demo?lang=et").text
    return re.findall(r'<li class="done">\s*<h3>([^<]+?) <span', page)


def test_the_first_ten_minutes_tick_themselves_off_by_what_happened(demo: Pages) -> None:
    assert ticked(demo) == []
    assert 'aria-current="step"' in demo.browser().get("/demo").text
    crew = demo.world.apply("Võru")
    assert ticked(demo) == ["Esitage taotlus"]
    browser = demo.browser()
    (link,) = set(re.findall(r'href="(/demo/mails/\d+)#mail"', browser.get("/demo").text))
    browser.post(f"{link}/reply", {"quick": "JAH"})
    assert ticked(demo)[-1] == "Vastake kirjale JAH"
    crew.selected("I")
    assert ticked(demo)[-1] == "Valige meeskond programmi"
    crew.replies("confirm_place", "JAH")
    assert ticked(demo)[-1] == "Kinnitage koht"
    browser.post("/demo/clock", {"to": "until", "kind": "session_over", "back": "/demo"})
    assert demo.world.now >= datetime(2022, 4, 5, 14, 0, tzinfo=UTC)
    demo.world.replies("roll_call", "kõik")
    assert ticked(demo)[-1] == "Pidage esimene töötuba"
    crew.replies("homework", WORK.et)
    assert ticked(demo)[-1] == "Esitage kodutöö"
    demo.world.replies("review", "JAH")
    assert ticked(demo)[-1] == "Võtke töö koolitajana vastu" and len(ticked(demo)) == 7


def test_the_next_event_is_one_that_writes_to_somebody(demo: Pages) -> None:
    demo.world.apply("Võru").confirmed("I")
    browser = demo.browser()
    for _ in range(5):
        before = len(demo.world.messages())
        browser.post("/demo/clock", {"to": "next"})
        assert len(demo.world.messages()) > before


@pytest.mark.parametrize("kind", ["", "digest", "x"])
def test_the_clock_waits_for_nothing_else(demo: Pages, kind: str) -> None:
    start = demo.world.now
    assert demo.browser().post("/demo/clock", {"to": "until", "kind": kind}).status_code == 400
    assert demo.world.now == start


def test_the_steps_are_counted_with_the_same_few_queries_however_many_teams(demo: Pages) -> None:
    demo.world.apply("Võru")
    browser, made = demo.browser(), []
    for n in (0, 5):
        for i in range(n):
            demo.world.apply(f"Meeskond {i}")
        with counted(demo) as queries:
            browser.get("/demo")
        made.append(len(queries))
    assert made[0] == made[1] <= 14


def test_an_empty_answer_is_not_sent(demo: Pages) -> None:
    demo.world.apply("Võru")
    before = demo.digest()
    answer = demo.browser().post("/demo/mails/1/reply?lang=et", {"text": "  "})
    assert answer.status_code == 400 and "Kirjutage vastus" in answer.text
    assert demo.digest() == before


def test_anybody_of_the_staff_is_entered_with_one_press(demo: Pages) -> None:
    browser = demo.browser()
    page = browser.get("/demo/people").text
    number = re.findall(r'name="person" value="(\d+)"', page)[0]
    assert browser.post("/demo/people", {"person": number}).headers["Location"] == "/office"
    assert "/signout" in browser.get("/").text
    browser.post("/demo/clock", {"to": "day"})
    assert "/signout" in browser.get("/").text, "the simulated day signs nobody out"


def test_whoever_tries_it_out_goes_on_in_their_own_language(demo: Pages) -> None:
    reader = demo.browser()
    english = {"Accept-Language": "en-GB,en;q=0.9"}
    number = re.findall(r'name="person" value="(\d+)"', reader.get("/demo/people", headers=english).text)[0]
    office = reader.post("/demo/people", {"person": number}, headers=english, follow_redirects=True).text
    assert ">Teams</a>" in office
    assert ">Meeskonnad</a>" in reader.get("/office?lang=et", headers=english).text, "and can choose the other as ever"


def test_nobody_else_is_entered(demo: Pages) -> None:
    member = demo.world.apply("Võru").contact
    for person in (str(member.id), "0", "x", "9" * 30):
        browser = demo.browser()
        assert browser.post("/demo/people", {"person": person}).status_code == 400
        assert "/signout" not in browser.get("/").text


def test_teams_are_invented(demo: Pages) -> None:
    answer = demo.browser().post("/demo/teams?lang=et", {"n": "3"}, follow_redirects=True)
    assert "on kandideerinud" in answer.text and len(demo.world.messages("verify")) == 3
