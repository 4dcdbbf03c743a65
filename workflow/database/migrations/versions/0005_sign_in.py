"""Ways of signing in, and counts of tries."""

import sqlalchemy as sa
from alembic import op

from workflow.database.engine import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Requests for links, second factors with their recovery codes, counts; more is known of sessions and files."""
    op.create_table(
        "sign_in_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.String(254), nullable=False),
        sa.Column("browser_hash", sa.String(64), nullable=False),
        sa.Column("then", sa.String(320), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_requests")),
    )
    op.create_table(
        "second_factors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("seed", sa.String(64), nullable=False),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(1400), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_second_factors_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_second_factors_credential_id")),
    )
    op.create_index(op.f("ix_second_factors_person_id"), "second_factors", ["person_id"])
    op.create_table(
        "recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_recovery_codes_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_person_id"), "recovery_codes", ["person_id"])
    op.create_table(
        "tries",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_tries")),
    )
    op.create_index(op.f("ix_tries_since"), "tries", ["since"])
    op.add_column("web_sessions", sa.Column("half", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("web_sessions", sa.Column("browser", sa.String(60), server_default="", nullable=False))
    op.add_column("web_sessions", sa.Column("place", sa.String(60), server_default="", nullable=False))
    op.add_column("files", sa.Column("mark", sa.String(20), server_default="", nullable=False))


def downgrade() -> None:
    """All of it away again."""
    op.drop_column("files", "mark")
    for column in ("place", "browser", "half"):
        op.drop_column("web_sessions", column)
    for table in ("tries", "recovery_codes", "second_factors", "sign_in_requests"):
        op.drop_table(table)
