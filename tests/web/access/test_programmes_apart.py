"""Two programmes behind one front, on one host: every route, asked by the coordinator of the other.

What is tried: the other's pages and ids as one is; ids and secrets of the other under one's own pages; cookies taken
from one and put into the other, under both names. What is looked for: any word of the other's people, and any change
in its books.
"""

import hashlib
import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.test import Client, TestResponse

from tests.web.access.test_route_matrix import ONE_BY_ONE, expected, let_in, there_are
from tests.web.conftest import Browser, Pages, Phone, build
from tests.web.full_season import COORDINATOR, Season, in_april, path
from tests.web.public.test_programme import typed
from web.context import KEY
from web.front.dispatch import Front, Mounted, Shut
from web.front.pages import create_front
from web.sign_in import sealed_secrets
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Addressee, Draft, HistoryRow, Person, Question, Team, WebSession
from workflow.security.keys import Keys

HOST = "http://teekond.example.org"


@dataclass
class Visitor(Browser):
    """A browser at the front; `root`: whose pages it looks at."""

    root: str = ""

    def get(self, path: str, **rest: Any) -> TestResponse:
        return self.client.get(f"{self.root}{path}", base_url=HOST, **rest)

    def post(self, path: str, data: dict[str, Any] | None = None, **rest: Any) -> TestResponse:
        sent = {"csrf": self.token(), **(data or {})}
        return self.client.post(f"{self.root}{path}", base_url=HOST, data=sent, **rest)

    def token(self) -> str:
        return self.get("/signin?next=/").text.partition('name="csrf" value="')[2].partition('"')[0]

    def at(self, root: str) -> "Visitor":
        """The same browser, elsewhere."""
        return Visitor(self.client, root)


@dataclass
class Beside:
    """Two seasons with rows of every kind, of other people; `a` and `b` are their names."""

    front: Front
    seasons: dict[str, Season]

    def visitor(self, key: str) -> Visitor:
        return Visitor(Client(self.front), f"/p/{key}")  # type: ignore[arg-type]  # all that is used, it has

    def coordinator(self, key: str) -> Visitor:
        browser, pages = self.visitor(key), self.seasons[key].pages
        browser.post("/signin", {"address": address(key)})
        answer = browser.post(pages.link())
        assert answer.headers["Location"] == f"/p/{key}/signin/second"
        answer = browser.post("/signin/second/code", {"code": pages.phone(address(key)).code()})
        assert answer.headers["Location"] == f"/p/{key}/office"
        return browser

    def words(self, key: str) -> set[str]:
        """What nobody of another programme may read: names of teams, people, addresses, secrets."""
        with self.seasons[key].pages.db.reading() as session:
            people = session.scalars(sa.select(Person).where(Person.role == "member"))
            found = {word for one in people for word in (one.name, one.address)}
            found |= set(session.scalars(sa.select(Team.name)))
        return found | {self.seasons[key].values()["secret"]}


def address(key: str) -> str:
    return COORDINATOR if key == "a" else "koordinaator.b@example.org"


def beginning(db: Database, key: str) -> Pages:
    pages = build(db, base_url=f"{HOST}/p/{key}")
    web = pages.app.extensions[KEY]
    pages.app.extensions[KEY] = replace(web, mark=key, keys=Keys(newest=key * 40))
    seed = hashlib.sha256(address(key).encode()).hexdigest()
    pages.phones[address(key)] = Phone(pages.world, sealed_secrets.made_from(seed, key * 40))
    if key == "b":
        counted = itertools.count(1)
        object.__setattr__(pages.world.season, "secret", lambda: f"beside{next(counted):020d}")
        with db.writing() as session:
            mine = session.scalars(sa.select(Person).where(Person.address == COORDINATOR)).one()
            mine.address = mine.address_key = address(key)
            mine.name = "Bella Koordinaator"
    return pages


