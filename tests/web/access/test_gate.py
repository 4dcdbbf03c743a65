"""Nobody gets in, nothing changes and nothing leaks where it should not: tried on every route there is."""

import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import IntegerConverter, Rule

from tests.builders import World
from tests.web.conftest import Browser, Pages, build
from web.access.csrf import SHOWN_AGAIN
from web.access.gate import OPEN_ROOMS
from web.access.paths import RowNumber
from web.access.roles import ANYBODY, may
from workflow.database.engine import Database
from workflow.database.models import Person

CSP = "frame-ancestors 'none'"


class NoDemo:
    """A demonstration in which nothing happens."""

    def __init__(self, world: World) -> None:
        self.world = world

    def now(self) -> Any:
        return self.world.now

    def advance_to(self, moment: Any) -> None:
        self.world.now = moment

    def advance_to_next(self) -> Any:
        return self.world.now

    def reply(self, sender: str, recipient: str, subject: str, text: str, in_reply_to: str) -> None:
        raise AssertionError("nobody replied")

    def invent_teams(self, n: int) -> None:
        raise AssertionError("nobody asked for teams")


def filled(rule: Rule, values: dict[str, Any]) -> str:
    """A path for the rule, with values that exist where they can."""
    return re.sub(r"<(?:[^:<>]+(?:\([^)]*\))?:)?([^<>]+)>", lambda m: str(values.get(m[1], "1")), rule.rule)


def own_page(pages: Pages) -> str:
    """What the link to some member's own details ends with."""
    with pages.db.reading() as session:
        person = session.scalars(sa.select(Person).where(Person.role == "member").order_by(Person.id)).first()
    assert person is not None
    return pages.world.identity.own_page(person.id, person.address_key)


def rules(pages: Pages, method: str) -> list[Rule]:
    return [rule for rule in pages.app.url_map.iter_rules() if method in (rule.methods or ())]


@pytest.fixture
def season(sqlite_db: Database) -> Pages:
    """Some teams on their way, in a demonstration, so that every route there is exists."""
    pages = build(sqlite_db, demo=NoDemo)
    pages.world.apply("Võru")
    pages.world.apply("Anija", lang="en").confirmed("I")
    return pages


def visitors(pages: Pages) -> list[Browser]:
    """A stranger, and a coordinator who is signed in."""
    known = pages.browser()
    assert known.sign_in(pages, "koordinaator@example.org").status_code == 303
    return [pages.browser(), known]


def test_looking_changes_nothing(season: Pages) -> None:
    doors = [season.door(kind).removeprefix("/q/") for kind in ("verify", "consent", "rsvp")]
    for browser in visitors(season):
        before = season.digest()
        for rule in rules(season, "GET"):
            for secret in doors if "secret" in rule.arguments else doors[:1]:
                path = filled(rule, {"secret": secret, "filename": "teekond.css", "page": own_page(season)})
                for method in ("GET", "HEAD", "OPTIONS"):
                    browser.client.open(path, method=method)
        assert season.digest() == before


def test_a_form_without_its_token_is_refused_everywhere(season: Pages) -> None:
    secret = season.door("verify").removeprefix("/q/")
    for browser in visitors(season):
        before = season.digest()
        for rule in rules(season, "POST"):
            path = filled(rule, {"secret": secret, "page": own_page(season)})
            for token in ({}, {"csrf": "0" * 64}):
                answer = browser.client.post(path, data={"answer": "yes", **token})
                assert answer.status_code == 400, (path, answer.status_code)
        assert season.digest() == before


def test_a_form_from_elsewhere_is_refused(pages: Pages) -> None:
    browser = pages.browser()
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        before = pages.digest()
        answer = browser.post("/signin", {"address": "koordinaator@example.org"}, headers=headers)
        assert answer.status_code == 400
        assert pages.digest() == before
    fine = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/signin", {"address": "a@example.org"}, headers=fine).status_code == 200


@pytest.mark.parametrize("base", ["http://localhost:8080", "https://teekond.example.org"])
def test_an_origin_is_compared_whole(sqlite_db: Database, base: str) -> None:
    """Scheme, host and port; the answer is either ours (200) or refused (400)."""
    pages = build(sqlite_db, base_url=base)
    scheme, _, host = base.partition("://")
    name = host.partition(":")[0]
    other = "http" if scheme == "https" else "https"
    others = (
        f"{other}://{host}", f"{scheme}://{name}:1", f"{scheme}://{name}", f"file://{host}", f"{base}/", f"{base}?x",
        f"{base}#x", f"{scheme}://a@{host}", f"{scheme}://{host}.evil.example", f"{scheme}://evil.example/{host}",
        f"{scheme}://{host}:", f"{scheme}://{host}:80", base.upper(),
        f"{scheme}://{host}:443", f"{scheme}://{name}:x", f"{scheme}://{name}:99999999", f" {base} x", "", "null", host,
        f"//{host}", f"{scheme}:{host}", f"{base} {base}",
    )  # fmt: skip
    wrong = []
    for origin, wanted in {**dict.fromkeys(others, 400), base: 200}.items():
        browser = pages.browser()
        token = browser.client.get("/signin?next=/", base_url=base).text
        data = {"csrf": token.partition('name="csrf" value="')[2].partition('"')[0], "address": "a@example.org"}
        got = browser.client.post("/signin", data=data, headers={"Origin": origin}, base_url=base).status_code
        if got != wanted:
            wrong.append((origin, got))
    assert not wrong


