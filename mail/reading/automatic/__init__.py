"""Recognition of automatic mail: bounces, delivery reports, out-of-office replies.

Pure; must never act on what it recognises.
"""

__all__ = ["bounces", "replies"]
