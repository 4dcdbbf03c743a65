"""Drafts of applications, and which forms of applications were taken in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("address_key", sa.String(254), nullable=False),
        sa.Column("lang", sa.String(2), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mails", sa.Integer(), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_drafts_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_drafts_secret_hash")),
    )
    op.create_index(op.f("ix_drafts_address_key"), "drafts", ["address_key"])
    op.create_table(
        "sent_forms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_hash", sa.String(64), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_sent_forms_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sent_forms")),
        sa.UniqueConstraint("form_hash", name=op.f("uq_sent_forms_form_hash")),
    )
    op.create_index(op.f("ix_sent_forms_browser_hash"), "sent_forms", ["browser_hash"])
    op.execute("DELETE FROM settings WHERE key LIKE 'applied:%'")  # one-time keys of forms, kept there until now


def downgrade() -> None:
    op.drop_table("sent_forms")
    op.drop_table("drafts")
