"""Command `doctor`: diagnosis of an installation and of what it needs around it."""

import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from mail.sending.outbox import SmtpTransport
from service import mail_tokens, preflight, programmes, secret_keys
from service.assembly import database_url
from service.commands.options import IN, Address
from service.doctor import checks, dns, mail_loop, mail_servers
from service.doctor.checks import CheckResult
from service.invocation import Invocation, read_config
from service.running import components
from service.version import version
from workflow.config.installation.oauth import MailSignIn
from workflow.config.loader import Config
from workflow.database.engine import Database
from workflow.security.keys import Keys, joined


@click.command()
@click.option("--dns/--no-dns", "ask_dns", default=True, help="Check the domain's DNS records too.")
@click.option("--dns-server", type=Address(), help="Query this name server, such as the domain's own (1.2.3.4:53).")
@click.option("--wait", type=click.FloatRange(0, 3600), default=60, show_default=True,
              help="Seconds to wait for the test mail to come back; 0 sends none.")  # fmt: skip
@IN
@click.pass_obj
def doctor(told: Invocation, ask_dns: bool, dns_server: tuple[str, int] | None, wait: float, lang: str | None) -> None:
    """Check that email can be sent and received and that everything else is in place; say how to fix what is not."""
    ask = dns.lookup(dns_server) if ask_dns else None
    bad = programmes.in_turn(told, lambda one: _looked_at(one, lang, ask=ask, wait=wait))
    raise SystemExit(1 if bad else 0)


def _looked_at(told: Invocation, lang: str | None, *, ask: dns.Lookup | None, wait: float) -> int:
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
    told: Invocation, config: Config, db: Database, *, ask: dns.Lookup | None, wait: float
) -> Iterator[CheckResult]:
    service, file = config.service, told.data / "secret_key"
    yield checks.program(version())
    yield checks.python((sys.version_info.major, sys.version_info.minor, sys.version_info.micro))
    yield checks.reading(told.reader)
    yield checks.web_address(service)
    yield checks.secret_key(file, from_environment=service.secret_key is not None)
    if (afar := checks.ground(database_url(told, config), preflight.read_mounts(told.mounts))) is not None:
        yield afar
    yield checks.disk(shutil.disk_usage(_nearest(told.data)).free)
    if (shut := checks.data_folder(told.data)) is not None:
        yield shut
    begun = checks.is_begun(db)
    database = checks.database(db) if begun else checks.NOT_BEGUN
    yield database
    if (account := checks.account(db)) is not None:
        yield account
    installed = datetime.fromtimestamp(Path(checks.__file__).stat().st_mtime, UTC)
    yield checks.clock(db, told.clock, installed, checks.synchronised())
    if (held := checks.mail_hold(db)) is not None:
        yield held
    transport = components.relay(config, told.data, told.clock)
    assert isinstance(transport, SmtpTransport)
    mail, box = service.mail, None
    tokens = mail_servers.access_tokens(service, told.data, told.clock)
    yield from tokens
    with_tokens = all(token.well for token in tokens)
    if with_tokens or mail.relay_auth is MailSignIn.PASSWORD:  # what comes of a missing token is told once
        where = f"{mail.relay_host}:{mail.relay_port} ({mail.relay_tls.value})"
        provider = service.oauth.provider if service.oauth and mail.relay_auth is MailSignIn.OAUTH else None
        yield mail_servers.relay(transport, where, provider)
    if service.mailbox is not None and (with_tokens or service.mailbox.auth is MailSignIn.PASSWORD):
        box_tokens = mail_tokens.of_mailbox(service, told.data, told.clock)
        opened = mail_servers.mailbox(service.mailbox, tokens=box_tokens)
        if opened.well:  # what cannot be opened is told once
            box = mail_loop.OpenMailbox(service.mailbox, box_tokens)
        yield opened
    yield checks.receiver(service)
    if (certificate := checks.certificate(service.receive, told.clock.now())) is not None:
        yield certificate
    if ask is not None:
        yield from dns.records(service, ask, secret_keys.published(service.mail))
    if wait and database.well and begun and (keys := secret_keys.kept(told, config)):
        arrived = mail_loop.arrival(db, box, told.clock.now())
        yield _trip(told, config, joined(keys), arrived, transport, wait).findings()


def _nearest(folder: Path) -> Path:
    """The folder, or where it would be made."""
    return next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())


def _trip(
    told: Invocation, config: Config, own: Keys, arrived: Callable[[str], bool], transport: SmtpTransport, wait: float
) -> mail_loop.Trip:
    identity = secret_keys.identity(config.programme, config.service, own)
    return mail_loop.Trip(
        identity=identity, transport=transport, sign=secret_keys.signer(config.service.mail), now=told.clock.now,
        arrived=arrived, seconds=wait,
    )  # fmt: skip
