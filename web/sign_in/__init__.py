"""Signing in: mailed links, OpenID Connect, passkeys, one-time codes, recovery codes.

Must never trust a second step that another session took.
"""

__all__ = ["link", "my_sign_ins", "oidc", "sealed_secrets", "second_step"]
