"""Long-running commands: the whole service, its demonstration, or one part of it."""

from dataclasses import replace
from datetime import timedelta
from socket import socket

import click

from mail.sending import outbox
from service.assembly import build_house, shown
from service.clocks import SimulatedClock
from service.commands.options import SMTP_AT, WEB
from service.invocation import Invocation, read_config
from service.running import components
from service.running.demo_controls import DemoControls, free_leases
from service.running.installation import Installation, installation
from service.running.process import bound, prepare, running, serve_pages, until_stopped
from service.version import version
from workflow.database.engine import sqlite_url


@click.command()
@WEB
@SMTP_AT
@click.pass_obj
def demo(told: Invocation, web: tuple[str, int] | None, smtp: tuple[str, int] | None) -> None:
    """Run a demo: everything in one process, on a simulated clock; no mail is sent out."""
    prepare()
    told = replace(told, data=told.data / "demo", example=True)
    config = read_config(told)
    host, port = web or ("127.0.0.1", 8080)
    sock = bound((host, port))
    port = sock.getsockname()[1]
    begins, url = config.programme.apply.opens_at, sqlite_url(told.data)
    house = build_house(told, config, begins, base_url=f"http://{_shown(host)}:{port}", url=url)
    free_leases(house.db)
    clock = SimulatedClock(house.db, begins + timedelta(hours=9), told.clock)
    worker = components.worker(house, clock, outbox.NoTransport(), beat=clock.keep)
    receiver = components.listener(house, clock, smtp or ("127.0.0.1", 8025))
    with running(receiver, worker):
        powers = DemoControls(house, clock, worker, ("127.0.0.1", receiver.port))
        _say_ready("demo", host, port, receiver.port)
        serve_pages(components.pages(house, clock, powers), sock)


@click.command()
@WEB
@SMTP_AT
@click.pass_obj
def serve(told: Invocation, web: tuple[str, int] | None, smtp: tuple[str, int] | None) -> None:
    """Run everything in one process: web pages, mail receiver and worker."""
    prepare()
    here = installation(told)
    socks = [bound(at) for at in ([web] if web else here.web_at)]
    receivers = here.receivers(smtp)
    with running(*receivers, *here.mailboxes(), here.worker()):
        _say_ready("serve", *_first(socks), *(receiver.port for receiver in receivers[:1]))
        _say_whose(here)
        serve_pages(here.pages(), *socks)


@click.command()
@WEB
@click.pass_obj
def web(told: Invocation, web: tuple[str, int] | None) -> None:
    """Run the web pages only."""
    prepare()
    here = installation(told)
    socks = [bound(at) for at in ([web] if web else here.web_at)]
    _say_ready("web", *_first(socks))
    _say_whose(here)
    serve_pages(here.pages(), *socks)


@click.command()
@SMTP_AT
@click.pass_obj
def receive(told: Invocation, smtp: tuple[str, int] | None) -> None:
    """Run the mail receiver only: letters are stored for a worker to handle."""
    prepare()
    here = installation(told)
    receivers = here.receivers(smtp)
    with running(*receivers, *here.mailboxes()):
        ways = [f"SMTP on port {receiver.port}" for receiver in receivers] or ["the mailbox alone"]
        click.echo(f"teekond receive: {', '.join(ways)}")
        _say_whose(here)
        until_stopped()


@click.command()
@click.pass_obj
def work(told: Invocation) -> None:
    """Run a worker only: handles letters, performs duties, sends mail. On PostgreSQL run as many as you like."""
    prepare()
    here = installation(told)
    with running(here.worker()):
        click.echo("teekond work: at work")
        _say_whose(here)
        until_stopped()


def _say_whose(here: Installation) -> None:
    """Each programme's config and database: nobody has to guess which they are."""
    click.echo(f"  version {version()}")
    for house in here.houses:
        click.echo(f"  {house.config.programme.key}: {house.file}, books in {shown(house.db.url)}")


def _first(socks: list[socket]) -> tuple[str, int]:
    host, port = socks[0].getsockname()[:2]
    return str(host), int(port)


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host


def _say_ready(what: str, host: str, port: int, smtp: int | None = None) -> None:
    mail = f", mail on port {smtp}" if smtp else ""
    click.echo(f"teekond {what}: http://{_shown(host)}:{port}{mail}. Ctrl-C stops it.")
