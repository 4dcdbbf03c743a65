"""Reports' tables for other programs, by a token: `/tables/SECRET/teams.csv` and `.json`, or the token as a bearer.

A spreadsheet refreshes itself from there. A token opens the tables that it was made for, so often a minute, and nothing
else; each use is noted. Must never answer with anything but a table.
"""

from datetime import timedelta
from typing import Final

from flask import Blueprint, Response, abort, json, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import TooManyRequests

from web.access import rate_limits
from web.access.headers import FILE_POLICY
from web.access.roles import anybody
from web.access.security_log import event
from web.context import here
from web.office.records import spreadsheet
from workflow.coordinator import report_tokens
from workflow.database.models import ReportToken
from workflow.views import funder_report
from workflow.views.funder_report import Table

blueprint = Blueprint("tables_out", __name__, url_prefix="/tables")

LIMIT: Final = rate_limits.Limit("tables", 30, timedelta(minutes=1))
"""refreshes of one token: a workbook of all tables, a few times"""


@blueprint.get("/<secret>/<name>.csv")
@anybody
def csv_by_link(secret: str, name: str) -> Response:
    """As Excel in the token's language reads it."""
    return _csv(*_opened(secret, name))


@blueprint.get("/<secret>/<name>.json")
@anybody
def json_by_link(secret: str, name: str) -> Response:
    """Numbers as numbers and days as ISO 8601, a record a row."""
    return _json(*_opened(secret, name))


@blueprint.get("/<name>.csv")
@anybody
def csv_by_bearer(name: str) -> Response:
    """The same for a program that sends the token in a header, where no log sees it."""
    return _csv(*_opened(_bearer(), name))


@blueprint.get("/<name>.json")
@anybody
def json_by_bearer(name: str) -> Response:
    return _json(*_opened(_bearer(), name))


def _bearer() -> str:
    given = request.authorization
    if given is None or given.type != "bearer" or not given.token:
        answer = Response("Authorization: Bearer TOKEN\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")
        abort(answer)
    return given.token


def _opened(secret: str, name: str) -> tuple[Table, str]:
    """The table and its language. Reading with a wrong token changes nothing."""
    with here().db.reading() as session:
        if not _opens(report_tokens.find(session, secret, here().now()), name):
            event("table refused")
            abort(404)
    with here().db.writing() as session:
        token = report_tokens.find(session, secret, here().now())
        if token is None:
            abort(404)
        _count(session, token)
        report_tokens.used(token, rate_limits.whence(), here().now())
        lang, number = token.lang, token.id
    with here().db.reading() as session:
        found = next((one for one in funder_report.tables(here().season, session, lang) if one.key == name), None)
    event("table read", token=number, table=name)
    return found or abort(404), lang


def _opens(token: ReportToken | None, name: str) -> bool:
    return token is not None and report_tokens.opens(token, name)


def _count(session: Session, token: ReportToken) -> None:
    seconds = rate_limits.count(session, LIMIT, f"token:{token.id}")
    if seconds:
        event("too often", seconds=seconds)
        raise TooManyRequests(retry_after=seconds)


def _csv(table: Table, lang: str) -> Response:
    return _plain(spreadsheet.comma_separated(table, lang), "text/csv; charset=utf-8")


def _json(table: Table, lang: str) -> Response:
    heads = _apart([heading.say(lang) for heading in table.columns])
    rows = [dict(zip(heads, map(spreadsheet.number_or_text, row), strict=True)) for row in table.rows]
    told = {"table": table.key, "title": table.title.say(lang), "made_at": here().now().isoformat(), "rows": rows}
    return _plain(json.dumps(told, ensure_ascii=False, sort_keys=False).encode(), "application/json")


def _apart(heads: list[str]) -> list[str]:
    """Headings as names of a record's fields: each but once."""
    out: list[str] = []
    for head in heads:
        out.append(head if head not in out else f"{head} {len(out) + 1}")
    return out


def _plain(content: bytes, kind: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer
