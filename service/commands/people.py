"""Commands about people: their copy of what is held, forgetting them, what is over, and a lost second factor."""

from pathlib import Path

import click

from mail.handling import letter_json as reading
from service import erased_list
from service.assembly import real_house
from service.commands.options import IN
from service.invocation import Told
from workflow.config.types import Text
from workflow.privacy import erase_person as erasure
from workflow.privacy import export as held
from workflow.privacy import retention as keeping
from workflow.sign_in import second_factors


@click.command("person-data")
@click.argument("address")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("person-data"), show_default=True)
@click.pass_obj
def person_data(told: Told, address: str, out: Path) -> None:
    """Everything that is held of a person: person-data.json, and mails and files beside it."""
    house, clock = real_house(told)
    with house.db.reading() as session:
        data = held.gather(session, address, house.config.service.retention, clock.now())
    if data is None:
        raise click.ClickException(f"nothing is held of {address}")
    index = data.write(out)
    rows = sum(len(section["rows"]) for section in data.told["data"])
    click.echo(f"{index}: {rows} rows, {len(data.files)} files. Look through what others say before you hand it over.")


@click.command()
@click.argument("address")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@IN
@click.pass_obj
def forget(told: Told, address: str, dry_run: bool, lang: str | None) -> None:
    """Erase a person: their mails, files, notes and name; the books stay, under a pseudonym."""
    house, clock = real_house(told)
    lang, now, key = lang or house.config.programme.languages[0], clock.now(), house.keys.newest.encode()
    with house.db.writing() as session:
        trial = session.begin_nested()
        found = erasure.forget(house.season, session, address, now, key=key, plain=reading.words)
        if dry_run or isinstance(found, Text):
            trial.rollback()
        else:
            erased_list.note(house.data, erasure.marks(session))
    if isinstance(found, Text):
        raise click.ClickException(found.say(lang))
    if not dry_run:
        erasure.scrub(house.db)
    click.echo("\n".join(found.lines(lang)))


@click.command()
@click.option("--dry-run", is_flag=True, help="Tell what would go, and do nothing.")
@IN
@click.pass_obj
def retention(told: Told, dry_run: bool, lang: str | None) -> None:
    """Erase what is kept longer than [retention] says; the service does so each morning by itself."""
    house, clock = real_house(told)
    lang = lang or house.config.programme.languages[0]
    with house.db.writing() as session:
        act = keeping.waiting if dry_run else keeping.run
        gone = act(house.season, session, clock.now())
    if house.config.service.retention.hold:
        click.echo("[retention] hold = true: nothing is erased by time.")
    for each in gone:
        click.echo(f"{each.held.what.say(lang)}: {each.rows}")
    if not dry_run:
        erasure.scrub(house.db)
    click.echo(f"{sum(each.rows for each in gone)} rows {'would go' if dry_run else 'erased'}.")


@click.command("reset-second-factor")
@click.argument("address")
@click.pass_obj
def reset_second_factor(told: Told, address: str) -> None:
    """Take somebody's passkeys, apps and codes on paper away and end their sessions: for who lost them all."""
    house, clock = real_house(told)
    with house.db.writing() as session:
        gone = second_factors.reset_address(house.season, session, address, "teekond reset-second-factor", clock.now())
    if gone is None:
        raise click.ClickException(f"nobody signs in here as {address}; see coordinators in {told.file}")
    click.echo(f"{address}: {gone} taken away. The next sign-in sets up a new one; every coordinator is told by mail.")
