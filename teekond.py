"""Teekond's composition root and command line: builds clock, database, season, composer, receiver, worker and
pages, and hands them to each other. The only module that reads the clock, the environment or randomness.
Imported by nobody.
"""

import hashlib
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

import click
import dns.exception
import dns.resolver
import sqlalchemy as sa
from flask import Flask
from rich.console import Console
from rich.progress import Progress
from sqlalchemy.orm import Session
from waitress.server import create_server

from mail import bounced, build, outbox, reading, samples, sender, signing, templates_check
from mail.compose import Composer
from mail.identity import Identity
from mail.inbox import Inbox, uploads
from mail.known import Known
from mail.listener import Listener
from mail.mailbox import Mailbox
from mail.store import store
from rehearsal import run as rehearsing
from rehearsal import setting as rehearsal_setting
from web import clamd
from web.app import Web, create_app
from workflow import backup as copies
from workflow import (
    calendar,
    config_change,
    erasure,
    invented,
    journey,
    next_year,
    person_data,
    personal_register,
    preview,
    replay,
    second_factors,
    service_settings,
    sign_in_links,
)
from workflow import programme as programme_module
from workflow import retention as keeping
from workflow import verify as books
from workflow.config_faults import ConfigFaults, Fault, Severity
from workflow.database import Database, sqlite_url
from workflow.machine import Machine
from workflow.models import Duty, Letter, Message, Person, Setting
from workflow.programme import Config, load
from workflow.programme_text import Text
from workflow.questions import QuestionKind
from workflow.recording import alert
from workflow.season import Season
from workflow.worker import Job, Worker

HERE = Path(__file__).resolve().parent
SHARE = HERE / "teekond_share" if (HERE / "teekond_share").is_dir() else HERE
"""templates and the default config: beside this file in a checkout, in a folder of their own in the wheel"""

DUTIES = 20
"""so many are performed between one batch of letters and the next"""
ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
log = logging.getLogger("teekond")


def new_secret() -> str:
    """130 bits of lower-case letters and digits: what stands in a secret address."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))


# -- clocks -------------------------------------------------------------------------------------


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class DatabaseClock:
    """PostgreSQL's own, so that machines whose clocks differ agree on when a lease is over. Asked once a minute and
    counted on from there; while it is away, counted on."""

    ASKED_EVERY = 60.0

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known = (datetime.now(UTC), time.monotonic())
        self._ask()

    def now(self) -> datetime:
        if time.monotonic() - self._asked > self.ASKED_EVERY:
            self._ask()
        moment, at = self._known
        return moment + timedelta(seconds=time.monotonic() - at)

    def _ask(self) -> None:
        self._asked = time.monotonic()
        try:
            with self._db.engine.connect() as connection:
                at = time.monotonic()
                moment = connection.scalar(sa.select(sa.func.clock_timestamp()))
        except sa.exc.SQLAlchemyError as error:
            log.warning("the database's clock cannot be read: %s", type(error).__name__)
            return
        if moment is not None:
            self._known = (moment.astimezone(UTC), at)


class SimulatedClock:
    """Runs at the pace of the real one, from a moment of its own that outlives the process."""

    KEY = "simulated_now"

    def __init__(self, db: Database, begins: datetime) -> None:
        self._db = db
        with db.reading() as session:
            stored = session.get(Setting, self.KEY)
        self.set(datetime.fromisoformat(stored.value) if stored else begins)

    def now(self) -> datetime:
        return self._base + (datetime.now(UTC) - self._since)

    def set(self, moment: datetime) -> None:
        self._base, self._since = moment.astimezone(UTC), datetime.now(UTC)
        self.keep()

    def keep(self) -> None:
        """Write the time down, so that a killed demo goes on where it was."""
        with self._db.writing() as session:
            session.merge(Setting(key=self.KEY, value=self.now().isoformat()))


# -- the house ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Everything one process works with, built from the config."""

    config: Config
    db: Database
    season: Season
    composer: Composer
    inbox: Inbox
    identity: Identity
    secret_key: str
    data: Path
    sign: signing.Sign | None = None

    def build(self, message: Message) -> tuple[str, bytes]:
        """A queued message as envelope sender and bytes, signed where there is a key."""
        mail = build.to_bytes(message, self.identity)
        return build.envelope_from(message, self.identity), self.sign(mail) if self.sign else mail


