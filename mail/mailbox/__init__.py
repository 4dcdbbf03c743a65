"""Reading a mailbox over IMAP: what is ours is stored as a letter, erased letters are erased there too.

Must never touch what is not ours: the mailbox is somebody's.
"""

__all__ = ["imap", "records", "texts", "watcher"]
