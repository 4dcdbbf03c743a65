"""Version of the running program: of its wheel, or of the checkout that it runs from."""

import importlib
import importlib.metadata
from functools import cache


@cache
def version() -> str:
    """As `teekond --version` says it."""
    try:  # a checkout has the module that builds use, a wheel has not
        return str(importlib.import_module("build_version").version())
    except ModuleNotFoundError:
        pass
    try:
        return importlib.metadata.version("teekond")
    except importlib.metadata.PackageNotFoundError:
        return "unknown"
