"""How often is too often: counted for all processes together, told with when to come again, forgotten in time."""

import json
import logging
import math
import random
import statistics
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
import sqlalchemy as sa

from tests.web.conftest import Browser, Pages, build
from tests.web.sign_in.test_link import plain
from web.access import rate_limits
from web.access.rate_limits import Limit
from workflow.database.engine import Database
from workflow.database.models import Base, SignInRequest, Tries
from workflow.sign_in import links

COORDINATOR = "koordinaator@example.org"
THREE = Limit("three", 3, timedelta(minutes=10))


def tried(pages: Pages, limit: Limit, who: str) -> int:
    with pages.app.test_request_context():
        return rate_limits.left(limit, who)


def test_the_fourth_of_three_waits_until_the_window_ends(db: Database) -> None:
    pages = build(db)
    assert [tried(pages, THREE, "a") for _ in range(3)] == [0, 0, 0]
    pages.world.now += timedelta(minutes=4)
    assert tried(pages, THREE, "a") == 360 and tried(pages, THREE, "b") == 0
    pages.world.now += timedelta(minutes=6)
    assert tried(pages, THREE, "a") == 0


def test_two_processes_count_together(db: Database) -> None:
    one, two = build(db), build(Database(db.url))
    assert [tried(p, THREE, "a") for p in (one, two, one, two)] == [0, 0, 0, 600]
    two.db.close()


def test_none_of_many_at_once_is_missed(db: Database) -> None:
    pages, many = build(db), Limit("many", 25, timedelta(minutes=1))
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.extend(tried(pages, many, "a") for _ in range(5))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 40 and answers.count(0) == 25


def test_searches_of_one_person_are_few_enough_that_nobody_spells_out_a_secret(db: Database) -> None:
    pages = build(db)
    browsers = [pages.browser(), pages.browser()]
    for browser in browsers:
        browser.sign_in(pages, COORDINATOR)
    paths = ("/office/outbox?q=a", "/office/inbox?show=all&q=b", "/office/people?q=c", "/office/board?q=d")
    answers = [browsers[n % 2].get(paths[n % 4], headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in range(61)]
    assert [a.status_code for a in answers] == [200] * 60 + [429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert "Liiga palju otsinguid" in browsers[0].get("/office/people?q=x&lang=et").text
    assert browsers[0].get("/office/people").status_code == 200
    pages.world.now += timedelta(minutes=1)
    assert browsers[0].get("/office/outbox?q=a").status_code == 200


def test_counts_name_nobody_and_are_forgotten(pages: Pages) -> None:
    tried(pages, THREE, COORDINATOR)
    with pages.db.reading() as session:
        (row,) = session.scalars(sa.select(Tries))
        assert "example" not in row.key and len(row.key) == 64
    pages.world.now += timedelta(days=2)
    tried(pages, THREE, "b")
    with pages.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Tries)) == 1


