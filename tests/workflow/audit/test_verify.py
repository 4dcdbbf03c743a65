"""What the books say can be checked: each column that somebody changes behind the service's back is found."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from mail.reading import letter
from tests.builders import DIGEST, Crew, World
from tests.season_snapshots import lived
from tests.workflow.journey.test_mentoring import ask, mentor
from workflow.audit.verify import Verified, verify
from workflow.database.engine import Database
from workflow.database.models import Base, HistoryRow, HoursRow, Team
from workflow.journey import mentoring, moves
from workflow.privacy import erase_person
from workflow.records import history_heads, queries
from workflow.records.history import record
from workflow.rules.machine import Trigger
from workflow.season import CLOCK
from workflow.security.chain import ERASABLE, FIXED, Head, linked
from workflow.security.keyed_digest import KeyedDigest

JULY = datetime(2022, 7, 12, 10, tzinfo=UTC)
ANOTHER: dict[str, Any] = {
    "number": 77, "at": JULY + timedelta(days=700), "event": "extended", "from_state": "waitlisted",
    "to_state": "declined", "person_id": 1, "question_id": 1, "letter_id": None, "actor": "Keegi", "why": "niisama",
    "proof": {"via": "form"}, "seal": "0" * 64, "hash": "0" * 64, "salt": "0" * 32, "minutes": 7, "kind": "granted",
    "day": datetime(2022, 1, 1, tzinfo=UTC).date(), "about_id": None, "state": "completed", "version": 99,
    "group_key": "II", "state_since": JULY, "left_from": "applied",
}  # fmt: skip


@pytest.fixture
def world(db: Database) -> World:
    world = World(db)
    lived(world, _season)
    return world


def _season(world: World) -> None:
    """A team in mentoring with hours reported and checked, one that withdrew, one whose step was undone."""
    crew = world.apply("Võru", group="I").confirmed("I")
    undone, out = world.apply("Räpina").selected(), world.apply("Setomaa").selected()
    _undo(world, undone)
    out.move(Trigger.RELEASE)
    world.now = datetime(2022, 6, 22, 10, tzinfo=UTC)
    for _ in range(5):
        crew.move(Trigger.ADVANCE, override="harjutus")
    with world.db.writing() as session:
        team = session.get_one(Team, crew.id)
        mentoring.assign(world.season, session, team, mentor(world), world.coordinator(), world.now)
    world.now = JULY + timedelta(days=8)
    ask(world, crew, mentor(world))
    crew.replies("hours", "12.07 1,5 h; 19.07 45 min koosloome")
    crew.replies("hours_check", "JAH")


def _undo(world: World, crew: Crew) -> None:
    with world.db.writing() as session:
        row = queries.last_transition(session, crew.id)
        assert row is not None
        team = session.get_one(Team, crew.id)
        undone = moves.undo(world.season, session, team, row, world.coordinator(), world.now, why="eksitus")
        assert undone is not None


def check(world: World) -> Verified:
    with world.db.reading() as session:
        return verify(session, world.season.machine)


def test_an_honest_season_has_no_differences(world: World) -> None:
    found = check(world)
    assert found.differences == []
    assert (found.teams, found.entries) == (3, 4)
    assert found.rows > 15 and found.erased == 0


def test_after_a_person_was_erased_there_are_still_none(world: World) -> None:
    with world.db.writing() as session:
        erase_person.forget(
            world.season, session, "voru0@example.org", world.now, key=b"k", plain=lambda raw: letter.read(raw).text
        )
    found = check(world)
    assert found.differences == []
    assert found.erased > 2


def tamper(world: World, table: str, row_id: int, **values: Any) -> None:
    """As somebody with the database's own tools would."""
    rows = Base.metadata.tables[table]
    with world.db.engine.begin() as connection:
        _without_triggers(connection)
        if values:
            connection.execute(sa.update(rows).where(rows.c.id == row_id).values(values))
        else:
            connection.execute(sa.delete(rows).where(rows.c.id == row_id))


