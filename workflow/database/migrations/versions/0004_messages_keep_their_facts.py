"""Queued mails keep the facts they were made of, and note when somebody changed their words by hand.

Mails queued before have none: they keep the words they have.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("facts", sa.JSON(), nullable=True))
    op.add_column("messages", sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "edited_at")
    op.drop_column("messages", "facts")
