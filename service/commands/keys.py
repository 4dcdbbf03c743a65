"""Commands about secret keys: list, add a new one, drop old ones.

Must never print a key, nor take one as a word of the command line, where other users of the machine could read it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import click
import sqlalchemy as sa

from service import secret_keys
from service.assembly import standing_books
from service.invocation import Invocation, read_config
from web.sign_in import sealed_secrets
from workflow.audit import sealing
from workflow.config.loader import Config
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import WAYS, StoredKey, fingerprint, joined, named


@click.group()
def key() -> None:
    """Manage the secret keys that sign sessions, forms and bounce addresses."""


@key.command("list")
@click.pass_obj
def list_keys(told: Invocation) -> None:
    """List keys by fingerprint and dates; the keys themselves are never shown."""
    config = read_config(told)
    there = secret_keys.kept(told, config)
    if not there:
        raise click.ClickException(f"there is no key in {told.data} yet: one is made at the first start")
    for place, one in enumerate(there):
        click.echo(
            f"{fingerprint(one.key)}  {_told(one, newest=place == 0, dated=not secret_keys.from_environment(config))}"
        )


def _told(one: StoredKey, *, newest: bool, dated: bool) -> str:
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
    help="Digest for the new key. Existing signatures are still verified with the digest they were made with.",
)  # fmt: skip
@click.pass_obj
def rotate(told: Invocation, way: str) -> None:
    """Make a new key, used by each process from its next start on; what older keys signed stays valid."""
    config, now = read_config(told), told.clock.now()
    if secret_keys.from_environment(config):
        raise click.ClickException(
            "the key comes from the environment, which no command can change. Make one (openssl rand -hex 32), set "
            "TEEKOND_SECRET_KEY to it, put the key there was before first into TEEKOND_OLDER_SECRET_KEYS, as "
            '["…"], and start every process anew.'
        )
    if not secret_keys.kept(told, config):
        raise click.ClickException(f"there is no key in {told.data} yet: one is made at the first start")
    fresh = StoredKey(key=named(told.key(), way), made=now)
    new, before, *_ = secret_keys.change(told, lambda there: [fresh, replace(there[0], replaced=now), *there[1:]])
    click.echo(
        f"{fingerprint(new.key)} signs once every process is started anew: stop them all, then start them. "
        f"{fingerprint(before.key)} is believed until `teekond key drop-old`. "
        f"Put {told.data / secret_keys.FILE} into your backup anew."
    )


@key.command("drop-old")
@click.option(
    "--older-than", type=click.IntRange(0, 3650), default=30, show_default=True, metavar="DAYS",
    help="Only keys replaced at least this many days ago; bounces and open forms may take that long.",
)  # fmt: skip
@click.pass_obj
def drop_old(told: Invocation, older_than: int) -> None:
    """Stop accepting old keys. Stored secrets are first re-encrypted, and records re-sealed, with the newest key."""
    config, now = read_config(told), told.clock.now()
    there = secret_keys.kept(told, config)
    going = _going(there, now - timedelta(days=older_than), dated=not secret_keys.from_environment(config))
    if not there:
        raise click.ClickException(f"there is no key in {told.data} yet: one is made at the first start")
    if not going:
        click.echo(_nothing(there, older_than))
        return
    apps, lost, rows = _seal_anew(told, config, there)
    click.echo(f"{apps} apps of codes and {rows} rows of the books sealed with {fingerprint(there[0].key)}.")
    if lost:
        click.echo(f"{lost} could not be opened with any key: `teekond reset-second-factor ADDRESS` for whoever asks.")
    if secret_keys.from_environment(config):
        click.echo("Now move the keys in TEEKOND_OLDER_SECRET_KEYS to the front of TEEKOND_RETIRED_SECRET_KEYS, and "
                   "start every process anew.")  # fmt: skip
        return
    gone = {one.key for one in going}
    secret_keys.change(told, lambda now_there: [replace(o, retired=now) if o.key in gone else o for o in now_there])
    names = ", ".join(fingerprint(one.key) for one in going)
    click.echo(f"{names}: believed no more once every process is started anew. It stays in "
               f"{told.data / secret_keys.FILE} to know again who was erased.")  # fmt: skip


def _going(there: Sequence[StoredKey], before: datetime, *, dated: bool) -> list[StoredKey]:
    """Keys that were replaced by then. The environment tells no dates: there whoever set it knows."""
    older = [one for one in there[1:] if one.retired is None]
    return [one for one in older if not dated or (one.replaced is not None and one.replaced <= before)]


def _nothing(there: Sequence[StoredKey], days: int) -> str:
    waiting = [one for one in there[1:] if one.retired is None and one.replaced is not None]
    dates = "; ".join(f"{fingerprint(o.key)} can go on {o.replaced + timedelta(days=days):%Y-%m-%d}" for o in waiting
                      if o.replaced)  # fmt: skip
    return f"Nothing to drop: {dates or 'there is no older key'}."


def _seal_anew(told: Invocation, config: Config, there: Sequence[StoredKey]) -> tuple[int, int, int]:
    """In one transaction; where it fails every key stays."""
    db = None
    try:
        db = standing_books(told, config)
        db.seal_with(KeyedDigest.of(joined(there)))
        with db.writing() as session:
            apps, lost = sealed_secrets.seal_anew(session, joined(there))
            session.flush()
            return apps, lost, sealing.seal_anew(session)
    except sa.exc.SQLAlchemyError as error:
        raise click.ClickException(f"the database: {type(error).__name__}. Nothing was changed.") from error
    finally:
        if db is not None:
            db.close()
