"""Coordinator's decisions to move a team: by answering the open approval where there is one; a reason overrides
missing requirements that are not strict.

Acts in the caller's transaction. Must never move a team by itself: `workflow.journey.moves` does.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.answering import submit
from workflow.database.models import Question, Team
from workflow.journey import moves
from workflow.records import approvals
from workflow.records.queries import facts
from workflow.replies.answers import Answer, AnswerKind
from workflow.rules.machine import Refusal, Trigger, requirements_of
from workflow.season import Actor, Season
from workflow.text.bilingual import Text

UNSAID = "…"
"""stands for the reason while it is not written yet"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRequest:
    """The step as the coordinator wants it. `override`: what is missing is passed over, with `why` as reason."""

    trigger: Trigger
    why: str = ""
    group: str | None = None
    override: bool = False


def open_approval(session: Session, team: Team, trigger: Trigger) -> Question | None:
    """The open question whether this team may take this step from where it is now."""
    return next((q for q in approvals.waiting(session, team) if q.about["trigger"] == trigger.value), None)


def take(
    season: Season, session: Session, team: Team, wanted: StepRequest, actor: Actor, now: datetime
) -> tuple[Text, ...]:
    """Take the step; every reason why not, where it was refused and nothing was written."""
    asked = open_approval(session, team, wanted.trigger)
    if asked is None or wanted.override:
        return _move(season, session, team, wanted, actor, now)
    if wanted.group is not None:
        team.provisional_group = wanted.group
        session.flush()
    return _answer(season, session, asked, AnswerKind.YES, wanted.why, actor, now)


def _move(
    season: Season, session: Session, team: Team, wanted: StepRequest, actor: Actor, now: datetime
) -> tuple[Text, ...]:
    override = (wanted.why or UNSAID) if wanted.override else ""
    moved = moves.move(
        season, session, team, wanted.trigger, actor, now, why=wanted.why, override=override, group=wanted.group
    )
    return tuple(r.says for r in moved.reasons) if isinstance(moved, Refusal) else ()


def _answer(
    season: Season, session: Session, asked: Question, kind: AnswerKind, why: str, actor: Actor, now: datetime
) -> tuple[Text, ...]:
    assert actor.person is not None
    by = submit.actor_for(actor.person, via=actor.via, place=actor.place, question=asked)
    said = Answer(kind=kind, text=why, rule="form", words=why)
    outcome = submit.answer(season, session, asked, actor.person, said, by, now)
    if outcome.result is submit.AnswerResult.ACCEPTED:
        return ()
    return outcome.done or (Text(et="Sellele on juba vastatud.", en="This was answered already."),)


def turn_down(
    season: Season, session: Session, team: Team, trigger: Trigger, why: str, actor: Actor, now: datetime
) -> tuple[Text, ...]:
    """Answer the open approval with no; the reason is kept."""
    asked = open_approval(session, team, trigger)
    if asked is None:
        return (Text(et="See samm ei oota enam kinnitust.", en="This step no longer waits for approval."),)
    return _answer(season, session, asked, AnswerKind.NO, why, actor, now)


def marks(season: Season, session: Session, team: Team, wanted: StepRequest, now: datetime) -> list[object]:
    """What must still be so when the step is taken: the team's version and state, each requirement, and what people
    have said about it."""
    known = requirements_of(season.programme, facts(session, season.machine, team), now)
    needs = [(r.key, r.met, r.says.en) for r in known]
    asked = open_approval(session, team, wanted.trigger)
    words = [(one.letter_id, one.words) for one in approvals.statements(session, asked)] if asked else []
    return [team.id, team.version, team.state, needs, words, wanted.trigger.value, wanted.group, wanted.override]
