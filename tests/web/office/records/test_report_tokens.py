"""Tables for other programs: a token opens what it was made for, until its day, and each use is noted."""

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk
from web.office.records import tables_out
from workflow.database.models import Person, ReportToken, Team
from workflow.views import funder_report

LINK = re.compile(r"<code>http://localhost:8080(/tables/(\w+)/(\w+)\.(csv|json))</code>")


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world, "=Võru", "I")


@pytest.fixture
def desk(pages: Pages, crew: Crew) -> Desk:
    return at_the_desk(pages)


def made(desk: Desk, *tables: str, **typed: Any) -> str:
    """The secret of a new token."""
    until = (desk.pages.world.now + timedelta(days=30)).date().isoformat()
    form = {"purpose": "Rahastaja tabel", "until": until, "table": list(tables or ("teams",)), **typed}
    answer = desk.browser.post("/office/reports/tokens?lang=et", form)
    assert answer.status_code == 200, answer.text
    found = LINK.findall(answer.text)
    assert {name for _, _, name, _ in found} == set(tables or ("teams",))
    return str(found[0][1])


def token(pages: Pages) -> ReportToken:
    with pages.db.reading() as session:
        return session.scalars(sa.select(ReportToken).order_by(ReportToken.id.desc())).first()  # type: ignore[return-value]


def status(pages: Pages, path: str, **more: Any) -> int:
    return pages.browser().get(path, **more).status_code


def test_a_table_is_read_without_signing_in_as_excel_reads_it(pages: Pages, desk: Desk) -> None:
    secret = made(desk)
    answer = pages.browser().get(f"/tables/{secret}/teams.csv")
    assert answer.status_code == 200 and answer.content_type == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][0] == "Meeskond" and rows[1][0] == "'=Võru", "no text becomes a formula"
    told = pages.browser().get(f"/tables/{secret}/teams.json").json
    assert told["rows"][0]["Meeskond"] == "=Võru" and told["rows"][0]["Kohtumisi kokku"] == 0
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_is_read_is_as_it_stands_now(pages: Pages, desk: Desk) -> None:
    secret = made(desk)
    with pages.db.writing() as session:
        session.scalars(sa.select(Team)).one().name = "Uus nimi"
    assert "Uus nimi" in pages.browser().get(f"/tables/{secret}/teams.csv").text


def test_a_token_comes_in_a_header_too(pages: Pages, desk: Desk) -> None:
    secret = made(desk)
    answer = pages.browser().get("/tables/teams.json", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200 and answer.json["table"] == "teams"
    refused = pages.browser().get("/tables/teams.json")
    assert refused.status_code == 401 and refused.headers["WWW-Authenticate"] == "Bearer"
    assert status(pages, "/tables/teams.json", headers={"Authorization": f"Bearer {secret}x"}) == 404


def test_it_opens_the_tables_that_it_was_made_for_and_nothing_else(pages: Pages, desk: Desk) -> None:
    secret = made(desk, "teams", "seminar")
    assert {name: status(pages, f"/tables/{secret}/{name}.csv") for name in funder_report.KEYS} == {
        name: 200 if name in ("teams", "seminar") else 404 for name in funder_report.KEYS
    }
    for path in ("/office", "/office/reports", "/office/reports/teams.csv", f"/q/{secret}", f"/signin/{secret}"):
        answer = pages.browser().get(path, headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code in (303, 404, 410), path
    assert pages.browser().client.post(f"/tables/{secret}/teams.csv").status_code in (400, 404, 405)


def test_its_last_use_is_noted_and_a_wrong_one_notes_nothing(pages: Pages, desk: Desk) -> None:
    secret = made(desk)
    before = pages.digest()
    assert status(pages, f"/tables/{secret[:-1]}/teams.csv") == 404
    assert status(pages, f"/tables/{secret}/members.csv") == 404
    assert pages.digest() == before
    assert token(pages).used_at is None
    pages.world.now += timedelta(minutes=5)
    status(pages, f"/tables/{secret}/teams.csv")
    assert token(pages).used_at == pages.world.now and token(pages).place
    assert "viimati kasutatud" in desk.get("/office/reports/tokens")


@pytest.mark.parametrize("how", ["revoked", "ended", "its maker left", "its maker's row is gone from the office"])
def test_it_opens_nothing_any_more_once_it_is_over(pages: Pages, desk: Desk, how: str) -> None:
    secret = made(desk)
    if how == "revoked":
        assert "class=\"notice good\"" in desk.send(f"/office/reports/tokens/{token(pages).id}/revoke")
        assert "class=\"notice warn\"" in desk.send(f"/office/reports/tokens/{token(pages).id}/revoke")
    elif how == "ended":
        pages.world.wait(days=29)
        assert status(pages, f"/tables/{secret}/teams.csv") == 200
        pages.world.now += timedelta(days=2)
    else:
        with pages.db.writing() as session:
            row = session.get_one(Person, token(pages).made_by_id)
            row.left_at = pages.world.now
    assert status(pages, f"/tables/{secret}/teams.csv") == 404


def test_so_often_a_minute_and_then_later_again(pages: Pages, desk: Desk) -> None:
    secret = made(desk)
    seen = [status(pages, f"/tables/{secret}/teams.csv") for _ in range(tables_out.LIMIT.most + 1)]
    assert seen == [200] * tables_out.LIMIT.most + [429]
    pages.world.now += timedelta(minutes=1)
    assert status(pages, f"/tables/{secret}/teams.csv") == 200


def test_the_secret_is_shown_once_and_kept_nowhere(pages: Pages, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    secret = made(desk)
    status(pages, f"/tables/{secret}/teams.csv")
    assert secret not in desk.get("/office/reports/tokens") and secret not in caplog.text
    with pages.db.reading() as session:
        assert secret not in repr(session.execute(sa.select(ReportToken.__table__)).all())


WRONG = {
    "without a purpose": {"purpose": " "},
    "without a table": {"table": []},
    "of a table that there is not": {"table": ["teams", "letters"]},
    "without an end": {"until": ""},
    "without an end in sight": {"until": "2199-01-01"},
    "of yesterday": {"until": "2020-01-01"},
}


@pytest.mark.parametrize("what", WRONG)
def test_none_is_made(pages: Pages, desk: Desk, what: str) -> None:
    form = {"purpose": "Tabel", "until": pages.world.now.date().isoformat(), "table": ["teams"], **WRONG[what]}
    answer = desk.browser.post("/office/reports/tokens?lang=en", form)
    assert answer.status_code == 400 and answer.text.count('class="notice bad"') == 1
    with pages.db.reading() as session:
        assert session.scalars(sa.select(ReportToken)).all() == []


def test_a_second_click_makes_no_second_one(pages: Pages, desk: Desk) -> None:
    made(desk)
    before = pages.digest()
    form = {"purpose": "Rahastaja tabel", "until": pages.world.now.date().isoformat(), "table": ["teams"]}
    assert 'class="notice warn"' in desk.send("/office/reports/tokens", **form)
    assert pages.digest() == before
