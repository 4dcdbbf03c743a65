"""Commands `backup`, `restore`, `verify`: a copy of the database, its return, and whether it is intact."""

from pathlib import Path

import click

from service import belonging, erased_people, os_errors, programmes, secret_keys
from service.active_config import in_force
from service.assembly import address_of, database_url, lost_database, shown
from service.belonging import Belonging
from service.invocation import Invocation, read_config
from workflow.audit import backup as backup_files
from workflow.audit import schema_check, sealing
from workflow.audit import verify as verification
from workflow.config.loader import Config
from workflow.database.engine import Database
from workflow.database.models import Setting
from workflow.rules.machine import Machine
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import joined


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(told: Invocation, file: Path) -> None:
    """Back up the database into one file while the service runs; SQLite and PostgreSQL share the format."""
    config = read_config(told)
    db = Database(database_url(told, config))
    try:
        with lost_database(db.url), os_errors.of(file):
            size = backup_files.backup(db, file)
    except backup_files.BackupError as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.close()
    where = (
        "the secret keys of the environment" if secret_keys.from_environment(config) else told.data / secret_keys.FILE
    )
    click.echo(f"{file}: {size:,} bytes. Keep {where} too: links, bounces of old mails and `teekond verify` need it.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.pass_obj
def restore(told: Invocation, file: Path) -> None:
    """Restore a backup into an empty database. All email is held until the coordinator has reviewed it."""
    config = read_config(told)
    url = address_of(told, config)
    told.make_data_folder()
    try:
        with lost_database(url), os_errors.of(file):
            done = backup_files.restore(file, url, told.clock.now())
        belonging.write(told.data, Belonging.of(told.data, config.programme.key, url))
    except backup_files.BackupError as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Restored: {done.teams} teams, {done.letters} letters; {done.held} mails that waited are held; "
        f"{erased_people.forget_again(told)} people erased since are erased again. "
        "No mail leaves before the coordinator has settled the alert that says so."
    )


@click.command()
@click.option("--mark", metavar="MARK", help="Also compare with this mark, from a weekly email.")
@click.pass_obj
def verify(told: Invocation, mark: str | None) -> None:
    """Check integrity: the file, triggers and tables, states rebuilt from history, hash chain, seals, hours."""
    raise SystemExit(1 if programmes.in_turn(told, lambda one: _differences(one, mark)) else 0)


def _differences(told: Invocation, mark: str | None) -> int:
    """How many there are; each is told. Nothing is made, migrated or sealed on the way: that could hide something."""
    config = read_config(told)
    kept = secret_keys.kept(told, config)
    db = Database(database_url(told, config), KeyedDigest.of(joined(kept)) if kept else None)
    try:
        with lost_database(db.url):
            if not db.exists():
                raise click.ClickException(f"{shown(db.url)} holds no books yet. Check --data and [database] url.")
            return _told(told, config, db, mark)
    finally:
        db.close()


def _told(told: Invocation, config: Config, db: Database, mark: str | None) -> int:
    with db.engine.execution_options(read_only=True).connect() as connection:
        db.refuse_newer()
        if not db.at_head():
            raise click.ClickException("the tables are of an older version: start the service once, then verify")
        faults = [f"{place}: {says}" for place, says in schema_check.differences(db, connection)]
    damaged = any("is damaged" in each for each in faults)
    found = verification.Verified()
    if not damaged:
        programme = in_force(told, config, db)[0].programme
        with db.reading() as session:
            found, since = verification.verify(session, Machine(programme)), session.get(Setting, sealing.SINCE)
        faults += map(str, found.differences)
        faults += ["books: they are not sealed yet. Start the service once"] if db.digest and not since else []
        faults += [] if mark in (None, *found.marks) else [f"mark {mark}: of other books, or taken out of these"]
    for each in faults:
        click.echo(each)
    if db.digest is None:
        click.echo(
            f"No secret key here, so no seal was looked at: put the service's {secret_keys.FILE} into {told.data}."
        )
    click.echo(
        f"{found.teams} teams, {found.rows} rows of history ({found.erased} with erased persons), {found.sealed} other "
        f"sealed rows, {found.entries} entries of hours: {len(faults) or 'no'} differences. Mark of now: {found.mark}"
    )
    return len(faults)