def _without_triggers(connection: sa.Connection) -> None:
    """Until this transaction ends: on PostgreSQL other tests find the same tables, and their triggers, afterwards."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        return
    for trigger in ("history_stays", "history_keeps"):
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")


def _step(world: World, event: str) -> HistoryRow:
    with world.db.reading() as session:
        return session.scalars(sa.select(HistoryRow).where(HistoryRow.event == event).order_by(HistoryRow.id)).all()[-1]


@pytest.mark.parametrize(
    "column",
    [
        "number", "at", "event", "from_state", "to_state", "person_id", "question_id", "letter_id", "actor", "why",
        "proof", "seal", "hash", "salt",
    ],
)  # fmt: skip
def test_a_changed_column_of_history_is_found(world: World, column: str) -> None:
    row = _step(world, "confirm")
    value = None if column == "letter_id" else ANOTHER[column]
    assert getattr(row, column) != value
    tamper(world, "history", row.id, **{column: value})
    found = check(world).differences
    assert found and all(each.place.startswith("team 1") for each in found)
    assert any(str(77 if column == "number" else row.number) in each.place for each in found)


@pytest.mark.parametrize(
    "values",
    [
        {"actor": "Keegi Teine"}, {"why": "niisama"}, {"actor": "Teekond", "proof": {"via": "form", "words": "jah"}},
        {"actor": "Endine osaleja", "why": "niisama"}, {},
    ],
)  # fmt: skip
def test_a_seal_that_was_taken_off_is_found(world: World, values: dict[str, Any]) -> None:
    """Erasing takes the seal off too; but then somebody was forgotten."""
    row = _step(world, "confirm")
    tamper(world, "history", row.id, salt=None, **values)
    assert any(f"history {row.number}" in each.place and "seal" in each.says for each in check(world).differences)


def test_who_stands_in_a_row_of_the_erased_is_sealed_too(world: World) -> None:
    """A pseudonym that is known does not make good what stands beside it, nor may it stand in another row."""
    with world.db.writing() as session:
        erase_person.forget(
            world.season, session, "voru0@example.org", world.now, key=b"k", plain=lambda raw: letter.read(raw).text
        )
    sealed, blank = (next(r for r in _rows(world) if (r.salt is None) is bare) for bare in (False, True))
    for row, values in ((blank, {"proof": {"via": "form", "minutes": 7}}), (blank, {"actor": "Keegi"}),
                        (sealed, {"salt": None, "actor": blank.actor, "erased": blank.erased})):  # fmt: skip
        tamper(world, "history", row.id, **values)
        assert any(f"history {row.number}" in each.place for each in check(world).differences)
        tamper(world, "history", row.id, **{name: getattr(row, name) for name in values})
        assert check(world).differences == []


def test_words_in_which_somebody_else_was_erased_are_no_difference(world: World) -> None:
    """The rest of what was said still stands there, without a seal."""
    team = _rows(world)[0].team_id
    with world.db.writing() as session:
        people = {p.name: p.address for p in queries.members(session, 2)}
        name, address = next(iter(people.items()))
        record(session, session.get_one(Team, team), "noted", CLOCK, world.now, why=f"{name} helistas",
               proof={"words": f"{name} ütles jah"})  # fmt: skip
        erase_person.forget(
            world.season, session, address, world.now, key=b"k", plain=lambda raw: letter.read(raw).text
        )
    noted = _step(world, "noted")
    assert noted.salt is None and "helistas" in noted.why and name not in f"{noted.why}{noted.proof}"
    assert check(world).differences == []


# -- another way to link -----------------------------------------------------------------------------------------


def _link_on(world: World, way: str, keyed: KeyedDigest | None = None) -> HistoryRow:
    """As a version would whose newest way is this one."""
    last = _rows_of(world, 1)[-1]
    said = {
        "team_id": 1, "at": world.now, "event": "noted", "from_state": None, "to_state": None, "actor": "Teekond",
        "person_id": None, "why": "", "question_id": None, "letter_id": None, "proof": {"via": "clock"},
    }  # fmt: skip
    before = Head(last.number, last.hash)
    with world.db.writing() as session:
        session.add(HistoryRow(**(row := linked(said, before, "5" * 32, way, keyed=keyed))))
        history_heads.moved(session, {1: (before, Head(row["number"], row["hash"]))})
    return _rows_of(world, 1)[-1]


def _rows_of(world: World, team: int) -> list[HistoryRow]:
    return [row for row in _rows(world) if row.team_id == team]


@pytest.fixture
def before_the_key(world: World) -> World:
    """Books whose history is linked without a key, as it was at first."""
    world.db.seal_with(None)
    for team in (1, 2, 3):
        head = Head()
        for row in _rows_of(world, team):
            said = {key: getattr(row, key) for key in (*FIXED, *ERASABLE)}
            done = linked(said, head, row.salt or "")
            tamper(world, "history", row.id, hash=done["hash"], seal=done["seal"])
            head = Head(done["number"], done["hash"])
    return world


def test_another_way_to_link_is_taken_up_without_writing_anything_anew(before_the_key: World) -> None:
    world = before_the_key
    before = _rows_of(world, 1)
    newer = [_link_on(world, "sha3-256") for _ in range(2)]
    assert [row.hash for row in _rows_of(world, 1)[: len(before)]] == [row.hash for row in before]
    assert all(row.hash.startswith("sha3-256:") and len(row.hash) <= 64 for row in newer)
    found = check(world)
    assert found.differences == [] and found.heads[1] == newer[-1].hash


@pytest.mark.parametrize("column", ["event", "at", "actor", "why", "proof", "seal", "hash"])
def test_what_is_changed_is_found_whichever_way_it_was_linked(before_the_key: World, column: str) -> None:
    world = before_the_key
    row = _link_on(world, "sha3-256")
    value = row.hash[:-1] + "_" if column in ("seal", "hash") else ANOTHER[column]
    tamper(world, "history", row.id, **{column: value})
    assert any(f"history {row.number}" in each.place for each in check(world).differences)


def test_a_change_before_the_new_way_breaks_the_chain_there(before_the_key: World) -> None:
    world = before_the_key
    _link_on(world, "sha3-256")
    row = _rows_of(world, 1)[-2]
    tamper(world, "history", row.id, event="extended", hash="0" * 64)
    places = {each.place for each in check(world).differences}
    assert {f"team 1 (Võru), history {n}" for n in (row.number, row.number + 1)} <= places


@pytest.mark.parametrize(("newer", "older"), [("sha3-256", "sha256"), ("hmac", "sha256"), ("hmac", "sha3-256")])
def test_from_a_newer_way_there_is_no_going_back(before_the_key: World, newer: str, older: str) -> None:
    world = before_the_key
    _link_on(world, "sha256") if newer == "hmac" else None
    _link_on(world, newer) if newer != "hmac" else _link_on(world, "sha256", DIGEST)
    back = _link_on(world, older)
    with world.db.reading() as session:
        session.info[KeyedDigest] = DIGEST
        told = [each for each in verify(session, world.season.machine).differences if "history" in each.place]
    assert [each.place for each in told] == [f"team 1 (Võru), history {back.number}"]


def test_a_way_that_nobody_knows_is_told(world: World) -> None:
    row = _rows_of(world, 1)[-1]
    tamper(world, "history", row.id, hash=f"md5:{'0' * 32}", seal=f"md5:{'0' * 32}")
    assert "does not know" in str(check(world).differences[0])


def test_a_step_moved_to_another_team_is_found(world: World) -> None:
    row = _step(world, "confirm")
    tamper(world, "history", row.id, team_id=2, number=50)
    assert {each.place.split(" ")[1] for each in check(world).differences} == {"1", "2"}


def test_a_mark_of_undoing_that_is_taken_away_or_set_is_found(world: World) -> None:
    undone = next(r for r in _rows(world) if r.undone_by_id is not None)
    tamper(world, "history", undone.id, undone_by_id=None)
    assert "not marked" in str(check(world).differences[0])
    tamper(world, "history", undone.id, undone_by_id=undone.undone_by_id)
    assert check(world).differences == []
    tamper(world, "history", _step(world, "confirm").id, undone_by_id=undone.undone_by_id)
    assert check(world).differences != []


def _rows(world: World) -> list[HistoryRow]:
    with world.db.reading() as session:
        return list(session.scalars(sa.select(HistoryRow).order_by(HistoryRow.id)))


def test_a_missing_row_in_the_middle_and_a_step_cut_off_the_end_are_found(world: World) -> None:
    first, last = _step(world, "verified"), _step(world, "release")
    for table in ("questions", "messages"):
        with world.db.engine.begin() as connection:
            connection.exec_driver_sql(f"UPDATE {table} SET history_id = NULL")
    tamper(world, "history", first.id)
    assert "is missing" in str(check(world).differences)
    tamper(world, "history", last.id)
    assert any("state is released" in str(each) for each in check(world).differences)


@pytest.mark.parametrize("column", ["state", "version", "group_key", "state_since", "left_from"])
def test_a_changed_column_of_a_team_is_found(world: World, column: str) -> None:
    tamper(world, "teams", 1, **{column: ANOTHER[column]})
    found = check(world).differences
    assert len(found) == 1 and str(found[0]).startswith("team 1 (Võru): "), found


@pytest.mark.parametrize("column", ["minutes", "kind", "day", "person_id", "about_id", "team_id"])
def test_a_changed_column_of_the_ledger_is_found(world: World, column: str) -> None:
    with world.db.reading() as session:
        confirmed = session.scalars(sa.select(HoursRow).where(HoursRow.kind == "confirmed")).first()
    assert confirmed is not None
    value = {"team_id": 2}.get(column, ANOTHER.get(column))
    assert getattr(confirmed, column) != value
    tamper(world, "hours", confirmed.id, **{column: value})
    assert any("hours" in each.place for each in check(world).differences)


def test_an_entry_that_vanished_or_that_no_step_wrote_is_found(world: World) -> None:
    with world.db.reading() as session:
        rows = queries.ledger(session, 1)
    values = {c.name: getattr(rows[0], c.name) for c in HoursRow.__table__.columns if c.name != "id"}
    with world.db.writing() as session:
        session.execute(sa.insert(HoursRow).values(**values))
    assert "no step of history wrote it" in str(check(world).differences)
    with world.db.writing() as session:
        session.execute(sa.delete(HoursRow).where(HoursRow.id > rows[-2].id))
    assert any("hours" in each.place for each in check(world).differences)


def test_two_steps_of_one_letter_are_found(world: World) -> None:
    confirm, release = _step(world, "confirm"), _step(world, "advance")
    tamper(world, "history", release.id, letter_id=confirm.letter_id)
    assert any("same cause" in str(each) for each in check(world).differences)
