"""Assembly (dependency injection): everything one process works with, built from the config and the data folder."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click
import dns.exception
import dns.resolver
import sqlalchemy as sa

from mail.composing import message_bytes
from mail.composing.compose import Composer
from mail.handling.inbox import Inbox
from mail.identity import Identity
from mail.limited_reading.reader import Reader
from mail.reading import sender
from mail.receiving.tls_certificate import TlsCertificate
from mail.sending import dkim
from service import belonging, logs, preflight, secret_keys
from service.active_config import in_force, lay
from service.belonging import Belonging
from service.clocks import Clock, DatabaseClock
from service.invocation import Invocation, read_config
from service.programmes import own_url
from workflow.audit import sealing
from workflow.config.loader import Config
from workflow.config.settings import MailSettings
from workflow.database.engine import Database, NewerTables, sqlite_url
from workflow.database.models import Message
from workflow.rules.machine import Machine
from workflow.season import Season
from workflow.security.keyed_digest import KeyedDigest
from workflow.security.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """The database opened and migrated, the season in force laid into it, and what acts on them."""

    config: Config
    db: Database
    season: Season
    composer: Composer
    inbox: Inbox
    identity: Identity
    keys: Keys
    data: Path
    file: Path
    """the config file"""
    sign: dkim.Sign | None = None
    certificate: TlsCertificate | None = None
    """the receiver's, where it offers STARTTLS"""
    key: str = ""
    """the programme's name among several of one installation"""

    def build(self, message: Message) -> tuple[str, bytes]:
        """A queued message as envelope sender and bytes, signed where there is a key."""
        mail = message_bytes.to_bytes(message, self.identity)
        return message_bytes.envelope_from(message, self.identity), self.sign(mail) if self.sign else mail


def real_house(told: Invocation) -> tuple[Service, Clock]:
    """The service of this config, with the clock it goes by."""
    config = read_config(told)
    logs.set_up(config.service.log, verbose=told.verbose)
    return opened(told, config)


def opened(told: Invocation, config: Config) -> tuple[Service, Clock]:
    """The house of this config, and its clock."""
    house = build_house(told, config, told.clock.now())
    shared = house.db.engine.dialect.name == "postgresql"
    return house, DatabaseClock(house.db, told.clock) if shared else told.clock


def build_house(
    told: Invocation, config: Config, begins: datetime, *, base_url: str | None = None, url: str | None = None
) -> Service:
    """Open the database (migrated), lay the season into it, and join the parts. `url` overrides the config's."""
    sign = secret_keys.signer(config.service.mail)  # a key that cannot sign is told before anything is opened
    certificate = secret_keys.tls_certificate(config.service.receive)
    where = url or database_url(told, config)
    mine = Belonging.of(told.data, config.programme.key, where)
    belonging.check(told.data, mine, told.file)
    _stands_well(told, where)
    told.make_data_folder()
    own = secret_keys.own(told, config)
    db = Database(where, KeyedDigest.of(own))
    _private(told.data, where)
    with lost_database(where):
        db.migrate()
        file, (config, before) = config, in_force(told, config, db)
    if base_url:
        config = replace(config, service=config.service.model_copy(update={"base_url": base_url}))
    house = _joined(told, config, db, own, sign=sign, certificate=certificate)
    with lost_database(where), db.writing() as session:
        sealing.adopt(session, begins)
        lay(house.season, session, config, before=before, file=file, now=begins)
    belonging.write(told.data, mine)
    return house


def standing_house(told: Invocation) -> tuple[Service, Clock]:
    """The service as it stands, for a command that looks at its books or changes a part of them: nothing is made,
    migrated or laid. Raises click.ClickException where there are no books of this version, or not of this programme."""
    config = read_config(told)
    logs.set_up(config.service.log, verbose=told.verbose)
    secret_keys.kept(told, config)  # a file that cannot be read is told before anything is opened
    with lost_database(database_url(told, config)):
        db = standing_books(told, config)
        own = secret_keys.standing(told, config)
        db.seal_with(KeyedDigest.of(own))
        config = in_force(told, config, db)[0]
    house = _joined(told, config, db, own)
    shared = db.engine.dialect.name == "postgresql"
    return house, DatabaseClock(db, told.clock) if shared else told.clock


