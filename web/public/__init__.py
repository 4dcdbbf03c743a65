"""Public pages: the programme, applying, guests, a question's form, privacy.

Must never show what belongs behind the sign-in.
"""

__all__ = [
    "feed", "own_details", "privacy", "programme", "question", "question_forms", "question_input", "question_page",
]  # fmt: skip