def read_config(path: Path | None, environ: Mapping[str, str]) -> Config:
    """The config, or an exit that names every fault with its place."""
    file = config_file(path)
    try:
        return load(file.read_text(encoding="utf-8"), environ)
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    except ConfigFaults as faults:
        for fault in faults.faults:
            click.echo(f"{file}: {fault.line_text('en')}", err=True)
        raise click.ClickException("the configuration has faults; nothing was started") from faults


def config_file(path: Path | None) -> Path:
    """The file named, else the one in this folder, else the default that comes with the programme."""
    here = Path("config.toml")
    return path or (here if here.exists() else SHARE / "config.toml")


def build_house(
    config: Config, data: Path, begins: datetime, *, base_url: str | None = None, url: str | None = None
) -> House:
    """Open the database (migrated), lay the season into it, and join the parts. `url` overrides the config's."""
    sign = signer(config.service.mail)  # a key that cannot sign is told before anything is opened
    data.mkdir(parents=True, exist_ok=True)
    db = Database(url or database_url(config, data))
    db.migrate()
    file, config = config, _in_force(config, db)
    secret_key = _secret_key(config, data)
    service = config.service.model_copy(update={"base_url": base_url}) if base_url else config.service
    identity = Identity.of(config.programme, service, secret_key.encode())
    composer = Composer(SHARE / "templates" / "email", config.programme, identity)
    season = _season(replace(config, service=service), composer)
    with db.writing() as session:
        _lay(season, session, config, file, begins)
    return House(
        config=replace(config, service=service),
        db=db,
        season=season,
        composer=composer,
        identity=identity,
        inbox=Inbox(
            season=season,
            identity=identity,
            authserv_id=service.mail.authserv_id,
            dns=txt_record if service.mail.check_dkim or service.mail.check_dmarc else None,
            check=sender.dmarc if service.mail.check_dmarc else sender.dkim,
        ),
        secret_key=secret_key,
        data=data,
        sign=sign,
    )


def _season(config: Config, composer: Composer) -> Season:
    return Season(
        programme=config.programme,
        machine=Machine(config.programme),
        post=composer,
        secret=new_secret,
        base_url=config.service.base_url,
        retention=config.service.retention,
    )


def _in_force(file: Config, db: Database) -> Config:
    """The programme the season runs on: the file's until somebody applies, from then on the one it was begun with."""
    with db.reading() as session:
        kept, begun = config_change.bound(session), config_change.begun(session)
    if kept is None or not begun:
        return file
    try:
        return replace(load(kept, os.environ), service=file.service)
    except ConfigFaults:
        log.exception("the config that the season was begun with cannot be read any more; the file is used")
        return file


def _lay(season: Season, session: Session, config: Config, file: Config, now: datetime) -> None:
    """The season into the tables. A file that changed before anybody applied simply takes effect; later it is told."""
    kept = config_change.bound(session)
    if kept is not None and kept != config.text:
        config_change.take_effect(season, session, load(kept, os.environ).programme, now)
    else:
        journey.open_season(season, session, now)
    if config.text:
        config_change.bind(session, config.text)
    if file.programme != config.programme:
        log.warning("the config file differs from the running season; see `teekond change`")
        key = f"config:{hashlib.sha256(file.text.encode()).hexdigest()[:16]}"
        alert(season, session, key, "config", config_change.NOT_IN_FORCE, now)


def signer(mail: service_settings.Mail) -> signing.Sign | None:
    """Signs with the key that the config names; nothing where it names none."""
    if mail.dkim_selector is None and mail.dkim_key_file is None:
        return None
    if mail.dkim_selector is None or mail.dkim_key_file is None:
        raise click.ClickException("[mail] dkim_selector and dkim_key_file: both or none")
    domain = mail.from_address.rpartition("@")[2].lower()
    try:
        key = Path(mail.dkim_key_file).read_bytes()
        return signing.signer(domain=domain, selector=mail.dkim_selector, key=key)
    except (OSError, signing.UnfitKey) as error:
        raise click.ClickException(f"[mail] dkim_key_file: {error}") from error