def test_links_are_few_a_minute_from_one_place_whatever_the_addresses(pages: Pages) -> None:
    browser, far = pages.browser(), {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    codes = [browser.post("/signin", {"address": f"a{n}@example.org"}, **far).status_code for n in range(25)]
    assert codes == [200] * 20 + [429] * 5
    other = {"environ_base": {"REMOTE_ADDR": "203.0.113.10"}}
    assert browser.post("/signin", {"address": COORDINATOR}, **other).status_code == 200
    pages.world.now += timedelta(minutes=1)
    assert browser.post("/signin", {"address": COORDINATOR}, **far).status_code == 200


def test_over_ipv6_a_whole_network_is_one_place(pages: Pages) -> None:
    """Whoever has one address there has 2**64 of them."""
    browser, codes = pages.browser(), []
    for n in range(25):
        far = {"environ_base": {"REMOTE_ADDR": f"2001:db8:1:2:{n:x}::{n * 1319 % 65536:x}"}}
        codes.append(browser.post("/signin", {"address": f"a{n}@example.org"}, **far).status_code)
    assert codes == [200] * 20 + [429] * 5
    other = {"environ_base": {"REMOTE_ADDR": "2001:db8:1:3::1"}}
    assert browser.post("/signin", {"address": COORDINATOR}, **other).status_code == 200


# -- strangers who ask in somebody's name ---------------------------------------------------------------------------


def from_one_place(n: int) -> str:
    return "203.0.113.9"


def from_many_places(n: int) -> str:
    return f"198.51.{n // 200}.{n % 200}"


def from_her_own_network(n: int) -> str:
    return HER_PLACE


HER_PLACE: Final = "192.0.2.7"
FLOODS: Final = (from_one_place, from_many_places, from_her_own_network)


def her_usual_browser(pages: Pages) -> Browser:
    browser = pages.browser()
    browser.sign_in(pages, COORDINATOR)
    browser.post("/signout")
    return browser


def a_fresh_browser(pages: Pages) -> Browser:
    return pages.browser()


def flood(pages: Pages, place: Callable[[int], str], hours: float, every: timedelta) -> None:
    """Strangers ask for links in her name, as many as their places may, and the worker does its work."""
    until, n = pages.world.now + timedelta(hours=hours), 0
    while pages.world.now < until:
        for _ in range(6):
            pages.browser().post("/signin", {"address": COORDINATOR}, environ_base={"REMOTE_ADDR": place(n)})
            n += 1
        links.post_links(pages.world.season, pages.db, pages.world.now)
        pages.world.now += every


@pytest.mark.parametrize("hers", [her_usual_browser, a_fresh_browser], ids=lambda one: one.__name__)
@pytest.mark.parametrize("place", FLOODS, ids=lambda one: one.__name__)
@pytest.mark.parametrize("hours", [0.02, 0.2, 1.1])
def test_however_many_strangers_ask_in_her_name_her_link_is_in_her_mailbox_and_works(
    pages: Pages, hers: Callable[[Pages], Browser], place: Callable[[int], str], hours: float
) -> None:
    browser = hers(pages)
    flood(pages, place, hours, timedelta(seconds=66))
    asked = browser.post("/signin", {"address": COORDINATOR}, environ_base={"REMOTE_ADDR": HER_PLACE})
    assert asked.status_code == 200
    link = pages.link()
    assert pages.browser().post(link).status_code == 410, "of no use to whoever did not ask"
    assert browser.post(link).status_code == 303


def test_the_mails_that_strangers_cause_her_stay_few_all_day(pages: Pages) -> None:
    flood(pages, from_many_places, 24, timedelta(minutes=4))
    assert 5 <= len(pages.world.messages("sign_in")) <= 60


@pytest.mark.parametrize("place", FLOODS[::2], ids=lambda one: one.__name__)
def test_whoever_floods_a_shared_network_keeps_its_others_out_for_a_minute_at_most(
    pages: Pages, place: Callable[[int], str]
) -> None:
    for n in range(40):
        pages.browser().post("/signin", {"address": f"a{n}@example.org"}, environ_base={"REMOTE_ADDR": place(n)})
    pages.world.now += timedelta(minutes=1)
    browser = pages.browser()
    browser.post("/signin", {"address": COORDINATOR}, environ_base={"REMOTE_ADDR": HER_PLACE})
    assert browser.post(pages.link()).status_code == 303


def test_proxies_are_believed_only_as_many_as_there_are(sqlite_db: Database) -> None:
    for proxies, counted_apart in ((0, False), (1, True)):
        pages = build(sqlite_db)
        settings = pages.app.extensions["teekond"].settings
        web = settings.web.model_copy(update={"proxies": proxies})
        pages = build(sqlite_db, settings={"web": web})
        pages.world.now += timedelta(hours=proxies)
        browser, codes = pages.browser(), set()
        for n in range(25):
            forwarded = {"X-Forwarded-For": f"198.51.100.{n}, 203.0.113.{n}"}
            at = {"environ_base": {"REMOTE_ADDR": "203.0.113.200"}, "headers": forwarded}
            codes.add(browser.post("/signin", {"address": f"b{n}@example.org"}, **at).status_code)
        assert (429 not in codes) is counted_apart


# -- nobody is told who is known -------------------------------------------------------------------------------------


ASKED = 500
"""requests for a known address, and as many for an unknown one: row D8 of the list of threats"""
ROUNDS = 6
"""of two alike one round in twenty says p < 0.05 by chance, and a busy machine blurs more: what is real shows in all"""


def p_value(one: list[float], other: list[float]) -> float:
    """Of two samples of one distribution, how often they would lie as far apart: the rank-sum test of Mann and Whitney
    (Annals of Mathematical Statistics 18, 1947), two-sided, its sum taken as normal, as it is from some twenty on."""
    n, m = len(one), len(other)
    ranked = sorted([(took, True) for took in one] + [(took, False) for took in other])
    ranks = sum(rank for rank, (_, of_one) in enumerate(ranked, 1) if of_one)
    apart = abs(ranks - n * (n + m + 1) / 2) / math.sqrt(n * m * (n + m + 1) / 12)
    return 2 * (1 - statistics.NormalDist().cdf(apart))


def test_the_comparison_sees_a_tenth_of_difference_and_none_where_there_is_none() -> None:
    """What the next test would say of a service that tells who is known."""
    drawn = random.Random(8)
    one, other, slower = ([drawn.lognormvariate(0, 0.2) * slow for _ in range(ASKED)] for slow in (1, 1, 1.1))
    assert p_value(one, other) > 0.05 > p_value(one, slower)
    assert p_value(one, one[::-1]) > 0.9


def asked_round(pages: Pages, seed: int, statements: list[str]) -> dict[bool, list[float]]:
    """How long each of many requests took, in random order, by whether the address is known; and, without a clock, that
    they make the very same statements and answer with the very same page."""
    browser, took = pages.browser(), {True: list[float](), False: list[float]()}
    work, texts = set[str](), set[str]()
    for known in random.Random(seed).sample([True, False] * ASKED, 2 * ASKED):
        address = COORDINATOR if known else "keegi.teine@example.org"
        pages.world.now += timedelta(minutes=16)
        token = browser.token()
        statements.clear()
        begun = time.perf_counter()
        answer = browser.client.post("/signin", data={"csrf": token, "address": address})
        took[known].append(time.perf_counter() - begun)
        assert answer.status_code == 200
        work.add("\n".join(statements))
        texts.add(plain(answer.text))
    assert len(work) == 1 and work.pop().count("\n") >= 1 and len(texts) == 1
    assert [len(times) for times in took.values()] == [ASKED, ASKED]
    return took


def test_known_and_unknown_take_the_same_work_and_the_same_time(pages: Pages) -> None:
    """Medians within 5 %, and nothing that a statistician would call a difference."""
    statements: list[str] = []
    sa.event.listen(pages.db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    said = []
    for seed in range(ROUNDS):
        took = asked_round(pages, seed, statements)
        medians = sorted(statistics.median(times) for times in took.values())
        said.append((medians[1] / medians[0] - 1, p_value(took[True], took[False])))
        if said[-1][0] < 0.05 < said[-1][1]:
            break
    print(f"{len(said)} rounds of {ASKED} + {ASKED}: (medians apart, p) {said}")
    assert said[-1][0] < 0.05 < said[-1][1], said


def test_known_and_unknown_leave_the_same_rows_and_read_the_same(pages: Pages) -> None:
    texts, counts = [], []
    for address in (COORDINATOR, "keegi@example.org"):
        texts.append(plain(pages.browser().post("/signin", {"address": address}).text))
        with pages.db.reading() as session:
            tables = Base.metadata.sorted_tables
            counts.append([session.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables])
    assert texts[0] == texts[1]
    grown = [b - a for a, b in zip(counts[0], counts[1], strict=True)]
    assert sorted(grown)[-1:] == [1] and sum(grown) == 1  # a request, for the stranger too
    pages.link()
    with pages.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SignInRequest)) == 0


