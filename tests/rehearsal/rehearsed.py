"""A rehearsal in a folder of the tests: the service as the root builds it, with secrets that are counted."""

import itertools
import time
from functools import partial
from pathlib import Path

from mail.composing import message_bytes as build
from mail.composing.compose import Composer
from mail.handling.inbox import Inbox, uploads
from mail.identity import Identity
from rehearsal.run import rehearse
from rehearsal.setting import Clock, House, Setting, Summary
from tests.builders import READER, SECRET, config
from tests.fast_sqlite import swift
from tests.paths import ROOT
from web.app import Web, create_app
from workflow.config.loader import Config
from workflow.database.engine import Database, sqlite_url
from workflow.database.models import Message
from workflow.rules.machine import Machine
from workflow.season import Season
from workflow.security.keys import Keys

CONFIG = config()


def open_house(folder: Path, clock: Clock, base_url: str, config: Config = CONFIG) -> House:
    """The service on a fresh database of this folder."""
    db = swift(Database(sqlite_url(folder)))
    db.migrate()
    counter = itertools.count(1)
    programme, service = config.programme, config.service.model_copy(update={"base_url": base_url})
    identity = Identity.of(programme, service, SECRET)
    composer = Composer(ROOT / "templates" / "email", programme, identity)

    def secret() -> str:
        return f"secret{next(counter):020d}"

    season = Season(
        programme=programme, machine=Machine(programme), post=composer, secret=secret, link=identity.new_link,
        base_url=base_url,
    )  # fmt: skip

    def bytes_of(message: Message) -> tuple[str, bytes]:
        return build.envelope_from(message, identity), build.to_bytes(message, identity)

    web = Web(
        db=db, season=season, composer=composer, settings=service, now=clock.now, keys=Keys(SECRET.decode()),
        token=secret, read_uploads=partial(uploads, READER),
    )  # fmt: skip
    return House(
        db=db, season=season, inbox=Inbox(season=season, identity=identity, reader=READER), build=bytes_of,
        app=create_app(web),
    )


def run(out: Path, *, teams: int, seed: int, config: Config = CONFIG) -> Summary:
    house = partial(open_house, config=config)
    return rehearse(Setting(config=config, out=out, teams=teams, seed=seed, open_house=house, timer=time.monotonic))
