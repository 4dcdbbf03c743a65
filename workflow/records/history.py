"""History of teams and alerts to the coordinator: writes events, opens and mends alerts."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind, HistoryEvent
from workflow.database.engine import digest_of, fresh_salt, insert
from workflow.database.models import Alert, Base, HistoryRow, Person, Team
from workflow.notices import Fact, Notice
from workflow.records import evidence, history_heads, on_duty, queries
from workflow.season import Actor, Season
from workflow.security.chain import Head, linked
from workflow.text.bilingual import Text


def record(
    session: Session,
    team: Team,
    event: HistoryEvent,
    actor: Actor,
    now: datetime,
    *,
    source: str | None = None,
    target: str | None = None,
    why: str = "",
    proof: Mapping[str, Any] | None = None,
    rests: Iterable[Base] = (),
) -> HistoryRow:
    """Add one line to the team's history; lines are numbered and never change.

    rests: the rows that the step rests on, beside the letter and the answer that the actor brings.
    """
    seen = evidence.digests(session, actor, rests)
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
        "proof": {**_door(actor), **actor.proof, **(proof or {}), **({evidence.NAME: seen} if seen else {})},
    }
    head, salt = _head(session, team.id)
    row = HistoryRow(**linked(said, head, salt, keyed=digest_of(session)))
    session.add(row)
    session.flush()
    history_heads.moved(session, {team.id: (head, Head(row.number, row.hash))})
    return row


def _door(actor: Actor) -> dict[str, str]:
    """Through which door the step came, and from where."""
    return {"via": actor.via.value, **({"place": actor.place} if actor.place else {})}


def _head(session: Session, team_id: int) -> tuple[Head, str]:
    """Where the team's history ends, and a salt for its next row, in one question to the database."""
    salt, number, hashed = session.execute(_HEAD, {"team": team_id}).one()
    return (Head(number, hashed) if number else Head()), salt


def _newest() -> sa.Select[str, int, str]:
    newest = sa.select(HistoryRow.number, HistoryRow.hash).where(HistoryRow.team_id == sa.bindparam("team"))
    last = newest.order_by(HistoryRow.number.desc()).limit(1).subquery()
    here = sa.select(fresh_salt().label("salt")).subquery()
    return sa.select(here.c.salt, last.c.number, last.c.hash).outerjoin_from(here, last, sa.true())


_HEAD: Final = _newest()


WAIVED: Final = "waived"
"""of a step's proof: the keys of the requirements that it passed over, in the state that it led out of"""


def waived(session: Session, team_id: int, state: str, requirement: str) -> bool:
    """Whether nobody owes this requirement of a state: a step out of it that still stands passed it over."""
    query = sa.select(HistoryRow.proof).where(
        HistoryRow.team_id == team_id, HistoryRow.from_state == state, HistoryRow.undone_by_id.is_(None)
    )
    return any(requirement in proof.get(WAIVED, ()) for proof in session.scalars(query))


def tell(
    session: Session,
    key: str,
    kind: AlertKind,
    says: Mapping[str, str],
    now: datetime,
    *,
    team_id: int | None = None,
    person_id: int | None = None,
    about: Mapping[str, Any] | None = None,
) -> bool:
    """Put a sentence (by language) before the coordinator, once per key, whoever else is just doing the same; again
    where it was mended and is so once more. about: see `Alert.about`.

    Whether it is new.
    """
    row = {"kind": kind, "team_id": team_id, "person_id": person_id, "about": dict(about or {}), "says": dict(says),
           "at": now, "mended_at": None}  # fmt: skip
    statement = insert(session.get_bind(), Alert).values(key=key, **row)
    anew = Alert.mended_at.is_not(None)
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=row, where=anew)
    return session.scalar(statement.returning(Alert.id)) is not None


def mend(session: Session, now: datetime, *which: sa.ColumnElement[bool]) -> None:
    """What these alerts are about is so no more: they fall away by themselves."""
    session.execute(sa.update(Alert).where(Alert.standing(), *which).values(mended_at=now))


def alert(
    season: Season,
    session: Session,
    key: str,
    kind: AlertKind,
    says: Text,
    now: datetime,
    *,
    team: Team | None = None,
    person: Person | None = None,
    about: Mapping[str, Any] | None = None,
    urgent: bool = False,
) -> None:
    """The same of a team or a person; urgent ones are mailed at once too: to whoever is on duty, and what is about
    somebody's signing in to every coordinator, since one of them may be the thief."""
    whose = {"team_id": team.id if team else None, "person_id": person.id if person else None}
    new = tell(session, key, kind, says.as_dict(), now, about=about, **whose)
    if not new or not urgent:
        return
    today = on_duty.today(season.programme, now)
    told = queries.staff(session, "coordinator") if kind is AlertKind.SIGN_IN else on_duty.people(session, today)
    for coordinator in told:
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
