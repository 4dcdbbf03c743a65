"""Applications, guests and staff from a sheet: columns matched, rows checked, then taken in by one coordinator's act.

Must never write to anybody by itself: mails leave by an act of their own.
"""

__all__ = ["columns", "import_rows", "staff_lines", "taking", "targets"]
