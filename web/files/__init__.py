"""Files handed out: downloads, the virus scanner, compression of static files.

Must never interpret a file that somebody uploaded.
"""

__all__ = ["compression", "downloads", "virus_scan"]
