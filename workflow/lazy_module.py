"""Lazy import: a large module is imported when it is first used, to save memory and start-up time.

For large ones that most processes never touch (a PDF's typesetter, a spreadsheet's writer, migrations). Written so:

    if TYPE_CHECKING:
        import typst
    else:
        typst = Later("typst")  # 7 MB, for certificates only

Types, linters and import rules then see an ordinary import. Must never be used for what every process uses.
"""

import importlib


class Later:
    """Stands where a module would; the first look at anything in it imports it. Safe among threads."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(importlib.import_module(self._name), name)
