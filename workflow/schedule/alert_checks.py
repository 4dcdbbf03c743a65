"""Alert checks: one row for each kind of alert, with how it is seen that what it is about is so no more.

Looked at on each tick and before a digest, a fixed number of queries for each kind that stands. An alert falls away
when its fact does and is told again when it comes back; what no fact ends needs a person's "Settled". Must never
mend what an alert is about.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, LetterOutcome, MessageStatus
from workflow.database.engine import Database
from workflow.database.models import Alert, Letter
from workflow.records.history import mend
from workflow.schedule import alert_facts, alert_mail_facts
from workflow.schedule.alert_facts import OpenAlerts, Over
from workflow.season import Season

AT_ONCE: Final = 500
"""so many are looked at in one look; where more stand, chance picks which"""


@dataclass(frozen=True, slots=True)
class Fact:
    """The alert stands as long as this fact does."""

    over: Over


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """No table says it: who sees it mended calls `history.mend`, in this module."""

    module: str


@dataclass(frozen=True, slots=True)
class NeedsPerson:
    """It stands until somebody says "Settled", because …"""

    why: str


_OTHERS: Final = Letter.outcome.is_distinct_from(LetterOutcome.ROUND_TRIP)
CHECKS: Final[Mapping[AlertKind, Fact | Elsewhere | NeedsPerson]] = {
    AlertKind.AFTERWARDS: Fact(alert_facts.afterwards),
    AlertKind.ATTENDANCE: Fact(alert_facts.attendance),
    AlertKind.BEHIND: Fact(alert_facts.behind),
    AlertKind.BOUNCE: Fact(alert_mail_facts.bounce),
    AlertKind.CAPPED: Fact(alert_mail_facts.next_day),
    AlertKind.CLOCK: NeedsPerson("reminders may have left too early, and only a person sees which"),
    AlertKind.CONFIG: Elsewhere("service/active_config.py"),
    AlertKind.DAILY: Elsewhere("service/commands/backup.py"),
    AlertKind.DEADLINE: Fact(alert_facts.deadline),
    AlertKind.DETAILS: NeedsPerson("only somebody who knows the person can say whether it was they who changed it"),
    AlertKind.DISPUTE: Fact(alert_facts.dispute),
    AlertKind.DISOWNED: Fact(alert_facts.disowned),
    AlertKind.DOMAIN: Fact(alert_mail_facts.domain),
    AlertKind.ERASED: Fact(alert_facts.nobody_left),
    AlertKind.FEW_COMING: Fact(alert_facts.few_coming),
    AlertKind.HOURS: Fact(alert_facts.hours),
    AlertKind.LEFT: Fact(alert_facts.left),
    AlertKind.MAILBOX: Fact(alert_mail_facts.mailbox),
    AlertKind.MAILBOX_SILENT: Fact(alert_mail_facts.letter_since(_OTHERS)),
    AlertKind.SAME_HOME: NeedsPerson("whether two teams of one home may both have a place is her decision"),
    AlertKind.NO_REACTION: Fact(alert_facts.no_reaction),
    AlertKind.QUORUM: Fact(alert_facts.quorum),
    AlertKind.READING: Fact(alert_mail_facts.reading),
    AlertKind.RELAY: Elsewhere("mail/sending/relay_pause.py"),
    AlertKind.RESTORED: NeedsPerson("no mail leaves before somebody has looked at the restored books"),
    AlertKind.ROUND_TRIP: Fact(alert_mail_facts.letter_since(Letter.outcome == LetterOutcome.ROUND_TRIP)),
    AlertKind.SIGN_IN: NeedsPerson("only its owner knows whether it was they who changed it"),
    AlertKind.SILENT: Fact(alert_facts.silent),
    AlertKind.SLOW: Fact(
        alert_mail_facts.message(MessageStatus.QUEUED, MessageStatus.UNCERTAIN, MessageStatus.SENDING)
    ),
    AlertKind.STORM: Fact(alert_mail_facts.storm),
    AlertKind.UNCONFIRMED: Fact(alert_mail_facts.unconfirmed),
    AlertKind.UNDECIDED: NeedsPerson("only the coordinator can say whether the step that was taken is right"),
    AlertKind.UNSENT: Fact(alert_mail_facts.message(MessageStatus.FAILED)),
}
_LOOKED_AT: Final = tuple(kind for kind, check in CHECKS.items() if isinstance(check, Fact))


def over(season: Season, session: Session, alerts: Iterable[Alert], now: datetime) -> frozenset[int]:
    """Those of these standing alerts (ids) whose fact is gone. Writes nothing."""
    by_kind: dict[str, list[Alert]] = {}
    for alert in alerts:
        by_kind.setdefault(alert.kind, []).append(alert)
    gone: set[int] = set()
    for kind, some in by_kind.items():
        check = CHECKS[AlertKind(kind)]
        if isinstance(check, Fact):
            gone.update(check.over(OpenAlerts(season, session, now, some)))
    return frozenset(gone)


def look(season: Season, db: Database, now: datetime) -> int:
    """Alerts whose fact is gone fall away; how many. Nothing is written where none does."""
    with db.reading() as session:
        gone = over(season, session, _standing(session), now)
    if gone:
        with db.writing() as session:
            mend(session, now, Alert.id.in_(gone))
    return len(gone)


def clear(season: Season, session: Session, now: datetime) -> None:
    """The same in the caller's transaction, before the coordinator is told what stands."""
    session.flush()
    if gone := over(season, session, _standing(session), now):
        mend(session, now, Alert.id.in_(gone))


def _standing(session: Session) -> Sequence[Alert]:
    query = sa.select(Alert).where(Alert.standing(), Alert.kind.in_(_LOOKED_AT))
    return session.scalars(query.order_by(sa.func.random()).limit(AT_ONCE)).all()
