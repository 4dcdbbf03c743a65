"""Writes the first migration anew from the models: `python -m workflow.migrations.autogenerate`.

For the time before the first release only: once somebody's data stands in these tables, a change of the
models is a migration of its own in `versions/`, and this module goes. Must never touch a real database.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations.ops import UpgradeOps

from workflow.database import UTCDateTime
from workflow.models import Base

FIRST = Path(__file__).parent / "versions" / "0001_first.py"
HEAD = '''# ruff: noqa: E501
"""The first tables. Generated from the models by `python -m workflow.migrations.autogenerate`."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
'''
TAIL = '''

def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first tables: restore a backup instead")
'''


def first_migration() -> str:
    """The migration's source, as it should stand in `versions/`."""
    with sa.create_engine("sqlite://").connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
        script = produce_migrations(context, Base.metadata)
    assert script.upgrade_ops is not None
    body = _body(script.upgrade_ops) + "".join(_late_references())
    return HEAD + body + TAIL


def _body(operations: UpgradeOps) -> str:
    code = render_python_code(operations, render_item=_plain_moment)
    lines = [line for line in code.splitlines() if not line.lstrip().startswith("#")]
    return "".join(f"{line}\n" if _begins(line) else f"    {line}\n" for line in lines)


def _begins(line: str) -> bool:
    return line.startswith("    op.") or line == "    )"


def _late_references() -> Iterator[str]:
    """References of tables that name each other: SQLite has them in the table, others get them afterwards."""
    yield "    if op.get_bind().dialect.supports_alter:\n"
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_key_constraints, key=lambda one: str(one.name)):
            if key.use_alter:
                names = [str(key.name), table.name, key.referred_table.name]
                arguments = f"{', '.join(map(repr, names))}, {list(key.column_keys)!r}, ['id']"
                yield f"        op.create_foreign_key({arguments})\n"


def _plain_moment(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """A migration names the column's type, not a class of today's code."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


if __name__ == "__main__":
    FIRST.write_text(first_migration(), encoding="utf-8")
