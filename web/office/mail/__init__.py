"""The coordinator's pages about mail: inbox, outbox, templates.

Must never send by itself; it queues.
"""

__all__ = ["delivery_errors", "hold", "inbox", "outbox", "reply", "templates", "write", "written"]
