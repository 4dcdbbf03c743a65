"""What those see who watch over the service: ready or not and why; the figures, for those whom they concern."""

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.builders import FEBRUARY
from tests.web.conftest import Pages, build
from web.app import create_app
from web.context import Web
from web.front.health import LEAST_FREE
from workflow.database.engine import Database
from workflow.database.models import Alert
from workflow.schedule import heartbeat
from workflow.views import metrics

FAR = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
TOKEN = "a token of at least thirty-two characters"


def set_up(pages: Pages, **given: Any) -> None:
    for name, value in given.items():
        object.__setattr__(pages.app.extensions["teekond"], name, value)


def working(pages: Pages, at: datetime | None = None) -> None:
    with pages.db.writing() as session:
        heartbeat.give(session, at or pages.world.now)


# -- the sign of life ---------------------------------------------------------------------------------------------


def pulses(db: Database, clock: Callable[[], datetime]) -> list[datetime]:
    """The signs of life kept, one a call of twenty seconds each."""
    beat, found = heartbeat.Pulse(db, clock), []
    for _ in range(10):
        beat()
        with db.reading() as session:
            last = heartbeat.last(session)
            assert last is not None
            found.append(last)
    return found


def test_a_sign_of_life_is_written_once_a_minute(db: Database) -> None:
    moments = iter(FEBRUARY + timedelta(seconds=20 * i) for i in range(10))
    assert sorted(set(pulses(db, lambda: next(moments)))) == [
        FEBRUARY + timedelta(minutes=i) for i in range(4)
    ]


def test_a_clock_that_was_put_back_is_believed(db: Database) -> None:
    moments = iter([FEBRUARY, *[FEBRUARY - timedelta(days=1)] * 9])
    assert pulses(db, lambda: next(moments))[-1] == FEBRUARY - timedelta(days=1)


def test_a_database_that_is_away_does_not_end_the_worker(sqlite_db: Database, caplog: pytest.LogCaptureFixture) -> None:
    beat = heartbeat.Pulse(sqlite_db, lambda: FEBRUARY)
    with sqlite_db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE settings RENAME TO away")
    beat()
    assert "sign of life could not be written" in caplog.text
    with sqlite_db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO settings")
    beat()
    with sqlite_db.reading() as session:
        assert heartbeat.last(session) == FEBRUARY


# -- ready --------------------------------------------------------------------------------------------------------


def test_it_is_ready_when_every_part_is(db: Database) -> None:
    pages = build(db)
    working(pages)
    set_up(pages, disk_free=lambda: LEAST_FREE)
    answer = pages.browser().get("/readyz")
    assert answer.status_code == 200
    parts = ("database", "migrations", "worker", "reading", "mail", "disk")
    assert answer.json == {"ok": True, **dict.fromkeys(parts, "ok")}


def test_it_says_that_no_worker_ever_began(pages: Pages) -> None:
    answer = pages.browser().get("/readyz")
    assert answer.status_code == 503 and "no worker has begun yet" in answer.json["worker"]


def test_it_says_for_how_long_the_worker_is_silent(pages: Pages) -> None:
    working(pages, pages.world.now - heartbeat.STALE)
    assert pages.browser().get("/readyz").status_code == 200
    working(pages, pages.world.now - timedelta(minutes=17, seconds=5))
    answer = pages.browser().get("/readyz")
    assert answer.status_code == 503 and answer.json["worker"] == "no sign of life for 17 minutes"
    assert [answer.json[part] for part in ("database", "migrations", "disk")] == ["ok"] * 3


def test_it_says_that_no_letter_can_be_read_until_the_worker_can_again_or_stopped(db: Database) -> None:
    pages = build(db)
    working(pages)
    with db.writing() as session:
        heartbeat.note_reading(session, pages.world.now)
    answer = pages.browser().get("/readyz")
    assert answer.status_code == 503 and "letters wait" in answer.json["reading"]
    with db.writing() as session:
        heartbeat.note_reading(session, None)
    assert pages.browser().get("/readyz").status_code == 200


