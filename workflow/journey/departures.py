"""Reassignment when a person leaves: questions put to them alone, and teams they were mentor of.

Each question goes to whoever can answer it instead, or closes and is told to the coordinator. Acts in the caller's
transaction. Must never touch what the person has done: hours, reviews and answers stay theirs.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.codes import AlertKind
from workflow.database.models import Mentorship, Person, Question, Team
from workflow.journey import mentoring
from workflow.records import open_questions, queries
from workflow.records.history import alert
from workflow.rules.doors import Door
from workflow.rules.machine import Who
from workflow.rules.questions import AskedOf, kind_of
from workflow.season import Actor, Season
from workflow.text.bilingual import Text


class Cause(StrEnum):
    """Why somebody goes."""

    ERASED = "erased"
    LEFT = "left"


NOW_YOURS: Final = Text(
    et="See, kellelt me seda enne küsisime, enam ei vasta. Nüüd küsime teilt.",
    en="Whoever we asked before no longer answers. Now we are asking you.",
)
GONE: Final = {
    Cause.ERASED: Text(et="on kustutatud", en="was erased"),
    Cause.LEFT: Text(et="ei tööta enam programmis", en="no longer works here"),
}


def questions(
    season: Season,
    session: Session,
    ids: Collection[int],
    now: datetime,
    *,
    cause: Cause,
    successor: Person | None = None,
) -> tuple[int, int]:
    """Open questions put to nobody else close, or go to somebody who can answer: (closed, passed on)."""
    closed = passed = 0
    asked = {q.id: q for person_id in sorted(ids) for q in queries.open_questions(session, person_id=person_id)}
    for question in asked.values():
        others = [a for a in question.addressees if a.person_id not in ids and a.person.left_at is None]
        heir = successor or (None if others else _heir(season, session, question, ids))
        if heir is not None:
            open_questions.pass_on(season, session, question, heir, NOW_YOURS, f"{cause}:{question.id}", now)
            passed += 1
        elif not others:
            open_questions.close(session, question, "dropped", now)
            _tell(season, session, question, cause, now)
            closed += 1
    return closed, passed


def _heir(season: Season, session: Session, question: Question, ids: Collection[int]) -> Person | None:
    """Who can answer in their place: the team's contact, or somebody of the same work, the stage's own first."""
    match asked_of := kind_of(question.kind).asked_of:
        case AskedOf.MEMBER | AskedOf.MENTOR:
            return None
        case AskedOf.TRAINER | AskedOf.COORDINATOR:
            led = {key for stage in season.programme.stages if stage.key == question.stage for key in stage.trainers}
            there = [p for p in queries.staff(session, asked_of) if p.id not in ids]
            there = there or [p for p in queries.staff(session, AskedOf.COORDINATOR) if p.id not in ids]
            return min(there, key=lambda p: (p.key not in led, p.id), default=None)
        case AskedOf.CONTACT | AskedOf.CONTACT_AND_DEPUTY:
            found = queries.contact(session, question.team_id) if question.team_id is not None else None
            return found if found is not None and found.id not in ids else None


def _tell(season: Season, session: Session, question: Question, cause: Cause, now: datetime) -> None:
    """What only they could answer is put before the coordinator, save what concerned them alone."""
    if kind_of(question.kind).asked_of is AskedOf.MEMBER:
        return
    asked, gone = open_questions.asked(season, question), GONE[cause]
    says = Text(
        et=f"Inimene, kellelt küsiti „{asked.et}“, {gone.et} ja teist vastajat ei ole: küsimus suleti.",
        en=f"Whoever was asked “{asked.en}” {gone.en} and nobody else can answer: the question was closed.",
    )
    about = {"question": question.id}
    alert(season, session, f"{cause}:{question.id}", AlertKind(cause), says, now, team=question.team, about=about)


def mentorships(
    season: Season, session: Session, person: Person, actor: Actor, now: datetime, successor: Person | None = None
) -> None:
    """The mentor's teams are let go, or get the mentor who comes instead; what was given stays in the books."""
    query = sa.select(Mentorship).where(Mentorship.person_id == person.id, Mentorship.until.is_(None))
    for row in session.scalars(query.order_by(Mentorship.id)).all():
        mentoring.release(season, session, row, actor, now)
        if successor is not None:
            mentoring.assign(season, session, session.get_one(Team, row.team_id), successor, actor, now)


def without_mentor(season: Season, session: Session, person: Person, now: datetime) -> None:
    """The coordinator is told which teams have nobody at their side since this mentor went."""
    query = sa.select(Mentorship).where(Mentorship.person_id == person.id, Mentorship.until == now)
    for row in session.scalars(query.order_by(Mentorship.id)).all():
        team = session.get_one(Team, row.team_id)
        if queries.mentorships(session, team.id):
            continue
        says = Text(
            et=f"{person.name} ei ole enam mentor ja meeskonnal {team.name} ei ole nüüd kedagi. Määrake uus mentor.",
            en=f"{person.name} is a mentor no more and {team.name} has nobody now. Assign another mentor.",
        )
        alert(season, session, f"mentor_left:{row.id}:{now:%Y%m%dT%H%M%S}", AlertKind.LEFT, says, now, team=team)


def by_itself(via: Door) -> Actor:
    """Nobody's own doing: what follows from somebody's going, and through which door that came."""
    return Actor(who=Who.COORDINATOR, name="Teekond", via=via)
