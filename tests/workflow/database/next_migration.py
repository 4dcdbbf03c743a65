"""Two migrations as the next versions may bring them: a column for every table, changed rows, a trigger made anew.

`folder` puts them behind the service's own migrations, whichever of these is the newest.
"""

import shutil
from pathlib import Path

from workflow.database.engine import MIGRATIONS, newest_shape

NEXT, REVISION = "next", "last"
COUNTED = "SELECT sum(rows_then) FROM counted_rows"
HEAD = """import sqlalchemy as sa
from alembic import op

revision = "{}"
down_revision = "{}"
branch_labels = None
depends_on = None
"""
FIRST = f'''"""Rows say that they were there before."""

{HEAD.format(NEXT, newest_shape())}


def upgrade() -> None:
    bind = op.get_bind()
    tables = sorted(set(sa.inspect(bind).get_table_names()) - {{"alembic_version"}})
    for table in tables:
        op.add_column(table, sa.Column("was_there", sa.String(20), nullable=True))
    for table in ("history", "letters", "teams"):
        op.execute(f"UPDATE {{table}} SET was_there = 'before'")
    on = "" if bind.dialect.name == "sqlite" else " ON history"
    op.execute(f"DROP TRIGGER history_keeps{{on}}")
    if bind.dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER history_keeps BEFORE DELETE ON history "
            "BEGIN SELECT RAISE(ABORT, 'nothing of the history goes'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER history_keeps BEFORE DELETE ON history FOR EACH ROW EXECUTE FUNCTION history_refuses()"
        )


def downgrade() -> None:
    raise NotImplementedError
'''
SECOND = f'''"""Tables are counted."""

{HEAD.format(REVISION, NEXT)}

def upgrade() -> None:
    tables = sorted(set(sa.inspect(op.get_bind()).get_table_names()) - {{"alembic_version"}})
    op.create_table(
        "counted_rows",
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("rows_then", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counted_rows")),
    )
    counts = " UNION ALL ".join(f"SELECT '{{table}}', count(*) FROM {{table}}" for table in tables)
    op.execute(f"INSERT INTO counted_rows {{counts}}")


def downgrade() -> None:
    raise NotImplementedError
'''


def folder(within: Path) -> Path:
    """The service's migrations, and behind them these two."""
    made = within / "migrations"
    shutil.copytree(MIGRATIONS, made, ignore=shutil.ignore_patterns("__pycache__"))
    for revision, script in ((NEXT, FIRST), (REVISION, SECOND)):
        (made / "versions" / f"9999_{revision}.py").write_text(script, encoding="utf-8")
    return made
