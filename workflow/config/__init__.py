"""Configuration: config.toml and the environment become a validated, frozen Programme and Settings.

Pure; must never read a file, the clock or the environment by itself.
"""

__all__ = ["environment", "faults", "loader", "next_year", "settings", "types"]
