"""Mentoring: hours against the cap, mentors assigned and released, sessions booked, held hours settled."""

import pytest
import sqlalchemy as sa

from tests.builders import Crew
from tests.season_snapshots import confirmed
from tests.web.conftest import Pages
from tests.web.office_season import Desk, at_the_desk, mentored
from workflow.database.models import Alert, HoursRow, Mentorship, Person
from workflow.records import queries
from workflow.schedule import alert_checks


def mentor(pages: Pages) -> Person:
    with pages.db.reading() as session:
        return queries.staff(session, "mentor")[0]


def rows(pages: Pages, kind: str) -> list[HoursRow]:
    with pages.db.reading() as session:
        return list(session.scalars(sa.select(HoursRow).where(HoursRow.kind == kind).order_by(HoursRow.id)))


def used(pages: Pages, crew: Crew) -> int:
    with pages.db.reading() as session:
        return queries.ledger_balance(session, pages.world.season.programme, crew.id).used


@pytest.fixture
def crew(pages: Pages) -> Crew:
    return confirmed(pages.world)


@pytest.fixture
def desk(pages: Pages, crew: Crew) -> Desk:
    return at_the_desk(pages)


def test_hours_are_shown_against_the_cap(pages: Pages, crew: Crew, desk: Desk) -> None:
    mentored(pages.world, crew, 90, 600)
    page = desk.get("/office/mentoring")
    assert "Võru: kasutatud 11,5 h, kokku on 16 h; broneeritud 0 h" in page
    assert "Krista Pegolainen-Saar" in page and "veebruar 2022" in page
    assert "Võru: 11.5 h of 16 h used" in desk.get("/office/mentoring", "en")


def test_a_mentor_is_assigned_after_showing_the_mails(pages: Pages, crew: Crew, desk: Desk) -> None:
    path, chosen = f"/office/team/{crew.id}/mentor", mentor(pages).id
    first = desk.send(path, mentor=chosen)
    assert "Teie mentor" in first and "Teie meeskond" in first and crew.got("mentor_assigned") == []
    desk.confirm(path, mentor=chosen)
    assert len(crew.got("mentor_assigned")) == 1
    assert "mentor juba" in desk.send(path, mentor=chosen)
    assert "Valige mentor" in desk.send(path, mentor="") and "Valige mentor" in desk.send(path, mentor=crew.contact.id)


def test_a_mentor_is_released_once(pages: Pages, crew: Crew, desk: Desk) -> None:
    mentored(pages.world, crew)
    with pages.db.reading() as session:
        row = session.scalars(sa.select(Mentorship)).one()
    assert "on vabastatud" in desk.send(f"/office/mentorship/{row.id}/end")
    assert "on juba vabastatud" in desk.send(f"/office/mentorship/{row.id}/end")


def test_a_session_is_booked_once(pages: Pages, crew: Crew, desk: Desk) -> None:
    form = {"mentor": mentored(pages.world, crew).id, "starts": "2022-07-12T10:00", "hours": "1,5"}
    assert "Broneeritud 1,5 h" in desk.send(f"/office/team/{crew.id}/book", **form)
    assert "on juba broneeritud" in desk.send(f"/office/team/{crew.id}/book", **form)
    assert len(rows(pages, "reserved")) == 1 and used(pages, crew) == 90


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"hours": ""}, "Kirjutage tulevane aeg"),
        ({"hours": "palju"}, "Kirjutage tulevane aeg"),
        ({"hours": "nan"}, "Kirjutage tulevane aeg"),
        ({"hours": "-1"}, "Kirjutage tulevane aeg"),
        ({"starts": "2020-01-01T10:00"}, "Kirjutage tulevane aeg"),
        ({"hours": "17"}, "ei mahu"),
    ],
)
def test_wrong_bookings_are_refused(pages: Pages, crew: Crew, desk: Desk, change: dict[str, str], says: str) -> None:
    form = {"mentor": mentored(pages.world, crew).id, "starts": "2022-07-12T10:00", "hours": "1,5", **change}
    assert says in desk.send(f"/office/team/{crew.id}/book", **form)
    assert rows(pages, "reserved") == []


@pytest.mark.parametrize(("choice", "then"), [("left", 960), ("grant", 1100), ("drop", 600)])
def test_held_hours_are_settled_as_chosen(pages: Pages, crew: Crew, desk: Desk, choice: str, then: int) -> None:
    mentored(pages.world, crew, 600, 500)
    (held,) = rows(pages, "held")
    with pages.db.writing() as session:
        told = {"key": f"hours:{held.id}", "kind": "hours", "about": {"hours": held.id}}
        session.add(Alert(**told, says={"et": "x", "en": "x"}, at=pages.world.now))
    assert "Arvesta seda, mis alles on" in desk.get("/office/mentoring")
    assert "Otsustatud" in desk.send(f"/office/hours/{held.id}/settle", choice=choice)
    assert used(pages, crew) == then
    assert "juba otsustatud" in desk.send(f"/office/hours/{held.id}/settle", choice=choice)
    assert alert_checks.look(pages.world.season, pages.db, pages.world.now) == 1
    assert len(pages.world.messages("hours_settled")) == 1


def test_what_is_left_cannot_be_counted_when_nothing_is(pages: Pages, crew: Crew, desk: Desk) -> None:
    mentored(pages.world, crew, 960, 60)
    (held,) = rows(pages, "held")
    assert "Ühtegi tundi ei ole alles" in desk.send(f"/office/hours/{held.id}/settle", choice="left")
    assert "Valige üks kolmest" in desk.send(f"/office/hours/{held.id}/settle", choice="all")
    assert used(pages, crew) == 960


def test_an_entry_is_corrected_and_the_ledger_keeps_both(pages: Pages, crew: Crew, desk: Desk) -> None:
    mentored(pages.world, crew, 90)
    (row,) = rows(pages, "reported")
    path = f"/office/hours/{row.id}/correct"
    assert "Kirjutage tunnid" in desk.send(path, hours="2", why="")
    assert "Kirjutage tunnid" in desk.send(path, hours="25", why="x")
    assert "Parandatud" in desk.send(path, hours="2", why="pikem kohtumine")
    assert "juba praegu" in desk.send(path, hours="2", why="pikem kohtumine")
    assert used(pages, crew) == 120 and [r.minutes for r in rows(pages, "corrected")] == [30]
