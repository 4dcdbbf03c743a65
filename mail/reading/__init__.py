"""Parsing of incoming mail: bytes become a Letter with headers, new text, attachments, sender and calendar answer.

Pure and total; must never raise on any bytes, or look anything up.
"""

__all__ = ["calendar", "characters", "headers", "letter", "quote_phrases", "quoted_secrets", "sender"]