def test_a_link_that_was_good_once_and_one_that_never_was_are_told_alike(pages: Pages) -> None:
    """Row A7 of the list of threats: same statements, same bytes; whoever guesses learns nothing from a near miss."""
    browser, thief = pages.browser(), pages.browser()
    browser.post("/signin", {"address": COORDINATOR})
    late = pages.link()
    pages.world.wait(minutes=11)
    browser.sign_in(pages, COORDINATOR)
    used = pages.link()
    browser.post("/signout")
    browser.post("/signin", {"address": COORDINATOR})
    anothers = pages.link()
    never = "/signin/" + "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz234567", k=len(used) - 8))
    statements: list[str] = []
    sa.event.listen(pages.db.engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    for ask in (thief.get, thief.post):
        said, work = set[tuple[int, str]](), set[str]()
        for link in (never, late, used, anothers):
            statements.clear()
            answer = ask(link)
            said.add((answer.status_code, plain(answer.text).replace(link, "")))
            work.add("\n".join(statements))
        assert len(said) == 1 and said.pop()[0] == 410, said
        assert len(work) == 1 and "FROM sign_ins" in work.pop(), work


# -- the log --------------------------------------------------------------------------------------------------------


def test_the_security_log_tells_what_happened_and_no_secret(pages: Pages, caplog: pytest.LogCaptureFixture) -> None:
    trainer = pages.world.season.programme.trainers[0].address
    with caplog.at_level(logging.INFO):
        browser = pages.browser()
        browser.sign_in(pages, COORDINATOR)
        link, code = pages.link(), pages.phone(COORDINATOR).code()
        other = pages.browser()
        other.post("/signin", {"address": trainer})
        other.post(pages.link())
        other.get("/office")
        other.post("/signin/" + "a" * 32)
        other.client.post("/signout")
        other.get("/", headers={"Host": 'evil.example"}{"level":'})
        other.get("/q/" + "z" * 26)
        other.post("/signin", {"address": 'x\n{"event": "signed in"}@example.org'})
        browser.post("/signin/second/code", {"code": "000000"})
        browser.post("/signout")
    told = [json.loads(r.message) for r in caplog.records if r.name == "teekond.security"]
    events = [one["event"] for one in told]
    for event in (
        "link asked", "half signed in", "second factor", "signed in", "refused", "link refused", "form refused",
        "other host", "second factor wrong", "signed out",
    ):  # fmt: skip
        assert event in events, (event, events)
    assert all("\n" not in r.message for r in caplog.records if r.name == "teekond.security")
    whole = caplog.text
    cookie = browser.client.get_cookie("browser")
    assert cookie is not None
    for secret in (link.rpartition("/")[2], code, cookie.value, COORDINATOR, trainer, "z" * 26, "evil"):
        assert secret not in whole, secret
    assert set().union(*told) <= {"event", "at", "from", "endpoint", "method", "person", "how", "seconds"}
