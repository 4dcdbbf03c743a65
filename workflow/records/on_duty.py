"""Coordinator on duty: who answers for the season, and who stands in while they are away.

The season is its first coordinator's until it is handed over. What waits is told to whoever is on duty; what has
waited too long, to the other coordinators too. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from workflow.config.loader import Programme, Stage
from workflow.database.models import Absence, HandOver, Person
from workflow.records import queries


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """responsible: who answers for the season; person: who acts for them today; away: their absence, if they are.
    others: coordinators who are not away and were not told yet."""

    responsible: Person
    person: Person
    away: Absence | None
    others: tuple[Person, ...]

    @property
    def nobody(self) -> bool:
        """Whether the one who is responsible is away, and nobody stands in."""
        return self.away is not None and self.person.id == self.responsible.id


def today(programme: Programme, now: datetime) -> date:
    """The day on the programme's wall calendar."""
    return now.astimezone(programme.tz).date()


def look(session: Session, day: date) -> OnDuty | None:
    """Who is on duty on this day; None where there is no coordinator left."""
    staff = queries.staff(session, "coordinator")
    if not staff:
        return None
    absent = {row.person_id: row for row in absences(session, day)}
    responsible = _responsible(session, staff)
    person = _stands_in(responsible, {one.id: one for one in staff}, absent)
    others = tuple(one for one in staff if one.id not in absent and one.id != person.id)
    return OnDuty(responsible=responsible, person=person, away=absent.get(responsible.id), others=others)


def people(session: Session, day: date) -> tuple[Person, ...]:
    """The one to be told today, as a list of one; none where there is no coordinator left."""
    found = look(session, day)
    return (found.person,) if found is not None else ()


def staff_of(session: Session, programme: Programme, stage: Stage, now: datetime) -> tuple[Person, ...]:
    """Who is asked to call a stage's roll and to review its work: its own trainers; where none of them is there, every
    trainer; where there is none, the coordinator on duty, who answers on a page behind the sign-in."""
    own = queries.staff(session, "trainer", stage.trainers)
    return tuple(own or queries.staff(session, "trainer")) or people(session, today(programme, now))


def _responsible(session: Session, staff: Sequence[Person]) -> Person:
    return taker(session) or staff[0]


def taker(session: Session) -> Person | None:
    """To whom the season was handed over last; None where it never was, or they are a coordinator no more."""
    last = sa.select(HandOver.to_id).order_by(HandOver.id.desc()).limit(1).scalar_subquery()
    return session.scalars(sa.select(Person).where(Person.id == last, Person.left_at.is_(None))).first()


def _stands_in(person: Person, staff: dict[int, Person], absent: dict[int, Absence]) -> Person:
    """Whoever is reached from one stand-in to the next and is not away; who is responsible where nobody is."""
    asked, one = set[int](), person
    while one.id in absent and one.id not in asked:
        asked.add(one.id)
        following = staff.get(absent[one.id].stand_in_id or 0)
        if following is None:
            return person
        one = following
    return one if one.id not in absent else person


def absences(session: Session, day: date) -> list[Absence]:
    """Who is away on this day: the last word of each counts."""
    last = sa.select(sa.func.max(Absence.id)).group_by(Absence.person_id)
    return list(session.scalars(sa.select(Absence).where(Absence.id.in_(last), Absence.until > day)))


def last_hand_over(session: Session) -> HandOver | None:
    """The last one there was, with its notes."""
    return session.scalars(sa.select(HandOver).order_by(HandOver.id.desc()).limit(1)).first()