def test_it_says_that_the_disk_is_nearly_full(pages: Pages) -> None:
    working(pages)
    set_up(pages, disk_free=lambda: LEAST_FREE - 1)
    answer = pages.browser().get("/readyz")
    assert answer.status_code == 503 and answer.json["disk"] == "174 MiB are free, 175 MiB are needed"


def test_it_says_that_the_disk_cannot_be_read(pages: Pages) -> None:
    working(pages)
    set_up(pages, disk_free=lambda: shutil.disk_usage("/no/such/folder").free)
    answer = pages.browser().get("/readyz")
    assert answer.status_code == 503 and answer.json["disk"] == "cannot be read"


def test_it_says_that_the_tables_are_of_another_version(db: Database) -> None:
    pages = build(db)
    working(pages)
    with db.engine.begin() as connection:
        (head,) = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars()
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        answer = pages.browser().get("/readyz")
    finally:
        with db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{head}'")
    assert answer.status_code == 503 and "another version" in answer.json["migrations"]


def test_a_database_that_does_not_answer_is_told_without_its_words(pages: Pages) -> None:
    def fails(_connection: object) -> None:
        raise sa.exc.OperationalError("BEGIN", {}, Exception("postgresql://user:pw@host"))

    sa.event.listen(pages.db.engine, "begin", fails)
    answer = pages.browser().get("/readyz")
    sa.event.remove(pages.db.engine, "begin", fails)
    assert answer.status_code == 503 and answer.json["database"] == "no answer"
    assert "pw@host" not in answer.text and "user" not in answer.text


# -- figures ------------------------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_tables(db: Database) -> None:
    pages = build(db)
    world = pages.world
    crew = world.apply("Võru")
    world.send_all()
    crew.replies("verify", "JAH")
    world.write("keegi@example.net", "koosloome@example.org", "Tere?")
    with db.writing() as session:
        session.add(Alert(key="x", kind="x", says={"et": "x", "en": "x"}, at=world.now))
        heartbeat.give(session, world.now)
    world.now += timedelta(seconds=90)
    with db.reading() as session:
        found = metrics.of(session, world.now)
    assert sum(found.letters.values()) == 2 and found.outcomes["accepted"] == 1 and sum(found.outcomes.values()) == 2
    assert found.messages["sent"] >= 1 and found.message_age == (90 if found.messages.get("queued") else 0)
    assert (found.letter_age, found.worker_age) == (0, 90) and found.alerts >= 1
    assert found.duties_late == 0 and found.duty_age == 0
    with db.reading() as session:
        late = metrics.of(session, world.now + timedelta(days=400))
    assert late.duties_late > 0 and late.duty_age > 0


def test_figures_are_told_as_prometheus_reads_them(pages: Pages) -> None:
    pages.world.apply("Võru")
    working(pages)
    answer = pages.browser().get("/metrics")
    assert answer.status_code == 200 and answer.content_type == "text/plain; version=0.0.4; charset=utf-8"
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[a-z_]+"\})? [0-9.e+]+')
    lines = answer.text.splitlines()
    assert answer.text.endswith("\n") and all(line.startswith("# ") or sample.fullmatch(line) for line in lines)
    named = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(named) == len(set(named)) == 9
    assert 'teekond_messages{status="queued"} ' in answer.text and "teekond_worker_seconds 0" in lines
    for secret in ("Võru", "@", "example"):
        assert secret not in answer.text


def test_figures_cost_the_same_however_much_there_is(pages: Pages) -> None:
    counted: list[str] = []
    sa.event.listen(pages.db.engine, "before_cursor_execute", lambda *said: counted.append(said[2]))
    pages.browser().get("/metrics")
    first = len(counted)
    for name in ("Võru", "Rõuge", "Saku"):
        pages.world.apply(name)
    counted.clear()
    pages.browser().get("/metrics")
    assert 0 < len(counted) == first <= 12


