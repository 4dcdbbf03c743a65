"""History and alerts: writing down what happened, and telling the coordinator what must not be missed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow import pending
from workflow.config.loader import Text
from workflow.database.engine import fresh_salt, insert
from workflow.database.models import Alert, HistoryRow, Person, Team
from workflow.notices import Fact, Notice
from workflow.records import queries
from workflow.season import Actor, Season
from workflow.security.chain import Head, linked


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


def tell(
    session: Session,
    key: str,
    kind: str,
    says: Mapping[str, str],
    now: datetime,
    *,
    team_id: int | None = None,
    person_id: int | None = None,
) -> bool:
    """Put a sentence (by language) before the coordinator, once per key, whoever else is just doing the same.

    Whether it is new.
    """
    row = {"key": key, "kind": kind, "team_id": team_id, "person_id": person_id, "says": dict(says), "at": now}
    statement = insert(session.get_bind(), Alert).values(**row).on_conflict_do_nothing(index_elements=["key"])
    return session.scalar(statement.returning(Alert.id)) is not None


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
) -> None:
    """The same of a team or a person; urgent ones are mailed at once too."""
    whose = {"team_id": team.id if team else None, "person_id": person.id if person else None}
    new = tell(session, key, kind, says.model_dump(), now, **whose)
    for coordinator in queries.staff(session, "coordinator") if new and urgent else ():
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
