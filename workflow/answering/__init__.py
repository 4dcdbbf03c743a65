"""Submitting answers: the one way in which a reply or a form answers a question, with its effects.

Must never know whether the answer came by mail or by form.
"""

__all__ = [
    "corrections", "held_letters", "on_behalf", "overtaken", "own_addresses", "read_back", "submit", "withdrawal",
]  # fmt: skip
