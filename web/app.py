"""The pages as one application: what the root hands over, wired together; and what people see when something is wrong.

Must never read the clock, the environment or chance: those come in `Web`.
"""

from typing import Any, Final

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from web import errors, staff
from web.access import gate as guard
from web.context import KEY, Composer, Demo, Preview, Web, here
from web.files import compression as light
from web.front import demo
from web.front import health as watched
from web.i18n import language
from web.office import today as office
from web.public import privacy
from web.public import programme as public
from web.public import question as door
from web.sign_in import link as signin
from web.sign_in import my_sign_ins as mine
from web.sign_in import oidc
from web.sign_in import second_step as second

__all__ = ["Composer", "Demo", "Preview", "Web", "create_app"]

MEGABYTE: Final = 1024 * 1024
FORM_PARTS: Final = 500
"""fields and files of one form: the longest, of a team with all its members, has far fewer"""


def create_app(web: Web) -> Flask:
    """The application over what the root built."""
    app = Flask("web", template_folder=str(web.templates), static_folder="static", static_url_path="/static")
    app.extensions[KEY] = web
    app.config.update(MAX_CONTENT_LENGTH=MEGABYTE, MAX_FORM_MEMORY_SIZE=MEGABYTE, MAX_FORM_PARTS=FORM_PARTS)
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    language.install(app)
    guard.install(app)
    light.install(app)
    _register(app, web)
    errors.install(app)
    app.context_processor(_everywhere)
    _believe_proxies(app, web.settings.web.proxies)
    guard.check(app)
    return app


def _believe_proxies(app: Flask, steps: int) -> None:
    """Who asked, and whether over https, as our own proxies say; of nobody else is that believed."""
    if steps:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=steps, x_proto=steps)  # type: ignore[method-assign]


def _register(app: Flask, web: Web) -> None:
    if web.settings.oidc is not None:
        oidc.check()
        app.register_blueprint(oidc.blueprint)
    for room in (public, privacy, door, signin, second, mine, office, staff):
        app.register_blueprint(room.blueprint)
    if web.demo is not None:
        app.register_blueprint(demo.blueprint)
    watched.install(app)


def _everywhere() -> dict[str, Any]:
    """What every page may show."""
    web = here()
    return {"programme": web.programme, "demo_now": web.demo.now() if web.demo else None, "now": web.now()}