def txt_record(name: str) -> bytes | None:
    """The TXT record of a name, None where there is none or nobody answers."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=5)
    except dns.exception.DNSException:
        return None
    return b"".join(answer[0].strings)


def database_url(config: Config, data: Path) -> str:
    """The config's database; a relative SQLite file lies in the data folder."""
    url = sa.make_url(config.service.database.url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_absolute():
        return sqlite_url(data)
    return config.service.database.url


def _secret_key(config: Config, data: Path) -> str:
    """From the environment, else made once and kept beside the database, readable by its owner alone."""
    if config.service.secret_key is not None:
        return config.service.secret_key.get_secret_value()
    file = data / "secret_key"
    if not file.exists():
        fresh = data / f"secret_key.{os.getpid()}"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_hex(32))
        try:
            os.link(fresh, file)  # the first of several processes wins, and nobody reads half a key
        except FileExistsError:
            log.debug("another process made the secret key")
        finally:
            fresh.unlink()
    return file.read_text(encoding="ascii").strip()


# -- what runs ----------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime: ...


def worker_for(
    house: House, clock: Clock, transport: outbox.Transport, *, beat: Callable[[], None] | None = None
) -> Worker:
    """Handles what came in and performs what is due; beside it, sends what is queued. Neither waits for the other."""

    def take_in(now: datetime) -> int:
        handled = house.inbox.handle_due(house.db, now)
        return handled + calendar.tick(house.season, house.db, now, limit=DUTIES) + sign_in_links.post_links(
            house.season, house.db, now
        )  # fmt: skip

    def refused(session: Session, message: Message, person: Person, now: datetime) -> None:
        bounced.refused(house.season, session, message, person, now)

    def send(now: datetime) -> int:
        return outbox.deliver(
            house.db, now, transport, build=house.build, refused=refused,
            most_answers=house.season.programme.limits.automatic_answers_in_all,
        ).handled  # fmt: skip

    jobs = (Job("letters and duties", take_in), Job("sending", send))
    return Worker(house.db, jobs, clock.now, beat=beat)


class Demo:
    """The demo's own powers: its clock, a reply that really goes by SMTP, invented teams."""

    def __init__(self, house: House, clock: SimulatedClock, worker: Worker, smtp: tuple[str, int]) -> None:
        self.house, self.clock, self.worker, self.smtp = house, clock, worker, smtp

    def now(self) -> datetime:
        return self.clock.now()

    def advance_to_next(self) -> datetime:
        """To the next thing the calendar makes due."""
        return self.advance_to(self._next_event() or self.now() + timedelta(days=1))

    def advance_to(self, moment: datetime) -> datetime:
        """Event by event, so that everything happens at its own time; never backwards."""
        with self.worker.paused():
            self.worker.drain()
            while (event := self._next_event()) is not None and event <= moment:
                self.clock.set(max(event, self.now()))
                self.worker.drain()
            self.clock.set(max(moment, self.now()))
            self.worker.drain()
        return self.now()

    def _next_event(self) -> datetime | None:
        with self.house.db.reading() as session:
            return session.scalar(sa.select(sa.func.min(Duty.due_at)).where(Duty.done_at.is_(None)))

    def reply(self, sender: str, recipient: str, subject: str, text: str, in_reply_to: str) -> None:
        """Send a person's reply through the demo's own receiver, as their mail program would."""
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
        mail["Message-ID"], mail["In-Reply-To"] = make_msgid(domain="example.org"), in_reply_to
        mail.set_content(text)
        outbox.SmtpTransport(*self.smtp).hand_over(sender, recipient, mail.as_bytes(policy=SMTP))

    def invent_teams(self, n: int) -> int:
        """Teams that have applied and confirmed their address, to try the rest with. Returns how many came."""
        with self.house.db.writing() as session:
            return invented.apply(self.house.season, session, n, self.now())


