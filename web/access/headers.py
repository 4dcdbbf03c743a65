"""Security headers of every response, whatever its status: CSP, referrer, framing, caching."""

from typing import Final

from flask import Response, request

from web.context import here

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
MAIL_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; object-src 'none'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox; "
    "frame-ancestors 'self'"
)
FILE_POLICY: Final = (
    "default-src 'none'; form-action 'none'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; sandbox"
)
NO_POWERS: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def framed(html: str) -> Response:
    """A mail's HTML for a sandboxed frame: it may look like itself and open its links beside us, and no more."""
    response = Response(html.replace("<head>", '<head><base target="_blank">', 1), mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def seal(response: Response) -> Response:
    """The headers of every answer, whatever its status."""
    return seal_with(response, secure=here().secure, static=is_static(response))


def seal_with(response: Response, *, secure: bool, static: bool) -> Response:
    """`secure`: people reach the pages over https only."""
    headers, html = response.headers, response.mimetype == "text/html"
    headers.setdefault("Content-Security-Policy", POLICY)
    headers["X-Content-Type-Options"] = "nosniff"
    ours = "frame-ancestors 'self'" in headers["Content-Security-Policy"]
    headers["X-Frame-Options"] = "SAMEORIGIN" if ours else "DENY"
    # under "no-referrer" a browser would say of our own forms that they came from "null", and that is no proof;
    # "same-origin" tells other sites just as little
    headers["Referrer-Policy"] = "same-origin" if html else "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = NO_POWERS
    headers["Cache-Control"] = "public, max-age=3600" if static else "no-store"
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return response


def is_static(response: Response) -> bool:
    return request.endpoint == "static" and response.status_code in (200, 304)
