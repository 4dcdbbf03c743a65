"""Process and command line: one running service, assembled from its parts; imported by `teekond.py` alone.

Must never hold a rule of the programme.
"""

__all__ = [
    "active_config",
    "assembly",
    "belonging",
    "clocks",
    "environment_file",
    "erased_list",
    "erased_people",
    "invocation",
    "logs",
    "mail_tokens",
    "os_errors",
    "preflight",
    "programmes",
    "refused_writes",
    "secret_keys",
    "version",
]
