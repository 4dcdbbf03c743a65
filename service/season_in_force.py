"""The programme that the running season goes by, and laying it into the tables.

The file's until somebody applies; from then on the one the season was begun with, until `teekond change --apply`.
"""

import hashlib
import logging
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from service.told import Told
from workflow import config_change, journey
from workflow.config_faults import ConfigFaults
from workflow.database import Database
from workflow.programme import Config, load
from workflow.recording import alert
from workflow.season import Season

log = logging.getLogger("teekond")


def in_force(told: Told, file: Config, db: Database) -> Config:
    """The programme the season runs on, with the file's settings of the service."""
    with db.reading() as session:
        kept, begun = config_change.bound(session), config_change.begun(session)
    if kept is None or not begun:
        return file
    try:
        return replace(load(kept, told.environ), service=file.service)
    except ConfigFaults:
        log.exception("the config that the season was begun with cannot be read any more; the file is used")
        return file


def lay(told: Told, season: Season, session: Session, config: Config, *, file: Config, now: datetime) -> None:
    """The season into the tables. A file that changed before anybody applied simply takes effect; later it is told."""
    kept = config_change.bound(session)
    if kept is not None and kept != config.text:
        config_change.take_effect(season, session, load(kept, told.environ).programme, now)
    else:
        journey.open_season(season, session, now)
    if config.text:
        config_change.bind(session, config.text)
    if file.programme != config.programme:
        log.warning("the config file differs from the running season; see `teekond change`")
        key = f"config:{hashlib.sha256(file.text.encode()).hexdigest()[:16]}"
        alert(season, session, key, "config", config_change.NOT_IN_FORCE, now)