@pytest.fixture
def beside(sqlite_db: Database, sqlite_template: Path, tmp_path: Path) -> Iterator[Beside]:
    (tmp_path / "b").mkdir()
    shutil.copy(sqlite_template, tmp_path / "b" / "teekond.sqlite")
    second = Database(sqlite_url(tmp_path / "b"))
    seasons = {"a": in_april(beginning(sqlite_db, "a")), "b": in_april(beginning(second, "b"), ("Türi", "Keila"))}
    mounted = [
        Mounted(
            key=key, programme=one.pages.world.config.programme, base_url=f"{HOST}/p/{key}",
            places=[("teekond.example.org", f"/p/{key}")], app=one.pages.app,
        )
        for key, one in seasons.items()
    ]  # fmt: skip
    shut = [Shut(key="c", places=[("c.example.org", "")])]
    yield Beside(Front(mounted, shut, create_front(mounted, shut, lambda: seasons["a"].pages.world.now)), seasons)
    second.close()


def asked(browser: Visitor, method: str, where: str) -> TestResponse:
    answer = browser.get(where) if method == "GET" else browser.post(where)
    assert answer.status_code < 500 or where.endswith("/readyz"), (method, where, answer.text[-2000:])
    return answer


def without_root(answer: TestResponse, root: str) -> str:
    """As the table of a lone programme writes it."""
    location = answer.headers.get("Location", "")
    assert not location or location.startswith(f"{root}/"), location
    answer.headers["Location"] = location.removeprefix(root)
    return let_in(answer)


def routes(season: Season) -> Iterator[tuple[str, str, dict[str, str]]]:
    known = there_are(season.pages)
    for (method, rule), marks in expected().items():
        yield method, path(known[method, rule], season.values()), marks


def silent(answer: TestResponse, words: set[str]) -> None:
    text = answer.get_data().decode("utf-8", "replace")
    assert not [word for word in words if word in text], answer.request.path


def test_the_coordinator_of_one_is_nobody_in_the_other(beside: Beside) -> None:
    """Each route of the other, with rows that are there, as if nobody were signed in; and nothing changes."""
    there, words = beside.coordinator("a").at("/p/b"), beside.words("b")
    pages = beside.seasons["b"].pages
    there.token()
    before, tried = pages.digest(), 0
    for method, where, marks in routes(beside.seasons["b"]):
        if marks["anon"] != "s":
            continue
        answer = asked(there, method, where)
        assert without_root(answer, "/p/b") == "s", (method, where, answer.status_code)
        silent(answer, words)
        tried += 1
    assert tried > 70 and pages.digest() == before


def test_the_others_ids_open_nothing_of_the_other(beside: Beside) -> None:
    """Under one's own pages every id is one's own, and a secret of the other is none."""
    here, words, pages = beside.coordinator("a"), beside.words("b"), beside.seasons["b"].pages
    before, tried = pages.digest(), 0
    known, theirs = there_are(beside.seasons["a"].pages), beside.seasons["b"].values()
    words.discard(theirs["secret"])  # it stands in the path, so a page may say it back
    for (method, rule), marks in expected().items():
        if marks["coordinator"] != "o" or rule in ONE_BY_ONE or "<path:" in rule:
            continue
        answer = asked(here, method, path(known[method, rule], theirs))
        silent(answer, words)
        assert "<secret>" not in rule or rule.startswith("/apply") or answer.status_code == 404, rule
        tried += 1
    assert tried > 80 and pages.digest() == before


def test_cookies_of_one_are_worth_nothing_in_the_other(beside: Beside) -> None:
    """Replayed as they are and under the other's names, on every page that asks who one is."""
    signed_in, thief = beside.coordinator("a"), beside.visitor("b")
    for plain in ("session", "browser"):
        cookie = signed_in.client.get_cookie(f"{plain}-a", domain="teekond.example.org")
        assert cookie is not None, plain
        assert signed_in.client.get_cookie(plain, domain="teekond.example.org") is None
        for name in (f"{plain}-b", f"{plain}-a", plain):
            thief.client.set_cookie(name, cookie.value, domain="teekond.example.org")
    tried = 0
    for method, where, marks in routes(beside.seasons["b"]):
        if marks["anon"] == "s":
            assert without_root(asked(thief, method, where), "/p/b") == "s", (method, where)
            tried += 1
    assert tried > 70
    assert signed_in.get("/office").status_code == 200  # the same cookies are good where they are from


