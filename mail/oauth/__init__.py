"""OAuth 2.0 access tokens for the relay and the mailbox: fetched, kept until shortly before they run out, said to a
mail server.

Must never know who signs in to the pages (`web/sign_in/oidc.py`), and never log a secret or a token.
"""

__all__ = ["access_tokens", "grants", "sasl"]
