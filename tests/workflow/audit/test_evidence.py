"""What a step rests on: deleted, changed, or put back in an older version with the valid seal of then, `verify` names
it with the step that it belies. A table without an empty cell, on both databases.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from mail.reading import letter
from tests.builders import DIGEST, SECRET, World
from tests.season_snapshots import lived
from tests.workflow.audit.test_tampering import Attacker, _told, connection
from workflow.audit import sealing
from workflow.database.engine import Database
from workflow.database.models import (
    Attendance,
    Base,
    File,
    HistoryRow,
    Letter,
    Message,
    Question,
    Submission,
)
from workflow.privacy import erase_person
from workflow.records import evidence, row_seals
from workflow.records.row_seals import SEALED, erasures
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys

__all__ = ["connection"]


def _season(world: World) -> None:
    """A team whose trainer answered by mail, who handed in by mail and moved on."""
    crew = world.apply("Võru", group="I").confirmed("I")
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    world.replies("roll_call", f"Puudus {crew.people()[3].name}")
    world.send_all()
    crew.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    world.send_all()
    world.replies("review", "JAH")
    assert crew.state == "workshop_2"


@pytest.fixture
def world(db: Database) -> World:
    world = World(db)
    lived(world, _season)
    return world


KINDS: Final[Mapping[str, tuple[type[Base], str, Any]]] = {
    "letter": (Letter, "raw", b"muu"),
    "mail": (Message, "body", "muu"),
    "answer": (Question, "answer", {"kind": "no", "text": "muu"}),
    "work": (Submission, "text", "muu"),
    "file": (File, "content", b"muu"),
    "attendance": (Attendance, "present", True),
}


def _one(by: Attacker, kind: str) -> tuple[Any, str]:
    """The last row of this kind that a step rests on, and the step's words in what is told."""
    table = SEALED[KINDS[kind][0]].table
    query = sa.select(HistoryRow.id, HistoryRow.team_id, HistoryRow.number, HistoryRow.event, HistoryRow.proof)
    named: dict[int, str] = {}
    for step in by.connection.execute(query.order_by(HistoryRow.id)):
        for name in step.proof.get(evidence.NAME, {}):
            if name.startswith(f"{table.name} "):
                named[int(name.split()[1])] = f"team {step.team_id}, history {step.number} ({step.event})"
    assert named, f"no step rests on a {kind}"
    query = sa.select(table).where(table.c.id.in_(named))
    rows = by.connection.execute(query.order_by(table.c.id.desc())).mappings().all()
    row = next(row for row in rows if kind != "attendance" or row["present"] is False)
    return row, named[row["id"]]


def _deleted(by: Attacker, kind: str, row: Any) -> None:
    table = SEALED[KINDS[kind][0]].table
    by.connection.execute(sa.delete(table).where(table.c.id == row["id"]))


def _changed(by: Attacker, kind: str, row: Any) -> None:
    model, column, other = KINDS[kind]
    table = SEALED[model].table
    by.connection.execute(sa.update(table).where(table.c.id == row["id"]).values({column: other}))


def _rolled_back(by: Attacker, kind: str, row: Any) -> None:
    """As the service itself had sealed it once: its own seal over other words."""
    model, column, other = KINDS[kind]
    sealed = SEALED[model]
    older = {**row, column: other}
    values = {column: other, "seal": DIGEST.make(sealed.said(older))}
    by.connection.execute(sa.update(sealed.table).where(sealed.table.c.id == row["id"]).values(values))


