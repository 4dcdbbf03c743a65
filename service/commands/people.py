"""Commands about people: data export, erasure, retention, and resetting a lost second factor."""

from pathlib import Path

import click

from mail.handling import reply_text
from service import erased_list, os_errors
from service.assembly import standing_house
from service.commands.options import IN
from service.invocation import Invocation
from workflow.privacy import erase_person, export
from workflow.privacy import retention as retention_rules
from workflow.sign_in import second_factors
from workflow.text.bilingual import Text


@click.command("person-data")
@click.argument("address")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("person-data"), show_default=True)
@click.pass_obj
def person_data(told: Invocation, address: str, out: Path) -> None:
    """Export a person's data (GDPR art. 15): person-data.json, with mails and files beside it."""
    house, clock = standing_house(told)
    with house.db.reading() as session:
        data = export.gather(session, address, house.config.service.retention, clock.now())
    if data is None:
        raise click.ClickException(f"nothing is held of {address}")
    with os_errors.of(out):
        index = data.write(out)
    rows = sum(len(section["rows"]) for section in data.told["data"])
    click.echo(f"{index}: {rows} rows, {len(data.files)} files. Look through what others say before you hand it over.")


@click.command()
@click.argument("address")
@click.option("--dry-run", is_flag=True, help="Show what would be done and change nothing.")
@IN
@click.pass_obj
def forget(told: Invocation, address: str, dry_run: bool, lang: str | None) -> None:
    """Erase a person (GDPR art. 17): mails, files, notes and name; attendance and hours stay under a pseudonym."""
    house, clock = standing_house(told)
    lang, now, key = lang or house.config.programme.languages[0], clock.now(), house.keys.newest.encode()
    with house.db.writing() as session:
        trial = session.begin_nested()
        found = erase_person.forget(
            house.season, session, address, now, key=key, plain=reply_text.words_by(told.reader)
        )
        if dry_run or isinstance(found, Text):
            trial.rollback()
        else:
            erased_list.note(house.data, erase_person.marks(session))
    if isinstance(found, Text):
        raise click.ClickException(found.say(lang))
    if not dry_run:
        erase_person.scrub(house.db)
    click.echo("\n".join(found.lines(lang)))


@click.command()
@click.option("--dry-run", is_flag=True, help="Show what would be erased and change nothing.")
@IN
@click.pass_obj
def retention(told: Invocation, dry_run: bool, lang: str | None) -> None:
    """Erase what is older than [retention] allows; the service does this itself every morning."""
    house, clock = standing_house(told)
    lang = lang or house.config.programme.languages[0]
    with house.db.writing() as session:
        act = retention_rules.waiting if dry_run else retention_rules.run
        gone = act(house.season, session, clock.now())
    if house.config.service.retention.hold:
        click.echo("[retention] hold = true: nothing is erased by time.")
    for each in gone:
        click.echo(f"{each.held.what.say(lang)}: {each.rows}")
    if not dry_run:
        erase_person.scrub(house.db)
    click.echo(f"{sum(each.rows for each in gone)} rows {'would go' if dry_run else 'erased'}.")


@click.command("reset-second-factor")
@click.argument("address")
@click.pass_obj
def reset_second_factor(told: Invocation, address: str) -> None:
    """Remove all of a person's second factors and sign them out, for someone who has lost every one."""
    house, clock = standing_house(told)
    with house.db.writing() as session:
        gone = second_factors.reset_address(house.season, session, address, "teekond reset-second-factor", clock.now())
    if gone is None:
        raise click.ClickException(f"nobody signs in here as {address}; see coordinators in {told.file}")
    click.echo(f"{address}: {gone} taken away. The next sign-in sets up a new one; every coordinator is told by mail.")
