"""The house: everything one process works with, built from the config and the data folder."""

from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

import click
import dns.exception
import dns.resolver
import sqlalchemy as sa

from mail import prepared
from mail.composing import message_bytes as build
from mail.composing.compose import Composer
from mail.handling.inbox import Inbox
from mail.identity import Identity
from mail.reading import sender
from mail.sending import dkim as signing
from service import logs
from service import preflight as ground
from service import secret_keys as keys
from service.active_config import in_force, lay
from service.clocks import Clock, DatabaseClock
from service.invocation import Told, read_config
from service.programmes import own_url
from workflow.config.loader import Config
from workflow.config.settings import Mail
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Message
from workflow.rules.machine import Machine
from workflow.season import Season
from workflow.security.keys import Keys


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The database opened and migrated, the season in force laid into it, and what acts on them."""

    config: Config
    db: Database
    season: Season
    composer: Composer
    inbox: Inbox
    identity: Identity
    keys: Keys
    data: Path
    sign: signing.Sign | None = None
    key: str = ""
    """the programme's name among several of one installation"""

    def build(self, message: Message) -> tuple[str, bytes]:
        """A queued message as envelope sender and bytes, signed where there is a key."""
        mail = build.to_bytes(message, self.identity)
        return build.envelope_from(message, self.identity), self.sign(mail) if self.sign else mail

    @property
    def made_by(self) -> str:
        """The mark of mails that `build` would make as they are."""
        return prepared.mark(self.identity, keys.signing_key(self.config.service.mail))


def real_house(told: Told) -> tuple[House, Clock]:
    """The service of this config, with the clock it goes by."""
    config = read_config(told)
    logs.set_up(config.service.log, verbose=told.verbose)
    return opened(told, config)


def opened(told: Told, config: Config) -> tuple[House, Clock]:
    """The house of this config, and its clock."""
    house = build_house(told, config, told.clock.now())
    shared = house.db.engine.dialect.name == "postgresql"
    return house, DatabaseClock(house.db, told.clock) if shared else told.clock


def build_house(
    told: Told, config: Config, begins: datetime, *, base_url: str | None = None, url: str | None = None
) -> House:
    """Open the database (migrated), lay the season into it, and join the parts. `url` overrides the config's."""
    sign = keys.signer(config.service.mail)  # a key that cannot sign is told before anything is opened
    where = url or database_url(told, config)
    _stands_well(told, where)
    told.make_data_folder()
    db = Database(where)
    db.migrate()
    file, (config, before) = config, in_force(told, config, db)
    own = keys.own(told, config)
    service = config.service.model_copy(update={"base_url": base_url}) if base_url else config.service
    identity = keys.identity(config.programme, service, own)
    composer = Composer(told.mails, config.programme, identity)
    season = season_of(told, replace(config, service=service), composer)
    with db.writing() as session:
        lay(season, session, config, before=before, file=file, now=begins)
    return House(
        config=replace(config, service=service),
        db=db,
        season=season,
        composer=composer,
        identity=identity,
        inbox=_inbox(season, identity, service.mail),
        keys=own,
        data=told.data,
        sign=sign,
        key=told.programme or "",
    )


def _stands_well(told: Told, url: str) -> None:
    try:
        ground.check_libraries(version)
        ground.check_disk(url, ground.read_mounts(told.mounts))
    except ground.Unfit as unfit:
        raise click.ClickException(str(unfit)) from None


def season_of(told: Told, config: Config, composer: Composer) -> Season:
    return Season(
        programme=config.programme,
        machine=Machine(config.programme),
        post=composer,
        secret=told.secret,
        base_url=config.service.base_url,
        retention=config.service.retention,
    )


def _inbox(season: Season, identity: Identity, mail: Mail) -> Inbox:
    return Inbox(
        season=season,
        identity=identity,
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


def database_url(told: Told, config: Config) -> str:
    """The config's database; a relative SQLite file lies in the data folder."""
    url = sa.make_url(config.service.database.url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).is_absolute():
        return sqlite_url(told.data)
    return own_url(told, config.service.database.url)