def test_one_browser_may_be_signed_in_to_both_and_leaves_each_by_itself(beside: Beside) -> None:
    first = beside.coordinator("a")
    second = first.at("/p/b")
    second.post("/signin", {"address": address("b")})
    pages = beside.seasons["b"].pages
    second.post(pages.link())
    second.post("/signin/second/code", {"code": pages.phone(address("b")).code()})
    assert (first.get("/office").status_code, second.get("/office").status_code) == (200, 200)
    silent(first.get("/office/board"), beside.words("b"))
    silent(second.get("/office/board"), beside.words("a"))
    second.post("/signout")
    assert (first.get("/office").status_code, second.get("/office").status_code) == (200, 303)
    with beside.seasons["a"].pages.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).where(WebSession.ended_at.is_(None))) == 1


def test_a_form_of_one_is_refused_by_the_other(beside: Beside) -> None:
    browser = beside.coordinator("a")
    token, pages = browser.token(), beside.seasons["b"].pages
    before = pages.digest()
    there = browser.client.post("/p/b/info-day", base_url=HOST, data={"csrf": token, "name": "X", "address": "x@y.ee"})
    assert there.status_code == 400 and pages.digest() == before


def test_doors_and_drafts_of_one_are_none_in_the_other(beside: Beside) -> None:
    for key, other in (("a", "b"), ("b", "a")):
        secret, there = beside.seasons[key].values()["secret"], beside.visitor(other)
        assert beside.visitor(key).get(f"/q/{secret}").status_code == 200
        assert [there.get(f"/q/{secret}").status_code, there.post(f"/q/{secret}").status_code] == [404, 404]
        assert there.get(f"/q/{secret}/file/1").status_code == 404
    pages = beside.seasons["a"].pages
    pages.world.now = pages.world.config.programme.apply.opens_at
    visitor = beside.visitor("a")
    form = visitor.get("/apply").text.partition('name="form" value="')[2].partition('"')[0]
    kept = visitor.post("/apply", typed(keep="1", form=form))
    location = kept.headers["Location"]
    assert location.startswith("/p/a/apply/draft/")
    assert visitor.get(location.removeprefix("/p/a")).status_code == 200
    assert beside.visitor("b").get(location.removeprefix("/p/a")).status_code in (404, 410)
    with beside.seasons["b"].pages.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


