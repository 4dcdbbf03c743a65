"""Sending mail: the outbox queue, the relay, retries, rate limits, DKIM.

Must never decide what is said to whom.
"""

__all__ = ["dkim", "outbox", "round_trip", "transport"]
