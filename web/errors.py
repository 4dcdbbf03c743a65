"""Error pages: what happened, and what to do now. Nothing typed is lost while the database is away: the page that says
so holds it, and a button that sends it again.

Must never show an exception's own words, nor write an address (it may hold a secret) into the log.
"""

from typing import Final

from flask import Flask, Response, current_app, g, render_template, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import HTTPException, InternalServerError

from web.i18n.language import _, ngettext
from workflow.database import outage

AWAY_SECONDS: Final = 30
Page = tuple[str, int, dict[str, str]]
UNSENT: Final = frozenset({"csrf"})
"""what a form carries that is made anew"""


def _explain(error: HTTPException) -> Page | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    title, what_now = _words(code, str(error.description), getattr(error, "retry_after", None))
    return render_template("error.html", title=title, what_now=what_now, code=code), code, _headers(error, code)


def _headers(error: HTTPException, code: int) -> dict[str, str]:
    """Those that belong to the code: when to come again, what would have been allowed."""
    headers: dict[str, str] = {}
    if code in (429, 503):
        headers["Retry-After"] = str(getattr(error, "retry_after", None) or AWAY_SECONDS)
    if code == 405 and isinstance(error.get_response(), Response):
        headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return headers


def _broke(error: Exception) -> Page | HTTPException:
    """Our own fault: the log has it (without the address, which may hold a secret), the person gets words."""
    current_app.logger.error("%s broke", request.endpoint, exc_info=error)
    try:
        return _explain(InternalServerError(original_exception=error))
    except Exception:  # the page itself is what broke: plain words are left
        current_app.logger.exception("the page of errors broke")
        return f"{_words(500, '')[0]}. {_words(500, '')[1]}", 500, {"Content-Type": "text/plain; charset=utf-8"}


def _away(error: Exception) -> Page | HTTPException:
    """The database does not answer: that passes. What was typed is shown, to be sent again."""
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError) and not error.connection_invalidated:
        return _broke(error)
    current_app.logger.error("%s: the database does not answer", request.endpoint, extra=outage.due_to(error))
    g.me = None  # who it was cannot be asked now
    page = render_template("away.html", typed=_typed(), files=_files(), code=503, seconds=AWAY_SECONDS)
    return page, 503, {"Retry-After": str(AWAY_SECONDS)}


def _typed() -> list[tuple[str, str]]:
    if request.method != "POST":
        return []
    return [(name, value) for name, value in request.form.items(multi=True) if name not in UNSENT]


def _files() -> list[str]:
    """Files cannot be put back into a form: their names are told, so that they are chosen again."""
    if request.method != "POST":
        return []
    return [one.filename for one in request.files.values() if one.filename]


def install(app: Flask) -> None:
    """Behind everything that may go wrong."""
    app.register_error_handler(HTTPException, _explain)
    for away in (DBAPIError, NoConnection):
        app.register_error_handler(away, _away)
    app.register_error_handler(Exception, _broke)


def _words(code: int, why: str, seconds: object = None) -> tuple[str, str]:
    """`seconds`: after how many to come again, where that is known."""
    if code == 429 and why == "signin" and isinstance(seconds, int):
        return _("Too many sign-ins from one network"), _later(-(-seconds // 60))
    if code == 429 and why == "search":
        return _("Too many searches at once"), _("Wait a minute and search again.")
    if code == 400 and why == "csrf":
        return (
            _("The form has expired"),
            _(
                "Nothing was saved. Go back, reload the page and send the form again. If this keeps happening, "
                "allow this site's cookies in your browser."
            ),
        )
    if code == 400 and why == "host":
        return (
            _("This site is not called that"),
            _(
                "The pages answer under their own address only. Whoever looks after the service: see base_url and "
                "[web] hosts in the configuration."
            ),
        )
    if code == 403 and why in _HELD:
        return _HELD[why]()
    return _BY_CODE.get(code, _BY_CODE[500] if code >= 500 else _BY_CODE[400])()


def _later(minutes: int) -> str:
    return ngettext(
        "Very many sign-ins were begun just now from the network you are in. Nothing is wrong with you or your "
        "account. Try again in %(num)s minute, or at once from another network, such as your phone's.",
        "Very many sign-ins were begun just now from the network you are in. Nothing is wrong with you or your "
        "account. Try again in %(num)s minutes, or at once from another network, such as your phone's.",
        minutes,
    )


_BY_CODE: Final = {
    400: lambda: (
        _("This request could not be understood"),
        _("Nothing changed. Go back and try again."),
    ),
    403: lambda: (
        _("This page is not for you"),
        _("You are signed in, but your role has no access here. Ask the coordinator."),
    ),
    404: lambda: (
        _("There is no such page"),
        _("Check the address. If you followed a link in a mail, open it from the mail again: it must be whole."),
    ),
    405: lambda: (
        _("This page cannot be opened like that"),
        _("Nothing changed. Go back and use its buttons."),
    ),
    413: lambda: (
        _("What you sent is too large"),
        _("Nothing was saved. Go back and send smaller files, or fewer at a time."),
    ),
    429: lambda: (
        _("Too many forms at once"),
        _("Nothing was saved. Wait a minute and send again."),
    ),
    503: lambda: (
        _("This cannot be done just now"),
        _("Nothing changed. Try again in a minute."),
    ),
    500: lambda: (
        _("Something broke on our side"),
        _(
            "The fault is ours and has been noted. Try again in a few minutes; if that does not help, write "
            "to the coordinator."
        ),
    ),
}

_HELD: Final = {
    "infected": lambda: (
        _("This file is not handed out"),
        _("The virus scanner found something in it. The file is kept; ask the sender for a clean one."),
    ),
    "unscanned": lambda: (
        _("This file cannot be checked just now"),
        _("The virus scanner does not answer. The file is kept; try again in a few minutes."),
    ),
}
"""why a file stays where it is"""