# -- one process --------------------------------------------------------------------------------


def listener(house: House, clock: Clock, address: tuple[str, int]) -> Listener:
    """The receiver: a letter is durable before it is acknowledged."""
    receive = house.config.service.receive
    known = Known(house.db, house.identity)
    return Listener(
        address,
        hostname=house.identity.domain,
        known=known,
        at_once=known.at_once,
        store=lambda arrivals, now: store(house.db, arrivals, now),
        now=clock.now,
        free=lambda: shutil.disk_usage(house.data).free,
        lmtp=receive.protocol == "lmtp",
    )


def mailbox_for(house: House, clock: Clock) -> tuple[Mailbox, ...]:
    """The mailbox that the config names, or none: the same store as the receiver's."""
    settings = house.config.service.mailbox
    if settings is None:
        return ()

    def tell(key: str, says: Text) -> None:
        with house.db.writing() as session:
            alert(house.season, session, key, "mailbox", says, clock.now(), urgent=True)

    taken = Mailbox(settings, store=lambda arrivals, now: store(house.db, arrivals, now), now=clock.now, tell=tell)
    return (taken,)


def application(house: House, clock: Clock, demo: Demo | None = None) -> Flask:
    """The pages, given what they may use."""
    scanner_at = house.config.service.web.clamd
    return create_app(
        Web(
            db=house.db, season=house.season, composer=house.composer, settings=house.config.service, now=clock.now,
            secret_key=house.secret_key, token=new_secret, read_uploads=uploads, demo=demo,
            samples=samples.sample, scan=clamd.scanner(scanner_at) if scanner_at else None,
        )
    )  # fmt: skip


def relay(config: Config) -> outbox.Transport:
    """The mail server that takes what goes out, with the config's allow-list."""
    mail = config.service.mail
    password = mail.relay_password.get_secret_value() if mail.relay_password else ""
    return outbox.SmtpTransport(
        mail.relay_host,
        mail.relay_port,
        tls=mail.relay_tls,
        user=mail.relay_user,
        password=password,
        only_to=mail.only_to,
    )


@contextmanager
def running(*parts: Any) -> Iterator[None]:
    """Start the parts in order; stop them in the other order, each finishing what it has in hand."""
    started = []
    try:
        for part in parts:
            part.start()
            started.append(part)
        yield
    finally:
        for part in reversed(started):
            part.stop()


def bound(address: tuple[str, int]) -> socket.socket:
    """A socket that listens for the pages; the real port is known before anything is said."""
    return socket.create_server(address, reuse_port=False, backlog=128)


def serve_pages(app: Flask, sock: socket.socket) -> None:
    """Until SIGTERM or Ctrl-C; requests in hand are finished."""
    create_server(app, sockets=[sock], threads=4, ident="teekond").run()


def stop_on_signals() -> threading.Event:
    """SIGTERM and SIGINT end the main thread's wait in an orderly way."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    return stopping


# -- the command line ---------------------------------------------------------------------------


class Address(click.ParamType[tuple[str, int]]):
    """HOST:PORT; port 0 takes a free one."""

    name = "host:port"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, _, port = str(value).rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            self.fail(f"{value!r} is not HOST:PORT, such as 127.0.0.1:8080", param, ctx)
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class Told:
    """What was said on the command line before the command."""

    config: Path | None
    data: Path


WEB = click.option("--web", type=Address(), help="Where the pages are served.")
SMTP_AT = click.option("--smtp", type=Address(), help="Where mail is taken in.")


@click.group()
@click.option(
    "--config", type=click.Path(dir_okay=False, path_type=Path), help="The programme (default: config.toml here)."
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default=True,
    help="Where the database and the secret key are kept.",
)
@click.option("--verbose", is_flag=True, help="Say more in the log.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, data: Path, verbose: bool) -> None:
    """Teekond: a programme's workflow, driven by small forms and by replies to email."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("teekond.security").setLevel(logging.INFO)  # who came in belongs into every log
    ctx.obj = Told(config, data)


