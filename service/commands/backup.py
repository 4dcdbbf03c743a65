"""Commands about the books as a whole: a copy of them, its return, and whether they are true."""

import sqlite3
from pathlib import Path

import click
import sqlalchemy as sa

from service import erased_people as erased
from service import programmes
from service.assembly import database_url, real_house
from service.invocation import Told, read_config
from workflow.audit import backup as copies
from workflow.audit import verify as proof
from workflow.database.engine import Database


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(told: Told, file: Path) -> None:
    """A copy of the books in one file, taken while the service runs; the same form for both databases."""
    db = Database(database_url(told, read_config(told)))
    try:
        size = copies.backup(db, file)
    except (copies.Unfit, OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.close()
    click.echo(f"{file}: {size:,} bytes. Keep {told.data / 'secret_key'} too: links and bounces of old mails need it.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.pass_obj
def restore(told: Told, file: Path) -> None:
    """Make a copy the books, where none are yet. Nothing leaves by itself until the coordinator has looked."""
    told.make_data_folder()
    url = database_url(told, read_config(told))
    try:
        done = copies.restore(file, url, told.clock.now())
    except (copies.Unfit, OSError, sa.exc.SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Restored: {done.teams} teams, {done.letters} letters; {done.held} mails that waited are held; "
        f"{erased.forget_again(told)} people erased since are erased again. "
        "No mail leaves before the coordinator has settled the alert that says so."
    )


@click.command()
@click.pass_obj
def verify(told: Told) -> None:
    """Whether the books are true: states rebuilt from history, its chain, the hours, the rules that always hold."""
    raise SystemExit(1 if programmes.in_turn(told, _differences) else 0)


def _differences(told: Told) -> int:
    """How many there are; each is told."""
    house, _ = real_house(told)
    with house.db.reading() as session:
        found = proof.verify(session, house.season.machine)
    for each in found.differences:
        click.echo(str(each))
    click.echo(
        f"{found.teams} teams, {found.rows} rows of history ({found.erased} with erased persons), {found.entries} "
        f"entries of hours: {len(found.differences) or 'no'} differences. Newest hashes together: {found.mark}"
    )
    if found.erased:
        click.echo(f"What stands in the rows with erased persons, which no hash covers: {found.blank}")
    return len(found.differences)
