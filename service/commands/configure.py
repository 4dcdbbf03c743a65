"""Commands about the config: its faults, what a change does to the running season, next year's file."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from mail.composing import templates_check
from mail.composing.compose import Composer
from service import programmes
from service import secret_keys as keys
from service.assembly import database_url, season_of
from service.invocation import Told, read_config, text_of
from workflow.config import loader as programme
from workflow.config import next_year
from workflow.config.faults import Fault, Severity
from workflow.coordinator import config_change
from workflow.database.engine import Database
from workflow.notices import NOTICES
from workflow.privacy import register as personal_register
from workflow.records import preview


@click.command()
@click.pass_obj
def check(told: Told) -> None:
    """Every fault of the config and the templates with its place, all in one go."""
    bad = programmes.in_turn(told, _check)
    for closed in programmes.read_all(told).closed if told.programmes is not None else ():
        bad += 1
        click.echo("\n    ".join([f"{closed.key} would be closed:", *closed.why.splitlines()]))
    raise SystemExit(1 if bad else 0)


def _check(told: Told) -> bool:
    """Whether there are faults; each is told."""
    found = programme.check(text_of(told), told.environ, NOTICES)
    for fault in found:
        click.echo(f"{told.file}: {fault.line_text('en')}")
    in_mails = templates_check.check(told.mails)
    for each in in_mails:
        click.echo(str(each))
    undeclared = [f"{column}: not in workflow/privacy/register.py" for column in personal_register.unknown()]
    for line in undeclared:
        click.echo(line)
    if in_mails or undeclared or any(f.severity is Severity.FAULT for f in found):
        return True
    click.echo(f"{told.file}: no faults.")
    return False


@click.command()
@click.option("--apply", "for_good", is_flag=True, help="Let the change take effect.")
@click.pass_obj
def change(told: Told, for_good: bool) -> None:
    """What the changed config file would do to the running season: teams, mails and duties; and with --apply, do it."""
    file = read_config(told)
    db = Database(database_url(told, file))
    db.migrate()
    with db.reading() as session:
        kept = config_change.bound(session)
    if kept is None:
        raise click.ClickException("no season runs here yet: there is nothing to change")
    old = programme.load(kept, told.environ).programme
    identity = keys.identity(file.programme, file.service, keys.own(told, file))
    season = season_of(told, file, Composer(told.mails, file.programme, identity))
    now = told.clock.now()
    with db.writing() as session:
        for each in config_change.differences(old, file.programme):
            click.echo(each.line())
        reasons = config_change.refusals(old, file.programme, session)
        if reasons:
            raise click.ClickException("\n".join(reason.en for reason in reasons))
        seen = preview.foresee(season, session, lambda one: config_change.take_effect(one, session, old, now))
        click.echo(config_change.told(seen, old, file.programme, session))
        if for_good:
            config_change.take_effect(season, session, old, now)
            config_change.bind(session, file.text)
    click.echo("It is in force: restart the service." if for_good else "Nothing is changed yet. --apply does it.")


@click.command()
@click.option("--start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The new first session's day.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The new file.")
@click.pass_obj
def init(told: Told, start: datetime, out: Path) -> None:
    """Next year's config from this one: dates moved by whole weeks, off public holidays."""
    text = text_of(told)
    first = next_year.first_day(read_config(replace(told, environ={})).programme)
    try:
        made = next_year.next_year(text, start.date(), first, lambda one: not _faults(one, Severity.FAULT))
        with out.open("x", encoding="utf-8") as new:
            new.write(made.text)
    except next_year.Unfit as unfit:
        raise click.ClickException(unfit.says.en) from unfit
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    for line in made.told("en"):
        click.echo(f"{out}: {line}")
    found = programme.check(made.text, {})
    for fault in found:
        click.echo(f"{out}: {fault.line_text('en')}")
    if any(fault.severity is Severity.FAULT for fault in found):
        raise click.ClickException(f"{out} has faults: mend them, or choose another --start")
    begins = next_year.first_day(programme.load(made.text, {}).programme)
    click.echo(f"{out}: the programme begins on {begins:%A}, {begins}. Read the file through, check it, rehearse it.")


def _faults(text: str, severity: Severity) -> list[Fault]:
    return [fault for fault in programme.check(text, {}) if fault.severity is severity]