@main.command()
@WEB
@SMTP_AT
@click.pass_obj
def demo(told: Told, web: tuple[str, int] | None, smtp: tuple[str, int] | None) -> None:
    """Everything in one process, on a simulated clock; no mail leaves."""
    stop_on_signals()
    config = read_config(told.config, os.environ)
    sock = bound(web or ("127.0.0.1", 8080))
    host, port = sock.getsockname()[:2]
    begins = config.programme.apply.opens_at
    url = sqlite_url(told.data / "demo")
    house = build_house(config, told.data / "demo", begins, base_url=f"http://{_shown(host)}:{port}", url=url)
    _free_leases(house.db)
    clock = SimulatedClock(house.db, begins + timedelta(hours=9))
    worker = worker_for(house, clock, outbox.NoTransport(), beat=clock.keep)
    receiver = listener(house, clock, smtp or ("127.0.0.1", 8025))
    with running(receiver, worker):
        powers = Demo(house, clock, worker, ("127.0.0.1", receiver.port))
        _say_ready("demo", host, port, receiver.port)
        serve_pages(application(house, clock, powers), sock)


@main.command()
@WEB
@SMTP_AT
@click.pass_obj
def serve(told: Told, web: tuple[str, int] | None, smtp: tuple[str, int] | None) -> None:
    """Web, receiver and worker in one process."""
    stop_on_signals()
    house, clock = _real(told)
    service = house.config.service
    sock = bound(web or (service.web.host, service.web.port))
    receiver = listener(house, clock, smtp or (service.receive.host, service.receive.port))
    with running(receiver, *mailbox_for(house, clock), worker_for(house, clock, relay(house.config))):
        host, port = sock.getsockname()[:2]
        _say_ready("serve", host, port, receiver.port)
        serve_pages(application(house, clock), sock)


@main.command()
@WEB
@click.pass_obj
def web(told: Told, web: tuple[str, int] | None) -> None:
    """The pages alone."""
    stop_on_signals()
    house, clock = _real(told)
    sock = bound(web or (house.config.service.web.host, house.config.service.web.port))
    host, port = sock.getsockname()[:2]
    _say_ready("web", host, port)
    serve_pages(application(house, clock), sock)


@main.command()
@SMTP_AT
@click.pass_obj
def receive(told: Told, smtp: tuple[str, int] | None) -> None:
    """The receiver alone: letters are stored, a worker handles them."""
    stopping = stop_on_signals()
    house, clock = _real(told)
    receiver = listener(house, clock, smtp or (house.config.service.receive.host, house.config.service.receive.port))
    with running(receiver, *mailbox_for(house, clock)):
        click.echo(f"teekond receive: SMTP on port {receiver.port}")
        stopping.wait()


@main.command()
@click.pass_obj
def work(told: Told) -> None:
    """A worker alone: handles letters, performs duties, sends mail. Run as many as wanted on PostgreSQL."""
    stopping = stop_on_signals()
    house, clock = _real(told)
    with running(worker_for(house, clock, relay(house.config))):
        click.echo("teekond work: at work")
        stopping.wait()


def _free_leases(db: Database) -> None:
    """The demo is one process: what an earlier one that was killed had in hand is free again."""
    with db.writing() as session:
        session.execute(sa.update(Letter).values(leased_until=None))
        session.execute(
            sa.update(Message).where(Message.status == "sending").values(status="queued", leased_until=None)
        )


def _real(told: Told) -> tuple[House, Clock]:
    house = build_house(read_config(told.config, os.environ), told.data, SystemClock().now())
    shared = house.db.engine.dialect.name == "postgresql"
    return house, DatabaseClock(house.db) if shared else SystemClock()


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host


