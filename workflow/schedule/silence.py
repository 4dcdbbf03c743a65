"""Detects silence: a team that never reacts, a domain or a mailbox from which nothing comes. One alert for each
silence: teams whose people are all at a silent domain are told of by it.

Looked for each morning, before the coordinator's digest is made. A constant number of queries.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, LetterOutcome, MessageStatus
from workflow.database.models import HistoryRow, Letter, Message, Person, Question, Team
from workflow.records import undelivered
from workflow.records.history import alert
from workflow.rules.questions import AWAITED
from workflow.schedule import answer_times
from workflow.season import Season
from workflow.text import formatting
from workflow.text.bilingual import Text

MAILS: Final = 3
"""unanswered mails to one person before a team counts as silent"""
DAY: Final = timedelta(hours=24)
DOMAIN_DAYS: Final = timedelta(days=3)
"""so long nobody at a domain has reacted before it counts as silent"""
ROBOTS: Final = ("automatic", "bounce", "bounce_unknown", "bounce_unproven", "delayed")


def look(season: Season, session: Session, now: datetime) -> None:
    """Put each silence before the coordinator, once; an address that takes mail again is as any other."""
    undelivered.recovered(session, now)
    waiting = _asked(season, session, now)
    domains = _silent_domains(session, waiting, now)
    for domain in domains:
        about = {"domain": domain.name, "silent": True}
        alert(season, session, domain.key, AlertKind.DOMAIN, domain.says(now), now, about=about)
    heard_of = {domain.name for domain in domains}
    others = {team: mails for team, mails in waiting.items() if {one.domain for one in mails} - heard_of}
    for team, count, last in _silent(session, others):
        says = Text(
            et=f"{team.name} ei ole reageerinud {count} kirjale. Helistage kontaktisikule või asendajale.",
            en=f"{team.name} has not reacted to {count} mails. Call the contact or the deputy.",
        )
        alert(season, session, f"no_reaction:{team.id}:{_when(last)}", AlertKind.NO_REACTION, says, now, team=team)
    _mailbox(season, session, now)


@dataclass(frozen=True, slots=True)
class UnansweredMail:
    """A mail that asked somebody and waits for an answer."""

    person: int
    domain: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SilentDomain:
    """Nobody of `people` there reacted since `first`; `last`: when anybody there ever did."""

    name: str
    people: int
    first: datetime
    last: datetime | None

    @property
    def key(self) -> str:
        return f"domain_silent:{self.name}"[:170] + f":{_when(self.last)}"

    def says(self, now: datetime) -> Text:
        days = (now - self.first).days
        return Text(
            et=f"Aadressidelt @{self.name} ei ole {days} päeva jooksul tulnud ühtegi vastust, kuigi küsitud on "
            f"{self.people} inimeselt ja teised vastavad. Võib-olla ei jõua meie kirjad nendeni või nende vastused "
            "meieni. Helistage kellelegi neist, paluge vaadata rämpsposti kausta ja pöörduda oma IT-toe poole.",
            en=f"No answer has come from addresses at @{self.name} for {days} days, though {self.people} people there "
            "were asked and others answer. Perhaps our mail does not reach them, or their answers do not reach us. "
            "Call one of them, and ask them to look into the spam folder and to turn to their IT support.",
        )


def _when(last: datetime | None) -> str:
    return f"{last:%Y%m%dT%H%M%S}" if last else "ever"


def _silent(session: Session, waiting: Mapping[Team, list[UnansweredMail]]) -> list[tuple[Team, int, datetime | None]]:
    """Teams on the way of whom one person got MAILS mails that ask, a day ago or more, and nobody reacted since."""
    reacted = reactions(session)
    found = []
    for team, mails in waiting.items():
        last = reacted.get(team.id)
        most = Counter(one.person for one in mails if last is None or one.at >= last).most_common(1)
        if most and most[0][1] >= MAILS:
            found.append((team, most[0][1], last))
    return found


def _silent_domains(
    session: Session, waiting: Mapping[Team, list[UnansweredMail]], now: datetime
) -> list[SilentDomain]:
    """Domains of which several people were asked DOMAIN_DAYS ago or more and nobody reacted, while others did."""
    asked: dict[str, list[UnansweredMail]] = {}
    for one in (mail for mails in waiting.values() for mail in mails):
        asked.setdefault(one.domain, []).append(one)
    several = {name: mails for name, mails in asked.items() if len({m.person for m in mails}) >= undelivered.PEOPLE}
    heard_at = heard(session) if several else {}
    found = []
    for name, mails in sorted(several.items()):
        last = heard_at.get(name)
        since = [m for m in mails if (last is None or m.at >= last) and m.at <= now - DOMAIN_DAYS]
        people, first = len({m.person for m in since}), min((m.at for m in since), default=now)
        others = any(at >= first for domain, at in heard_at.items() if domain != name)
        if people >= undelivered.PEOPLE and others:
            found.append(SilentDomain(name, people, first, last))
    return found


def _asked(season: Season, session: Session, now: datetime) -> dict[Team, list[UnansweredMail]]:
    """Each team on the way with the mails that still wait for an answer, a day or more."""
    query = (
        sa.select(Message.team_id, Message.person_id, Person.address, Message.sent_at)
        .join(Question, Question.id == Message.question_id)
        .join(Person, Person.id == Message.person_id)
        .where(Person.team_id == Message.team_id, Question.kind.in_(AWAITED), Question.closed_at.is_(None))
        .where(Message.status == MessageStatus.SENT, Message.sent_at <= now - DAY)
    )
    mails: dict[int, list[UnansweredMail]] = {}
    for team_id, person_id, address, at in session.execute(query):
        if team_id is not None and person_id is not None and at is not None:
            mails.setdefault(team_id, []).append(UnansweredMail(person_id, undelivered.domain_of(address), at))
    live = sa.select(Team).where(Team.state.in_(season.machine.live), Team.id.in_(mails)).order_by(Team.id)
    return {team: mails[team.id] for team in session.scalars(live)}


def heard(session: Session, since: datetime | None = None) -> dict[str, datetime]:
    """When somebody of the programme at each domain last wrote or did anything."""
    found: dict[str, datetime] = {}
    for address, at in (*_last(session, _WROTE, Letter.sender, since), *_last(session, _DID, Person.address, since)):
        domain = undelivered.domain_of(address)
        found[domain] = max(at, found.get(domain, at))
    return found


def reactions(session: Session, since: datetime | None = None) -> dict[int, datetime]:
    """When somebody of each team last wrote or did anything."""
    found: dict[int, datetime] = {}
    for team, at in (*_last(session, _WROTE, Letter.team_id, since), *_last(session, _DID, HistoryRow.team_id, since)):
        found[team] = max(at, found.get(team, at))
    return found


_WROTE: Final = (
    Letter.received_at,
    sa.and_(Letter.team_id.is_not(None), sa.func.coalesce(Letter.outcome, "").not_in(ROBOTS)),
)
_DID: Final = (HistoryRow.at, sa.and_(Person.id == HistoryRow.person_id, Person.team_id == HistoryRow.team_id))


def _last(
    session: Session, what: tuple[Any, sa.ColumnElement[bool]], by: Any, since: datetime | None
) -> Sequence[tuple[Any, datetime]]:
    """(by, the latest moment) of what happened, since a moment where one is given."""
    at, which = what
    query = sa.select(by, sa.func.max(at)).where(which).group_by(by)
    return [(one, last) for one, last in session.execute(query if since is None else query.where(at > since))]


def _mailbox(season: Season, session: Session, now: datetime) -> None:
    """For a day no letter came, and since the last one the answers of several people fell overdue: with mail in order
    one of them would have come. Where nobody ever wrote, nothing can be told from it."""
    others = Letter.outcome.is_distinct_from(LetterOutcome.ROUND_TRIP)
    last = session.execute(sa.select(sa.func.max(Letter.id), sa.func.max(Letter.received_at)).where(others)).one()
    if last[0] is None or last[1] > now - DAY:
        return
    missed = answer_times.overdue_since(session, last[1], now)
    if missed < undelivered.PEOPLE:
        return
    says = Text(
        et=f"Postkast on vait: viimane kiri tuli {formatting.on(last[1], 'et', season.programme.tz)}. Siinse tavalise "
        f"vastamisaja järgi oleks pärast seda pidanud vastama veel {missed} inimest. Kontrollige, kas kirjad jõuavad "
        "Teekonnani.",
        en=f"The mailbox is silent: the last letter came {formatting.on(last[1], 'en', season.programme.tz)}. By the "
        f"time that answers usually take here, {missed} more people should have written since. Check that mail reaches "
        "Teekond.",
    )
    alert(season, session, f"mailbox_silent:{last[0]}", AlertKind.MAILBOX_SILENT, says, now)
