"""Commands on the config: check it, preview and apply a change, write next year's file."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from mail.composing import templates_check
from mail.composing.compose import Composer
from service import mail_tokens, os_errors, preflight, programmes, secret_keys
from service.assembly import address_of, database_url, lost_database, season_of, standing_books
from service.invocation import Invocation, read_config, text_of
from workflow.config import loader, next_year
from workflow.config.environment import variable
from workflow.config.faults import ConfigFault, Severity
from workflow.config.settings import SECRETS
from workflow.coordinator import config_change
from workflow.privacy import register
from workflow.records import preview
from workflow.rules.mail_kinds import MAIL_KINDS
from workflow.security.keyed_digest import KeyedDigest


@click.command()
@click.pass_obj
def check(told: Invocation) -> None:
    """Check the config and the mail templates; report every fault with its place at once."""
    bad = programmes.in_turn(told, _check)
    for closed in programmes.read_all(told).closed if told.programmes is not None else ():
        bad += 1
        click.echo("\n    ".join([f"{closed.key} would be closed:", *closed.why.splitlines()]))
    raise SystemExit(1 if bad else 0)


def _check(told: Invocation) -> bool:
    """Whether there are faults; each is told."""
    found = loader.check(text_of(told), told.environ, MAIL_KINDS)
    for fault in found:
        click.echo(f"{told.file}: {fault.line_text('en')}")
    needs = [] if any(f.severity is Severity.FAULT for f in found) else list(_needs(told))
    for each_need in needs:
        click.echo(f"{told.file}: {each_need}")
    in_mails = templates_check.check(told.mails)
    for each in in_mails:
        click.echo(str(each))
    undeclared = [f"{column}: not in workflow/privacy/register.py" for column in register.unknown()]
    for line in undeclared:
        click.echo(line)
    if needs or in_mails or undeclared or any(f.severity is Severity.FAULT for f in found):
        return True
    click.echo(f"{told.file}: no faults.")
    return False


def _needs(told: Invocation) -> Iterator[str]:
    """What a start would need and is not there: a driver, a library, the key in a file."""
    config = loader.load(text_of(told), told.environ)
    looks: tuple[Callable[[], object], ...] = (
        lambda: address_of(told, config),
        lambda: preflight.check_directory(config.service),
        lambda: preflight.check_certificates(config.programme),
        lambda: secret_keys.signer(config.service.mail),
        lambda: secret_keys.tls_certificate(config.service.receive),
        lambda: mail_tokens.look_at_key(config.service),
    )
    for look in looks:
        try:
            look()
        except click.ClickException as error:
            yield error.message
        except preflight.PreflightError as unfit:
            yield str(unfit)


@click.command()
@click.pass_obj
def config(told: Invocation) -> None:
    """Print the example config, to begin with: teekond config > config.toml."""
    click.echo((told.share / "config.toml").read_text(encoding="utf-8"), nl=False)


@click.command()
@click.option("--apply", "for_good", is_flag=True, help="Apply the change.")
@click.pass_obj
def change(told: Invocation, for_good: bool) -> None:
    """Preview what the edited config would do to the running season (teams, mails, duties); --apply does it."""
    file = read_config(told)
    with lost_database(database_url(told, file)):
        db = standing_books(told, file)
    own = secret_keys.standing(told, file)
    db.seal_with(KeyedDigest.of(own))
    with db.reading() as session:
        kept = config_change.bound(session)
    if kept is None:
        raise click.ClickException("no season runs here yet: there is nothing to change")
    old = loader.load_programme(kept, told.environ)
    identity = secret_keys.identity(file.programme, file.service, own)
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
@click.option("--start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Date of next year's first session.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="File to write.")
@click.pass_obj
def init(told: Invocation, start: datetime, out: Path) -> None:
    """Write next year's config from this one: dates move by whole weeks and off public holidays."""
    text = text_of(told)
    if faults := _faults(text, Severity.FAULT):
        raise click.ClickException("\n".join(f"{told.file}: {fault.line_text('en')}" for fault in faults))
    first = next_year.first_day(loader.load_programme(text, {}))
    try:
        made = next_year.next_year(text, start.date(), first, lambda one: not _faults(one, Severity.FAULT))
    except next_year.NextYearError as unfit:
        raise click.ClickException(unfit.says.en) from unfit
    with os_errors.of(out), out.open("x", encoding="utf-8") as new:
        new.write(made.text)
    for line in made.told("en"):
        click.echo(f"{out}: {line}")
    found = [*_faults(made.text, Severity.FAULT), *_faults(made.text, Severity.WARNING)]
    for fault in found:
        click.echo(f"{out}: {fault.line_text('en')}")
    if any(fault.severity is Severity.FAULT for fault in found):
        raise click.ClickException(f"{out} has faults: mend them, or choose another --start")
    begins = next_year.first_day(loader.load_programme(made.text, {}))
    click.echo(f"{out}: the programme begins on {begins:%A}, {begins}. Read the file through, check it, rehearse it.")


def _faults(text: str, severity: Severity) -> list[ConfigFault]:
    """Of the file alone: a secret that the environment does not give here is none of it."""
    tables = _tables(text)
    secrets = {variable(path): "-" * 32 for path in SECRETS if len(path) == 2 and path[0] in tables}
    return [fault for fault in loader.check(text, secrets) if fault.severity is severity]


def _tables(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}  # told as the file's fault
