"""Where a letter came from; and how often a mail was refused, apart from how often it was taken in hand."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mails that were tried before today count their attempts as refusals, as they did."""
    op.add_column("letters", sa.Column("peer", sa.String(60), nullable=False, server_default=""))
    op.add_column("messages", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("broken", sa.Integer, nullable=False, server_default="0"))
    op.execute("UPDATE messages SET tries = attempt")


def downgrade() -> None:
    """Only what is new is lost."""
    op.drop_column("messages", "broken")
    op.drop_column("messages", "tries")
    op.drop_column("letters", "peer")
