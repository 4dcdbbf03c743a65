"""Commands about the service's own secret keys: which there are, a new one, and the end of old ones.

Must never print a key, nor take one as a word of the command line, where other users of the machine could read it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import click
import sqlalchemy as sa

from service import secret_keys as keys
from service.assembly import database_url
from service.invocation import Told, read_config
from web.sign_in import sealed_secrets as sealed
from workflow.config.loader import Config
from workflow.database.engine import Database
from workflow.security.keys import WAYS, Kept, fingerprint, joined, named


@click.group()
def key() -> None:
    """The secret keys that sign links, sessions and bounce addresses."""


@key.command("list")
@click.pass_obj
def list_keys(told: Told) -> None:
    """Each key by its fingerprint and dates; the keys themselves are never shown."""
    config = read_config(told)
    there = keys.kept(told, config)
    if not there:
        click.echo("No key yet: one is made at the first start.")
    for place, one in enumerate(there):
        click.echo(f"{fingerprint(one.key)}  {_told(one, newest=place == 0, dated=not keys.from_environment(config))}")


def _told(one: Kept, *, newest: bool, dated: bool) -> str:
    since, until = (f"{at:%Y-%m-%d}" if at and dated else "" for at in (one.made, one.replaced))
    if newest:
        return " ".join(["signs", *(["since", since] if since else [])])
    if one.retired is None:
        return " ".join(["still believed", *([f"(signed {since or '…'} to {until})"] if until else [])])
    gone = f" {one.retired:%Y-%m-%d}" if dated else ""
    return f"retired{gone}: only knows again who was erased, and codes on paper"


@key.command()
@click.option(
    "--way", type=click.Choice(list(WAYS)), default=next(iter(WAYS)), show_default=True,
    help="How the new key signs: another digest is taken up so, and what older keys signed is still judged by theirs.",
)  # fmt: skip
@click.pass_obj
def rotate(told: Told, way: str) -> None:
    """Make a new key. It signs from each process's next start on; what older keys signed stays good."""
    config, now = read_config(told), told.clock.now()
    if keys.from_environment(config):
        raise click.ClickException(
            "the key comes from the environment, which no command can change. Make one (openssl rand -hex 32), set "
            "TEEKOND_SECRET_KEY to it, put the key there was before first into TEEKOND_OLDER_SECRET_KEYS, as "
            '["…"], and start every process anew.'
        )
    if not keys.kept(told, config):
        raise click.ClickException(f"there is no key in {told.data} yet: one is made at the first start")
    fresh = Kept(key=named(told.key(), way), made=now)
    new, before, *_ = keys.change(told, lambda there: [fresh, replace(there[0], replaced=now), *there[1:]])
    click.echo(
        f"{fingerprint(new.key)} signs once every process is started anew: stop them all, then start them. "
        f"{fingerprint(before.key)} is believed until `teekond key drop-old`. "
        f"Put {told.data / keys.FILE} into your backup anew."
    )


@key.command("drop-old")
@click.option(
    "--older-than", type=click.IntRange(0, 3650), default=30, show_default=True, metavar="DAYS",
    help="Only keys that have not signed for so many days: bounces and open forms may take that long.",
)  # fmt: skip
@click.pass_obj
def drop_old(told: Told, older_than: int) -> None:
    """Believe old keys no more. What the books keep sealed with them is sealed with the newest first."""
    config, now = read_config(told), told.clock.now()
    there = keys.kept(told, config)
    going = _going(there, now - timedelta(days=older_than), dated=not keys.from_environment(config))
    if not going:
        click.echo(_nothing(there, older_than))
        return
    sealed_anew, lost = _seal_anew(told, config, there)
    click.echo(f"{sealed_anew} apps of codes sealed with {fingerprint(there[0].key)}.")
    if lost:
        click.echo(f"{lost} could not be opened with any key: `teekond reset-second-factor ADDRESS` for whoever asks.")
    if keys.from_environment(config):
        click.echo("Now move the keys in TEEKOND_OLDER_SECRET_KEYS to the front of TEEKOND_RETIRED_SECRET_KEYS, and "
                   "start every process anew.")  # fmt: skip
        return
    gone = {one.key for one in going}
    keys.change(told, lambda now_there: [replace(o, retired=now) if o.key in gone else o for o in now_there])
    names = ", ".join(fingerprint(one.key) for one in going)
    click.echo(f"{names}: believed no more once every process is started anew. It stays in {told.data / keys.FILE} to "
               "know again who was erased.")  # fmt: skip


def _going(there: Sequence[Kept], before: datetime, *, dated: bool) -> list[Kept]:
    """Keys that were replaced by then. The environment tells no dates: there whoever set it knows."""
    older = [one for one in there[1:] if one.retired is None]
    return [one for one in older if not dated or (one.replaced is not None and one.replaced <= before)]


def _nothing(there: Sequence[Kept], days: int) -> str:
    waiting = [one for one in there[1:] if one.retired is None and one.replaced is not None]
    dates = "; ".join(f"{fingerprint(o.key)} can go on {o.replaced + timedelta(days=days):%Y-%m-%d}" for o in waiting
                      if o.replaced)  # fmt: skip
    return f"Nothing to drop: {dates or 'there is no older key'}."


def _seal_anew(told: Told, config: Config, there: Sequence[Kept]) -> tuple[int, int]:
    """In one transaction; where it fails every key stays."""
    db = Database(database_url(told, config))
    try:
        if not db.exists() or not db.at_head():
            raise click.ClickException("the database has not been started with this version yet: start the service "
                                       "once, then drop the key. Nothing was changed.")  # fmt: skip
        with db.writing() as session:
            return sealed.seal_anew(session, joined(there))
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(f"the database: {type(error).__name__}. Nothing was changed.") from error
    finally:
        db.close()
