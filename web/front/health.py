"""Health endpoints and metrics: `/healthz`, `/readyz`, `/metrics`.

`/healthz` and `/readyz` are open and tell strangers no more than which part is wrong; `/metrics`, and the version in
`/readyz`, are for the networks in `[web] metrics_from`, or for whoever brings the token. Must never tell a name, an
address or a word of a letter.
"""

import hmac
from collections.abc import Iterator, Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final

import sqlalchemy as sa
from flask import Flask, Response, abort, jsonify, request
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from web.access.roles import anybody
from web.access.security_log import event
from web.context import here
from workflow.coordinator import mail_hold
from workflow.schedule import heartbeat
from workflow.views import metrics as metrics_view
from workflow.views.metrics import Figures

TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
MIB: Final = 1024 * 1024
LEAST_FREE: Final = 175 * MIB
"""below this the receiver takes no letters either (`mail.receiving.smtp_policy`)"""
DAMAGED: Final = "is damaged; stop the service and restore a copy"
UNREAD: Final = "the reading process cannot be started or dies; letters wait, see the worker's log"
UNKNOWN: Final = {"migrations": "unknown", "worker": "unknown", "reading": "unknown", "mail": "unknown"}
FORWARDED: Final = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def install(app: Flask) -> None:
    """Their three addresses."""
    for view in (healthz, readyz, metrics):
        app.add_url_rule(f"/{view.__name__}", view.__name__, view)


@anybody
def healthz() -> tuple[Response, int]:
    """Whether the service answers and its database too."""
    try:
        with here().db.reading() as session:
            session.execute(sa.text("SELECT 1"))
        told = {"ok": True, "database": "ok", **here().healthy(), **_whose()}
    except (SQLAlchemyError, OSError):
        told = {"ok": False, "database": "no answer", **_whose()}
    return jsonify(told), 200 if told["ok"] else 503


# -- ready --------------------------------------------------------------------------------------------------------


@anybody
def readyz() -> tuple[Response, int]:
    """Whether everything is there that the work needs; else which part is missing, and why."""
    parts = {**_in_the_database(here().now()), "disk": _disk()}
    ready = all(said == "ok" for part, said in parts.items() if part != "mail")  # held on purpose: nothing is missing
    version = {"version": said} if (said := here().version()) and _may_see_more() else {}
    return jsonify({"ok": ready, **parts, **version, **_whose()}), 200 if ready else 503


def _whose() -> Mapping[str, str]:
    """Of which programme it is told, where there are several."""
    return {"programme": here().mark} if here().mark else {}


def _in_the_database(now: datetime) -> Mapping[str, str]:
    try:
        with here().db.reading() as session:
            last, hold = heartbeat.last(session), mail_hold.current(session)
            reading = UNREAD if heartbeat.reading_broken(session, now) else "ok"
        migrations = "ok" if here().db.at_head() else "the tables are of another version; restart the service"
        damaged = here().db.damaged(now)
    except (SQLAlchemyError, OSError) as error:
        lost = isinstance(error, DatabaseError) and not isinstance(error, OperationalError)
        return {**UNKNOWN, "database": DAMAGED if lost else "no answer"}
    mail = "ok" if hold is None else f"all mail is held since {hold.since:%Y-%m-%d %H:%M} UTC"
    database = DAMAGED if damaged else "ok"
    work = {"worker": _worker(last, now), "reading": reading, "mail": mail}
    return {"database": database, "migrations": migrations, **work}


def _worker(last: datetime | None, now: datetime) -> str:
    if here().demo is not None:
        return "ok"
    if last is None:
        return "no worker has begun yet; start `teekond work` or `teekond serve`"
    minutes = int((now - last).total_seconds() // 60)
    return "ok" if now - last <= heartbeat.STALE else f"no sign of life for {minutes} minutes"


def _disk() -> str:
    free = here().disk_free
    if free is None:
        return "ok"
    try:
        left = free()
    except OSError:
        return "cannot be read"
    return "ok" if left >= LEAST_FREE else f"{left // MIB} MiB are free, {LEAST_FREE // MIB} MiB are needed"


# -- figures ------------------------------------------------------------------------------------------------------


@anybody
def metrics() -> Response:
    """The figures in Prometheus's text format."""
    if not _may_see_more():
        event("figures refused")
        abort(403)
    with here().db.reading() as session:
        found = metrics_view.of(session, here().now())
    return Response("\n".join(_lines(found)) + "\n", content_type=TEXT)


def _may_see_more() -> bool:
    """Whether who asks may read figures and the version; a stranger is told neither."""
    return _from_near() or _with_token()


def _from_near() -> bool:
    """Whether who asks is in a network that the config names. Behind a proxy that the config does not know of,
    everybody seems to be the proxy: then nobody is."""
    settings = here().settings.web
    if settings.proxies == 0 and any(name in request.headers for name in FORWARDED):
        return False
    try:
        asks = ip_address((request.remote_addr or "").partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(asks, "ipv4_mapped", None)
    return any((mapped or asks) in ip_network(near) for near in settings.metrics_from)


def _with_token() -> bool:
    token = here().settings.web.metrics_token
    given = request.authorization
    if token is None or given is None or given.type != "bearer" or not given.token:
        return False
    return hmac.compare_digest(given.token.encode(), token.get_secret_value().encode())


def _lines(found: Figures) -> Iterator[str]:
    if version := here().version():
        name = "teekond_build_info"
        yield from (*_head(name, "The running version; always 1."), f"{name}{_labels(version=version)} 1")
    yield from _by("teekond_letters", "Letters by status.", "status", found.letters)
    yield from _by(
        "teekond_newest_letters", f"Of the newest {metrics_view.NEWEST} letters, by outcome.", "outcome", found.outcomes
    )
    yield from _by("teekond_messages", "Mails going out, by status.", "status", found.messages)
    plain = (
        ("teekond_oldest_letter_seconds", "Age of the oldest letter that waits to be handled.", found.letter_age),
        ("teekond_oldest_message_seconds", "Age of the oldest mail that waits to be sent.", found.message_age),
        ("teekond_duties_late", "Duties that are due and not done.", found.duties_late),
        ("teekond_oldest_duty_seconds", "For how long the oldest of them has been due.", found.duty_age),
        ("teekond_alerts_open", "Alerts that wait for the coordinator.", found.alerts),
    )
    for name, says, value in plain:
        yield from (*_head(name, says), f"{name}{_labels()} {value:g}")
    if found.worker_age is not None:
        name = "teekond_worker_seconds"
        yield from (*_head(name, "Since a worker's last sign of life."), f"{name}{_labels()} {found.worker_age:g}")


def _by(name: str, says: str, label: str, counts: Mapping[str, int]) -> Iterator[str]:
    yield from _head(name, says)
    for key, count in counts.items():
        yield f"{name}{_labels(**{label: key})} {count}"


def _labels(**those: str) -> str:
    """The braces behind a figure's name; none where there is nothing to tell apart."""
    told = ",".join(f'{label}="{_quoted(value)}"' for label, value in {**_whose(), **those}.items())
    return f"{{{told}}}" if told else ""


def _head(name: str, says: str) -> tuple[str, str]:
    return f"# HELP {name} {says}", f"# TYPE {name} gauge"


def _quoted(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
