"""Texts in two languages, and dates, numbers and hours as people say them.

Must never import anything of ours.
"""

__all__ = ["bilingual", "delivery_failures", "formatting", "holidays", "reasons", "unlinkable"]
