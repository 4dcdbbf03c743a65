"""Reports for the funder and the organisers: every table as a workbook or as CSV.

Must never name who reflected what.
"""

from flask import Blueprint, Response, abort, render_template

from web import downloads, spreadsheet
from web.context import here
from web.guard import require
from web.language import lang
from workflow import evidence
from workflow.evidence import Table

blueprint = Blueprint("reports", __name__, url_prefix="/reports")


@blueprint.get("")
@require("coordinator", "reader")
def page() -> str:
    """What there is to take along."""
    return render_template("office/reports.html", tables=_tables())


@blueprint.get("/all.xlsx")
@require("coordinator", "reader")
def workbook() -> Response:
    """Every table, a sheet each."""
    return downloads.attachment(f"{here().programme.key}.xlsx", spreadsheet.xlsx(_tables(), lang()))


@blueprint.get("/<name>.csv")
@require("coordinator", "reader")
def plain(name: str) -> Response:
    """One table."""
    table = next((one for one in _tables() if one.key == name), None)
    if table is None:
        abort(404)
    return downloads.attachment(f"{here().programme.key}-{table.key}.csv", spreadsheet.comma_separated(table, lang()))


def _tables() -> tuple[Table, ...]:
    with here().db.reading() as session:
        return evidence.tables(here().season, session, lang())