@pytest.mark.parametrize("address", ["203.0.113.9", "2001:db8::1", "10.1.2.3", "", "elsewhere"])
def test_figures_are_not_for_strangers(pages: Pages, address: str) -> None:
    assert pages.browser().get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code == 403


def build_with(db: Database, **web: Any) -> Pages:
    plain = build(db)
    service = plain.world.config.service
    given = service.web.model_validate(service.web.model_dump() | web)
    return build(db, settings={"web": given})


def test_figures_are_for_the_networks_that_the_config_names(sqlite_db: Database) -> None:
    pages = build_with(sqlite_db, metrics_from=("10.0.0.0/8", "2001:db8::/32"))
    assert [
        pages.browser().get("/metrics", environ_base={"REMOTE_ADDR": address}).status_code
        for address in ("10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "127.0.0.1", "192.0.2.1")
    ] == [200, 200, 200, 403, 403]


def test_behind_a_proxy_that_the_config_does_not_know_nobody_is_near(pages: Pages) -> None:
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP"):
        assert pages.browser().get("/metrics", headers={header: "127.0.0.1"}).status_code == 403


def test_behind_a_proxy_of_ours_the_real_address_counts(sqlite_db: Database) -> None:
    pages = build_with(sqlite_db, proxies=1)
    for address, status in (("203.0.113.9", 403), ("127.0.0.1", 200)):
        assert pages.browser().get("/metrics", headers={"X-Forwarded-For": address}).status_code == status


def test_figures_are_for_whoever_brings_the_token(sqlite_db: Database) -> None:
    pages = build_with(sqlite_db, metrics_token=TOKEN)
    for given, status in ((f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 403), ("Bearer ", 403), ("Basic eDp5", 403)):
        assert pages.browser().get("/metrics", headers={"Authorization": given}, **FAR).status_code == status
    assert pages.browser().get("/metrics", **FAR).status_code == 403


def test_without_a_token_in_the_config_none_opens(pages: Pages) -> None:
    for given in ("Bearer ", "Bearer None", "Bearer **********"):
        assert pages.browser().get("/metrics", headers={"Authorization": given}, **FAR).status_code == 403


def test_looking_changes_nothing(pages: Pages) -> None:
    before = pages.digest()
    for where in ("/healthz", "/readyz", "/metrics"):
        pages.browser().get(where, headers={"Host": "203.0.113.7"})
    assert pages.digest() == before


# -- today's page -------------------------------------------------------------------------------------------------


def test_the_coordinator_sees_that_mail_is_not_handled(pages: Pages) -> None:
    browser = pages.browser()
    browser.sign_in(pages, "koordinaator@example.org")

    def banner() -> str:
        return browser.get("/office").text.partition('role="alert"')[2].partition("</div>")[0]

    assert banner() == ""  # nobody ever worked: the service is being set up
    working(pages)
    assert banner() == ""
    working(pages, pages.world.now - timedelta(hours=2))
    assert "Kirju praegu ei töödelda" in banner() and "1. veebruaril kell 10" in banner()
    working(pages)
    assert banner() == ""


def test_the_version_is_told_to_those_who_may_read_figures_and_to_nobody_else(pages: Pages) -> None:
    web: Web = pages.app.extensions["teekond"]
    changed = {name: getattr(web, name) for name in Web.__slots__}  # type: ignore[attr-defined]
    pages.app = create_app(Web(**{**changed, "version": lambda: "0.1.0.dev7+gabc"}))
    working(pages)
    browser = pages.browser()
    assert browser.get("/readyz").json["version"] == "0.1.0.dev7+gabc"
    assert 'teekond_build_info{version="0.1.0.dev7+gabc"} 1' in browser.get("/metrics").text.splitlines()
    assert "dev7" not in browser.get("/readyz", **FAR).text and "dev7" not in browser.get("/healthz", **FAR).text