def _say_ready(what: str, host: str, port: int, smtp: int | None = None) -> None:
    mail = f", mail on port {smtp}" if smtp else ""
    click.echo(f"teekond {what}: http://{_shown(host)}:{port}{mail}. Ctrl-C stops it.")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(told: Told, file: Path) -> None:
    """A copy of the books in one file, taken while the service runs; the same form for both databases."""
    db = Database(database_url(read_config(told.config, os.environ), told.data))
    try:
        size = copies.backup(db, file)
    except (copies.Unfit, OSError, sqlite3.Error, sa.exc.SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error
    finally:
        db.close()
    click.echo(f"{file}: {size:,} bytes. Keep {told.data / 'secret_key'} too: links and bounces of old mails need it.")


@main.command()
@click.argument("file", type=click.Path(dir_okay=False, exists=True, path_type=Path))
@click.pass_obj
def restore(told: Told, file: Path) -> None:
    """Make a copy the books, where none are yet. Nothing leaves by itself until the coordinator has looked."""
    told.data.mkdir(parents=True, exist_ok=True)
    url = database_url(read_config(told.config, os.environ), told.data)
    try:
        done = copies.restore(file, url, SystemClock().now())
    except (copies.Unfit, OSError, sa.exc.SQLAlchemyError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(
        f"Restored: {done.teams} teams, {done.letters} letters; {done.held} mails that waited are held; "
        f"{_forget_again(told)} people erased since are erased again. "
        "No mail leaves before the coordinator has settled the alert that says so."
    )


@main.command("reset-second-factor")
@click.argument("address")
@click.pass_obj
def reset_second_factor(told: Told, address: str) -> None:
    """Take somebody's passkeys, apps and codes on paper away and end their sessions: for who lost them all."""
    house, clock = _real(told)
    with house.db.writing() as session:
        gone = second_factors.reset_address(house.season, session, address, "teekond reset-second-factor", clock.now())
    if gone is None:
        raise click.ClickException(f"nobody signs in here as {address}; see coordinators in {config_file(told.config)}")
    click.echo(f"{address}: {gone} taken away. The next sign-in sets up a new one; every coordinator is told by mail.")


# -- people's rights, and whether the books are true ---------------------------------------------

ERASED = "erased.jsonl"
"""beside the database: whom a restored backup must forget again; marks and moments, no addresses"""
IN = click.option("--lang", type=click.Choice(["et", "en"]), help="In which language to tell; else the programme's.")


@main.command("person-data")
@click.argument("address")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("person-data"), show_default=True)
@click.pass_obj
def hand_over(told: Told, address: str, out: Path) -> None:
    """Everything that is held of a person: person-data.json, and mails and files beside it."""
    house, clock = _real(told)
    with house.db.reading() as session:
        data = person_data.gather(session, address, house.config.service.retention, clock.now())
    if data is None:
        raise click.ClickException(f"nothing is held of {address}")
    index = data.write(out)
    rows = sum(len(section["rows"]) for section in data.told["data"])
    click.echo(f"{index}: {rows} rows, {len(data.files)} files. Look through what others say before you hand it over.")


@main.command()
@click.argument("address")
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@IN
@click.pass_obj
def forget(told: Told, address: str, dry_run: bool, lang: str | None) -> None:
    """Erase a person: their mails, files, notes and name; the books stay, under a pseudonym."""
    house, clock = _real(told)
    lang, now, key = lang or house.config.programme.languages[0], clock.now(), house.secret_key.encode()
    with house.db.writing() as session:
        trial = session.begin_nested()
        found = erasure.forget(house.season, session, address, now, key=key, plain=reading.words)
        if dry_run or isinstance(found, Text):
            trial.rollback()
        else:
            _note_erased(house.data, erasure.marks(session))
    if isinstance(found, Text):
        raise click.ClickException(found.say(lang))
    if not dry_run:
        erasure.scrub(house.db)
    click.echo("\n".join(found.lines(lang)))


def _note_erased(data: Path, marks: Mapping[str, datetime]) -> None:
    """Durable before the erasure itself is: a backup that is restored must not bring anybody back."""
    lines = [json.dumps({"mark": mark, "at": at.isoformat()}) for mark, at in sorted(marks.items())]
    fresh = data / f"{ERASED}.{os.getpid()}"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write("".join(f"{line}\n" for line in {**dict.fromkeys(_erased_lines(data)), **dict.fromkeys(lines)}))
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(data / ERASED)


def _erased_lines(data: Path) -> list[str]:
    file = data / ERASED
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def _forget_again(told: Told) -> int:
    """After a restore: whoever was erased since the copy was made is erased again."""
    noted = [json.loads(line) for line in _erased_lines(told.data)]
    if not noted:
        return 0
    house, clock = _real(told)
    known = [(each["mark"], datetime.fromisoformat(each["at"])) for each in noted]
    with house.db.writing() as session:
        done = erasure.reapply(
            house.season, session, known, clock.now(), key=house.secret_key.encode(), plain=reading.words
        )
    erasure.scrub(house.db)
    return len(done)


@main.command()
@click.option("--dry-run", is_flag=True, help="Tell what would go, and do nothing.")
@IN
@click.pass_obj
def retention(told: Told, dry_run: bool, lang: str | None) -> None:
    """Erase what is kept longer than [retention] says; the service does so each morning by itself."""
    house, clock = _real(told)
    lang = lang or house.config.programme.languages[0]
    with house.db.writing() as session:
        act = keeping.waiting if dry_run else keeping.run
        gone = act(house.season, session, clock.now())
    if house.config.service.retention.hold:
        click.echo("[retention] hold = true: nothing is erased by time.")
    for each in gone:
        click.echo(f"{each.held.what.say(lang)}: {each.rows}")
    if gone and not dry_run:
        erasure.scrub(house.db)
    click.echo(f"{sum(each.rows for each in gone)} rows {'would go' if dry_run else 'erased'}.")


@main.command()
@click.pass_obj
def verify(told: Told) -> None:
    """Whether the books are true: states rebuilt from history, its chain, the hours, the rules that always hold."""
    house, _ = _real(told)
    with house.db.reading() as session:
        found = books.verify(session, house.season.machine)
    for each in found.differences:
        click.echo(str(each))
    click.echo(
        f"{found.teams} teams, {found.rows} rows of history ({found.erased} with erased persons), {found.entries} "
        f"entries of hours: {len(found.differences) or 'no'} differences. Newest hashes together: {found.mark}"
    )
    raise SystemExit(1 if found.differences else 0)


@main.command()
@click.pass_obj
def check(told: Told) -> None:
    """Every fault of the config and the templates with its place, all in one go."""
    file = config_file(told.config)
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"{file}: {error}") from error
    found = programme_module.check(text, os.environ)
    for fault in found:
        click.echo(f"{file}: {fault.line_text('en')}")
    in_mails = templates_check.check(SHARE / "templates" / "email")
    for each in in_mails:
        click.echo(str(each))
    undeclared = [f"{column}: not in workflow/personal_register.py" for column in personal_register.unknown()]
    for line in undeclared:
        click.echo(line)
    if in_mails or undeclared or any(f.severity is Severity.FAULT for f in found):
        raise SystemExit(1)
    click.echo(f"{file}: no faults.")


@main.command()
@click.option("--apply", "for_good", is_flag=True, help="Let the change take effect.")
@click.pass_obj
def change(told: Told, for_good: bool) -> None:
    """What the changed config file would do to the running season: teams, mails and duties; and with --apply, do it."""
    file = read_config(told.config, os.environ)
    db = Database(database_url(file, told.data))
    db.migrate()
    with db.reading() as session:
        kept = config_change.bound(session)
    if kept is None:
        raise click.ClickException("no season runs here yet: there is nothing to change")
    old = load(kept, os.environ).programme
    identity = Identity.of(file.programme, file.service, _secret_key(file, told.data).encode())
    season = _season(file, Composer(SHARE / "templates" / "email", file.programme, identity))
    now = SystemClock().now()
    with db.writing() as session:
        for each in config_change.differences(old, file.programme):
            click.echo(each.line())
        reasons = config_change.refusals(old, file.programme, session)
        if reasons:
            raise click.ClickException("\n".join(reason.en for reason in reasons))
        seen = preview.foresee(season, session, lambda one: config_change.take_effect(one, session, old, now))
        click.echo(config_change.told(seen, old, file.programme, session))
        if for_good:
            config_change.take_effect(season, session, old, now)
            config_change.bind(session, file.text)
    click.echo("It is in force: restart the service." if for_good else "Nothing is changed yet. --apply does it.")


