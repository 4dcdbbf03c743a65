"""Business rules: the state machine, requirements, kinds of question and of mail, due dates, the ledger of hours.

Pure; must never read or write the database.
"""

__all__ = [
    "answers", "application", "doors", "duties", "file_types", "homes", "hours", "machine", "mail_kinds",
    "mail_lasting", "questions", "requirements",
]  # fmt: skip