def _swapped(by: Attacker, kind: str, row: Any) -> None:
    """Another row's words, with the seal that is theirs: a row's number is not under its seal."""
    sealed = SEALED[KINDS[kind][0]]
    others = sa.select(sealed.table).where(sealed.table.c.id != row["id"]).order_by(sealed.table.c.id)
    other = dict(by.connection.execute(others).mappings().first() or _rolled_forward(row, kind))
    key = sealed.table.c.get("key")
    if key is not None:  # what must be unique is moved out of the way
        by.connection.execute(sa.update(sealed.table).where(sealed.table.c.id == other["id"]).values(key="x"))
    values = {name: other[name] for name in (*sealed.plain, "seal")}
    by.connection.execute(sa.update(sealed.table).where(sealed.table.c.id == row["id"]).values(values))


def _rolled_forward(row: Any, kind: str) -> dict[str, Any]:
    """Where there is one row alone: another one that the service might have written."""
    model, column, other = KINDS[kind]
    made = {**row, column: other}
    return {**made, "seal": DIGEST.make(SEALED[model].said(made))}


TAMPERING: Final[Mapping[str, tuple[Callable[[Attacker, str, Any], None], str]]] = {
    "deleted": (_deleted, "is gone, and {step} rests on it"),
    "changed": (_changed, "was changed, the seal is broken"),
    "put back in an older version with its seal": (_rolled_back, "is not what {step} rests on"),
    "exchanged for another row with its seal": (_swapped, "is not what {step} rests on"),
}


@pytest.mark.parametrize("tampering", TAMPERING)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_done_to_evidence_is_named(world: World, connection: Connection, kind: str, tampering: str) -> None:
    by, (act, says) = Attacker(connection), TAMPERING[tampering]
    by.free()
    row, step = _one(by, kind)
    if connection.dialect.name == "sqlite" and tampering.startswith("exchanged") and kind == "attendance":
        connection.exec_driver_sql("DROP INDEX uq_attendance_first")
    elif tampering.startswith("exchanged") and kind == "attendance":
        by.sql("DROP INDEX uq_attendance_first")
    act(by, kind, row)
    told = _told(world, connection)
    table = SEALED[KINDS[kind][0]].table.name
    assert f"{table} {row['id']}: {says.format(step=step)}" in "\n".join(told), told


def test_the_seal_alone_would_not_have_told(world: World, connection: Connection) -> None:
    """The rollback that the table tries fits its seal: without the step's digest nothing is wrong with the row."""
    by = Attacker(connection)
    by.free()
    row, _ = _one(by, "letter")
    _rolled_back(by, "letter", row)
    sealed = SEALED[Letter]
    now = connection.execute(sa.select(sealed.table).where(sealed.table.c.id == row["id"])).mappings().one()
    assert sealed.fitting(DIGEST, now["seal"], now) == sealed.said(now)


def test_honest_books_rest_on_what_is_there(world: World, connection: Connection) -> None:
    assert _told(world, connection) == []


def test_leaving_a_stage_rests_on_who_was_there_and_on_the_work(world: World, connection: Connection) -> None:
    advanced = Attacker(connection).row("advance")
    tables = [name.split()[0] for name in advanced["proof"][evidence.NAME]]
    assert {name: tables.count(name) for name in tables} == {"attendance": 4, "submissions": 1, "files": 1}


def test_an_erased_row_belies_nothing_and_nobody_can_pass_one_off_as_erased(world: World) -> None:
    with world.db.writing() as session:
        erase_person.forget(
            world.season, session, "voru0@example.org", world.now, key=b"k", plain=lambda raw: letter.read(raw).text
        )
    sealed = SEALED[Letter]
    with world.db.engine.connect() as opened:
        assert _told(world, opened) == []
        rows = opened.execute(sa.select(sealed.table).order_by(sealed.table.c.id)).mappings().all()
        gone = next(row for row in rows if not row["raw"])
        whole = next(row for row in rows if row["raw"])
        values = {name: gone[name] for name in (*sealed.plain, "seal")}
        opened.execute(sa.update(sealed.table).where(sealed.table.c.id == whole["id"]).values(values))
        told = _told(world, opened)
        opened.rollback()
    assert any(f"letters {whole['id']}: was changed" in one for one in told), told


