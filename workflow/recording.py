"""History and alerts: writing down what happened, and telling the coordinator what must not be missed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import pending, queries
from workflow.chain import Head, linked
from workflow.database import fresh_salt
from workflow.models import Alert, HistoryRow, Person, Team
from workflow.notices import Fact, Notice
from workflow.programme import Text
from workflow.season import Actor, Season


def record(
    session: Session,
    team: Team,
    event: str,
    actor: Actor,
    now: datetime,
    *,
    source: str | None = None,
    target: str | None = None,
    why: str = "",
    proof: Mapping[str, Any] | None = None,
) -> HistoryRow:
    """Add one line to the team's history; lines are numbered and never change."""
    said = {
        "team_id": team.id,
        "at": now,
        "event": event,
        "from_state": source,
        "to_state": target,
        "actor": actor.name,
        "person_id": actor.person.id if actor.person else None,
        "why": why,
        "question_id": actor.question.id if actor.question else None,
        "letter_id": actor.letter.id if actor.letter else None,
        "proof": {"via": actor.via, **actor.proof, **(proof or {})},
    }
    waiting = pending.of(session)
    if waiting is not None:
        return waiting.record(said)
    row = HistoryRow(**linked(said, *_head(session, team.id)))
    session.add(row)
    session.flush()
    return row


def _head(session: Session, team_id: int) -> tuple[Head, str]:
    """Where the team's history ends, and a salt for its next row, in one question to the database."""
    newest = sa.select(HistoryRow.number, HistoryRow.hash).where(HistoryRow.team_id == team_id)
    last = newest.order_by(HistoryRow.number.desc()).limit(1).subquery()
    here = sa.select(fresh_salt().label("salt")).subquery()
    found = session.execute(sa.select(here.c.salt, last.c.number, last.c.hash).outerjoin_from(here, last, sa.true()))
    salt, number, hashed = found.one()
    return (Head(number, hashed) if number else Head()), salt


def alert(
    season: Season,
    session: Session,
    key: str,
    kind: str,
    says: Text,
    now: datetime,
    *,
    team: Team | None = None,
    person: Person | None = None,
    urgent: bool = False,
) -> Alert:
    """Put something before the coordinator, once per key; urgent ones are mailed at once too."""
    before = session.scalars(sa.select(Alert).where(Alert.key == key)).first()
    if before is not None:
        return before
    row = Alert(
        key=key,
        kind=kind,
        team_id=team.id if team else None,
        person_id=person.id if person else None,
        says=says.model_dump(),
        at=now,
    )
    session.add(row)
    session.flush()
    for coordinator in queries.staff(session, "coordinator") if urgent else ():
        facts: dict[str, Fact] = {"says": says, "office_link": f"{season.base_url}/office"}
        season.post(
            session,
            Notice(
                template="alert",
                key=f"alert:{key}:{coordinator.id}",
                person=coordinator,
                team=team,
                facts=facts,
            ),
            now,
        )
    return row
