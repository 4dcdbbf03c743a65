"""Books that an older version has kept are brought up to date by whoever comes first, while letters come in; nothing
that stood in them is lost."""

from datetime import datetime
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
import sqlalchemy as sa

from mail.receiving import store
from mail.receiving.store import Arrival
from tests.builders import World
from tests.forked_processes import BORN
from tests.workflow.database import killed_migration, next_migration
from workflow.audit import verify
from workflow.database.engine import Database, NewerTables
from workflow.database.models import Letter

AT_ONCE, LETTERS = 3, 10
"""processes that start together, and letters that each takes in as soon as it has started"""
PATIENCE = 120


def kept(db: Database, columns: dict[str, list[str]] | None = None) -> dict[str, list[dict[str, object]]]:
    """Every table's rows; of `columns` where these are given, else of all there are."""
    tables = sa.MetaData()
    tables.reflect(db.engine)
    found: dict[str, list[dict[str, object]]] = {}
    with db.engine.connect() as connection:
        for table in tables.tables.values():
            if table.name != "alembic_version" and (columns is None or table.name in columns):
                wanted = [table.c[name] for name in columns[table.name]] if columns else list(table.c)
                rows = connection.execute(sa.select(*wanted).order_by(*table.primary_key.columns))
                found[table.name] = [dict(row) for row in rows.mappings()]
    return found


def started(url: str, number: int, ready: Barrier, at: datetime, migrations: Path) -> None:
    """What a process does first: its tables are brought up to date, and letters come in at once."""
    db = Database(url, migrations=migrations)
    ready.wait(PATIENCE)
    db.migrate()
    for i in range(LETTERS):
        raw = f"Subject: {number}.{i}\r\nFrom: mari@example.org\r\n\r\nTere\r\n".encode()
        to = ("r-nobody@teekond.example.org",)
        store.store(db, [Arrival(envelope_from="mari@example.org", recipients=to, raw=raw, via="smtp")], at)
    assert db.at_head()
    db.close()


def test_older_books_are_brought_up_to_date_once_whoever_starts_and_lose_nothing(empty: str, tmp_path: Path) -> None:
    db, migrations = Database(empty), next_migration.folder(tmp_path)
    db.migrate()
    world = World(db)
    crew = world.apply("Võru").confirmed()
    world.send_all()
    crew.replies("rsvp", "EI")
    before = kept(db)
    assert len(before["history"]) > 3
    db.close()

    ready = BORN.Barrier(AT_ONCE)
    running = [
        BORN.Process(target=started, args=(empty, number, ready, world.now, migrations)) for number in range(AT_ONCE)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join(PATIENCE)
    assert [process.exitcode for process in running] == [0] * AT_ONCE

    db = Database(empty, world.db.digest)
    with db.writing() as session:
        assert session.scalar(sa.text(next_migration.COUNTED)) == sum(map(len, before.values())), "once, and all rows"
        assert session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.status == "new")) == AT_ONCE * LETTERS
        session.execute(sa.delete(Letter).where(Letter.status == "new"))
    after = kept(db, {name: list(rows[0]) if rows else [] for name, rows in before.items() if rows})
    assert after == {name: rows for name, rows in before.items() if rows}
    with db.reading() as session:
        found = verify.verify(session, world.season.machine)
    assert found.rows > 3 and found.differences == [], "the books are true"
    db.close()


def test_tables_of_a_newer_version_are_refused_and_stay_as_they_are(empty: str, tmp_path: Path) -> None:
    newer = Database(empty, migrations=next_migration.folder(tmp_path))
    newer.migrate()
    newer.close()
    before = killed_migration.tables(empty)
    db = Database(empty)
    with pytest.raises(NewerTables, match=next_migration.REVISION):
        db.migrate()
    assert not db.at_head()
    db.close()
    assert killed_migration.tables(empty) == before
