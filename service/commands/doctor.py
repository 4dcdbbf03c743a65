"""`teekond doctor`: what an installation needs around it, looked at piece by piece."""

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from mail.sending.outbox import SmtpTransport
from service import preflight as ground
from service import programmes
from service import secret_keys as keys
from service.assembly import database_url
from service.commands.options import IN, Address
from service.doctor import checks as looks
from service.doctor import dns as doctor_dns
from service.doctor import mail_loop as doctor_trip
from service.doctor.checks import Finding
from service.invocation import Told, read_config
from service.running import components as parts
from workflow.config.loader import Config
from workflow.database.engine import Database


@click.command()
@click.option("--dns/--no-dns", "ask_dns", default=True, help="Look at the domain's records too.")
@click.option("--dns-server", type=Address(), help="Ask this name server, such as the domain's own (1.2.3.4:53).")
@click.option("--wait", type=click.FloatRange(0, 3600), default=60, show_default=True,
              help="Seconds to wait for the mail to oneself; 0 sends none.")  # fmt: skip
@IN
@click.pass_obj
def doctor(told: Told, ask_dns: bool, dns_server: tuple[str, int] | None, wait: float, lang: str | None) -> None:
    """Whether mail goes out and comes back, and everything else that the service needs is there; what to do if not."""
    ask = doctor_dns.lookup(dns_server) if ask_dns else None
    bad = programmes.in_turn(told, lambda one: _looked_at(one, lang, ask=ask, wait=wait))
    raise SystemExit(1 if bad else 0)


def _looked_at(told: Told, lang: str | None, *, ask: doctor_dns.Lookup | None, wait: float) -> int:
    """How many faults were found; each is told with what to do."""
    config = read_config(told)
    lang, bad = lang or config.programme.languages[0], 0
    db = Database(database_url(told, config))
    try:
        for finding in _findings(told, config, db, ask=ask, wait=wait):
            click.echo("\n".join(finding.lines(lang)))
            bad += not finding.well
    finally:
        db.close()
    return bad


def _findings(
    told: Told, config: Config, db: Database, *, ask: doctor_dns.Lookup | None, wait: float
) -> Iterator[Finding]:
    service, file = config.service, told.data / "secret_key"
    yield looks.python((sys.version_info.major, sys.version_info.minor, sys.version_info.micro))
    yield looks.web_address(service)
    yield looks.secret_key(file, from_environment=service.secret_key is not None)
    if (afar := looks.ground(database_url(told, config), ground.read_mounts(told.mounts))) is not None:
        yield afar
    told.make_data_folder()
    yield looks.disk(shutil.disk_usage(told.data).free)
    database = looks.database(db)
    yield database
    if (account := looks.account(db)) is not None:
        yield account
    installed = datetime.fromtimestamp(Path(looks.__file__).stat().st_mtime, UTC)
    yield looks.clock(db, told.clock, installed, looks.synchronised())
    transport = parts.relay(config)
    assert isinstance(transport, SmtpTransport)
    mail = service.mail
    yield looks.relay(transport, f"{mail.relay_host}:{mail.relay_port} ({mail.relay_tls.value})")
    box = None
    if service.mailbox is not None:
        opened = looks.mailbox(service.mailbox)
        box = service.mailbox if opened.well else None  # what cannot be opened is told once
        yield opened
    yield looks.receiver(service)
    if ask is not None:
        yield from doctor_dns.records(service, ask, keys.published(service.mail))
    if wait and database.well:
        yield _trip(told, config, doctor_trip.arrival(db, box, told.clock.now()), transport, wait).findings()


def _trip(
    told: Told, config: Config, arrived: Callable[[str], bool], transport: SmtpTransport, wait: float
) -> doctor_trip.Trip:
    identity = keys.identity(config.programme, config.service, keys.own(told, config))
    return doctor_trip.Trip(
        identity=identity, transport=transport, sign=keys.signer(config.service.mail), now=told.clock.now,
        arrived=arrived, seconds=wait,
    )  # fmt: skip
