"""Assignment of a mentor to a team, with what follows from it: a team held back by that alone goes on."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.database.models import Mentorship, Person, Team
from workflow.journey import mentoring, moves
from workflow.season import Actor, Season


def assign(
    season: Season, session: Session, team: Team, mentor: Person, actor: Actor, now: datetime
) -> Mentorship | None:
    """Put a mentor at the team's side; None where the programme has no mentoring, or where they are already."""
    row = mentoring.assign(season, session, team, mentor, actor, now)
    if row is not None:
        moves.settle(season, session, team, now)
    return row
