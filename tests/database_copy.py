"""All that a database holds, taken out as plain rows and put into another one that has the same tables."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.database.models import Base

TABLES = Base.metadata.sorted_tables
Rows = dict[str, list[dict[str, Any]]]
_ANYTHING = sa.text("SELECT " + " OR ".join(f'EXISTS (SELECT 1 FROM "{table.name}")' for table in TABLES))


def empty(session: Session) -> bool:
    """Whether no table holds anything."""
    return not session.scalar(_ANYTHING)


def taken(session: Session) -> Rows:
    """The rows of each table that has some."""
    rows = {table.name: [dict(row) for row in session.execute(table.select()).mappings()] for table in TABLES}
    return {name: found for name, found in rows.items() if found}


def put(session: Session, rows: Rows) -> None:
    """These rows and no others."""
    postgresql = session.get_bind().dialect.name == "postgresql"
    later = "SET LOCAL session_replication_role = replica" if postgresql else "PRAGMA defer_foreign_keys = ON"
    session.execute(sa.text(later))
    if not empty(session):
        for table in reversed(TABLES):
            session.execute(table.delete())
    for table in TABLES:
        if table.name in rows:
            session.execute(table.insert(), rows[table.name])
            if postgresql and "id" in table.c:
                _count_on(session, table.name, max(row["id"] for row in rows[table.name]))


def _count_on(session: Session, name: str, highest: int) -> None:
    query = sa.text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)")
    session.execute(query, {"name": f'"{name}"', "highest": highest})
