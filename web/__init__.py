"""Web pages and forms: Flask blueprints over the workflow.

Must never send or receive mail; of mail it knows only how one looks (`mail.composing`).
"""

__all__ = ["app", "context", "flash", "forms", "kept_form", "request", "uploads"]
