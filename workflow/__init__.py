"""Domain logic of a programme: rules, tables, acts and reads, independent of mail and web.

Must never know mail protocols or HTTP.
"""

__all__ = ["codes", "lazy_module", "notices", "season"]
