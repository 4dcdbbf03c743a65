"""Alembic's environment script: run by `Database.migrate`, which hands it a connection.

Must never open a connection of its own or read a configuration file: whoever calls says which database it is.
"""

from alembic import context

from workflow.database.models import Base


def migrate() -> None:
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        # SQLite can undo its DDL too: a migration that is cut short leaves nothing behind
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
