"""A team's files: of each work the newest version that stands. Reads only; files' contents are read one by one."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from workflow.codes import SubmissionStatus
from workflow.config.loader import Programme, Stage
from workflow.database.models import Submission, Team
from workflow.rules.requirements import UNREVIEWED


@dataclass(frozen=True, slots=True)
class Piece:
    """One stage's work; None where nothing stands yet."""

    number: int
    stage: Stage
    submission: Submission | None


def pieces(programme: Programme, session: Session, team: Team) -> tuple[Piece, ...]:
    """The works in the order of the stages."""
    query = sa.select(Submission).where(Submission.team_id == team.id).options(selectinload(Submission.files))
    handed_in = list(session.scalars(query.order_by(Submission.id)))
    works = [stage for stage in programme.stages if stage.work is not None]
    return tuple(Piece(number, stage, _newest(handed_in, stage)) for number, stage in enumerate(works, start=1))


def _newest(handed_in: list[Submission], stage: Stage) -> Submission | None:
    """The newest accepted version; where nobody reviews that kind of work, the newest."""
    reviewed = stage.work is not None and stage.work.kind not in UNREVIEWED
    wanted = {SubmissionStatus.ACCEPTED, *(() if reviewed else (SubmissionStatus.HANDED_IN,))}
    return next((s for s in reversed(handed_in) if s.stage == stage.key and s.status in wanted), None)
