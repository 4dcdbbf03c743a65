"""What stands before a programme's pages: dispatch among programmes, health endpoints, the demo's bar.

Must never hold a page of the programme itself.
"""

__all__ = ["demo", "dispatch", "health", "pages"]
