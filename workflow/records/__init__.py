"""Shared reads and writes of rows: queries, history, open questions, and an act tried in a savepoint.

Must never decide what happens to a team.
"""

__all__ = [
    "aliases",
    "approvals",
    "attendance",
    "evidence",
    "first_mails",
    "history",
    "history_heads",
    "history_marks",
    "mail_quota",
    "masking",
    "on_duty",
    "open_questions",
    "preview",
    "queries",
    "row_seals",
    "undelivered",
]
