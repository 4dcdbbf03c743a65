"""Reply parsing: the newly written text of a reply becomes an answer, or a doubt with its reason.

Pure; must never look anything up or guess.
"""

__all__ = ["answers", "hours", "repetition", "understand"]
