"""History is chained, and what was erased is noted.

Rows that are there already are sealed and linked in their order, a team at a time; then the database itself refuses
to change a seal or a link, or by which letter, question and person a row came to be.
"""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Any

import sqlalchemy as sa
from alembic import op

from workflow.database.engine import UTCDateTime, fresh_salt
from workflow.security.chain import Head, linked

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FIXED = "id, team_id, number, at, event, from_state, to_state"
CHAINED = f"{FIXED}, person_id, question_id, letter_id, seal, hash"
REFUSES = {
    "sqlite": "BEFORE UPDATE OF {} ON history BEGIN SELECT RAISE(ABORT, 'history is append-only'); END",
    "postgresql": "BEFORE UPDATE OF {} ON history FOR EACH ROW EXECUTE FUNCTION history_refuses()",
}
HISTORY = sa.table(
    "history",
    *map(sa.column, ("id", "team_id", "number", "event", "from_state", "to_state", "actor", "person_id", "why")),
    *map(sa.column, ("question_id", "letter_id", "salt", "seal", "hash")),
    sa.column("at", UTCDateTime()),
    sa.column("proof", sa.JSON()),
)
AT_ONCE = 500


def upgrade() -> None:
    op.add_column("history", sa.Column("salt", sa.String(32), nullable=True))
    op.add_column("history", sa.Column("seal", sa.String(64), nullable=False, server_default=""))
    op.add_column("history", sa.Column("hash", sa.String(64), nullable=False, server_default=""))
    _chain()
    _refuse(CHAINED)
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("pseudonym", sa.String(60), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_mark"), "erasures", ["mark"])


def downgrade() -> None:
    op.drop_table("erasures")
    _refuse(FIXED)
    for column in ("hash", "seal", "salt"):
        op.drop_column("history", column)


def _refuse(columns: str) -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute("DROP TRIGGER IF EXISTS history_stays" + ("" if on_sqlite else " ON history"))
    op.execute(f"CREATE TRIGGER history_stays {REFUSES[op.get_bind().dialect.name]}".format(columns))


def _chain() -> None:
    bind = op.get_bind()
    change = sa.update(HISTORY).where(HISTORY.c.id == sa.bindparam("row")).values(
        salt=sa.bindparam("new_salt"), seal=sa.bindparam("new_seal"), hash=sa.bindparam("new_hash")
    )  # fmt: skip
    rows = bind.execute(sa.select(HISTORY).order_by(HISTORY.c.team_id, HISTORY.c.number)).mappings().all()
    done = _linked(bind, rows)
    while batch := list(islice(done, AT_ONCE)):
        bind.execute(change, batch)


def _linked(bind: sa.Connection, rows: Any) -> Iterator[dict[str, Any]]:
    for _, of_team in groupby(rows, key=lambda row: row["team_id"]):
        before = ""
        for row in of_team:
            done = linked(row, Head(row["number"] - 1, before), bind.scalar(sa.select(fresh_salt())) or "")
            before = done["hash"]
            yield {"row": row["id"], "new_salt": done["salt"], "new_seal": done["seal"], "new_hash": before}
