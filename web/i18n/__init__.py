"""Translations of the pages: the gettext catalogue, the language of a request, labels of codes.

Must never hold a text of one page alone.
"""

__all__ = ["catalogue", "labels", "language"]
