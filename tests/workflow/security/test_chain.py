"""The chain of a team's history: what each row says cannot be changed unseen, and can yet be erased."""

import threading
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from tests.builders import DIGEST, SECRET, World
from workflow.database.engine import Database
from workflow.database.models import HistoryRow, Team
from workflow.records.history import record
from workflow.season import CLOCK
from workflow.security.chain import ERASABLE, FIXED, Head, link, linked, links, seal
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys

AT = datetime(2022, 3, 1, 8, tzinfo=UTC)
ROW: dict[str, Any] = {
    "team_id": 1, "number": 4, "at": AT, "event": "select", "from_state": "applied", "to_state": "selected",
    "actor": "Mari", "why": "jah", "proof": {"via": "mail", "rule": "yes"}, "person_id": 3, "question_id": 5,
    "letter_id": 6,
}  # fmt: skip


def _hash(row: dict[str, Any], *, before: str = "b", salt: str = "s") -> str:
    return link(row, seal(row, salt), before)


@pytest.mark.parametrize("column", [*FIXED, *ERASABLE])
def test_each_column_is_in_the_chain(column: str) -> None:
    other = {"at": AT + timedelta(seconds=1), "proof": {"via": "form"}}.get(column, 7 if column[-2:] == "id" else "x")
    assert _hash({**ROW, column: other}) != _hash(ROW)


def test_the_row_before_and_the_salt_are_in_the_chain() -> None:
    assert len({_hash(ROW), _hash(ROW, before="c"), _hash(ROW, salt="t")}) == 3


def test_the_same_moment_in_another_zone_is_the_same() -> None:
    assert _hash({**ROW, "at": AT.astimezone(timezone(timedelta(hours=3)))}) == _hash(ROW)


def test_a_keyed_link_cannot_be_made_without_the_key() -> None:
    row = linked(ROW, Head(3, "b"), "s", keyed=DIGEST)
    assert row["hash"].startswith("hmac-") and len(row["hash"]) <= 64
    assert links(row, "b", DIGEST) and not links(row, "c", DIGEST) and not links(row, "b", None)
    assert not links(row, "b", KeyedDigest.of(Keys("another key")))
    assert not links({**row, "event": "withdraw"}, "b", DIGEST)


def test_rows_of_older_and_of_retired_keys_still_link_and_no_retired_one_seals() -> None:
    row = linked(ROW, Head(3, "b"), "s", keyed=DIGEST)
    for keys in (Keys("new", (SECRET.decode(),)), Keys("new", (), (SECRET.decode(),))):
        assert links(row, "b", KeyedDigest.of(keys))
    made = DIGEST.make("words")
    assert KeyedDigest.of(Keys("new", (SECRET.decode(),))).holds(made, "words")
    assert not KeyedDigest.of(Keys("new", (), (SECRET.decode(),))).holds(made, "words")


def test_every_row_that_the_service_writes_is_linked_to_the_one_before(db: Database) -> None:
    crew = World(db).apply().confirmed()
    rows = crew.history()
    assert len(rows) > 3
    before = ""
    for row in rows:
        said = {key: getattr(row, key) for key in (*FIXED, *ERASABLE)}
        assert row.salt is not None and len(row.salt) == 32
        assert row.seal == seal(said, row.salt)
        assert links({**said, "seal": row.seal, "hash": row.hash}, before, DIGEST)
        before = row.hash
    assert len({row.salt for row in rows}) == len(rows)


@pytest.mark.parametrize("column", ["seal", "hash", "person_id", "question_id", "letter_id"])
def test_the_database_refuses_to_change_a_link(db: Database, column: str) -> None:
    World(db).apply()
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.writing() as session:
        session.execute(sa.update(HistoryRow).values({column: None if column[-2:] == "id" else "x"}))


def test_writers_at_once_leave_one_unbroken_chain(db: Database) -> None:
    """Two at the same team: one waits or is refused whole, and tries again; nobody links to a row that is not there."""
    world = World(db)
    crew = world.apply()
    barrier, written = threading.Barrier(4), []

    def write(n: int) -> None:
        barrier.wait()
        for i in range(5):
            for _ in range(50):
                try:
                    with db.writing() as session:
                        team = session.get_one(Team, crew.id)
                        record(session, team, "noted", CLOCK, AT, why=f"{n}.{i}")
                    written.append((n, i))
                    break
                except sa.exc.IntegrityError:  # somebody else took the number: again, from the new end
                    continue

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows, before = crew.history(), ""
    assert len(written) == 20 and len(rows) == 21
    assert [r.number for r in rows] == list(range(1, 22))
    for row in rows:
        assert links({key: getattr(row, key) for key in (*FIXED, *ERASABLE, "seal", "hash")}, before, DIGEST)
        before = row.hash
