"""Word and phrase lists of the reply parser, by what they mean.

Data; must never decide.
"""

__all__ = ["common", "doubt", "forms", "no", "notation", "turns", "verbs", "yes"]
