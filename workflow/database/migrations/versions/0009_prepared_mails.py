"""Mails made ahead of their hour; what was made goes once the message is said otherwise, whoever changes it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SAID = (
    "lang, template, to_name, to_address, subject, body, calendar, calendar_method, message_id, in_reply_to, "
    "reference_ids, reply_to, auto_submitted, created_at"
)
ON_SQLITE = (
    f"CREATE TRIGGER messages_said_anew AFTER UPDATE OF {SAID} ON messages "
    "BEGIN DELETE FROM prepared_mails WHERE message_id = NEW.id; END",
)
ON_POSTGRESQL = (
    "CREATE FUNCTION messages_said_anew() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN DELETE FROM prepared_mails WHERE message_id = NEW.id; RETURN NULL; END $$",
    f"CREATE TRIGGER messages_said_anew AFTER UPDATE OF {SAID} ON messages "
    "FOR EACH ROW EXECUTE FUNCTION messages_said_anew()",
)


def upgrade() -> None:
    op.create_table(
        "prepared_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("sender", sa.String(254), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_prepared_mails_message_id_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_prepared_mails_message_id")),
    )
    for statement in ON_SQLITE if _on_sqlite() else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    """Nothing is lost: mails are made again."""
    op.execute("DROP TRIGGER messages_said_anew" + ("" if _on_sqlite() else " ON messages"))
    if not _on_sqlite():
        op.execute("DROP FUNCTION messages_said_anew()")
    op.drop_table("prepared_mails")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
