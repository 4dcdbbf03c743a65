"""Page on which a coordinator brings in applications, guests and staff from a sheet.

First the columns and every fault by its row; then one act, as shown; the first mails leave by an act of their own.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from flask import Blueprint, Response, abort, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from web.access.gate import me, require
from web.context import here
from web.files import downloads
from web.i18n.language import _, lang, ngettext, said
from web.office.acting import actor
from web.office.confirm import Plan, confirmed
from web.office.records import carried_sheet, import_template, spreadsheet
from web.office.records.carried_sheet import CarriedSheet
from web.request import field, found
from workflow.codes import ImportKind
from workflow.database.models import Import
from workflow.importing import columns, import_rows, staff_lines, taking, targets
from workflow.importing.columns import Matched
from workflow.importing.import_rows import ImportRow, StaffMember
from workflow.importing.taking import SheetImport
from workflow.season import Season
from workflow.sheets import sheet_file
from workflow.sheets.sheet import MOST_BYTES, BadSheet
from workflow.text.bilingual import Text

blueprint = Blueprint("imports", __name__, url_prefix="/import")

Page = str | AnyResponse | tuple[str, int]
MARGIN: Final = 64 * 1024
SPARE: Final = 2
"""members more than the sheet has numbered columns for, to choose from"""
NO_KIND: Final = Text(et="Valige, mis failis on.", en="Choose what is in the file.")
NO_FILE: Final = Text(et="Valige fail.", en="Choose a file.")
EXPIRED: Final = Text(
    et="Leht oli liiga kaua lahti. Midagi ei toodud üle; valige fail uuesti.",
    en="The page was open for too long. Nothing was brought in; choose the file again.",
)


@blueprint.url_value_preprocessor
def _room(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Room for a workbook, for whoever may bring one in."""
    known = me()
    if request.method == "POST" and known is not None and known.coordinator:
        request.max_content_length = MOST_BYTES + MARGIN + carried_sheet.LONGEST


@blueprint.get("")
@require("coordinator")
def page() -> str:
    """What can be brought in, and what was."""
    return _start()


def _start(fault: Text | None = None) -> str:
    with here().db.reading() as session:
        before = [(one, taking.unasked(session, one)) for one in taking.imports(session)]
        return render_template("office/import.html", kinds=_kinds(), names=targets.NAMES, before=before, fault=fault)


def _kinds() -> list[ImportKind]:
    return [kind for kind in ImportKind if kind is not ImportKind.GUESTS or here().programme.info_day is not None]


@blueprint.get("/<kind>.xlsx")
@require("coordinator")
def template(kind: str) -> Response:
    """The workbook to fill in."""
    tables = import_template.tables(_kind(kind), here().programme)
    return downloads.attachment(import_template.file_name(_kind(kind)), spreadsheet.xlsx(tables, lang()))


def _kind(word: str) -> ImportKind:
    return ImportKind(word) if word in set(ImportKind) else abort(404)


# -- looking --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSheet:
    """A sheet with its columns matched and its rows checked."""

    kind: ImportKind
    carried: CarriedSheet
    matched: Matched
    rows: tuple[ImportRow, ...]

    @property
    def wanted(self) -> SheetImport:
        return SheetImport(kind=self.kind, file=self.carried.file, sha256=self.carried.sha256, rows=self.rows)

    @property
    def faulty(self) -> list[ImportRow]:
        return [row for row in self.rows if row.faults]

    @property
    def here(self) -> list[ImportRow]:
        return [row for row in self.rows if row.here]

    @property
    def staff(self) -> bool:
        return self.kind in (ImportKind.TRAINERS, ImportKind.MENTORS)


@blueprint.post("")
@require("coordinator")
def look() -> Page:
    """The file's columns and rows, or the same ones by other columns. Nothing is changed."""
    try:
        given = _given()
        with here().db.reading() as session:
            return _shown(session, _seen(session, *given))
    except BadSheet as bad:
        return _start(bad.says), 400


def _given() -> tuple[ImportKind, CarriedSheet]:
    """What the form is about. Raises BadSheet."""
    if field("kind") not in set(ImportKind):
        raise BadSheet(NO_KIND)
    return ImportKind(field("kind")), _carried()


