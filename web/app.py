"""The Flask application: what the root hands over, wired together; its blueprints, hooks and error pages.

Must never read the clock, the environment or chance: those come in `Web`.
"""

from typing import Any, Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from web import errors, kept_form, on_behalf, staff
from web.access import gate
from web.access.paths import RowNumber
from web.context import KEY, DemoPowers, Web, here
from web.files import compression
from web.front import demo, health
from web.i18n import language
from web.office import today
from web.office.records import tables_out
from web.public import feed, own_details, privacy, programme, question
from web.sign_in import link, my_sign_ins, oidc, second_step

__all__ = ["DemoPowers", "Web", "create_app"]

MEGABYTE: Final = 1024 * 1024
FORM_PARTS: Final = 500
"""fields and files of one form: the longest, of a team with all its members, has far fewer"""


def create_app(web: Web) -> Flask:
    """The application over what the root built."""
    app = Flask("web", template_folder=str(web.templates), static_folder="static", static_url_path="/static")
    app.extensions[KEY] = web
    app.config.update(MAX_CONTENT_LENGTH=MEGABYTE, MAX_FORM_MEMORY_SIZE=MEGABYTE, MAX_FORM_PARTS=FORM_PARTS)
    app.url_map.strict_slashes = False
    app.url_map.converters["int"] = RowNumber
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    gate.install(app)
    compression.install(app)
    _register(app, web)
    errors.install(app)
    app.context_processor(_everywhere)
    _believe_proxies(app, web.settings.web.proxies)
    gate.check(app)
    return app


def _believe_proxies(app: Flask, steps: int) -> None:
    """Who asked, and whether over https, as our own proxies say; of nobody else is that believed."""
    if steps:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=steps, x_proto=steps)  # type: ignore[method-assign]


def _register(app: Flask, web: Web) -> None:
    if web.settings.oidc is not None:
        oidc.check()
        app.register_blueprint(oidc.blueprint)
    for room in (
        programme, privacy, question, own_details, feed, link, second_step, my_sign_ins, today, staff, on_behalf,
        tables_out,
    ):  # fmt: skip
        app.register_blueprint(room.blueprint)
    if web.demo is not None:
        app.register_blueprint(demo.blueprint)
    health.install(app)


def _everywhere() -> dict[str, Any]:
    """What every page may show."""
    web = here()
    return {"programme": web.programme, "demo_now": web.demo.now() if web.demo else None, "now": web.now(),
            "typed_in": kept_form.again}  # fmt: skip