def test_no_secret_of_one_opens_anything_of_the_other_by_page_or_by_mail(beside: Beside) -> None:
    """Every addressee's secret of one, brought to the other by its coordinator: at each route that takes one, as a
    reply address, and spelt in capitals. Its own programme knows them all."""
    theirs, pages = beside.seasons["a"].pages, beside.seasons["b"].pages
    crawler, world = beside.coordinator("b"), pages.world
    with theirs.db.reading() as session:
        secrets = list(session.scalars(sa.select(Addressee.secret).order_by(Addressee.id)))
    assert len(secrets) > 30
    known = there_are(pages)
    rules = [(m, r) for m, r in expected() if "<secret>" in r or "<token>" in r]
    before, mails = doings(pages), len(world.messages())
    for secret in secrets[:: max(1, len(secrets) // 12)]:
        for method, rule in rules:
            for said in (secret, secret.upper()):
                where = path(known[method, rule], {**beside.seasons["b"].values(), "secret": said, "token": said})
                assert asked(crawler, method, where).status_code in (303, 400, 404, 410), (method, where)
        letter = world.write(address("b"), f"r-{secret}@{world.identity.domain}", "JAH")
        assert (letter.outcome, letter.question_id) == ("unrouted", None)
    assert doings(pages) == before and len(world.messages()) == mails


def doings(pages: Pages) -> list[list[str]]:
    """What somebody's answer or power could change."""
    tables = (Team.__table__, Question.__table__, HistoryRow.__table__, Person.__table__)
    with pages.db.reading() as session:
        return [sorted(map(repr, session.execute(sa.select(table)))) for table in tables]


def test_every_link_of_a_page_stays_in_its_programme(beside: Beside) -> None:
    """Links, forms and redirects begin with the programme's own path; nobody is led over by a `next`."""
    browser, seen = beside.coordinator("a"), 0
    for method, where, marks in routes(beside.seasons["a"]):
        if method != "GET" or marks["coordinator"] != "o":
            continue
        answer = asked(browser, method, where)
        if answer.mimetype != "text/html":
            continue
        for link in re.findall(r'(?:href|src|action|formaction)="(/[^"]*)"', answer.text):
            assert link.startswith("/p/a/"), (where, link)
            seen += 1
    assert seen > 800
    asks = browser.at("/p/b").get("/office/people")
    assert asks.headers["Location"] == "/p/b/signin?next=/p/b/office/people"
    led = beside.visitor("b").get("/signin?next=/p/a/office")
    assert "/p/a/office" not in led.text


def test_a_reader_gets_no_buttons_under_a_path_either(beside: Beside) -> None:
    season = beside.seasons["a"]
    with season.pages.db.writing() as session:
        person = session.scalars(sa.select(Person).where(Person.address == COORDINATOR)).one()
        person.role = "reader"
    reader = beside.visitor("a")
    reader.post("/signin", {"address": COORDINATOR})
    reader.post(season.pages.link())
    reader.post("/signin/second/code", {"code": season.pages.phone(COORDINATOR).code()})
    page = reader.get(f"/office/team/{season.mine.id}")
    assert page.status_code == 200 and "/step/" not in page.text and "/undo" not in page.text


# -- the front itself -----------------------------------------------------------------------------------------------


def test_a_host_of_its_own_and_a_path_both_lead_home(beside: Beside) -> None:
    app, client = beside.seasons["a"].pages.app, Client(beside.front)
    assert client.get("/p/a/", base_url="http://localhost:8080").status_code == 200
    assert client.get("/p/a", base_url=HOST).status_code == 200
    assert client.get("/p/ab/", base_url=HOST).status_code == 404
    assert client.get("/p/a%2f..%2fb/office", base_url=HOST).status_code == 404
    assert client.get("/office", base_url=HOST).status_code == 404  # no programme is at the top of this host
    for strange in ("http://evil.example.net", "http://evil.example.net:80"):
        assert client.get("/p/a/", base_url=strange).status_code == 400
        assert client.get("/", base_url=strange).status_code == 400
        assert client.get("/healthz", base_url=strange).status_code == 200
    program = beside.seasons["a"].pages.world.config.programme
    alone = Mounted(
        key="a", programme=program, base_url="http://a.example.org", places=[("a.example.org", "")], app=app
    )
    own = Client(Front([alone], [], create_front([alone], [], lambda: beside.seasons["a"].pages.world.now)))
    assert own.get("/readyz", base_url="http://a.example.org:8080").json["programme"] == "a"
    assert own.get("/", base_url="http://a.example.org").status_code == 400  # its config says otherwise


def test_a_closed_programme_says_so_at_its_host_and_its_path(beside: Beside) -> None:
    client = Client(beside.front)
    for answer in (
        client.get("/", base_url="http://c.example.org"), client.post("/apply", base_url="http://c.example.org"),
        client.get("/p/c/q/abc", base_url="http://localhost"),
    ):  # fmt: skip
        assert answer.status_code == 503 and answer.headers["Retry-After"]
        assert "no-store" in answer.headers["Cache-Control"] and "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("lang", ["et", "en"])
def test_the_list_has_every_programme_in_both_languages(beside: Beside, lang: str) -> None:
    page = Client(beside.front).get(f"/?lang={lang}", base_url=HOST)
    programme = beside.seasons["a"].pages.world.config.programme
    assert page.status_code == 200 and f'<html lang="{lang}">' in page.text
    assert page.text.count(programme.name.say(lang)) == 2
    assert page.headers.getlist("Set-Cookie") == []
