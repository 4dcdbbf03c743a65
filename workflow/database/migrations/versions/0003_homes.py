"""A team's home is called what the programme calls it: `teams.municipality` becomes `teams.home`."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE teams RENAME COLUMN municipality TO home")
    op.execute(
        "UPDATE alerts SET kind = 'same_home', key = replace(key, 'municipality:', 'same_home:') "
        "WHERE kind = 'municipality'"
    )
    # applications that were begun and kept: the name of a field, as json.dumps writes it
    as_text, as_json = ("content", "") if op.get_bind().dialect.name == "sqlite" else ("content::text", "::json")
    op.execute(f"UPDATE drafts SET content = replace({as_text}, '\"municipality\":', '\"home\":'){as_json}")


def downgrade() -> None:
    raise NotImplementedError("restore a backup instead")
