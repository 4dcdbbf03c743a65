"""Read models for the pages: board, team, mail, mentoring, people, reports.

Must never write.
"""

__all__ = [
    "board",
    "funder_report",
    "mail",
    "mail_samples",
    "mentoring",
    "metrics",
    "people",
    "phase",
    "reflection_report",
    "risks",
    "session_people",
    "staff",
    "team",
    "team_files",
]
