"""Secret keys and their rotation, the hash chain of history, and the network a client counts as.

Must never read the environment or the database.
"""

__all__ = ["chain", "client_network", "keyed_digest", "keys", "own_links", "spelled_secrets"]
