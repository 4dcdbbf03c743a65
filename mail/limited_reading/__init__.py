"""Sandboxed reading of letters: a process of its own with limits of processor time and memory; what passes a limit is
told at once.

Must never run a parser over strangers' bytes in the caller's own process.
"""

__all__ = ["letter_reader", "opening", "reader", "trial"]
