"""Silence noticed: a team that reacts to nothing, and a mailbox into which nothing comes. One alert for each silence.

Looked for each morning, before the coordinator's digest is made. A constant number of queries.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Text
from workflow.database.models import HistoryRow, Letter, Message, Person, Question, Team
from workflow.records.history import alert
from workflow.rules.duties import REMINDED
from workflow.season import Season

MAILS: Final = 3
"""unanswered mails to one person before a team counts as silent"""
DAY: Final = timedelta(hours=24)
ROBOTS: Final = ("automatic", "bounce", "bounce_unknown", "delayed")


def look(season: Season, session: Session, now: datetime) -> None:
    """Put each silence before the coordinator, once."""
    for team, count, last in _silent(season, session, now):
        says = Text(
            et=f"{team.name} ei ole reageerinud {count} kirjale. Helistage kontaktisikule või asendajale.",
            en=f"{team.name} has not reacted to {count} mails. Call the contact or the deputy.",
        )
        key = f"no_reaction:{team.id}:{f'{last:%Y%m%dT%H%M%S}' if last else 'ever'}"
        alert(season, session, key, "no_reaction", says, now, team=team)
    _mailbox(season, session, now)


def _silent(season: Season, session: Session, now: datetime) -> list[tuple[Team, int, datetime | None]]:
    """Teams on the way of whom one person got MAILS mails that ask, a day ago or more, and nobody reacted since."""
    reacted = _reactions(session)
    found = []
    for team, mails in _asked(season, session, now):
        last = reacted.get(team.id)
        most = Counter(person for person, at in mails if last is None or at >= last).most_common(1)
        if most and most[0][1] >= MAILS:
            found.append((team, most[0][1], last))
    return found


def _asked(season: Season, session: Session, now: datetime) -> list[tuple[Team, list[tuple[int, datetime]]]]:
    """Each team on the way with (person, when) of the mails that still wait for an answer."""
    query = (
        sa.select(Message.team_id, Message.person_id, Message.sent_at)
        .join(Question, Question.id == Message.question_id)
        .join(Person, Person.id == Message.person_id)
        .where(Person.team_id == Message.team_id, Question.kind.in_(REMINDED), Question.closed_at.is_(None))
        .where(Message.status == "sent", Message.sent_at <= now - DAY)
    )
    mails: dict[int, list[tuple[int, datetime]]] = {}
    for team_id, person_id, at in session.execute(query):
        if team_id is not None and person_id is not None and at is not None:
            mails.setdefault(team_id, []).append((person_id, at))
    live = sa.select(Team).where(Team.state.in_(season.machine.live), Team.id.in_(mails)).order_by(Team.id)
    return [(team, mails[team.id]) for team in session.scalars(live)]


def _reactions(session: Session) -> dict[int, datetime]:
    """When somebody of each team last wrote or did anything."""
    wrote = (
        sa.select(Letter.team_id, sa.func.max(Letter.received_at))
        .where(Letter.team_id.is_not(None), sa.func.coalesce(Letter.outcome, "").not_in(ROBOTS))
        .group_by(Letter.team_id)
    )
    did = (
        sa.select(HistoryRow.team_id, sa.func.max(HistoryRow.at))
        .join(Person, Person.id == HistoryRow.person_id)
        .where(Person.team_id == HistoryRow.team_id)
        .group_by(HistoryRow.team_id)
    )
    found = {team_id: at for team_id, at in session.execute(wrote) if team_id is not None}
    for team_id, at in session.execute(did):
        found[team_id] = max(at, found.get(team_id, at))
    return found


def _mailbox(season: Season, session: Session, now: datetime) -> None:
    """Answers are waited for, mails came before, and for a day none did."""
    others = Letter.outcome.is_distinct_from("round_trip")
    last = session.execute(sa.select(sa.func.max(Letter.id), sa.func.max(Letter.received_at)).where(others)).one()
    if last[0] is None or last[1] > now - DAY or not _awaited(session, now):
        return
    hours = int((now - last[1]) / timedelta(hours=1))
    says = Text(
        et=f"Postkast on vait: {hours} tunni jooksul ei tulnud ühtegi kirja, kuigi vastuseid oodatakse. "
        "Kontrollige, kas kirjad jõuavad Teekonnani.",
        en=f"The mailbox is silent: no mail came in for {hours} hours, though answers are awaited. "
        "Check that mail reaches Teekond.",
    )
    alert(season, session, f"mailbox_silent:{last[0]}", "mailbox", says, now)


def _awaited(session: Session, now: datetime) -> bool:
    """Whether somebody was mailed a question within the last days and has not answered it."""
    query = sa.select(Message.id).join(Question, Question.id == Message.question_id)
    query = query.where(Question.kind.in_(REMINDED), Question.closed_at.is_(None), Message.status == "sent")
    recent = query.where(Message.sent_at <= now - DAY, Message.sent_at > now - 3 * DAY)
    return session.scalar(recent.limit(1)) is not None
