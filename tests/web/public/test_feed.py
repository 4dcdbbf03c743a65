"""Calendar feeds: a secret address for each, with the sessions that are theirs, until it is ended."""

import re

import icalendar
import pytest
import sqlalchemy as sa

from tests.web.conftest import Browser, Pages
from tests.web.office_season import COORDINATOR, at_the_desk
from workflow.database.models import CalendarFeed, Mentorship, Person, StageSession
from workflow.records import queries


def _address(page: str) -> str:
    found = re.search(r"/calendar/[a-z2-7]{26}\.ics", page)
    assert found is not None, page
    return found[0]


def _events(pages: Pages, where: str) -> list[icalendar.Event]:
    answer = pages.browser().get(where)
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    return list(icalendar.Calendar.from_ical(answer.data).walk("VEVENT"))


def _signed_in(pages: Pages, address: str) -> Browser:
    browser = pages.browser()
    browser.sign_in(pages, address)
    return browser


def _all(pages: Pages) -> list[StageSession]:
    with pages.db.reading() as session:
        rows = session.scalars(sa.select(StageSession)).all()
        session.expunge_all()
        return list(rows)


def test_a_coordinator_has_every_session_and_moved_ones_as_they_are(pages: Pages) -> None:
    desk = at_the_desk(pages)
    where = _address(desk.send("/calendar", do="make", **{"as": "coordinator"}))
    assert where in desk.get("/calendar").replace("webcal", "http")
    before = _events(pages, where)
    assert len(before) == len(_all(pages)) > 5
    with pages.db.writing() as session:
        first = session.get_one(StageSession, 1)
        first.cancelled_at, first.sequence = pages.world.now, first.sequence + 1
    after = {str(one["uid"]): one for one in _events(pages, where)}
    moved = after[f"session-1.{pages.world.season.programme.key}"]
    assert str(moved["status"]) == "CANCELLED" and int(moved["sequence"]) == 1
    assert {str(one["status"]) for one in after.values()} == {"CANCELLED", "CONFIRMED"}


def test_a_trainer_has_the_sessions_that_they_lead(pages: Pages) -> None:
    programme = pages.world.season.programme
    trainer = programme.trainers[0]
    where = _address(_signed_in(pages, trainer.address).post(
        "/calendar", {"do": "make", "as": "trainer"}, follow_redirects=True).text)  # fmt: skip
    led = {one.key for one in programme.stages if not one.trainers or trainer.key in one.trainers}
    assert len(_events(pages, where)) == sum(one.stage in led for one in _all(pages)) > 0


def test_a_mentor_has_those_of_their_teams_and_a_member_those_of_the_team(pages: Pages) -> None:
    crew = pages.world.apply("Võru").confirmed("II")
    with pages.db.writing() as session:
        mentor = queries.staff(session, "mentor")[0]
        session.add(Mentorship(team_id=crew.id, person_id=mentor.id, stage="mentoring", since=pages.world.now))
        address = mentor.address
    mine = [one for one in _all(pages) if one.group in ("*", "II")]
    page = _signed_in(pages, address).post("/calendar", {"do": "make", "as": "mentor"}, follow_redirects=True).text
    events = _events(pages, _address(page))
    assert len(events) == len(mine) and "Võru" in str(events[0]["description"])
    member = crew.people()[2]
    own = f"/me/{pages.world.identity.own_page(member.id, member.address_key)}/calendar"
    where = _address(pages.browser().post(own, {"do": "show"}).text)
    assert where == _address(pages.browser().post(own, {"do": "show"}).text), "looking at it makes no new one"
    assert len(_events(pages, where)) == len(mine)
    with pages.db.writing() as session:
        session.get_one(Person, member.id).left_at = pages.world.now
    assert pages.browser().get(where).status_code == 404


def test_an_address_that_was_ended_or_replaced_opens_nothing(pages: Pages) -> None:
    desk = at_the_desk(pages)
    first = _address(desk.send("/calendar", do="make", **{"as": "coordinator"}))
    second = _address(desk.send("/calendar", do="make", **{"as": "coordinator"}))
    assert first != second and pages.browser().get(first).status_code == 404 and _events(pages, second)
    assert "ei ava enam midagi" in desk.send("/calendar", do="end", **{"as": "coordinator"})
    assert pages.browser().get(second).status_code == 404
    with pages.db.reading() as session:
        kept = session.scalars(sa.select(CalendarFeed.token_hash)).all()
    assert all(first[10:36] not in one and second[10:36] not in one for one in kept)


@pytest.mark.parametrize("role", ["trainer", "mentor", "nobody", ""])
def test_nobody_makes_an_address_for_a_part_that_is_not_theirs(pages: Pages, role: str) -> None:
    browser = _signed_in(pages, COORDINATOR)
    assert browser.post("/calendar", {"do": "make", "as": role}).status_code == 404


@pytest.mark.parametrize("secret", ["a" * 26, "x", "A" * 26, "%00", "a" * 3000])
def test_an_address_that_was_guessed_opens_nothing(pages: Pages, secret: str) -> None:
    assert pages.browser().get(f"/calendar/{secret}.ics").status_code == 404