@main.command()
@click.option("--start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="The new first session's day.")
@click.option("--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The new file.")
@click.pass_obj
def init(told: Told, start: datetime, out: Path) -> None:
    """Next year's config from this one: dates moved by whole weeks, off public holidays."""
    file = config_file(told.config)
    first = next_year.first_day(read_config(told.config, {}).programme)
    text = file.read_text(encoding="utf-8")
    try:
        made = next_year.next_year(text, start.date(), first, lambda one: not _faults(one, Severity.FAULT))
        with out.open("x", encoding="utf-8") as new:
            new.write(made.text)
    except next_year.Unfit as unfit:
        raise click.ClickException(unfit.says.en) from unfit
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    for line in made.told("en"):
        click.echo(f"{out}: {line}")
    for fault in _faults(made.text, Severity.WARNING):
        click.echo(f"{out}: {fault.line_text('en')}")


def _faults(text: str, severity: Severity) -> list[Fault]:
    return [fault for fault in programme_module.check(text, {}) if fault.severity is severity]


@main.command()
@click.option(
    "--question",
    metavar="KIND",
    type=click.Choice([k.value for k in QuestionKind]),
    help="Understand the mail as an answer to this kind of question.",
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def read(question: str | None, files: tuple[Path, ...]) -> None:
    """What the service understands of each mail, one JSON object a line."""
    for file in files:
        try:
            raw = file.read_bytes()
        except OSError as error:
            raise click.ClickException(f"{file}: {error.strerror}") from error
        click.echo(json.dumps(reading.as_json(str(file), raw, question), ensure_ascii=False))


@main.command()
@click.option(
    "--teams", type=click.IntRange(1, 1000), default=14, show_default=True, help="How many invented teams apply."
)
@click.option("--seed", type=int, default=7, show_default=True, help="The same seed gives the same rehearsal.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("out"),
    show_default=True,
    help="Where summary.json, report.html and the database are written.",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write down what the machine was asked and decided, without names, to be asked again by the tests.",
)
@click.pass_obj
def rehearse(told: Told, teams: int, seed: int, out: Path, record: Path | None) -> None:
    """The whole programme in a minute: invented people, real SMTP on loopback, and an independent count."""
    config, recorders = read_config(told.config, os.environ), list[replay.Recorder]()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("rehearsing", total=None)
        summary = rehearsing.rehearse(
            rehearsal_setting.Setting(
                config=config, out=out, teams=teams, seed=seed, open_house=_rehearsal_house(config, recorders),
                timer=time.monotonic, progress=lambda done, of: bar.update(task, completed=done, total=of),
            )
        )  # fmt: skip
    if record is not None:
        record.write_text("".join(recorder.text() for recorder in recorders), encoding="utf-8")
    counts = {"wrong moves": summary.wrong_moves, "lost": summary.lost, "duplicates": summary.duplicates}
    ended = ", ".join(f"{state} {n}" for state, n in sorted(summary.teams.items()))
    click.echo(f"{ended} in {summary.seconds:.0f} s. " + ", ".join(f"{k}: {v}" for k, v in counts.items()))
    click.echo(f"Read {out / 'report.html'}.")
    raise SystemExit(0 if summary.passed else 1)


def _rehearsal_house(config: Config, recorders: list[replay.Recorder]) -> rehearsal_setting.OpenHouse:
    """The service on a fresh database and the rehearsal's clock; its mail goes where the rehearsal sends it."""

    def open_house(folder: Path, clock: rehearsal_setting.Clock, base_url: str) -> rehearsal_setting.House:
        for old in folder.glob("teekond.sqlite*"):
            old.unlink()  # a rehearsal begins on a fresh database, whatever ran here before
        house = build_house(config, folder, clock.now(), base_url=base_url, url=sqlite_url(folder))
        recorders.append(replay.Recorder(house.season.machine))
        house.season.machine.witness = recorders[-1]
        return rehearsal_setting.House(
            db=house.db, season=house.season, inbox=house.inbox, build=house.build, app=application(house, clock)
        )

    return open_house


if __name__ == "__main__":
    main()
