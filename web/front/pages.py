"""Index pages where several programmes are served: which there are, and how they do.

Knows of each programme what its own first page shows to everybody, and its three addresses for those who watch. Must
never open a programme's books, or say why one is shut: the log does.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from flask import Flask, Response, abort, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from web.access import headers
from web.access.hosts import WATCHED
from web.context import templates
from web.front.dispatch import SHUT, STRANGE, Mounted, Shut, below
from web.front.health import TEXT
from web.i18n.catalogue import words
from workflow.text import formatting
from workflow.text.bilingual import LANGUAGES, Text

OFFERED: Final = "LANGUAGES_OFFERED"
AWAY_SECONDS: Final = 300


def create_front(mounted: Sequence[Mounted], shut: Sequence[Shut], now: Callable[[], datetime]) -> Flask:
    """The application behind what no programme answers."""
    app = Flask("web", template_folder=str(templates()), static_folder="static", static_url_path="/static")
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    offered = tuple(dict.fromkeys(lang for one in mounted for lang in one.programme.languages)) or LANGUAGES
    _speak(app, offered)
    app.before_request(_check)
    app.after_request(lambda response: _seal(response, secure=any(one.base_url[:6] == "https:" for one in mounted)))
    app.register_error_handler(HTTPException, _explain)
    app.add_url_rule("/", "first", lambda: _first(mounted, now()))
    app.add_url_rule("/healthz", "healthz", lambda: _health(mounted))
    app.add_url_rule("/readyz", "readyz", lambda: _ready(mounted, shut))
    app.add_url_rule("/metrics", "metrics", lambda: _metrics(mounted, shut))
    return app


# -- pages --------------------------------------------------------------------------------------------------------


def _check() -> None:
    if STRANGE in request.environ and request.endpoint not in WATCHED:
        abort(400)
    if SHUT in request.environ:
        abort(503)


def _first(mounted: Sequence[Mounted], now: datetime) -> str:
    """Every programme that is served: those that take applications first."""

    def phase(one: Mounted) -> str:
        return one.programme.apply.phase(now)

    shown = sorted(mounted, key=lambda one: (phase(one) != "open", one.programme.apply.closes_at, one.key))
    return render_template("front.html", mounted=shown, phase=phase)


def _explain(error: HTTPException) -> tuple[str, int, dict[str, str]] | HTTPException:
    code = error.code or 500
    if code < 400:
        return error
    more = {"Retry-After": str(AWAY_SECONDS)} if code == 503 else {}
    return render_template("front_error.html", code=code), code, more


def _seal(response: Response, *, secure: bool) -> Response:
    return headers.seal_with(response, secure=secure, static=headers.is_static(response))


# -- words --------------------------------------------------------------------------------------------------------


def _lang() -> str:
    """What is chosen by the link, else what the browser asks for, of what is offered; no cookie is set here."""
    chosen, offered = request.args.get("lang"), current_app.config[OFFERED]
    return str(chosen if chosen in offered else request.accept_languages.best_match(offered) or offered[0])


def _speak(app: Flask, offered: Sequence[str]) -> None:
    app.config[OFFERED] = offered

    def one(message: str) -> str:
        return str(words(_lang()).gettext(message))

    def some(single: str, many: str, n: int) -> str:
        return str(words(_lang()).ngettext(single, many, n))

    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(one, some, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    app.jinja_env.globals.update(lang=_lang)
    app.jinja_env.filters.update(say=_said, on=_on, until=_until)


def _said(text: Text) -> str:
    return text.say(_lang())


def _on(at: datetime, one: Mounted) -> str:
    return formatting.on(at, _lang(), one.programme.tz)


def _until(at: datetime, one: Mounted) -> str:
    return formatting.until(at, _lang(), one.programme.tz)


# -- how they do --------------------------------------------------------------------------------------------------


def _asked(one: Mounted, name: str) -> AnyResponse:
    """What a programme's own address says to whoever asks here."""
    environ = {**below(request.environ, ""), "PATH_INFO": f"/{name}", "REQUEST_METHOD": "GET"}
    return AnyResponse.from_app(one.app, environ, buffered=True)


def _told(one: Mounted, name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_asked(one, name).get_data())
    return found


def _health(mounted: Sequence[Mounted]) -> tuple[Response, int]:
    """Whether any of them answers: one whose database is away is no reason to end the others' work."""
    said = {one.key: _told(one, "healthz") for one in mounted}
    well = any(each["ok"] for each in said.values())
    return jsonify({"ok": well, "programmes": said}), 200 if well else 503


def _ready(mounted: Sequence[Mounted], shut: Sequence[Shut]) -> tuple[Response, int]:
    """Whether all of them are ready; each that is not, with what is missing."""
    said = {one.key: _told(one, "readyz") for one in mounted}
    said |= {one.key: {"ok": False, "programme": "closed; the log says why"} for one in shut}
    ready = all(each["ok"] for each in said.values())
    return jsonify({"ok": ready, "programmes": said}), 200 if ready else 503


def _metrics(mounted: Sequence[Mounted], shut: Sequence[Shut]) -> Response:
    """The figures of all who tell them to whoever asks, each line with its programme's name."""
    told = [answer.get_data(as_text=True) for one in mounted if (answer := _asked(one, "metrics")).status_code == 200]
    if not told:
        abort(403)
    return Response("\n".join(_joined([*told, _count(len(mounted), len(shut))])) + "\n", content_type=TEXT)


def _count(served: int, shut: int) -> str:
    name = "teekond_programmes"
    return (
        f"# HELP {name} Programmes of this installation.\n# TYPE {name} gauge\n"
        f'{name}{{state="open"}} {served}\n{name}{{state="closed"}} {shut}'
    )


def _joined(told: Sequence[str]) -> Iterator[str]:
    """Each figure once, with the lines of all: the format wants them together."""
    heads: dict[str, list[str]] = {}
    lines: dict[str, list[str]] = {}
    for line in "\n".join(told).splitlines():
        name = line.split(" ")[2] if line.startswith("#") else line.partition("{")[0].partition(" ")[0]
        kept = heads.setdefault(name, []) if line.startswith("#") else lines.setdefault(name, [])
        if not (line.startswith("#") and line in kept):
            kept.append(line)
    for name, head in heads.items():
        yield from (*head, *lines.get(name, ()))
