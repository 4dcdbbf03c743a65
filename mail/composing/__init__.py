"""Composing outgoing mail: a notice becomes a queued message, a message becomes bytes.

Must never send or commit.
"""

__all__ = ["compose", "invites", "message_bytes", "samples", "templates_check", "threads"]
