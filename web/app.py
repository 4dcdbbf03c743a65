"""The pages as one application: what the root hands over, wired together; and what people see when something is wrong.

Must never read the clock, the environment or chance: those come in `Web`.
"""

from typing import Any, Final

import sqlalchemy as sa
from flask import Flask, Response, current_app, jsonify, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, InternalServerError

from web import demo, door, guard, language, light, office, public, signin, staff
from web.context import KEY, Composer, Demo, Preview, Web, here
from web.language import _

__all__ = ["Composer", "Demo", "Preview", "Web", "create_app"]

MEGABYTE: Final = 1024 * 1024


def create_app(web: Web) -> Flask:
    """The application over what the root built."""
    app = Flask("web", template_folder=str(web.templates), static_folder="static", static_url_path="/static")
    app.extensions[KEY] = web
    app.config.update(MAX_CONTENT_LENGTH=MEGABYTE, MAX_FORM_MEMORY_SIZE=MEGABYTE, MAX_FORM_PARTS=500)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    guard.install(app, web.programme.limits.posts_per_minute)
    light.install(app)
    _register(app, web)
    app.register_error_handler(HTTPException, _explain)
    app.register_error_handler(Exception, _broke)
    app.context_processor(_everywhere)
    return app


def _register(app: Flask, web: Web) -> None:
    for blueprint in (public.blueprint, door.blueprint, signin.blueprint, office.blueprint, staff.blueprint):
        app.register_blueprint(blueprint)
    if web.demo is not None:
        app.register_blueprint(demo.blueprint)
    app.add_url_rule("/healthz", "healthz", healthz)


def _everywhere() -> dict[str, Any]:
    """What every page may show."""
    web = here()
    return {"programme": web.programme, "demo_now": web.demo.now() if web.demo else None, "now": web.now()}


def healthz() -> tuple[Response, int]:
    """Whether the service answers and its database too: for those who watch over it."""
    try:
        with here().db.reading() as session:
            session.execute(sa.text("SELECT 1"))
        told = {"ok": True, "database": "ok", **here().healthy()}
    except (SQLAlchemyError, OSError):
        told = {"ok": False, "database": "no answer"}
    return jsonify(told), 200 if told["ok"] else 503


# -- when something is wrong --------------------------------------------------------------------------------------


def _explain(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    title, what_now = _words(code, str(error.description))
    headers = {"Retry-After": "60"} if code == 429 else {}
    if code == 405 and isinstance(error.get_response(), Response):
        headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return render_template("error.html", title=title, what_now=what_now, code=code), code, headers


def _broke(error: Exception) -> tuple[str, int, dict[str, str]] | HTTPException:
    """Our own fault: the log has it (without the address, which may hold a secret), the person gets words."""
    current_app.logger.error("%s broke", request.endpoint, exc_info=error)
    try:
        return _explain(InternalServerError(original_exception=error))
    except Exception:  # the page itself is what broke: plain words are left
        current_app.logger.exception("the page of errors broke")
        return f"{_words(500, '')[0]}. {_words(500, '')[1]}", 500, {"Content-Type": "text/plain; charset=utf-8"}


def _words(code: int, why: str) -> tuple[str, str]:
    if code == 400 and why == "csrf":
        return (
            _("The form has expired"),
            _(
                "Nothing was saved. Go back, reload the page and send the form again. If this keeps happening, "
                "allow this site's cookies in your browser."
            ),
        )
    return _BY_CODE.get(code, _BY_CODE[500] if code >= 500 else _BY_CODE[400])()


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
    500: lambda: (
        _("Something broke on our side"),
        _(
            "The fault is ours and has been noted. Try again in a few minutes; if that does not help, write "
            "to the coordinator."
        ),
    ),
}
