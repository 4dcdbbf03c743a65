"""Handling of stored letters: routing to a question, submitting the answer, effects of bounces.

Must never guess who wrote or what was meant.
"""

__all__ = ["asked_json", "bounce_effects", "inbox", "letter_json", "reply_text"]
