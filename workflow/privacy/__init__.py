"""Personal data: the register, a person's copy, erasure and retention.

Must never erase what the books need to stay true.
"""

__all__ = [
    "categories",
    "erase_person",
    "erase_rows",
    "erasure_preview",
    "export",
    "record_page",
    "register",
    "retention",
]
