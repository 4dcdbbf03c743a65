"""Database access: engine, tables, migrations, search, paging and wake-ups, for SQLite and PostgreSQL.

Must never hold a rule of the programme.
"""

__all__ = ["engine", "models", "notify", "outage", "paging", "private_files", "rate_counts", "search"]