def _forgotten(world: World, address: str) -> None:
    with world.db.writing() as session:
        erase_person.forget(
            world.season, session, address, world.now, key=b"k", plain=lambda raw: letter.read(raw).text
        )


def _of_an_erased_author(world: World) -> None:
    """A work whose author was erased before it was reviewed."""
    crew = world.apply("Võru", group="I").confirmed("I")
    world.wait_until(world.season.programme.session("workshop_1", "I").end + timedelta(hours=1))
    crew.replies("homework", "Siin.", files={"kaart.pdf": b"%PDF-1.4 kaart"})
    _forgotten(world, "voru0@example.org")


def _work(world: World) -> Any:
    table = SEALED[Submission].table
    with world.db.engine.connect() as opened:
        return opened.execute(sa.select(table)).mappings().one()


def _told_of(world: World, put_back: Any) -> list[str]:
    """What is told where the work stands as it once did, with its seal of then."""
    sealed = SEALED[Submission]
    values = {name: put_back[name] for name in (*sealed.plain, "seal")}
    with world.db.engine.connect() as opened:
        opened.execute(sa.update(sealed.table).where(sealed.table.c.id == put_back["id"]).values(values))
        told = _told(world, opened)
        opened.rollback()
    return told


def test_reviewing_a_work_whose_author_was_erased_keeps_the_books_clean(db: Database) -> None:
    world = World(db)
    _of_an_erased_author(world)
    world.replies("review", "JAH")
    with world.db.engine.connect() as opened:
        assert _told(world, opened) == []


def test_versions_of_a_row_sealed_after_an_erasure_are_told_apart(db: Database) -> None:
    """The work as it was handed in, as erasing left it, and as it was reviewed: each with its own valid seal."""
    world = World(db)
    _of_an_erased_author(world)
    handed_in = _work(world)
    world.replies("review", "JAH")
    reviewed = _work(world)
    assert (handed_in["status"], reviewed["status"]) == ("handed_in", "accepted")
    assert erasures(handed_in["seal"]) == erasures(reviewed["seal"]) == 1
    assert _told_of(world, reviewed) == []
    (said,) = _told_of(world, handed_in)
    assert said.startswith(f"submissions {handed_in['id']}: is not what team") and "rests on" in said


def test_what_is_erased_after_a_step_belies_nothing_and_what_is_put_back_then_does(db: Database) -> None:
    """Once more something is erased in the row that a step rests on: its reviewer. What stood before is named."""
    world = World(db)
    _of_an_erased_author(world)
    world.replies("review", "JAH Rein Koppel kiidab")
    reviewed = _work(world)
    sealed = SEALED[Submission]
    with world.db.writing() as session:
        row_seals.erased(session, sealed.table, sealed.table.c.id == reviewed["id"], {"comment": "kustutatud"})
    again = _work(world)
    assert (erasures(reviewed["seal"]), erasures(again["seal"])) == (1, 2)
    assert _told_of(world, again) == []
    forged = {**reviewed, "seal": f"{reviewed['seal'].partition('~')[0]}~3"}
    for row in (forged, {**reviewed, "seal": again["seal"]}, {**again, "seal": reviewed["seal"]}):
        (said,) = _told_of(world, row)
        assert "was changed, the seal is broken" in said


def test_an_erased_row_sealed_with_a_new_key_stays_one(db: Database) -> None:
    world = World(db)
    _of_an_erased_author(world)
    world.replies("review", "JAH")
    both = KeyedDigest.of(Keys("the newest key of a test, 32 bytes!", older=(SECRET.decode(),)))
    renewed = Database(db.url, both)
    with renewed.writing() as session:
        assert sealing.seal_anew(session) > 1
    renewed.close()
    row = _work(world)
    assert row["seal"].startswith(f"{both.newest}:") and erasures(row["seal"]) == 1
    assert SEALED[Submission].fitting(both, row["seal"], row) is not None
