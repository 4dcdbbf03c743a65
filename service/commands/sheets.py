"""Command that brings in applications and guests from a sheet, or writes the config's lines of trainers and mentors."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path

import click

from service import os_errors
from service.assembly import Service, standing_house
from service.commands.options import IN
from service.invocation import Invocation
from web.office.records import import_template, spreadsheet
from workflow.codes import ImportKind
from workflow.importing import columns, import_rows, staff_lines, taking, targets
from workflow.importing.columns import Matched
from workflow.importing.import_rows import ImportRow, StaffMember
from workflow.importing.taking import SheetImport
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.season import Actor
from workflow.sheets import sheet_file
from workflow.sheets.sheet import MOST_BYTES, BadSheet
from workflow.text.bilingual import Text

BY = Actor(who=Who.COORDINATOR, name="teekond import", via=Door.COMMAND)
NOBODY = Text(
    et="Kellelegi ei kirjutatud. Kirjad lähevad teele, kui koordinaator need lehel {page} teele saadab.",
    en="Nobody was written to. The mails leave when a coordinator lets them go on {page}.",
)
LOOKED = Text(
    et="Midagi ei muudetud. Sama käsk valikuga --yes toob korras read üle.",
    en="Nothing was changed. The same command with --yes takes in the rows in order.",
)


@click.command("import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--template", is_flag=True, help="Write a workbook to fill in to FILE, and do nothing else.")
@click.option("--yes", is_flag=True, help="Take in the rows in order; without this, only show them.")
@IN
@click.pass_obj
def import_(told: Invocation, kind: str, file: Path, template: bool, yes: bool, lang: str | None) -> None:
    """Bring in applications or guests from XLSX, ODS or CSV; of trainers and mentors, print the config's lines."""
    house, clock = standing_house(told)
    what, lang = ImportKind(kind), lang or house.config.programme.languages[0]
    if template:
        with os_errors.of(file):
            file.write_bytes(spreadsheet.xlsx(import_template.tables(what, house.config.programme), lang))
        click.echo(str(file))
        return
    given, matched = _read(house, clock.now(), what, file, lang)
    _tell(house, given, matched, lang)
    if what in (ImportKind.TRAINERS, ImportKind.MENTORS):
        people = [row.item for row in given.rows if isinstance(row.item, StaffMember)]
        click.echo("\n" + staff_lines.toml(what, house.config.programme, people), nl=False)
    elif not yes:
        click.echo(LOOKED.say(lang))
    else:
        with house.db.writing() as session:
            done = taking.take_in(house.season, session, given, BY, clock.now())
        if isinstance(done, Text):
            raise click.ClickException(done.say(lang))
        click.echo(NOBODY.say(lang).format(page=f"{house.season.base_url}/office/import"))


def _read(house: Service, now: datetime, kind: ImportKind, file: Path, lang: str) -> tuple[SheetImport, Matched]:
    with os_errors.of(file), file.open("rb") as opened:
        content = opened.read(MOST_BYTES + 1)
    try:
        sheet = sheet_file.read(content)
    except BadSheet as bad:
        raise click.ClickException(f"{file}: {bad.says.say(lang)}") from bad
    programme = house.config.programme
    matched = columns.match(kind, programme, sheet)
    rows = import_rows.read(kind, programme, sheet, matched, now, programme.languages[0])
    if kind in (ImportKind.APPLICATIONS, ImportKind.GUESTS):
        with house.db.reading() as session:
            rows = taking.looked_up(house.season, session, kind, rows)
    return SheetImport(kind=kind, file=file.name[:200], sha256=sha256(content).hexdigest(), rows=rows), matched


def _tell(house: Service, given: SheetImport, matched: Matched, lang: str) -> None:
    names = {one.key: one.says.say(lang) for one in targets.of(given.kind, house.config.programme, matched.members)}
    for head, key in zip(matched.heads, matched.becomes, strict=True):
        click.echo(f"  {head or '–'} -> {names.get(key, '–')}")
    for one in import_rows.missing(given.kind, house.config.programme, matched):
        click.echo(f"!! {one.say(lang)}")
    for row in given.rows:
        says = (row.here or row.about).say(lang)
        click.echo(f"{_mark(row)} {row.number:4} {row.name or '–'}: {says}")
        for fault in row.faults:
            click.echo(f"     {fault.row:4} {fault.column.say(lang)}: {fault.says.say(lang)}")


def _mark(row: ImportRow) -> str:
    return "!!" if row.faults else "--" if row.here else "ok"
