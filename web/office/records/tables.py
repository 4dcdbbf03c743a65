"""Report pages for the funder and the organisers: every table as a workbook or as CSV.

Must never name who reflected what.
"""

from flask import Blueprint, Response, abort, render_template
from markupsafe import Markup

from web.access.gate import require
from web.context import here
from web.files import downloads
from web.i18n.language import _, decimal, lang
from web.office import drawings
from web.office.records import spreadsheet
from workflow.views import funder_report, reflection_report
from workflow.views.funder_report import Table
from workflow.views.reflection_report import Average, Change

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


@blueprint.get("/reflection")
@require("coordinator", "reader")
def reflection() -> str:
    """What members say of their own skills, before and after: averages by outcome and by team."""
    with here().db.reading() as session:
        seen = reflection_report.report(here().programme, session)
        return render_template(
            "office/reflection.html", seen=seen, fewest=reflection_report.FEWEST, drawn=_drawn, decimal=decimal
        )


def _drawn(change: Change) -> Markup:
    before, after = change.before, change.after
    words = _("before %(before)s, after %(after)s", before=_mean(before), after=_mean(after))
    return drawings.before_after(
        float(before.mean) if before else None, float(after.mean) if after else None, words
    )


def _mean(average: Average | None) -> str:
    return decimal(average.mean) if average else "–"


def _tables() -> tuple[Table, ...]:
    with here().db.reading() as session:
        return funder_report.tables(here().season, session, lang())