TOO_LARGE = ("2147483648", "4294967297", "9223372036854775808", "9" * 20, "9" * 5000, "-1", "٣", "1_0", "+1", "1.0")


def test_every_number_in_a_path_is_one_that_a_row_can_have(season: Pages) -> None:
    """A law of all routes: a new one with a converter of its own is found here."""
    numbered = [(rule, name) for rule in season.app.url_map.iter_rules() for name in rule._converters]
    of_rows = [(rule, name) for rule, name in numbered if isinstance(rule._converters[name], IntegerConverter)]
    assert len(of_rows) > 40 and all(isinstance(rule._converters[name], RowNumber) for rule, name in of_rows)
    adapter = season.app.url_map.bind("localhost")
    for rule, name in of_rows:
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        for number in TOO_LARGE:
            with pytest.raises((NotFound, MethodNotAllowed)):
                adapter.match(filled(rule, {name: number}), method=method)


def test_numbers_of_no_row_are_not_found_on_either_database(db: Database) -> None:
    pages = build(db)
    pages.world.apply("Võru")
    known = pages.browser()
    known.sign_in(pages, "koordinaator@example.org")
    secret = pages.door("verify").removeprefix("/q/")
    for rule in rules(pages, "GET"):
        names = [name for name, one in rule._converters.items() if isinstance(one, RowNumber)]
        for number in ("2147483647", "2147483648", "9" * 20) if names else ():
            path = filled(rule, {"secret": secret, "trigger": "withdraw", **dict.fromkeys(names, number)})
            answer = known.get(path)
            theirs = path.startswith("/staff/") and number == "2147483647"  # refused before a row is looked for
            assert answer.status_code == (403 if theirs else 404), (path, answer.status_code)


def test_another_browsers_token_is_refused(pages: Pages) -> None:
    token = pages.browser().token()
    assert pages.browser().client.post("/signin", data={"csrf": token}).status_code == 400


def test_every_answer_carries_the_headers(season: Pages) -> None:
    secret = season.door("verify").removeprefix("/q/")
    statuses = set()
    for browser in visitors(season):
        answers = [browser.get(filled(rule, {"secret": secret, "filename": "x"})) for rule in rules(season, "GET")]
        answers += [browser.client.post(filled(rule, {"secret": secret})) for rule in rules(season, "POST")]
        answers += [browser.get("/none"), browser.client.put("/"), browser.get("/static/teekond.css")]
        for answer in answers:
            statuses.add(answer.status_code)
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert (
                "unsafe" not in answer.headers["Content-Security-Policy"]
                or "sandbox" in (answer.headers["Content-Security-Policy"])
            )
            assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer")
            static = answer.request.path.startswith("/static/") and answer.status_code == 200
            assert answer.headers["Cache-Control"] == ("public, max-age=3600" if static else "no-store")
    assert statuses >= {200, 303, 400, 404, 405}


def test_pages_hold_no_script_or_style_of_their_own(season: Pages) -> None:
    for path in ("/", "/apply", "/info-day", "/signin", season.door("verify"), "/demo", "/demo/mails"):
        page = season.browser().get(path).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]+src=\"/static/)", page)
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", page)


def test_the_host_header_is_believed_by_nobody(pages: Pages) -> None:
    browser = pages.browser()
    browser.post("/signin", {"address": "koordinaator@example.org"}, headers={"Host": "localhost"})
    for host in ("evil.example", "localhost.evil.example", "evil.example:8080", "localhost:8080@evil.example", ""):
        before = pages.digest()
        evil = browser.client.get("/", headers={"Host": host})
        assert evil.status_code == 400 and "evil.example" not in evil.text, host
        asked = browser.post("/signin", {"address": "koordinaator@example.org"}, headers={"Host": host})
        assert asked.status_code == 400 and pages.digest() == before, host
    assert browser.client.get("/healthz", headers={"Host": "203.0.113.7"}).status_code == 200
    pages.link()
    assert "http://localhost:8080/signin/" in pages.world.messages("sign_in")[-1].body


def test_a_demonstration_too_answers_under_its_own_names_only(season: Pages) -> None:
    """Else a strange page could enter as anybody, by a name of its own that leads to this machine (DNS rebinding)."""
    for host in ("localhost:8080", "127.0.0.1:9999", "[::1]:8080", "[::1]"):
        assert season.browser().get("/demo", headers={"Host": host}).status_code == 200, host
    before = season.digest()
    for host in ("rebound.example:8080", "localhost.rebound.example", "127.0.0.1.rebound.example:8080", "192.0.2.7"):
        assert season.browser().get("/demo", headers={"Host": host}).status_code == 400, host
        entered = season.browser().post("/demo/people", {"person": "1"}, headers={"Host": host})
        assert entered.status_code == 400 and season.digest() == before, host


