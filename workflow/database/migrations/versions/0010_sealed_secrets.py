"""The secrets of apps are kept sealed, so that the service's key can be changed."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """One new column; rows without it have a seed."""
    op.add_column("second_factors", sa.Column("sealed", sa.String(300), nullable=True))


def downgrade() -> None:
    op.drop_column("second_factors", "sealed")
