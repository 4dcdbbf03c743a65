"""Commands `backup`, `restore`, `verify`, `daily`: a copy of the database, its return, whether it is intact, and each
day both, told to the coordinators where either fails."""

import shutil
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from service import belonging, erased_list, erased_people, os_errors, programmes, secret_keys
from service.active_config import in_force
from service.assembly import address_of, database_url, lost_database, shown, standing_house
from service.belonging import Belonging
from service.invocation import Invocation, read_config
from workflow.audit import backup as backup_files
from workflow.audit import schema_check, sealing
from workflow.audit import verify as verification
from workflow.codes import AlertKind
from workflow.config.loader import Config
from workflow.database.engine import Database
from workflow.database.models import Alert, Setting
from workflow.records.history import alert, mend
from workflow.rules.machine import Machine
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import joined
from workflow.text.bilingual import Text


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


# -- each day --------------------------------------------------------------------------------------

ENDING: Final = "teekond-copy"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1, 1000), default=14, show_default=True, help="Copies that stay.")
@click.pass_obj
def daily(told: Invocation, folder: Path, keep: int) -> None:
    """Verify the database and back it up into FOLDER, keeping the newest copies; for a timer. The coordinators are told
    by mail where either fails, and the command ends with 1."""
    raise SystemExit(1 if programmes.in_turn(told, lambda one: _daily(one, folder, keep)) else 0)


def _daily(told: Invocation, folder: Path, keep: int) -> int:
    """How much went wrong. The oldest copies go only when a new one is there and the database is intact."""
    now, wrong = told.clock.now(), list[Text]()
    try:
        if found := _differences(told, None):
            wrong.append(_damaged(found))
    except click.ClickException as error:
        click.echo(f"Error: {error.message}", err=True)
        wrong.append(_not_verified(error.message))
    try:
        _copy(told, folder, now, keep, intact=not wrong)
    except click.ClickException as error:
        click.echo(f"Error: {error.message}", err=True)
        wrong.append(_not_copied(error.message))
    _tell(told, wrong, now)
    return len(wrong)


def _copy(told: Invocation, folder: Path, now: datetime, keep: int, *, intact: bool) -> None:
    config = read_config(told)
    name = config.programme.key
    db = Database(database_url(told, config))
    file = folder / f"{name}-{now:%Y%m%d-%H%M%S}.{ENDING}"
    try:
        with lost_database(db.url), os_errors.of(folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            size = backup_files.backup(db, file)
            if (erased := told.data / erased_list.FILE).is_file():
                shutil.copyfile(erased, folder / f"{name}-{erased_list.FILE}")
            gone = sorted(folder.glob(f"{name}-????????-??????.{ENDING}"))[:-keep] if intact else []
            for old in gone:
                old.unlink()
    except backup_files.BackupError as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.close()
    click.echo(f"{file}: {size:,} bytes; {len(gone)} older copies removed.")


def _tell(told: Invocation, wrong: list[Text], now: datetime) -> None:
    """By an alert, which is mailed; where the database takes none, the error's exit is what the timer sees."""
    try:
        house, _ = standing_house(told)
    except click.ClickException as error:
        click.echo(f"Error: {error.message}", err=True)
        return
    with house.db.writing() as session:
        for says in wrong:
            key = f"daily:{says.en[:40]}"
            alert(house.season, session, key, AlertKind.DAILY, says, now, urgent=True)
        if not wrong:
            mend(session, now, Alert.kind == AlertKind.DAILY)


def _damaged(differences: int) -> Text:
    return Text(
        et=f"Andmebaasi igapäevases kontrollis leiti erinevusi: {differences}. Vanu koopiaid ei kustutata enne, kui "
        "see on korras. Paluge teenuse hooldajal kohe vaadata, mida ütleb „teekond verify“.",
        en=f"The daily check of the database found differences: {differences}. No old copy is removed until this is in "
        "order. Ask whoever runs the server to look at once at what “teekond verify” says.",
    )


def _not_verified(why: str) -> Text:
    return Text(
        et=f"Andmebaasi igapäevane kontroll jäi tegemata ({why}). Paluge teenuse hooldajal see korda teha.",
        en=f"The daily check of the database could not be made ({why}). Ask whoever runs the server to mend it.",
    )


def _not_copied(why: str) -> Text:
    return Text(
        et=f"Andmebaasi igapäevane varukoopia jäi tegemata ({why}). Paluge teenuse hooldajal see täna korda teha.",
        en=f"The daily backup of the database could not be made ({why}). Ask whoever runs the server to mend it today.",
    )
