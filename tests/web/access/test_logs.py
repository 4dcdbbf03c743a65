"""The log: one line an event, in UTC, with its request and endpoint, and never what somebody wrote or a secret."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from service import logs
from tests.web.conftest import Pages
from tests.web.full_season import in_april
from web.access import roles
from workflow.config.settings import Log

BODY = "ema-on-haige-0101"


@contextmanager
def logged(kind: str, level: str = "info") -> Iterator[io.StringIO]:
    """What the process logs meanwhile, as `set_up` has it written."""
    root, security = logging.getLogger(), logging.getLogger("teekond.security")
    before = root.handlers[:], root.level, security.level
    out = io.StringIO()
    root.handlers = []
    logs.set_up(Log.model_validate({"format": kind, "level": level}), verbose=False)
    ours = root.handlers[0]
    assert isinstance(ours, logging.StreamHandler)
    ours.setStream(out)
    try:
        yield out
    finally:
        root.handlers, root.level = before[0], before[1]
        security.setLevel(before[2])
        root.setLevel(before[1])


def trouble(pages: Pages) -> list[str]:
    """Everything that goes wrong at a secret door, with words in it that nobody may read. Returns those words."""
    season = in_april(pages)
    secret = pages.door("homework", team=season.mine.id)
    browser = pages.browser()

    def broken(**_: object) -> str:
        try:
            with pages.db.writing() as session:
                session.execute(sa.text("INSERT INTO nothing VALUES (:body)"), {"body": BODY})
        except sa.exc.SQLAlchemyError as error:
            raise RuntimeError(f"no such luck: {BODY} at {secret}") from error
        return ""

    for endpoint in ("door.show", "door.open", "door.page", "door.ask", "door.send"):
        if endpoint in pages.app.view_functions:
            pages.app.view_functions[endpoint] = roles.anybody(broken)
    rule = next(r for r in pages.app.url_map.iter_rules() if r.rule == "/q/<secret>" and "GET" in (r.methods or ()))
    pages.app.view_functions[rule.endpoint] = roles.anybody(broken)
    assert browser.get(secret).status_code == 500
    browser.client.post("/signin", data={"address": "mari@example.org", "csrf": "wrong"})
    logging.getLogger("teekond").warning("mail for r-%s@teekond.example.org on %s\nsecond line", "a" * 26, secret)
    logging.getLogger("teekond").info("postgresql+psycopg://teekond:sala-0102@db/teekond")
    return [BODY, secret.removeprefix("/q/"), "mari@example.org", "a" * 26, "sala-0102", "INSERT"]


@pytest.mark.parametrize("kind", ["json", "text"])
def test_what_goes_wrong_is_logged_without_words_or_secrets(pages: Pages, kind: str) -> None:
    with logged(kind) as out:
        words = trouble(pages)
    said = out.getvalue()
    assert "RuntimeError" in said and "OperationalError" in said and "test_logs.py" in said
    for word in words:
        assert word not in said, word


def test_each_event_is_one_json_object_with_its_request(pages: Pages) -> None:
    with logged("json") as out:
        trouble(pages)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert all({"at", "level", "logger"} <= set(one) and one["at"].endswith("+00:00") for one in told)
    broken = next(one for one in told if "error" in one)
    assert broken["error"][0] == "RuntimeError" and broken["endpoint"].startswith("door.") and broken["method"] == "GET"
    refused = next(one for one in told if one.get("event") == "form refused")
    assert refused["endpoint"].startswith("signin.") and refused["request"] != broken["request"]
    plain = next(one for one in told if one.get("says", "").startswith("mail for"))
    assert plain["says"] == "mail for r-…@teekond.example.org on /q/… second line" and "request" not in plain


def test_the_level_is_kept_and_who_came_in_is_logged_in_any_case() -> None:
    with logged("text", "error") as out:
        logging.getLogger("teekond").warning("quiet")
        logging.getLogger("teekond").error("loud")
        logging.getLogger("teekond.security").info('{"event": "signed in"}')
    assert "quiet" not in out.getvalue() and "loud" in out.getvalue() and "signed in" in out.getvalue()
