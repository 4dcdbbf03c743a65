"""Commands for the emergency stop: hold all outgoing mail at once, and release it again."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa

from service import programmes
from service.assembly import standing_books
from service.invocation import Invocation, read_config
from workflow.coordinator import mail_hold
from workflow.database.engine import Database

BY = "the command line"


@click.command()
@click.pass_obj
def hold(told: Invocation) -> None:
    """Emergency stop: hold all outgoing mail except sign-in links, in every process, until `teekond release`."""
    raise SystemExit(1 if programmes.in_turn(told, _hold) else 0)


def _hold(told: Invocation) -> int:
    with _opened(told) as db, db.writing() as session:
        new = mail_hold.begin(session, BY, told.clock.now())
        held = mail_hold.current(session)
    assert held is not None
    since = f"{held.since:%Y-%m-%d %H:%M} UTC, by {held.by}"
    click.echo("All mail is held; only sign-in links leave." if new else f"All mail is held already, since {since}.")
    click.echo("`teekond release` shows what waits, and lets it go.")
    return 0


@click.command()
@click.option("--yes", is_flag=True, help="Release the mail; without this, only show what is held.")
@click.option("--drop", metavar="KIND", multiple=True, help="Discard held mails of this kind instead of sending them.")
@click.option("--drop-stale", is_flag=True, help="Discard what was answered or fell due meanwhile.")
@click.pass_obj
def release(told: Invocation, yes: bool, drop: tuple[str, ...], drop_stale: bool) -> None:
    """Show how many mails are held, of which kinds, to whom and which are stale; --yes releases them."""
    raise SystemExit(1 if programmes.in_turn(told, lambda one: _release(one, yes, drop, drop_stale)) else 0)


def _release(told: Invocation, yes: bool, drop: tuple[str, ...], drop_stale: bool) -> int:
    now = told.clock.now()
    with _opened(told) as db:
        with db.reading() as session:
            held, piles = mail_hold.current(session), mail_hold.piles(session, now)
        if held is None:
            click.echo("No mail is held by `teekond hold`: nothing was done.")
            return 0
        if unknown := set(drop) - {pile.template for pile in piles}:
            raise click.ClickException(f"no mails of the kind {', '.join(sorted(unknown))} wait: nothing was done")
        click.echo(f"Held since {held.since:%Y-%m-%d %H:%M} UTC, by {held.by}. Waiting: {sum(p.mails for p in piles)}.")
        for pile in piles:
            people = ", ".join(pile.people) + (", …" if pile.mails > len(pile.people) else "")
            stale = f", {pile.stale} stale" if pile.stale else ""
            click.echo(f"{pile.mails:6}  {pile.template}{stale}, oldest {pile.oldest:%Y-%m-%d %H:%M}: {people}")
        if not yes:
            click.echo("Nothing was done. --yes lets them go; --drop KIND and --drop-stale leave some out for good.")
            return 0
        stale_of = [pile.template for pile in piles] if drop_stale else []
        with db.writing() as session:
            dropped = mail_hold.release(session, now, drop=drop, drop_stale=stale_of)
    click.echo(f"Mail leaves again; {dropped or 'none'} dropped.")
    return 0


@contextmanager
def _opened(told: Invocation) -> Iterator[Database]:
    """The books as they are: in an emergency nothing is migrated or begun."""
    config, db = read_config(told), None
    try:
        db = standing_books(told, config)
        yield db
    except (sa.exc.SQLAlchemyError, OSError) as error:
        why = type(getattr(error, "orig", None) or error).__name__
        raise click.ClickException(
            f"the database does not answer or cannot be written to ({why}): nothing was done. To stop mail all the "
            "same, stop the service; `teekond doctor` says what is wrong"
        ) from error
    finally:
        if db is not None:
            db.close()