def standing_books(told: Invocation, config: Config) -> Database:
    """The database as it stands. Raises click.ClickException where there are no books of this version, and what a
    database raises that is away."""
    db = Database(database_url(told, config))
    try:
        if not db.exists():
            raise click.ClickException(
                f"{shown(db.url)} holds no books yet. Check --data and [database] url; TEEKOND_ENV_FILE gives a "
                "command what the service is given"
            )
        db.refuse_newer()
        if not db.at_head():
            raise click.ClickException(
                f"the tables of {shown(db.url)} are of an older version: start the service once, then try again"
            )
    except NewerTables as newer:
        db.close()
        raise click.ClickException(f"{shown(db.url)}: {newer}") from newer
    except BaseException:
        db.close()
        raise
    return db


def _joined(
    told: Invocation, config: Config, db: Database, own: Keys, *,
    sign: dkim.Sign | None = None, certificate: TlsCertificate | None = None,
) -> Service:  # fmt: skip
    """The parts around books that are open."""
    service = config.service
    identity = secret_keys.identity(config.programme, service, own)
    composer = Composer(told.mails, config.programme, identity)
    season = season_of(told, config, composer)
    return Service(
        config=config,
        db=db,
        season=season,
        composer=composer,
        identity=identity,
        inbox=_inbox(season, identity, service.mail, told.reader),
        keys=own,
        data=told.data,
        file=told.file,
        sign=sign,
        certificate=certificate,
        key=told.programme or "",
    )


def _private(data: Path, url: str) -> None:
    """Files of ours that an older version made readable for everybody on the machine."""
    database = sa.make_url(url).database if sa.make_url(url).get_backend_name() == "sqlite" else None
    files = [Path(f"{database}{end}") for end in ("", "-wal", "-shm")] if database else []
    for path in (*files, data / "sending", *(data / "sending").glob("*")):
        if path.exists() and path.stat().st_uid == os.geteuid() and path.stat().st_mode & 0o077:
            path.chmod(0o700 if path.is_dir() else 0o600)


def _stands_well(told: Invocation, url: str) -> None:
    with unfit():
        preflight.check_libraries(version)
        preflight.check_disk(url, preflight.read_mounts(told.mounts))


@contextmanager
def unfit() -> Iterator[None]:
    """What a look before the start finds is said in one sentence."""
    try:
        yield
    except preflight.PreflightError as found:
        raise click.ClickException(str(found)) from None


def season_of(told: Invocation, config: Config, composer: Composer) -> Season:
    return Season(
        programme=config.programme,
        machine=Machine(config.programme),
        post=composer,
        secret=told.secret,
        link=composer.identity.new_link,
        base_url=config.service.base_url,
        retention=config.service.retention,
    )


def _inbox(season: Season, identity: Identity, mail: MailSettings, reader: Reader) -> Inbox:
    return Inbox(
        season=season,
        identity=identity,
        reader=reader,
        authserv_id=mail.authserv_id,
        dns=txt_record if mail.check_dkim or mail.check_dmarc else None,
        check=sender.dmarc if mail.check_dmarc else sender.dkim,
    )


def txt_record(name: str) -> bytes | None:
    """The TXT record of a name, None where there is none or nobody answers."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=5)
    except dns.exception.DNSException:
        return None
    return b"".join(answer[0].strings)


@contextmanager
def lost_database(url: str) -> Iterator[None]:
    """A database that is damaged, away, full or shut to us is told of in one sentence, with what to do."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, sqlite3.Error) as error:
        raise click.ClickException(lost(error, shown(url))) from error


def shown(url: str) -> str:
    return sa.make_url(url).render_as_string(hide_password=True)


def lost(error: Exception, where: str) -> str:
    """What became of the database, and what to do."""
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return f"{where} is damaged. Stop the service, keep the file, and restore a copy: teekond restore"
    if isinstance(error, sa.exc.OperationalError) and not code:
        return f"{where} does not answer. See that the database runs, then try again"
    return f"{where}: {str(cause).splitlines()[0] if str(cause) else type(cause).__name__}"


def database_url(told: Invocation, config: Config) -> str:
    """The config's database; a relative SQLite file lies in the data folder. Raises click.ClickException where the data
    folder says that its books are others."""
    url = address_of(told, config)
    belonging.check(told.data, Belonging.of(told.data, config.programme.key, url), told.file)
    return url


def address_of(told: Invocation, config: Config) -> str:
    """The same, whatever the data folder says: for whoever brings books there."""
    url = sa.make_url(config.service.database.url)
    with unfit():
        preflight.check_driver(config.service.database.url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_absolute():
        return sqlite_url(told.data)
    return own_url(told, config.service.database.url)
