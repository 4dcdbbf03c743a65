"""The migrations make the tables that the models describe, on both databases, and guard the history."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from workflow.database.engine import MIGRATIONS, Database, newest_shape, sqlite_url
from workflow.database.models import Base, HistoryRow, Team

NOW = datetime(2022, 3, 1, 8, tzinfo=UTC)


def test_migrated_tables_are_what_the_models_say(db: Database) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_references_are_all_there(db: Database) -> None:
    found = {
        (table.name, key["constrained_columns"][0])
        for table in Base.metadata.sorted_tables
        for key in sa.inspect(db.engine).get_foreign_keys(table.name)
    }
    meant = {
        (table.name, key.column_keys[0])
        for table in Base.metadata.tables.values()
        for key in table.foreign_key_constraints
    }
    assert found == meant


def _newest() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def test_migrating_again_changes_nothing(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path))
    database.migrate()
    database.migrate()
    with database.engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT version_num FROM alembic_version")) == _newest()
    database.close()


def _with_history(db: Database) -> int:
    with db.writing() as session:
        team = Team(name="Võru", home="Võru", lang="et", state="applied", state_since=NOW, applied_at=NOW)
        session.add(team)
        session.flush()
        row = HistoryRow(team_id=team.id, number=1, at=NOW, event="applied", to_state="applied", actor="Mari")
        session.add(row)
        session.flush()
        return row.id


@pytest.mark.parametrize("column", ["event", "to_state", "number", "from_state"])
def test_what_happened_cannot_be_changed(db: Database, column: str) -> None:
    row = _with_history(db)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.writing() as session:
        session.execute(sa.update(HistoryRow).where(HistoryRow.id == row).values({column: 7}))
    with db.reading() as session:
        assert session.get_one(HistoryRow, row).event == "applied"


def test_history_cannot_be_deleted(db: Database) -> None:
    row = _with_history(db)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), db.writing() as session:
        session.execute(sa.delete(HistoryRow))
    with db.reading() as session:
        assert session.get(HistoryRow, row) is not None


def test_a_step_can_be_undone_and_a_name_erased(db: Database) -> None:
    row = _with_history(db)
    with db.writing() as session:
        found = session.get_one(HistoryRow, row)
        found.undone_by_id, found.actor, found.why, found.proof = row, "", "", {}
    with db.reading() as session:
        assert session.get_one(HistoryRow, row).undone_by_id == row


def test_the_newest_migration_is_known_without_the_library_that_migrates(sqlite_db: Database) -> None:
    assert newest_shape() == _newest()
    assert sqlite_db.at_head()
    with sqlite_db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    assert not sqlite_db.at_head()


def test_a_database_without_tables_is_not_of_the_newest_shape(tmp_path: Path) -> None:
    empty = Database(sqlite_url(tmp_path))
    assert not empty.at_head()
    empty.migrate()
    assert empty.at_head()
    empty.close()
