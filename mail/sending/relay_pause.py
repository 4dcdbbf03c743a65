"""Circuit breaker for the relay: while it takes nothing, one probe a minute from all workers together.

One row of `settings` says since when and when it may next be asked; every worker looks there first. No mail is
touched meanwhile: each keeps its place in the queue, however long it lasts. The coordinator is told after five
minutes, once for each time the relay was away. Must never send anything.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind
from workflow.database.engine import insert
from workflow.database.models import Alert, Setting
from workflow.records.history import mend, tell

KEY: Final = "relay_pause"
BETWEEN: Final = timedelta(minutes=1)
TELL_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pause:
    since: datetime
    until: datetime

    def holds(self, now: datetime) -> bool:
        """Whether to wait. A clock that was set back must not make a minute into a day."""
        return now < self.until <= now + BETWEEN

    def as_text(self) -> str:
        return json.dumps([self.since.isoformat(), self.until.isoformat()])


def current(session: Session, *, lock: bool = False) -> Pause | None:
    """The pause there is. `lock`: nobody else begins or ends one until this transaction is over."""
    query = sa.select(Setting.value).where(Setting.key == KEY)
    value = session.scalar(query.with_for_update() if lock else query)
    return Pause(*map(datetime.fromisoformat, json.loads(value))) if value else None


def holds(session: Session, now: datetime) -> bool:
    """Whether the relay is to be left alone at this moment."""
    pause = current(session)
    return pause is not None and pause.holds(now)


def may_ask(session: Session, now: datetime) -> bool:
    """Whether this worker may ask the relay; while it is away, one worker a minute may."""
    pause = current(session, lock=True)
    if pause is None:
        return True
    if pause.holds(now):
        return False
    _write(session, Pause(pause.since, now + BETWEEN))
    return True


def begin(session: Session, says: str, now: datetime) -> None:
    """The relay takes nothing. Told once it has lasted."""
    first = Pause(now, now + BETWEEN)
    values = {"key": KEY, "value": first.as_text()}
    session.execute(insert(session.get_bind(), Setting).values(**values).on_conflict_do_nothing())
    since = min(now, (current(session, lock=True) or first).since)
    _write(session, Pause(since, now + BETWEEN))
    if now - since >= TELL_AFTER:
        _tell(session, since, says, now)


def end(session: Session, now: datetime) -> None:
    """The relay takes mail again: the next ones go at once, and what was told falls away."""
    session.execute(sa.delete(Setting).where(Setting.key == KEY))
    mend(session, now, Alert.kind == AlertKind.RELAY)


def _write(session: Session, pause: Pause) -> None:
    session.execute(sa.update(Setting).where(Setting.key == KEY).values(value=pause.as_text()))


def _tell(session: Session, since: datetime, says: str, now: datetime) -> None:
    words = {
        "et": f"Meiliserver ei võta kirju vastu ({says}). Kirjad ootavad ja lähevad siis, kui ta võtab.",
        "en": f"The mail server takes no mail ({says}). Mails wait, and go when it does.",
    }
    tell(session, f"relay:{since.isoformat()}", AlertKind.RELAY, words, now)
