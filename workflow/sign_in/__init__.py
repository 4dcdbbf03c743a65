"""Sign-in tokens and second factors as rows.

Must never know a browser or a mail.
"""

__all__ = ["feeds", "links", "second_factors"]
