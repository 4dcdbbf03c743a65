"""Access control: sessions, roles, CSRF, rate limits, hosts, security headers and log.

Must never know what a page is about.
"""

__all__ = [
    "cookies",
    "csrf",
    "gate",
    "headers",
    "hosts",
    "paths",
    "rate_limits",
    "request_log",
    "roles",
    "security_log",
    "sessions",
    "user_agents",
]
