"""Scheduled work: performs the duties that fall due, reminders, watches for silence.

Must never ask for the time; it is an argument.
"""

__all__ = ["alert_checks", "alert_pages", "clock_ahead", "heartbeat", "tick"]
