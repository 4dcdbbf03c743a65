"""Spreadsheets as bytes (XLSX, ODS, CSV) read into rows of plain text, within limits. Pure.

Must never compute a formula, follow a reference out of the file, or grow with what a file claims to hold.
"""

__all__ = ["sheet", "sheet_file"]
