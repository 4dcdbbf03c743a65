"""The calendar's picture, and a session that falls away: first who is told, then done, once."""

import re
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
import sqlalchemy as sa

from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office.test_today import meeting
from tests.web.office_season import at_the_desk
from web.i18n import language
from web.office import drawings
from workflow.database.models import Duty, Question

WHY = "Koolitaja on haige"


def test_a_session_falls_away_after_showing_who_is_told(pages: Pages) -> None:
    crew, other = confirmed(pages.world, "Võru", "I"), pages.world.apply("Saku").confirmed("II")
    pages.world.send_all()
    desk, old = at_the_desk(pages), meeting(pages)
    first = desk.send(f"/office/calendar/{old.id}/cancel", why=WHY)
    assert WHY in first and crew.got("session_cancelled") == [] and meeting(pages).cancelled_at is None
    after = desk.confirm(f"/office/calendar/{old.id}/cancel", why=WHY)
    assert "jääb ära" in after and len(crew.got("session_cancelled")) == 4 and other.got("session_cancelled") == []
    mail = crew.got("session_cancelled")[0]
    (event,) = icalendar.Calendar.from_ical(mail.calendar or b"").walk("VEVENT")
    assert (mail.calendar_method, event["sequence"], event["status"]) == ("CANCEL", old.sequence + 1, "CANCELLED")
    assert WHY in mail.body and event["uid"] == uids_of(crew.got("place_confirmed")[0].calendar)[0]


def uids_of(calendar: bytes | None) -> list[str]:
    return [str(event["uid"]) for event in icalendar.Calendar.from_ical(calendar or b"").walk("VEVENT")]


def test_what_fell_away_is_not_reminded_of_nor_asked_about(pages: Pages) -> None:
    confirmed(pages.world, "Võru", "I")
    desk, old = at_the_desk(pages), meeting(pages)
    desk.confirm(f"/office/calendar/{old.id}/cancel", why=WHY)
    with pages.db.reading() as session:
        open_duties = sa.select(sa.func.count()).where(Duty.session_id == old.id, Duty.done_at.is_(None))
        open_asks = sa.select(sa.func.count()).where(
            Question.kind == "rsvp", Question.stage == old.stage, Question.closed_at.is_(None)
        )
        assert session.scalar(open_duties) == session.scalar(open_asks) == 0


def test_an_invitation_that_never_left_is_dropped_and_the_date_taken_back(pages: Pages) -> None:
    crew = pages.world.apply("Võru").invited("I")
    at_the_desk(pages).confirm(f"/office/calendar/{meeting(pages).id}/cancel", why=WHY)
    assert len(crew.got("session_cancelled")) == 4
    assert {m.status for m in crew.got("session_invitation") if b"workshop_1" in (m.calendar or b"")} == {"dropped"}


def test_it_falls_away_once_and_is_not_moved_afterwards(pages: Pages) -> None:
    confirmed(pages.world, "Võru", "I")
    desk, old = at_the_desk(pages), meeting(pages)
    path = f"/office/calendar/{old.id}/cancel"
    desk.confirm(path, why=WHY)
    before = pages.digest()
    assert "juba ära jäetud" in desk.send(path, why=WHY)
    form = {"starts": "2022-04-07T10:00", "ends": "2022-04-07T16:00", "place_et": "Paide", "place_en": "Paide"}
    assert "on ära jäetud" in desk.send(f"/office/calendar/{old.id}", **form)
    assert pages.digest() == before


@pytest.mark.parametrize("why", ["", "  "])
def test_without_a_reason_nothing_falls_away(pages: Pages, why: str) -> None:
    assert "Kirjutage põhjus" in at_the_desk(pages).send(f"/office/calendar/{meeting(pages).id}/cancel", why=why)
    assert meeting(pages).cancelled_at is None


def test_the_picture_says_each_groups_dates_and_today_in_words(pages: Pages) -> None:
    desk = at_the_desk(pages)
    for lang, words in {"et": ("I rühm: I ", "Täna, 1. veebruar"), "en": ("Group I: I ", "Today, ")}.items():
        page = desk.get("/office/calendar", lang)
        told = page.partition("<desc>")[2].partition("</desc>")[0]
        assert all(word in told for word in words), told
    assert page.count('class="date date-ahead"') >= 12 and 'class="date date-past"' not in page
    pages.world.now = datetime(2022, 5, 1, tzinfo=UTC)
    assert 'class="date date-past"' in at_the_desk(pages).get("/office/calendar")


def test_from_when_till_when_stays_on_one_line(pages: Pages) -> None:
    start, end = datetime(2022, 4, 5, 6, tzinfo=UTC), datetime(2022, 4, 5, 14, tzinfo=UTC)
    with pages.app.test_request_context("/?lang=et"):
        same = 'teisipäev, 5. aprill 2022 <span class="nowrap">kell 9.00–17.00</span>'
        assert language.span(start, end) == same
        assert language.span(start, end + timedelta(days=1)) == (
            "teisipäev, 5. aprill 2022 kell 9.00 – kolmapäev, 6. aprill 2022 kell 17.00"
        )
        assert (language.hour(start), language.weekday(start)) == ("9.00", "teisipäev, 5. aprill 2022")
    with pages.app.test_request_context("/?lang=en"):
        assert language.span(start, end).endswith('2022 <span class="nowrap">at 9:00–17:00</span>')
        assert (language.hour(start), language.weekday(start)) == ("9:00", "Tuesday, 5 April 2022")


def test_dates_stay_within_their_picture_and_escape_every_word() -> None:
    at = datetime(2022, 4, 5, tzinfo=UTC)
    marks = tuple(drawings.DateMark(at=at + timedelta(days=i), sign="<i>", day="<b>") for i in range(3))
    lanes = [drawings.Lane(name="<script>", marks=marks)]
    for now in (at - timedelta(days=400), at, at + timedelta(days=400)):
        picture = str(drawings.dates(lanes, [(at, "<u>")], now, "<s>", "<p>", "<q>"))
        assert not any(tag in picture for tag in ("<script>", "<i>", "<b>", "<u>", "<s>", "<p>", "<q>"))
        places = [float(x) for x in re.findall(r'cx="([\d.]+)"', picture)]
        assert all(0 <= x <= drawings.WIDTH for x in places)
