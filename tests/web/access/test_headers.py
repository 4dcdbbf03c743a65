"""The headers of every answer: every route, and every status there is, over https too."""

import pytest
import sqlalchemy as sa
from flask import abort
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from tests.web.access.test_route_matrix import there_are
from tests.web.conftest import Pages, build
from tests.web.full_season import in_april, path
from web.access import roles
from workflow.database.engine import Database

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
POLICY = {"default-src 'none'", "base-uri 'none'", "object-src 'none'"}
SITE = "https://teekond.example.org"


def sealed(answer: TestResponse) -> int:
    """The status of an answer with every header it must have."""
    where = (answer.request.path, answer.status_code)
    for name, value in ALWAYS.items():
        assert answer.headers.get_all(name) == [value], (where, name)
    (policy,) = answer.headers.get_all("Content-Security-Policy")
    parts = {part.strip() for part in policy.split(";")}
    assert parts >= POLICY, where
    assert any(part.startswith("form-action '") for part in parts), where
    framed = "frame-ancestors 'self'" in parts
    assert framed or "frame-ancestors 'none'" in parts, where
    assert answer.headers["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY")
    assert not framed or any(part.startswith("sandbox") for part in parts), where
    assert "unsafe" not in policy or any(part.startswith("sandbox") for part in parts), where
    html = answer.mimetype == "text/html"
    assert answer.headers["Referrer-Policy"] == ("same-origin" if html else "no-referrer"), where
    static = answer.request.path.startswith("/static/") and answer.status_code in (200, 304)
    assert answer.headers["Cache-Control"] == ("public, max-age=3600" if static else "no-store"), where
    assert "Server" not in answer.headers and "X-Powered-By" not in answer.headers
    for cookie in answer.headers.get_all("Set-Cookie"):
        assert cookie.startswith(("__Host-", "lang=", "told=")), cookie
        assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")), cookie
        assert "Domain" not in cookie
    if answer.data and answer.request.method != "HEAD":
        kind = answer.headers["Content-Type"]
        assert not kind.startswith("text/") or "charset=utf-8" in kind.lower(), (where, kind)
    return answer.status_code


def test_every_route_and_every_status_carries_the_headers(sqlite_db: Database) -> None:
    pages = build(sqlite_db, base_url=SITE)
    season = in_april(pages)
    values, seen = season.values(), set()
    coordinator = pages.browser()
    coordinator.sign_in(pages, "koordinaator@example.org")
    for browser in (pages.browser(), coordinator):
        for (method, _), rule in there_are(pages).items():
            where = path(rule, values)
            if method == "GET":
                seen |= {sealed(browser.get(where)), sealed(browser.client.head(where))}
                seen.add(sealed(browser.client.options(where)))
            else:
                seen.add(sealed(browser.client.post(where)))
            seen.add(sealed(browser.client.delete(where)))
        seen |= {sealed(browser.get("/no/such/page")), sealed(browser.get("/q/" + "x" * 26))}
    tag = coordinator.get("/static/teekond.css").headers["ETag"]
    seen.add(sealed(coordinator.get("/static/teekond.css", headers={"If-None-Match": tag})))
    assert seen >= {200, 303, 304, 400, 404, 405}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 501, 503])
def test_every_way_of_failing_carries_the_headers(sqlite_db: Database, status: int) -> None:
    pages = build(sqlite_db, base_url=SITE)
    pages.app.view_functions["public.programme"] = roles.anybody(lambda: abort(status))
    answer = pages.browser().get("/")
    assert sealed(answer) == status
    assert "<h1>" in answer.text and "Traceback" not in answer.text
    assert ("Retry-After" in answer.headers) is (status in (429, 503))


def test_a_fault_of_our_own_says_nothing_about_itself(sqlite_db: Database) -> None:
    pages = build(sqlite_db, base_url=SITE)

    def broken() -> str:
        raise RuntimeError("the secret is 12345")

    pages.app.view_functions["public.programme"] = roles.anybody(broken)
    answer = pages.browser().get("/")
    assert sealed(answer) == 500 and "12345" not in answer.text and "RuntimeError" not in answer.text


def test_too_large_and_too_often_carry_the_headers(sqlite_db: Database) -> None:
    pages = build(sqlite_db, base_url=SITE)
    browser = pages.browser()
    assert sealed(browser.post("/info-day", {"name": "x" * 2_000_000})) == 413
    far = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    answers = [browser.post("/signin", {"address": "a@example.org"}, **far) for _ in range(25)]
    assert {sealed(answer) for answer in answers} == {200, 429}


# -- the database away ----------------------------------------------------------------------------------------------


class Away:
    """A database that does not answer, as the driver says so."""

    def __init__(self, pages: Pages) -> None:
        self.engine = pages.db.engine

    def __enter__(self) -> None:
        sa.event.listen(self.engine, "begin", self._fails)

    def __exit__(self, *_: object) -> None:
        sa.event.remove(self.engine, "begin", self._fails)

    @staticmethod
    def _fails(_connection: object) -> None:
        raise OperationalError("BEGIN", {}, Exception("server closed the connection: postgresql://user:pw@host"))


def test_while_the_database_is_away_pages_say_so_and_keep_what_was_typed(sqlite_db: Database) -> None:
    pages = build(sqlite_db, base_url=SITE)
    browser = pages.browser()
    browser.sign_in(pages, "koordinaator@example.org")
    token = browser.token()
    typed = {"name": "Mari <b>Kask</b>", "address": "mari@example.org", "why": "Esimene rida\nteine \"rida\""}
    with Away(pages):
        for where in ("/office", "/q/" + "a" * 26, "/sign-ins"):
            answer = browser.get(where)
            assert sealed(answer) == 503 and answer.headers["Retry-After"] == "30", where
            assert "pw@host" not in answer.text
        answer = browser.client.post("/info-day", data={"csrf": token, **typed})
        assert sealed(answer) == 503
    assert "Mari &lt;b&gt;Kask&lt;/b&gt;" in answer.text and "teine &#34;rida&#34;" in answer.text
    assert answer.text.count('name="csrf"') == 1 and "<form method=\"post\"" in answer.text
    again = browser.post("/info-day", typed)
    assert again.status_code in (200, 303, 400)


def test_health_says_when_the_database_is_away(sqlite_db: Database) -> None:
    pages = build(sqlite_db, base_url=SITE)
    with Away(pages):
        answer = pages.browser().get("/healthz")
    assert sealed(answer) == 503 and answer.json == {"ok": False, "database": "no answer"}
