"""Receiving mail: the SMTP and LMTP server, quotas, durable storage of raw letters.

Must never parse a letter before it is stored.
"""

__all__ = ["letter_quota", "recipients", "smtp_policy", "smtp_server", "store", "store_thread", "tls_certificate"]
