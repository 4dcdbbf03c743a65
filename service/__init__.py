"""One running service, put together from its parts.

Reads no clock, no environment and no chance itself: `teekond.py` hands them on in `Told`. Imported by nobody else.
"""
