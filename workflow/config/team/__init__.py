"""What a team is made of: kinds of members, its home, its sizes; and what configs from before these said of it.

Pure. Must never read the clock or the environment.
"""

__all__ = ["earlier", "rule"]
