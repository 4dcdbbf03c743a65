"""Request context of log lines: a request id and the endpoint, never the path, which may carry a secret.
"""

from flask import g, has_request_context, request

from web.context import here


def context() -> dict[str, str]:
    """Empty outside of a request. The number is made when the first line is written."""
    if not has_request_context():
        return {}
    if "log_number" not in g:
        g.log_number = here().token()[:12]
    return {"request": g.log_number, "method": request.method, "endpoint": request.endpoint or "none"}