def _carried() -> CarriedSheet:
    file = request.files.get("file")
    if file is not None and file.filename:
        content = file.read(MOST_BYTES + 1)
        name = downloads.label(file.filename)
        return CarriedSheet(name, sha256(content).hexdigest(), sheet_file.read(content))
    if "sheet" not in request.form:
        raise BadSheet(NO_FILE)
    carried = carried_sheet.unpacked(request.form["sheet"])
    if carried is None:
        raise BadSheet(EXPIRED)
    return carried


def _seen(session: Session, kind: ImportKind, carried: CarriedSheet) -> SeenSheet:
    programme, now = here().programme, here().now()
    matched = columns.match(kind, programme, carried.sheet)
    if "column-0" in request.form:
        matched = columns.corrected(matched, _chosen(kind, len(matched.heads)))
    rows = import_rows.read(kind, programme, carried.sheet, matched, now, programme.languages[0])
    if kind in (ImportKind.APPLICATIONS, ImportKind.GUESTS):
        rows = taking.looked_up(here().season, session, kind, rows)
    return SeenSheet(kind=kind, carried=carried, matched=matched, rows=rows)


def _chosen(kind: ImportKind, width: int) -> list[str]:
    """What each column becomes, as chosen; a target twice counts once."""
    there = {one.key for one in targets.of(kind, here().programme, here().programme.most_members)}
    given, seen = [request.form.get(f"column-{number}", "") for number in range(width)], set[str]()
    out = []
    for key in given:
        out.append(key if key in there - seen else "")
        seen.add(key)
    return out


def _shown(session: Session, seen: SeenSheet) -> str:
    programme, below = here().programme, seen.carried.sheet.rows[seen.matched.place + 1 :]
    most = min(max(seen.matched.members, programme.team.least) + SPARE, programme.most_members)
    people = [row.item for row in seen.rows if isinstance(row.item, StaffMember)]
    examples = [next((r.cell(i) for r in below if r.cell(i)), "") for i in range(len(seen.matched.heads))]
    return render_template(
        "office/import_rows.html",
        seen=seen,
        name=targets.NAMES[seen.kind],
        packed=carried_sheet.packed(seen.carried),
        targets=targets.of(seen.kind, programme, most),
        missing=import_rows.missing(seen.kind, programme, seen.matched),
        examples=examples,
        lines=staff_lines.toml(seen.kind, programme, people) if seen.staff else "",
    )


# -- taking in ------------------------------------------------------------------------------------


@blueprint.post("/take")
@require("coordinator")
def take() -> Page:
    """What will be taken in, first; then exactly that."""
    try:
        kind, carried = _given()
    except BadSheet as bad:
        return _start(bad.says), 400
    with here().db.writing() as session:
        seen, who = _seen(session, kind, carried), actor(session)
        wanted = seen.wanted
        if seen.staff:
            abort(404)

        def act(season: Season, now: datetime) -> Text | tuple[Text, ...]:
            return taking.take_in(season, session, wanted, who, now)

        good = len(wanted.good)
        plan = Plan(
            title=_("%(what)s from %(file)s", what=said(targets.NAMES[kind]), file=carried.file),
            lead=_("Nobody is written to yet: the first mails wait until you let them go."),
            do=ngettext("Take in %(num)s row", "Take in %(num)s rows", good),
            done=ngettext("Taken in: %(num)s. Nobody was written to yet.",
                          "Taken in: %(num)s. Nobody was written to yet.", good),
            back=url_for("office.imports.page"),
            act=act,
            about=[kind.value, carried.sha256, list(seen.matched.becomes)],
        )  # fmt: skip
        return confirmed(session, plan)


@blueprint.post("/<int:import_id>/mails")
@require("coordinator")
def mails(import_id: int) -> Page:
    """The first mails of an import: shown first, then exactly those."""
    with here().db.writing() as session:
        books, who = found(session.get(Import, import_id)), actor(session)

        def act(season: Season, now: datetime) -> Text | tuple[Text, ...]:
            return taking.write_to(season, session, books, who, now)

        plan = Plan(
            title=_("Mails to those of %(file)s", file=books.file),
            do=_("Let the mails go"),
            done=_("The mails leave now."),
            back=url_for("office.imports.page"),
            act=act,
            about=[books.id, books.made, books.mailed_at],
        )
        return confirmed(session, plan)
