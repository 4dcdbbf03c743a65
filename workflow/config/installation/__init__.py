"""Settings of an installation that are a chapter of their own, and the rules between its tables.

Pure. Must never read a file or the environment.
"""

__all__ = ["oauth", "oidc", "rules"]
