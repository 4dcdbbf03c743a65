"""The coordinator's pages about people and records: directory, data requests, tables, files.

Must never hand out a file unmarked.
"""

__all__ = [
    "archive", "directory", "dossier", "import_template", "imports", "report_tokens", "rights", "sign_ins",
    "spreadsheet", "tables", "tables_out",
]  # fmt: skip
