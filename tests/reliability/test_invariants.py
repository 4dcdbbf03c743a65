"""The invariants hold for a season in full swing, and each one notices when it is broken by hand."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from tests.builders import World
from tests.reliability import invariants
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Letter, Message, Person, Team


@pytest.fixture
def world(sqlite_db: Database) -> World:
    """One team with a place, one that lost a member, one letter that waits; its mails have left."""
    world = World(sqlite_db)
    world.apply().confirmed()
    world.apply("Põlva", members=5).verified().replies("consent", "EI")
    keep(world, b"Message-ID: <w@x>\r\n\r\nx")
    return world


def keep(world: World, raw: bytes) -> None:
    store(world.db, [Arrival(envelope_from="", recipients=(), raw=raw, via="smtp")], world.now)


def test_a_season_in_full_swing_keeps_them_all(world: World) -> None:
    assert invariants.broken(world.db, {"<1@mail.example.org>", "<w@x>"}) == []
    with world.db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(HistoryRow)) > 5


def _change(world: World, statement: sa.Update | sa.Insert | sa.Delete) -> None:
    with world.db.writing() as session:
        assert session.execute(statement).rowcount > 0


def test_i1_notices_an_acknowledged_letter_that_is_gone(world: World) -> None:
    assert [b[:2] for b in invariants.broken(world.db, {"<never@x>"})] == ["I1"]


@pytest.mark.parametrize(
    "values", [{"status": "lost"}, {"status": "done"}, {"outcome": "accepted"}], ids=["state", "outcome", "waits"]
)
def test_i2_notices_a_letter_in_no_state_or_in_two(world: World, values: dict[str, str]) -> None:
    _change(world, sa.update(Letter).where(Letter.status == "new").values(**values))
    assert [b[:2] for b in invariants.broken(world.db)] == ["I2"]


def test_i2_notices_a_letter_that_is_stored_twice(world: World) -> None:
    keep(world, b"Message-ID: <w@x>\r\n\r\nother words")
    assert invariants.broken(world.db) == ["I2: <w@x> is stored 2 times"]


@pytest.mark.parametrize("values", [{"state": "completed"}, {"version": 7}])
def test_i3_notices_a_state_that_history_knows_nothing_of(world: World, values: dict[str, object]) -> None:
    _change(world, sa.update(Team).where(Team.name == "Võru").values(**values))
    assert [b[:2] for b in invariants.broken(world.db)] == ["I3"]


def test_i4_notices_a_second_transition_of_one_cause(world: World) -> None:
    with world.db.writing() as session:
        row = session.scalars(sa.select(HistoryRow).where(HistoryRow.event == "confirm")).one()
        number = session.scalar(sa.select(sa.func.max(HistoryRow.number)).where(HistoryRow.team_id == row.team_id)) + 1
        session.add(
            HistoryRow(
                team_id=row.team_id, number=number, at=row.at, event="confirm", from_state="workshop_1",
                to_state="workshop_2", actor="x", question_id=row.question_id,
                letter_id=row.letter_id, proof={"via": "x"},
            )
        )  # fmt: skip
    found = {b[:2] for b in invariants.broken(world.db)}
    assert found >= {"I3", "I4"}


def test_i5_notices_a_transition_that_told_nobody(world: World) -> None:
    _change(world, sa.delete(Message).where(Message.template == "place_confirmed"))
    assert [b[:2] for b in invariants.broken(world.db)] == ["I5"]


def test_i6_notices_a_mail_to_somebody_who_left(world: World) -> None:
    with world.db.reading() as session:
        gone = session.scalars(sa.select(Person).where(Person.left_at.is_not(None))).one()
    later = {"created_at": world.now + timedelta(days=1), "letter_id": None}
    consent = sa.update(Message).where(Message.person_id == gone.id, Message.template == "consent")
    _change(world, consent.values(**later))
    assert [b[:2] for b in invariants.broken(world.db)] == ["I6"]