def test_a_demonstration_answers_under_the_host_it_was_started_with(sqlite_db: Database) -> None:
    pages = build(sqlite_db, demo=NoDemo, base_url="http://192.0.2.7:8080")
    assert pages.browser().get("/demo", headers={"Host": "192.0.2.7:8080"}).status_code == 200
    assert pages.browser().get("/demo", headers={"Host": "192.0.2.8:8080"}).status_code == 400


def test_over_https_cookies_are_bound_to_the_host(sqlite_db: Database) -> None:
    pages = build(sqlite_db, base_url="https://teekond.example.org")
    answer = pages.app.test_client().get("/signin", base_url="https://teekond.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-browser=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_too_many_forms_from_one_place_wait_a_minute(pages: Pages) -> None:
    browser, far = pages.browser(), {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    for _ in range(pages.world.config.programme.limits.posts_per_minute):
        assert browser.post("/signin", {"address": "nobody@example.org"}, **far).status_code == 200
    refused = browser.post("/signin", {"address": "nobody@example.org"}, **far)
    assert refused.status_code == 429 and refused.headers["Retry-After"] == "60"
    pages.world.wait(minutes=2)
    assert browser.post("/signin", {"address": "nobody@example.org"}, **far).status_code == 200


def test_what_is_too_large_is_said_to_be(pages: Pages) -> None:
    answer = pages.browser().post("/info-day", {"name": "x" * 2_000_000})
    assert answer.status_code == 413
    assert "liiga suur" in answer.text or "too large" in answer.text


def test_health_tells_whether_the_database_answers(pages: Pages) -> None:
    well = pages.browser().get("/healthz")
    assert well.status_code == 200 and well.json == {"ok": True, "database": "ok"}
    with pages.db.engine.begin() as connection:
        connection.exec_driver_sql("SELECT 1")
    pages.app.extensions["teekond"].db.engine.dispose()
    object.__setattr__(pages.app.extensions["teekond"], "healthy", lambda: {"ok": False, "worker": "stopped"})
    ill = pages.browser().get("/healthz")
    assert ill.status_code == 503 and ill.json == {"ok": False, "database": "ok", "worker": "stopped"}


def test_pages_of_the_office_lead_strangers_to_the_door(season: Pages) -> None:
    stranger = season.browser()
    office = [filled(rule, {}) for rule in rules(season, "GET") if rule.rule.startswith("/office")]
    for path in office:
        answer = stranger.get(path)
        assert answer.status_code == 303 and answer.headers["Location"].startswith("/signin"), path


def test_the_language_is_chosen_and_kept(pages: Pages) -> None:
    browser = pages.browser()
    assert '<html lang="et">' in browser.get("/", headers={"Accept-Language": "et"}).text
    assert '<html lang="en">' in browser.get("/", headers={"Accept-Language": "en-GB"}).text
    assert '<html lang="et">' in browser.get("/", headers={"Accept-Language": "fi"}).text
    assert '<html lang="en">' in browser.get("/?lang=en").text
    assert '<html lang="en">' in browser.get("/apply", headers={"Accept-Language": "et"}).text
    assert '<html lang="en">' in browser.get("/?lang=xx").text


def test_a_session_ends_after_half_an_hour_of_rest_and_after_twelve_hours(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, "koordinaator@example.org")
    for _ in range(25):
        pages.world.now += timedelta(minutes=29)
        if "/signout" not in browser.get("/").text:
            break
    assert timedelta(hours=11) < pages.world.now - pages.world.messages("sign_in")[-1].created_at < timedelta(hours=13)
    browser.sign_in(pages, "koordinaator@example.org")
    pages.world.now += timedelta(minutes=31)
    assert "/signout" not in browser.get("/").text


def test_an_expired_form_is_shown_again_to_nobody_who_may_not_see_its_page(season: Pages) -> None:
    """Each long form of the office without its token: from a stranger, from a trainer, and from a coordinator."""
    kept = [rule for rule in rules(season, "POST") if hasattr(season.app.view_functions[rule.endpoint], SHOWN_AGAIN)]
    closed = [rule for rule in kept if ANYBODY not in may(season.app, rule.endpoint, OPEN_ROOMS)]
    assert len(closed) >= 3
    stranger, coordinator = visitors(season)
    trainer = season.browser()
    assert trainer.sign_in(season, "maris.jogeva@example.org").status_code == 303
    for rule in closed:
        path = filled(rule, {})
        for browser, sees in ((stranger, False), (trainer, False), (coordinator, True)):
            answer = browser.client.post(path, data={"words": "Tere"})
            assert answer.status_code == 400
            assert ("<textarea" in answer.text or "<fieldset" in answer.text) is sees, path
