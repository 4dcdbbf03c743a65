"""Many values in one statement: found on both databases, through the index, by a statement that stays the same."""

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from mail.receiving.store import Arrival, store
from workflow.database.engine import Database, among
from workflow.database.models import Letter

NOW = datetime(2022, 4, 6, 9, tzinfo=UTC)
_BY_ID = sa.select(Letter.id).where(among(Letter.id, "ids")).order_by(Letter.id)
_BY_WORD = sa.select(Letter.id).where(sa.or_(among(Letter.envelope_from, "words"), Letter.id < 0)).order_by(Letter.id)


@pytest.fixture
def kept(db: Database) -> Database:
    """Three letters, 1 to 3."""
    froms = ("mari@example.org", 'o"b\'r,ien@example.org', "õie@example.org")
    for number, one in enumerate(froms):
        raw = f"Message-ID: <{number}@example.org>\r\n\r\nJAH\r\n".encode()
        store(db, [Arrival(envelope_from=one, recipients=("k@example.org",), raw=raw, via="smtp")], NOW)
    return db


@pytest.mark.parametrize(
    ("ids", "found"), [([], []), ([2], [2]), ([3, 1, 1, 99], [1, 3]), (list(range(600)), [1, 2, 3])]
)
def test_numbers(kept: Database, ids: list[int], found: list[int]) -> None:
    with kept.reading() as session:
        assert list(session.scalars(_BY_ID, {"ids": ids})) == found


def test_words(kept: Database) -> None:
    with kept.reading() as session:
        words = ["õie@example.org", 'o"b\'r,ien@example.org', "nobody@example.org", "{", "NULL"]
        assert list(session.scalars(_BY_WORD, {"words": words})) == [2, 3]
        assert list(session.scalars(_BY_WORD, {"words": []})) == []


def test_the_index_is_looked_into(sqlite_db: Database) -> None:
    statement = sa.select(Letter.subject).where(among(Letter.message_id, "ids"))
    with sqlite_db.reading() as session:
        written = str(statement.compile(sqlite_db.engine))
        rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {written}", ('["<a@example.org>"]',))
        plans = [row.detail for row in rows]
    assert any("SEARCH letters USING INDEX ix_letters_message_id" in plan for plan in plans), plans
