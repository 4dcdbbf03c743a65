"""Active config: the programme by which the running season goes, and its groups, sessions and people as rows.

The file's until somebody applies; from then on the one the season was begun with, until `teekond change --apply`.
"""

import hashlib
import logging
from datetime import datetime

from sqlalchemy.orm import Session

from service.invocation import Invocation
from workflow.codes import AlertKind
from workflow.config.faults import ConfigFaults
from workflow.config.loader import Config, Programme, load_programme
from workflow.coordinator import config_change
from workflow.database.engine import Database
from workflow.database.models import Alert
from workflow.journey import moves
from workflow.records.history import alert, mend
from workflow.season import Season

log = logging.getLogger("teekond")


def in_force(told: Invocation, file: Config, db: Database) -> tuple[Config, Programme | None]:
    """The config the season runs on, with the file's settings of the service; and the programme it ran on until now,
    where the file says another one and nobody has applied yet."""
    with db.reading() as session:
        kept, begun = config_change.bound(session), config_change.begun(session)
    if kept is None or kept == file.text:
        return file, None
    try:
        before = load_programme(kept, told.environ)
    except ConfigFaults:
        log.exception("the config that the season was begun with cannot be read any more; the file is used")
        return file, None
    return (Config(before, file.service, kept), None) if begun else (file, before)


def lay(
    season: Season, session: Session, config: Config, *, before: Programme | None, file: Config, now: datetime
) -> None:
    """The season into the tables. A file that changed before anybody applied simply takes effect; later it is told."""
    if before is not None:
        config_change.take_effect(season, session, before, now)
    else:
        moves.open_season(season, session, now)
    if config.text:
        config_change.bind(session, config.text)
    if file.programme != config.programme:
        log.warning("the config file differs from the running season; see `teekond change`")
        key = f"config:{hashlib.sha256(file.text.encode()).hexdigest()[:16]}"
        alert(season, session, key, AlertKind.CONFIG, config_change.NOT_IN_FORCE, now)
    else:
        mend(session, now, Alert.kind == AlertKind.CONFIG)
