"""The coordinator's pages about teams: today, board, team, selection, approvals, calendar, mentoring.

Must never act without showing the consequences first.
"""

__all__ = ["acting", "confirm", "drawings", "mentor_booking", "mentoring", "today"]
