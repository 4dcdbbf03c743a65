"""Diagnosis of an installation: each check says what is wrong and what to do.

Must never change anything.
"""

__all__ = ["checks", "dns", "mail_loop", "mail_servers"]
