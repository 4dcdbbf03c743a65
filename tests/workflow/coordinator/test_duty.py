"""Who is on duty: absences, stand-ins, and a season that changes hands; and what reaches whom meanwhile."""

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.builders import SECOND_COORDINATOR, Crew, World, config
from workflow.codes import LetterStatus
from workflow.coordinator import duty
from workflow.database.engine import Database
from workflow.database.models import Letter, Person
from workflow.records import on_duty, queries

KATI, MALLE = "koordinaator@example.org", "malle@example.org"
TUESDAY = date(2022, 2, 1)


@pytest.fixture
def world(sqlite_db: Database) -> World:
    return World(sqlite_db, config(SECOND_COORDINATOR))


def _staff(world: World) -> dict[str, Person]:
    with world.db.reading() as session:
        return {one.address: one for one in queries.staff(session, "coordinator")}


def _away(world: World, who: str, days: int, stand_in: str = "") -> None:
    staff = _staff(world)
    with world.db.writing() as session:
        until = on_duty.today(world.season.programme, world.now) + timedelta(days=days)
        refused = duty.be_away(world.season, session, staff[who], until, staff.get(stand_in), world.now)
        assert refused is None


def _hands_over(world: World, giver: str, taker: str, notes: str = "") -> None:
    staff = _staff(world)
    with world.db.writing() as session:
        assert duty.hand_over(world.season, session, staff[giver], staff[taker], notes, world.now) is None


def _on_duty(world: World) -> tuple[str, str, bool]:
    """(who is responsible, who acts today, nobody stands in)"""
    with world.db.reading() as session:
        found = on_duty.look(session, on_duty.today(world.season.programme, world.now))
        assert found is not None
        return found.responsible.address, found.person.address, found.nobody


def _told(world: World, template: str) -> set[str]:
    return {m.to_address for m in world.messages(template)}


CASES: list[tuple[list[tuple[str, int, str]], str, tuple[str, str, bool]]] = [
    ([], "", (KATI, KATI, False)),
    ([(KATI, 5, MALLE)], "", (KATI, MALLE, False)),
    ([(KATI, 5, "")], "", (KATI, KATI, True)),
    ([(KATI, 5, MALLE), (MALLE, 5, "")], "", (KATI, KATI, True)),
    ([(KATI, 5, MALLE), (MALLE, 5, KATI)], "", (KATI, KATI, True)),
    ([(MALLE, 5, "")], "", (KATI, KATI, False)),
    ([], MALLE, (MALLE, MALLE, False)),
    ([(MALLE, 5, KATI)], MALLE, (MALLE, KATI, False)),
    ([(KATI, 5, "")], MALLE, (MALLE, MALLE, False)),
]


@pytest.mark.parametrize(("absences", "taker", "expected"), CASES)
def test_who_is_on_duty(
    world: World, absences: list[tuple[str, int, str]], taker: str, expected: tuple[str, str, bool]
) -> None:
    if taker:
        _hands_over(world, KATI, taker)
    for who, days, stand_in in absences:
        _away(world, who, days, stand_in)
    assert _on_duty(world) == expected


def test_an_absence_ends_on_its_day_or_when_they_are_back(world: World) -> None:
    _away(world, KATI, 3, MALLE)
    world.now += timedelta(days=3)
    assert _on_duty(world) == (KATI, KATI, False)
    _away(world, KATI, 3, MALLE)
    with world.db.writing() as session:
        duty.be_back(world.season, session, _staff(world)[KATI], world.now)
    assert _on_duty(world) == (KATI, KATI, False)


@pytest.mark.parametrize("until", [None, TUESDAY, TUESDAY - timedelta(days=1), TUESDAY + timedelta(days=400)])
def test_an_absence_ends_tomorrow_at_the_soonest_and_within_a_year(world: World, until: date | None) -> None:
    with world.db.writing() as session:
        assert duty.be_away(world.season, session, _staff(world)[KATI], until, None, world.now) is not None
    assert _on_duty(world) == (KATI, KATI, False)


