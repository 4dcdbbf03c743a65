"""Audit and backup: verification of the books, replay of recorded decisions, copies and their return.

Must never repair what it finds.
"""

__all__ = ["backup", "replay", "schema_check", "sealing", "verify"]
