"""Mail in and out: receiving, reading, composing, sending.

Must never know the pages.
"""

__all__ = ["identity"]
