"""Coordinators' own mails with their drafts and files, and calendar feeds by secret link."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WRITTEN = (
    "ALTER TABLE messages ADD COLUMN written_id INTEGER "
    "CONSTRAINT fk_messages_written_id_written_mails REFERENCES written_mails (id)"
)
"""in so many words: SQLite adds a reference with its column or not at all"""


def upgrade() -> None:
    at = sa.DateTime(timezone=True)
    op.create_table(
        "written_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("typed", sa.JSON(), nullable=False),
        sa.Column("leave_at", at, nullable=True),
        sa.Column("created_at", at, nullable=False),
        sa.Column("updated_at", at, nullable=False),
        sa.Column("sent_at", at, nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_written_mails_author_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_mails")),
        sa.UniqueConstraint("name", name=op.f("uq_written_mails_name")),
    )
    op.create_index(op.f("ix_written_mails_author_id"), "written_mails", ["author_id"])
    op.create_table(
        "written_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=True),
        sa.Column("mail_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["written_mails.id"], name=op.f("fk_written_files_mail_id_written_mails")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_written_files")),
    )
    op.create_index(op.f("ix_written_files_mail_id"), "written_files", ["mail_id"])
    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", at, nullable=False),
        sa.Column("ended_at", at, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_calendar_feeds_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feeds_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feeds_person_id"), "calendar_feeds", ["person_id"])
    op.execute(WRITTEN)
    op.create_index(op.f("ix_messages_written_id"), "messages", ["written_id"])


def downgrade() -> None:
    raise NotImplementedError
