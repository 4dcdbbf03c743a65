"""History is append-only: the database itself refuses to delete a row of it or to change what happened.

What happened is the team, its place in the list, when, and from which state to which. Who and why may still
be erased (a person's right), and `undone_by_id` is set when a step is undone.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FIXED = "id, team_id, number, at, event, from_state, to_state"
SAYS = "history is append-only"

ON_SQLITE = (
    f"CREATE TRIGGER history_keeps BEFORE DELETE ON history BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    f"CREATE TRIGGER history_stays BEFORE UPDATE OF {FIXED} ON history "
    f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION history_refuses() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'restrict_violation'; END $$",
    "CREATE TRIGGER history_keeps BEFORE DELETE ON history FOR EACH ROW EXECUTE FUNCTION history_refuses()",
    f"CREATE TRIGGER history_stays BEFORE UPDATE OF {FIXED} ON history "
    "FOR EACH ROW EXECUTE FUNCTION history_refuses()",
)


def upgrade() -> None:
    for statement in ON_SQLITE if _on_sqlite() else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    for name in ("history_keeps", "history_stays"):
        op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON history")
    if not _on_sqlite():
        op.execute("DROP FUNCTION history_refuses()")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
