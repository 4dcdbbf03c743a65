"""Nobody gets in, nothing changes and nothing leaks where it should not: tried on every route there is."""

import re
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.routing import Rule

from tests.builders import World
from tests.web.conftest import Browser, Pages, build
from workflow.database.engine import Database

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
                path = filled(rule, {"secret": secret, "filename": "teekond.css"})
                for method in ("GET", "HEAD", "OPTIONS"):
                    browser.client.open(path, method=method)
        assert season.digest() == before


def test_a_form_without_its_token_is_refused_everywhere(season: Pages) -> None:
    secret = season.door("verify").removeprefix("/q/")
    for browser in visitors(season):
        before = season.digest()
        for rule in rules(season, "POST"):
            path = filled(rule, {"secret": secret})
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


def test_a_demonstration_may_be_looked_at_from_anywhere(season: Pages) -> None:
    assert season.browser().get("/demo", headers={"Host": "another-machine:8080"}).status_code == 200


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
