"""Process limits set at start: file descriptors, and memory that the allocator gives back."""

import ctypes
import resource
from typing import Final

DESCRIPTORS: Final = 4096
"""enough for all connections that are let in (letters 100, pages 200), the files of requests and the database"""
M_MMAP_THRESHOLD: Final = -3
LARGE: Final = 1024 * 1024
"""bytes; whatever is larger is given back to the system as soon as it is done with"""


def raise_descriptors() -> int:
    """As many as are wanted, or as many as this process may give itself. Returns the limit that holds now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(DESCRIPTORS, hard)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def give_memory_back() -> None:
    """glibc keeps what large letters took, for larger ones yet: its threshold for giving back at once grows with each.
    A fixed one stays. Where there is another library, its own ways hold."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