def _declined(world: World) -> Crew:
    team = world.apply().selected()
    team.replies("confirm_place", "EI", person=team.contact.address)
    return team


def test_steps_and_the_digest_come_to_whoever_is_on_duty(world: World) -> None:
    _declined(world)
    assert _told(world, "approve") == {KATI}
    world.wait(days=1)
    assert _told(world, "digest") == {KATI}


def test_steps_and_the_digest_come_to_the_stand_in(world: World) -> None:
    _away(world, KATI, 9, MALLE)
    _declined(world)
    assert _told(world, "approve") == {MALLE}
    world.wait(days=1)
    assert _told(world, "digest") == {MALLE}


def test_what_waits_too_long_is_told_to_the_next_coordinator_on_working_days(world: World) -> None:
    _declined(world)
    letter = world.write("keegi@example.org", world.asked("confirm_place")[2], "jah")
    assert letter.status == LetterStatus.HELD
    world.wait_until(datetime(2022, 2, 2, 12, tzinfo=world.season.programme.tz))
    assert _told(world, "digest") == {KATI}
    world.wait_until(datetime(2022, 2, 3, 12, tzinfo=world.season.programme.tz))
    told = [m for m in world.messages("digest") if m.to_address == MALLE]
    assert len(told) == 1
    assert "Kati-Katri Koppel ei ole veel otsustanud" in told[0].body
    assert "vabastada koht" in told[0].body and "office/letter/" in told[0].body
    world.wait_until(datetime(2022, 2, 6, 12, tzinfo=world.season.programme.tz))  # Friday once more, the weekend not
    assert len([m for m in world.messages("digest") if m.to_address == MALLE]) == 2


def test_what_was_decided_is_told_to_nobody_else(world: World) -> None:
    _declined(world)
    world.decides()
    world.wait(days=6)
    assert MALLE not in _told(world, "digest")


def test_who_is_away_is_not_told_as_the_next_one(world: World) -> None:
    _away(world, MALLE, 9)
    _declined(world)
    world.wait(days=4)
    assert _told(world, "digest") == {KATI}


def test_a_season_handed_over_is_the_others_with_notes_by_mail(world: World) -> None:
    _hands_over(world, KATI, MALLE, "Võru ootab kõnet.")
    told = world.messages("handed_over")
    assert [m.to_address for m in told] == [MALLE]
    assert "Võru ootab kõnet." in told[0].body and "Kati-Katri Koppel" in told[0].body
    _declined(world)
    assert _told(world, "approve") == {MALLE}


def test_whoever_is_responsible_already_is_not_handed_the_season(world: World) -> None:
    staff = _staff(world)
    with world.db.writing() as session:
        assert duty.hand_over(world.season, session, staff[MALLE], staff[KATI], "", world.now) is not None
    assert world.messages("handed_over") == []


def test_mails_of_nobodys_act_bear_the_name_of_whose_season_it_is(world: World) -> None:
    team = world.apply().verified()
    assert "Kati-Katri Koppel" in team.got("verify")[0].body
    _hands_over(world, KATI, MALLE)
    other = world.apply("Põlva")
    said = other.got("verify")[0].body
    assert "Malle Mets" in said and MALLE in said and "Kati-Katri" not in said


def test_a_letter_that_waits_is_counted_from_its_day(world: World) -> None:
    _declined(world)
    world.decides()
    world.wait_until(datetime(2022, 2, 3, 12, tzinfo=world.season.programme.tz))
    world.write("keegi@example.org", world.asked("confirm_place")[2], "jah, tuleme")
    with world.db.reading() as session:
        held = session.scalar(sa.select(sa.func.count()).where(Letter.status == LetterStatus.HELD))
    assert held == 1
    world.wait_until(datetime(2022, 2, 6, 12, tzinfo=world.season.programme.tz))
    assert MALLE not in _told(world, "digest")
    world.wait_until(datetime(2022, 2, 7, 12, tzinfo=world.season.programme.tz))
    assert MALLE in _told(world, "digest")
