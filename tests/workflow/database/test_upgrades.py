"""Books that an older version has kept are brought up to date by whoever comes first, while letters come in; nothing
that stood in them is lost."""

from datetime import datetime
from multiprocessing.synchronize import Barrier

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from mail.receiving import store
from mail.receiving.store import Arrival
from tests.builders import World
from tests.forked_processes import BORN
from workflow.audit import verify
from workflow.database.engine import MIGRATIONS, Database
from workflow.database.models import Letter

OLDEST = "0001"
AT_ONCE, LETTERS = 3, 10
"""processes that start together, and letters that each takes in as soon as it has started"""
PATIENCE = 120


def aged(db: Database) -> None:
    """The books as the oldest version would have kept them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with db.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, OLDEST)
        connection.commit()


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


def started(url: str, number: int, ready: Barrier, at: datetime) -> None:
    """What a process does first: its tables are brought up to date, and letters come in at once."""
    db = Database(url)
    ready.wait(PATIENCE)
    db.migrate()
    for i in range(LETTERS):
        raw = f"Subject: {number}.{i}\r\nFrom: mari@example.org\r\n\r\nTere\r\n".encode()
        to = ("r-nobody@teekond.example.org",)
        store.store(db, [Arrival(envelope_from="mari@example.org", recipients=to, raw=raw, via="smtp")], at)
    assert db.at_head()
    db.close()


def test_older_books_are_brought_up_to_date_once_whoever_starts_and_lose_nothing(empty: str) -> None:
    db = Database(empty)
    db.migrate()
    world = World(db)
    crew = world.apply("Võru").confirmed()
    world.send_all()
    crew.replies("rsvp", "EI")
    aged(db)
    before = kept(db)
    assert "salt" not in before["history"][0] and len(before["history"]) > 3, "these books are really old"
    db.close()

    ready = BORN.Barrier(AT_ONCE)
    running = [BORN.Process(target=started, args=(empty, number, ready, world.now)) for number in range(AT_ONCE)]
    for process in running:
        process.start()
    for process in running:
        process.join(PATIENCE)
    assert [process.exitcode for process in running] == [0] * AT_ONCE

    db = Database(empty)
    with db.writing() as session:
        assert session.scalar(sa.select(sa.func.count(Letter.id)).where(Letter.status == "new")) == AT_ONCE * LETTERS
        session.execute(sa.delete(Letter).where(Letter.status == "new"))
    after = kept(db, {name: list(rows[0]) if rows else [] for name, rows in before.items() if rows})
    assert after == {name: rows for name, rows in before.items() if rows}
    with db.reading() as session:
        found = verify.verify(session, world.season.machine)
    assert found.rows > 3 and found.differences == [], "the history is chained, and the books are true"
    db.close()
