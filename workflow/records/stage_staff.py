"""Staff of a stage: who is asked to call its roll and to review its work. Reads only."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.config.loader import Programme, Stage
from workflow.database.models import Person
from workflow.records import on_duty, queries


def answering(session: Session, programme: Programme, stage: Stage, now: datetime) -> tuple[Person, ...]:
    """The stage's own trainers; where none of them is there, every trainer; where there is none, the coordinator on
    duty, who answers on a page behind the sign-in."""
    own = queries.staff(session, "trainer", stage.trainers)
    return tuple(own or queries.staff(session, "trainer")) or on_duty.people(session, on_duty.today(programme, now))
